"""Check: rules over one version, a report, and a finding for every rule that fails."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

import duckdb
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog import trail
from catalog.database import Clock, Database
from catalog.datasets.models import Dataset
from catalog.datasets.register import Datasets
from catalog.engine import engine, one_row, read_parquet
from catalog.parties import require_member
from catalog.quality import rule_sql
from catalog.quality.rule_sql import Table
from catalog.quality.rules import Rule, implied, merged
from catalog.roles import Role, SubjectKind, holders
from catalog.sensing.register import sensed_fields
from catalog.store import FolderStore
from catalog.tables import FindingRow, QualityRunRow
from catalog.trail import Act
from standards import digests, protection
from standards.data_elements import IdentifierKind
from standards.digests import Digest
from standards.library import Library
from standards.progress import Progress, silent


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class RuleResult(_Frozen):
    """One rule's answer: `passing` (A) of `judged` (B); `examples` are the first failing rows, in words."""

    rule: str
    indicator: str
    passing: int
    judged: int
    failing: int
    tolerance: Decimal
    passed: bool
    examples: tuple[str, ...]


class QualityReport(_Frozen):
    """What the rules say of one table. It holds no time: the same data and rules give the same report."""

    subject: str
    version: int
    digest: Digest | None
    rows: int
    rules: tuple[RuleResult, ...]

    @property
    def failed(self) -> tuple[RuleResult, ...]:
        """The rules that did not pass."""
        return tuple(result for result in self.rules if not result.passed)

    def document(self) -> dict[str, object]:
        """Return the report as plain JSON values."""
        return self.model_dump(mode="json")

    def report_digest(self) -> Digest:
        """Return the digest of the report's canonical document."""
        return digests.of_document(self.document())


class Finding(_Frozen):
    """A problem with a name and a date: which rule, how many rows, who answers for it, found when."""

    id: int
    dataset: str
    version: int
    rule: str
    failing: int
    examples: tuple[str, ...]
    responsible: str
    detected_at: datetime


class QualityRun(_Frozen):
    """A report as it was kept, with its findings."""

    report: QualityReport
    report_digest: Digest
    ran_at: datetime
    findings: tuple[Finding, ...]


def judge(
    connection: duckdb.DuckDBPyConnection, table: str, rules: tuple[Rule, ...], library: Library,
    *, secret: Collection[str] = (),
) -> tuple[RuleResult, ...]:  # fmt: skip
    """Return every rule's result on a table expression; rows are numbered from 1 in the table's order.

    Examples never show the values of `secret` columns.
    """
    judged = Table(table, frozenset(secret))
    return tuple(_judge_one(connection, judged, rule, library) for rule in rules)


def _judge_one(
    connection: duckdb.DuckDBPyConnection, table: Table, rule: Rule, library: Library
) -> RuleResult:
    query = rule_sql.of(rule, table, library)
    passing, judged = one_row(connection, query.counts)
    failing = judged - passing
    found = connection.execute(query.examples).fetchall() if failing else []
    return RuleResult(
        rule=rule.id,
        indicator=rule.indicator,
        passing=passing,
        judged=judged,
        failing=failing,
        tolerance=rule.tolerance,
        passed=Decimal(failing) <= rule.tolerance * judged,
        examples=tuple(row[0] for row in found),
    )


class Quality:
    """Quality runs over dataset versions."""

    def __init__(
        self, database: Database, datasets: Datasets, store: FolderStore, library: Library, clock: Clock
    ) -> None:
        self._database = database
        self._datasets = datasets
        self._store = store
        self._library = library
        self._clock = clock

    def rules(self, dataset: Dataset) -> tuple[Rule, ...]:
        """Return the dataset's rules: those its data elements and key imply, and those it declares."""
        draft = dataset.document
        by_standard = implied(
            {field.name: field.element for field in draft.fields},
            required={field.name for field in draft.fields if field.required},
            key=draft.key,
            library=self._library,
        )
        return merged(by_standard, draft.rules)

    def check(
        self, name: str, number: int | None = None, *, by: str, progress: Progress = silent
    ) -> QualityRun:
        """Run the dataset's rules on a version, the newest by default, and keep report and findings.

        Raises DatasetNotFound, VersionNotFound, ObjectNotFound, ObjectDamaged, UnknownParty, PersonLeft,
        PartnersDontGovern.
        """
        with self._database.read() as session:
            require_member(session, by, self._clock())  # told before the work, not after it
        version = self._datasets.version(name, number)
        draft = self._datasets.document_for(version)
        dataset = self._datasets.get(name).model_copy(update={"document": draft})
        rules = self.rules(dataset)
        secret = {
            field.name
            for field in dataset.document.fields
            for element in protection.versions(field.element, self._library)
            if element.identifier_kind is IdentifierKind.DIRECT
        }
        with self._database.read() as session:
            secret |= sensed_fields(session, name, version.number)
        table = Table(read_parquet(self._store.intact(version.digest)), frozenset(secret))
        results = []
        with self._store.scratch() as scratch, engine(scratch) as connection:
            for rule in rules:
                progress(rule.id)
                results.append(_judge_one(connection, table, rule, self._library))
        report = QualityReport(
            subject=name,
            version=version.number,
            digest=version.digest,
            rows=version.row_count,
            rules=tuple(results),
        )
        return self._keep(dataset, report, by)

    def latest(self, name: str, number: int) -> QualityRun | None:
        """Return the newest run over a version, or None."""
        newest = (
            sa.select(QualityRunRow)
            .where(QualityRunRow.dataset == name, QualityRunRow.version == number)
            .order_by(QualityRunRow.id.desc())
            .limit(1)
        )
        with self._database.read() as session:
            row = session.scalar(newest)
            return None if row is None else _run(session, row)

    def _keep(self, dataset: Dataset, report: QualityReport, by: str) -> QualityRun:
        now = self._clock()
        with self._database.write() as session:
            require_member(session, by, now)
            responsible = _responsible(session, dataset, now.date())
            row = QualityRunRow(
                dataset=report.subject,
                version=report.version,
                report=report.document(),
                report_digest=report.report_digest(),
                ran_at=now,
            )
            session.add(row)
            session.flush()
            session.add_all(
                FindingRow(
                    run=row.id, dataset=report.subject, version=report.version, rule=result.rule,
                    failing=result.failing, examples=list(result.examples),
                    responsible=responsible, detected_at=now,
                )
                for result in report.failed
            )  # fmt: skip
            session.flush()
            trail.record(session, now, _act(report, row.report_digest, by))
            return _run(session, row)


def _responsible(session: Session, dataset: Dataset, on: date) -> str:
    """Return whom the findings of a day go to: the steward, else the owner, else whom the document names."""
    for role in (Role.STEWARD, Role.OWNER):
        if found := holders(session, role, SubjectKind.DATASET, dataset.name, on):
            return found[0].party
    return dataset.document.steward


def _act(report: QualityReport, digest: str, by: str) -> Act:
    detail: dict[str, str | int] = {"version": report.version, "report": digest, "failed": len(report.failed)}
    return Act("version-checked", "dataset", report.subject, by, detail)


def _run(session: Session, row: QualityRunRow) -> QualityRun:
    found = session.scalars(sa.select(FindingRow).where(FindingRow.run == row.id).order_by(FindingRow.id))
    return QualityRun(
        report=QualityReport.model_validate(row.report),
        report_digest=Digest(row.report_digest),
        ran_at=row.ran_at,
        findings=tuple(
            Finding(
                id=f.id, dataset=f.dataset, version=f.version, rule=f.rule, failing=f.failing,
                examples=tuple(f.examples), responsible=f.responsible, detected_at=f.detected_at,
            )
            for f in found
        ),
    )  # fmt: skip

"""Check: the rules of a dataset over one version, kept as a report with everything they found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import parquet, trail
from catalog.database import Clock, Database
from catalog.datasets.models import Dataset
from catalog.datasets.register import Datasets
from catalog.parties import require_member
from catalog.quality.evaluating import passed, result_of
from catalog.quality.examples import examples
from catalog.quality.failing import SCHEMA, failing_objects
from catalog.quality.judgement import Judgement
from catalog.quality.kept import QualityRunNotFound, require_run, run_of
from catalog.quality.reports import (
    Count,
    NotRun,
    QualityReport,
    QualityRun,
    RuleResult,
    VersionBeside,
)
from catalog.quality.rulebook import Rulebook, read_rulebook, rulebook
from catalog.quality.scores import QualityScore, scores
from catalog.quality.subjects import Opened, Subject, Subjects
from catalog.quality.trying import Trials
from catalog.quality.units import by_path
from catalog.roles import Role, SubjectKind, holders
from catalog.store import FolderStore
from catalog.tables import FindingRow, QualityRunRow
from catalog.trail import Act
from standards import canonical_json
from standards.digests import Digest
from standards.errors import Conflict, NotFound
from standards.library import Library
from standards.progress import Progress, silent

__all__ = [
    "NeverChecked", "Quality", "QualityReport", "QualityRun", "QualityRunNotFound", "RuleNotKept",
    "RuleNotRunnable",
]  # fmt: skip


class NeverChecked(NotFound):
    """No check of the dataset was made, so it has no score."""

    code = "never-checked"


class RuleNotKept(NotFound):
    """No run of the dataset was made with a rule of this digest."""

    code = "rule-not-kept"


class RuleNotRunnable(Conflict):
    """A rule can't be run on this version, though it once was on another."""

    code = "rule-not-runnable"


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
        self._subjects = Subjects(database, datasets, store, library, clock)

    @property
    def trials(self) -> Trials:
        """What tries rules and keeps nothing."""
        return Trials(self._subjects, self._datasets, self._store, self._library)

    def rules(self, name: str, number: int | None = None) -> Rulebook:
        """Return the rules that a check of the version, the newest by default, would run.

        Raises DatasetNotFound, VersionNotFound.
        """
        return _rules(self._subjects.of(self._datasets.version(name, number)))

    def check(
        self, name: str, number: int | None = None, *, by: str, progress: Progress = silent
    ) -> QualityRun:
        """Run the dataset's rules on a version, the newest by default, and keep report and findings.

        Raises DatasetNotFound, VersionNotFound, UnknownParty, PersonLeft, PartnersDontGovern,
        StoreUnavailable. Data that can't be had is a failure that the report names.
        """
        with self._database.read() as session:
            require_member(session, by, self._clock())  # told before the work, not after it
        subject = self._subjects.of(self._datasets.version(name, number))
        book = _rules(subject)
        progress(f"running {len(book.rules)} rules")
        with self._subjects.opened(subject, book) as opened:
            judgements, left_out = opened.judge(book.rules)
            failed = [each for each in judgements if not passed(each)]
            progress("writing what failed")
            findings, count = self._write(opened, failed, book)
            shown = examples(opened.connection, judgements, subject.secret)
        rules_kept = self._store.put_bytes(canonical_json.encode(book.document())).digest
        report = QualityReport(
            subject=name,
            version=subject.version.number,
            digest=subject.version.digest,
            rows=subject.version.row_count,
            rules=self._results(judgements, shown, subject),
            not_run=tuple(NotRun(rule=e.rule, reason=e.reason) for e in (*book.left_out, *left_out)),
            beside=_beside(subject, book),
            findings=findings,
            findings_count=count,
            rules_kept=rules_kept,
        )
        return self._keep(self._datasets.get(name), report, by)

    def recheck(self, name: str, number: int, rule: Digest) -> pa.Table:
        """Return what a rule, as it was when a run found something, finds in a version: rows of `SCHEMA`.

        Raises RuleNotKept, RuleNotRunnable, DatasetNotFound, VersionNotFound.
        """
        subject = self._subjects.of(self._datasets.version(name, number))
        book = self._kept(name, rule)
        with self._subjects.opened(subject, book) as opened:
            judgements, left_out = opened.judge(book.rules)
            if left_out:
                raise RuleNotRunnable(
                    f"rule {left_out[0].rule} can't be run on {name} version {number}: {left_out[0].reason}",
                    hint="load a version that has what it needs, or waive the work order with this reason",
                )
            batches = failing_objects(
                opened.connection, judgements, book.key, opened.around.owned, opened.around.sheet()
            )
            return pa.Table.from_batches(batches, SCHEMA)

    def findings(self, run: int) -> pa.Table:
        """Return everything that a run found, as `SCHEMA`. Raises QualityRunNotFound, ObjectNotFound."""
        with self._database.read() as session:
            digest = require_run(session, run).findings
        return SCHEMA.empty_table() if digest is None else pq.read_table(self._store.path(Digest(digest)))

    def run(self, run: int) -> QualityRun:
        """Return a run by its number. Raises QualityRunNotFound."""
        with self._database.read() as session:
            return run_of(session, require_run(session, run))

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
            return None if row is None else run_of(session, row)

    def score(self, name: str, *, runs: int = 12) -> QualityScore:
        """Return the scores of the dataset's newest run, and so many runs for the trend.

        Raises DatasetNotFound, NeverChecked.
        """
        self._datasets.get(name)
        newest = (
            sa.select(QualityRunRow)
            .where(QualityRunRow.dataset == name)
            .order_by(QualityRunRow.id.desc())
            .limit(runs)
        )
        with self._database.read() as session:
            found = tuple(run_of(session, row) for row in session.scalars(newest))
        if not found:
            raise NeverChecked(
                f"dataset {name} was never checked", hint=f"check it: shuize dataset check {name}"
            )
        return scores(found[::-1], self._library)

    def _write(self, opened: Opened, failed: Sequence[Judgement], book: Rulebook) -> tuple[Digest, int]:
        """Put what failed into the store and return its digest and how much it is."""
        with self._store.scratch() as scratch:
            batches = failing_objects(
                opened.connection, failed, book.key, opened.around.owned, opened.around.sheet()
            )
            count = parquet.write(scratch / "findings", SCHEMA, batches)
            return self._store.put(scratch / "findings").digest, count

    def _results(
        self, judgements: Sequence[Judgement], shown: dict[str, tuple[str, ...]], subject: Subject
    ) -> tuple[RuleResult, ...]:
        results = []
        with self._database.read() as session:
            for each in judgements:
                standard = each.rule.standard
                paths = by_path(each.by_organisation, session, subject.facts.today)
                counts = {
                    path: Count(judged=tally.judged, failing=tally.failing) for path, tally in paths.items()
                }
                version = standard.version if standard else f"revision {subject.revision}"
                results.append(result_of(each, shown[each.rule.id], version=version, by_organisation=counts))
        return tuple(results)

    def _kept(self, name: str, rule: Digest) -> Rulebook:
        """Return the rulebook with one rule as it was run; the newest run that had it tells how."""
        query = (
            sa.select(QualityRunRow.rules)
            .where(QualityRunRow.dataset == name, QualityRunRow.rules.is_not(None))
            .order_by(QualityRunRow.id.desc())
        )
        with self._database.read() as session:
            digests = [each for each in dict.fromkeys(session.scalars(query)) if each is not None]
        for digest in digests:
            document = json.loads(self._store.intact(Digest(digest)).read_bytes())
            book = read_rulebook(document, self._library)
            for each in book.rules:
                if each.digest == rule:
                    return book.only(each)
        raise RuleNotKept(
            f"no run of {name} was made with a rule of digest {rule}",
            hint=f"the digests are in the reports: shuize dataset show {name} --json",
        )

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
                findings=report.findings,
                rules=report.rules_kept,
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
            return run_of(session, row)


def _rules(subject: Subject) -> Rulebook:
    shapes = [each.shape for each in subject.beside.values()]
    facts = subject.facts
    return rulebook(subject.draft, shapes, facts.library, facts.today, lost=subject.lost)


def _beside(subject: Subject, book: Rulebook) -> tuple[VersionBeside, ...]:
    there = sorted(subject.beside.keys() & book.beside.keys())
    return tuple(
        VersionBeside(dataset=name, version=subject.beside[name].version, digest=subject.beside[name].digest)
        for name in there
    )


def _responsible(session: Session, dataset: Dataset, on: date) -> str:
    """Return whom the findings of a day go to: the steward, else the owner, else whom the document names."""
    for role in (Role.STEWARD, Role.OWNER):
        if found := holders(session, role, SubjectKind.DATASET, dataset.name, on):
            return found[0].party
    return dataset.document.steward


def _act(report: QualityReport, digest: str, by: str) -> Act:
    detail: dict[str, str | int] = {"version": report.version, "report": digest, "failed": len(report.failed)}
    return Act("version-checked", "dataset", report.subject, by, detail)

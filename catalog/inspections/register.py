"""The use cases: make an inspection, record what came of an object, count."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import parquet, trail
from catalog.database import Clock, Database, take_turns
from catalog.datasets.register import Datasets
from catalog.engine import engine
from catalog.evidence.hands import require_going_on, require_hand
from catalog.inspections import listing
from catalog.inspections.models import (
    RULE,
    Figures,
    Inspection,
    InspectionDraft,
    InspectionExists,
    InspectionNotFound,
    MalformedInspection,
    NothingToInspect,
    NotInspected,
    Outcome,
    Result,
    ResultDraft,
)
from catalog.loading import sources
from catalog.loading.loader import Loader
from catalog.parties import require_member
from catalog.quality.failing import object_name
from catalog.stewardship import taking, transitions
from catalog.stewardship.found import Found, FoundRule
from catalog.stewardship.rechecking import ToRecheck
from catalog.stewardship.transitions import Step
from catalog.store import FolderStore, StoredObject
from catalog.tables import InspectionResultRow, InspectionRow, IssueRow
from catalog.trail import Act, Detail
from standards import digests
from standards.names import require_name


class Inspections:
    """Custom inspections. A list is drawn up once; results are added and never changed."""

    def __init__(
        self, database: Database, datasets: Datasets, store: FolderStore, loader: Loader, clock: Clock
    ) -> None:
        self._database = database
        self._datasets = datasets
        self._store = store
        self._loader = loader
        self._clock = clock

    def create(self, draft: InspectionDraft, sheet: Path | None = None, *, by: str) -> Inspection:
        """Make findings, issues and work orders of what the query or the sheet lists.

        Raises DatasetNotFound, VersionNotFound, UnknownParty, MalformedName, InspectionExists,
        MalformedInspection, NothingToInspect, UnreadableFile, WrongType.
        """
        require_name(draft.name, what="inspection name")
        if (draft.query is None) == (sheet is None):
            raise MalformedInspection("an inspection has a query or a sheet", hint="give one of the two")
        dataset = self._datasets.to_load(draft.dataset, by=by)
        version = self._datasets.version(draft.dataset)
        with self._database.read() as session:
            _require_free(session, draft.name)
        found = self._listed(draft, sheet)
        if not found.num_rows:
            raise NothingToInspect(f"inspection {draft.name} lists nothing", hint="widen what it asks for")
        stored = self._stored(found)
        source = None if sheet is None else sources.digest(sheet)
        now = self._clock()
        with self._database.write() as session:
            take_turns(session, "work orders")
            require_member(session, by, now)
            _require_free(session, draft.name)
            rule = FoundRule(
                f"{RULE}{draft.name}", "1", digests.of_document(draft.model_dump(mode="json")), draft.severity
            )
            said = Found(dataset.name, version.number, now, {rule.id: rule}, found)
            taken = taking.record(session, said, now)
            made = Inspection(
                **draft.model_dump(), version=version.number, source_name=sheet and sheet.name,
                source_digest=source, findings=stored.digest, objects=found.num_rows, orders=taken.orders,
                created_by=by, created_at=now,
            )  # fmt: skip
            document = made.model_dump(mode="json")
            session.add(InspectionRow(name=made.name, document=document, created_by=by, created_at=now))
            session.flush()
            detail: Detail = {"sha256": digests.of_document(document), "objects": made.objects}
            trail.record(session, now, Act("inspection-made", "inspection", made.name, by, detail))
            return made

    def get(self, name: str) -> Inspection:
        """Return one inspection. Raises InspectionNotFound."""
        with self._database.read() as session:
            return _required(session, name)

    def list(self) -> tuple[Inspection, ...]:
        """Return the inspections, by name."""
        with self._database.read() as session:
            rows = session.scalars(sa.select(InspectionRow).order_by(InspectionRow.name))
            return tuple(Inspection.model_validate(row.document) for row in rows)

    def record(self, name: str, key: Sequence[str], draft: ResultDraft, *, by: str) -> Result:
        """Record what came of an object, which the act `inspected` of its order tells.

        The newest result of an object counts. Raises InspectionNotFound, NotInspected, NoHandInOrder,
        WorkOrderOver.
        """
        object_, now = object_name(key), self._clock()
        with self._database.write() as session:
            inspection = _required(session, name)
            order = transitions.locked(session, _issue(session, inspection, object_).work_order)
            require_member(session, by, now)
            require_hand(session, order, by, now.date())
            require_going_on(order)
            number = sa.select(sa.func.max(InspectionResultRow.number)).where(
                InspectionResultRow.inspection == name
            )
            result = Result(
                **draft.model_dump(), inspection=name, number=(session.scalar(number) or 0) + 1,
                object=object_, recorded_by=by, recorded_at=now,
            )  # fmt: skip
            document = result.model_dump(mode="json")
            session.add(
                InspectionResultRow(inspection=name, number=result.number, object=object_, document=document)
            )
            session.flush()
            detail = {"result": result.number, "outcome": result.outcome.value,
                      "sha256": digests.of_document(document)}  # fmt: skip
            transitions.write(session, order, Step("inspected", now, by, detail))
            return result

    def results(self, name: str) -> tuple[Result, ...]:
        """Return what came of each object that was looked at, the newest of each, by object."""
        with self._database.read() as session:
            _required(session, name)
            return tuple(_newest(session, name).values())

    def figures(self, name: str) -> Figures:
        """Return what an inspection came to. Raises InspectionNotFound."""
        with self._database.read() as session:
            inspection = _required(session, name)
            results = _newest(session, name).values()
        confirmed = [each for each in results if each.outcome is Outcome.CONFIRMED]
        return Figures(
            suspected=inspection.objects,
            verified=len(results),
            confirmed=len(confirmed),
            refuted=len(results) - len(confirmed),
            recovered=sum((each.recovered for each in confirmed), Decimal("0.00")),
        )

    def unsettled(self, asked: ToRecheck) -> Collection[str]:
        """Return the objects of an inspection that nobody has said anything of: what its re-check finds."""
        name = asked.rule.partition(":")[2]
        with self._database.read() as session:
            inspection = _required(session, name)
            settled = _newest(session, name)
        listed = pq.read_table(self._store.intact(inspection.findings), columns=["object"])
        return frozenset(listed["object"].to_pylist()) - settled.keys()

    def _listed(self, draft: InspectionDraft, sheet: Path | None) -> pa.Table:
        dataset = self._datasets.get(draft.dataset)
        rows = self._store.intact(self._datasets.version(draft.dataset).digest)
        key, schema = dataset.document.key, pq.read_schema(rows)
        with self._store.scratch() as scratch, engine(scratch) as connection:
            if draft.query is not None:
                listing.from_query(connection, draft.query, rows, key)
            elif sheet is not None:
                listing.from_sheet(connection, sheet, self._loader.columns(dataset), key, scratch)
            return listing.findings(connection, rows, schema, key, f"{RULE}{draft.name}")

    def _stored(self, found: pa.Table) -> StoredObject:
        with self._store.scratch() as scratch:
            parquet.write_table(scratch / "findings.parquet", found)
            return self._store.put(scratch / "findings.parquet")


def _require_free(session: Session, name: str) -> None:
    if session.get(InspectionRow, name):
        raise InspectionExists(
            f"an inspection {name} is there already", hint=f"see: shuize inspection show {name}"
        )


def _required(session: Session, name: str) -> Inspection:
    row = session.get(InspectionRow, name)
    if row is None:
        raise InspectionNotFound(f"no inspection is called {name!r}", hint="see: shuize inspection list")
    return Inspection.model_validate(row.document)


def _issue(session: Session, inspection: Inspection, object_: str) -> IssueRow:
    query = sa.select(IssueRow).where(
        IssueRow.dataset == inspection.dataset, IssueRow.rule == inspection.rule, IssueRow.object == object_
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotInspected(
            f"inspection {inspection.name} does not list {object_}",
            hint="give the key's values in the order of the dataset's key",
        )
    return row


def _newest(session: Session, name: str) -> dict[str, Result]:
    query = sa.select(InspectionResultRow).where(InspectionResultRow.inspection == name)
    rows = session.scalars(query.order_by(InspectionResultRow.number))
    found = {row.object: Result.model_validate(row.document) for row in rows}
    return dict(sorted(found.items()))

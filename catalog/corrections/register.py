"""The use cases: apply a file of corrections, look corrections up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.corrections import cells, locating, patching, sheets, whole
from catalog.corrections.lineage import CorrectionRun
from catalog.corrections.models import (
    BaseUnlikeDocument,
    Corrected,
    Correction,
    CorrectionDraft,
    CorrectionNotFound,
    GoesBack,
    MalformedCorrection,
    NothingToCorrect,
    StaleCorrection,
    VersionMeanwhile,
)
from catalog.corrections.orders import require_orders, require_within
from catalog.database import Clock, Database
from catalog.datasets.models import Dataset, DatasetVersion
from catalog.datasets.register import Datasets
from catalog.engine import engine
from catalog.lineage import Lineage
from catalog.loading import columns, readers, sources
from catalog.loading.columns import Column
from catalog.loading.loader import Loader, Written
from catalog.loading.readers import ReadOptions
from catalog.stewardship import transitions
from catalog.stewardship.transitions import Step
from catalog.store import FolderStore
from catalog.table_types import arrow_type
from catalog.tables import CorrectionRow
from catalog.trail import Detail
from standards.errors import ShuizeError
from standards.progress import Progress, silent

CORRECTED = "corrected"
"""The act of a work order's transitions that a correction is."""
BARE = ReadOptions()


@dataclass(frozen=True)
class _Work:
    """One correction while it is worked out. `newest` is the version that it changes."""

    draft: CorrectionDraft
    dataset: Dataset
    fields: Sequence[Column]
    newest: DatasetVersion
    path: Path
    scratch: Path

    @property
    def key(self) -> tuple[str, ...]:
        return self.dataset.document.key

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(each.field.name, arrow_type(each.element)) for each in self.fields])

    @property
    def target(self) -> Path:
        return self.scratch / "version.parquet"


class Corrections:
    """Corrections of datasets. Each makes a version; none changes one."""

    def __init__(
        self, database: Database, datasets: Datasets, store: FolderStore, loader: Loader, lineage: Lineage,
        clock: Clock,
    ) -> None:  # fmt: skip
        self._database = database
        self._datasets = datasets
        self._store = store
        self._loader = loader
        self._lineage = lineage
        self._clock = clock

    def apply(
        self, draft: CorrectionDraft, path: Path, *, by: str, options: ReadOptions = BARE,
        progress: Progress = silent,
    ) -> Corrected:  # fmt: skip
        """Make a new version of the dataset from a file of corrections, for work orders.

        The same corrections of the same version give the same bytes. Raises DatasetNotFound,
        VersionNotFound, UnknownParty, WorkOrderNotFound, UnreadableFile, MalformedCorrection,
        UnknownCorrectionField, UnknownKey, WrongType, MissingColumn, StaleCorrection, BeyondTheOrders,
        NothingToCorrect, GoesBack, VersionMeanwhile, BaseUnlikeDocument, StoreUnavailable.
        """
        dataset = self._datasets.to_load(draft.dataset, by=by)
        with self._database.read() as session:
            require_orders(session, draft, by, self._clock())
        newest = self._datasets.version(draft.dataset)
        self._lineage.settle()
        run = CorrectionRun.begin(self._lineage, newest, path.name)
        try:
            with self._store.scratch() as scratch, engine(scratch) as connection:
                fields = self._loader.columns(dataset)
                work = _Work(draft, dataset, fields, newest, path, scratch)
                return self._apply(connection, work, run, by, (options, progress))
        except ShuizeError as error:
            run.fail(error.message)
            raise

    def get(self, number: int) -> Correction:
        """Return one correction. Raises CorrectionNotFound."""
        with self._database.read() as session:
            row = session.get(CorrectionRow, number)
            if row is None:
                raise CorrectionNotFound(f"no correction has the number {number}", hint="see `order show`")
            return Correction.model_validate(row.document)

    def list(self, dataset: str | None = None) -> tuple[Correction, ...]:
        """Return the corrections, of one dataset if it is given, oldest first."""
        query = sa.select(CorrectionRow).order_by(CorrectionRow.id)
        if dataset is not None:
            query = query.where(CorrectionRow.dataset == dataset)
        with self._database.read() as session:
            return tuple(Correction.model_validate(row.document) for row in session.scalars(query))

    def cells(self, correction: Correction) -> pa.Table:
        """Return the list of what it changed, cell by cell. Raises ObjectNotFound, ObjectDamaged."""
        return pq.read_table(self._store.intact(correction.cells))

    def _apply(
        self, connection: duckdb.DuckDBPyConnection, work: _Work, run: CorrectionRun, by: str,
        how: tuple[ReadOptions, Progress],
    ) -> Corrected:  # fmt: skip
        options, progress = how
        base = self._store.intact(work.newest.digest)
        _require_like(pq.read_schema(base), work)
        before = sources.state(work.path)
        digest = sources.digest(work.path)
        progress(f"reading {work.path.name}")
        make = self._whole if work.draft.whole else self._sheet
        rounded = make(connection, work, base, options)
        counts = cells.counts(connection)
        if not (counts.changed or counts.added or counts.removed):
            raise NothingToCorrect(
                f"version {work.newest.number} of {work.dataset.name} has all of these values already",
                hint="give a file that changes something",
            )
        with self._database.read() as session:
            require_within(session, connection, work.draft)
        listed = work.scratch / "cells.parquet"
        cells.write(connection, listed)
        kept: list[Correction] = []

        def beside(session: Session, version: DatasetVersion, is_new: bool) -> Detail:
            _require_next(work, version, is_new)
            stored = self._store.put(listed)
            correction = Correction(
                id=_next_id(session), dataset=work.dataset.name, base=work.newest.number,
                version=version.number, work_orders=work.draft.work_orders, reason=work.draft.reason,
                beyond=work.draft.beyond, source_name=work.path.name, source_digest=digest,
                cells=stored.digest, **counts.model_dump(), applied_by=by, applied_at=self._clock(),
            )  # fmt: skip
            _keep(session, correction, by)
            self._lineage.record_within(session, run.completed(work.dataset, version, correction))
            kept.append(correction)
            return {"correction": correction.id, "cells": correction.cells}

        def stands() -> None:
            if sources.state(work.path) != before:
                raise readers.UnreadableFile(
                    f"{work.path} changed while it was read", hint="give it again once nothing writes to it"
                )

        progress("writing Parquet")
        rows = pq.read_metadata(work.target).num_rows
        written = Written(work.target, rows, work.path.name, digest, rounded, beside, stands)
        loaded = self._loader.keep(connection, work.dataset, written, by=by, progress=progress)
        return Corrected(correction=kept[0], version=loaded.version)

    def _sheet(
        self, connection: duckdb.DuckDBPyConnection, work: _Work, base: Path, options: ReadOptions
    ) -> dict[str, int]:
        sheet = sheets.open_sheet(connection, work.path, work.fields, work.key, work.scratch)
        locating.locate(connection, sheet, base, work.schema)
        if work.draft.base not in (None, work.newest.number):
            seen = self._datasets.version(work.dataset.name, work.draft.base)
            locating.require_fresh(connection, sheet, self._store.intact(seen.digest), work.schema)
        cells.of_sheet(connection, sheet, work.schema, work.key)
        patching.write(base, work.target, patching.patches(connection, sheet, work.schema))
        return {}

    def _whole(
        self, connection: duckdb.DuckDBPyConnection, work: _Work, base: Path, options: ReadOptions
    ) -> dict[str, int]:
        if work.draft.base not in (None, work.newest.number):
            raise StaleCorrection(
                f"version {work.newest.number} of {work.dataset.name} came after {work.draft.base}, and "
                "a whole file would undo it",
                hint="correct the newest version, or give a sheet of keys and changed fields",
            )
        source = readers.open_source(connection, work.path, options, work.scratch)
        columns.require_columns(source, work.fields, work.path)
        columns.require_usable(source, work.fields, work.path)
        rounded = columns.require_types(connection, source, work.fields, work.path)
        if not columns.write(connection, source, work.fields, work.target):
            raise MalformedCorrection(f"{work.path} has no rows", hint="give the whole dataset, corrected")
        whole.compare(connection, base, work.target, work.schema, work.key)
        return rounded


def _require_like(stored: pa.Schema, work: _Work) -> None:
    if not stored.equals(work.schema):
        raise BaseUnlikeDocument(
            f"version {work.newest.number} of {work.dataset.name} has other fields than its document now",
            hint=f"load a file that has them first: shuize dataset load {work.dataset.name} FILE",
        )


def _require_next(work: _Work, version: DatasetVersion, is_new: bool) -> None:
    name = work.dataset.name
    if not is_new:
        raise GoesBack(
            f"with these corrections {name} would be version {version.number} again",
            hint="versions only go forward: look whether the corrections are right, or use that version",
        )
    if version.number != work.newest.number + 1:
        raise VersionMeanwhile(
            f"version {version.number - 1} of {name} came while this was worked out",
            hint="give the same corrections again: rows that changed meanwhile are told",
        )


def _next_id(session: Session) -> int:
    return (session.scalar(sa.select(sa.func.max(CorrectionRow.id))) or 0) + 1


def _keep(session: Session, correction: Correction, by: str) -> None:
    session.add(
        CorrectionRow(
            id=correction.id, dataset=correction.dataset, version=correction.version,
            document=correction.document(), applied_by=by, applied_at=correction.applied_at,
        )
    )  # fmt: skip
    session.flush()
    detail = {
        "correction": correction.id,
        "base": correction.base,
        "version": correction.version,
        "cells": correction.cells,
        "changed": correction.changed,
    }
    for number in sorted(correction.work_orders):
        order = transitions.locked(session, number)
        transitions.write(session, order, Step(CORRECTED, correction.applied_at, by, detail))

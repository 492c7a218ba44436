"""Load: a source file becomes an immutable dataset version, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from sqlalchemy.orm import Session

from catalog.database import Clock
from catalog.datasets.models import Dataset, DatasetVersion
from catalog.datasets.register import Datasets, WithVersion
from catalog.drift.models import VersionDrift
from catalog.drift.register import Drifts
from catalog.engine import engine
from catalog.gates.models import GateAction, GateReport, Rows
from catalog.loading import columns, profiling, readers, sources
from catalog.loading.columns import Column, MissingColumn, UnknownTimeZone, WrongType
from catalog.loading.inspecting import Inspection, Seen
from catalog.loading.readers import ReadOptions, Source, UnreadableFile
from catalog.sensing.declared import beside, shows_nothing
from catalog.sensing.models import SensedField
from catalog.store import FolderStore
from catalog.trail import Detail
from standards import canonical_json, protection
from standards.digests import Digest
from standards.errors import InvalidInput, ShuizeError
from standards.library import Library
from standards.progress import Progress, silent

if TYPE_CHECKING:
    from catalog.gates.passing import Gates, Through
    from catalog.lineage import Lineage

__all__ = ["Loaded", "Loader", "MissingColumn", "NoRows", "UnknownTimeZone", "Written", "WrongType"]


class NoRows(InvalidInput):
    """The file has a header and nothing below it."""

    code = "no-rows"


@dataclass(frozen=True)
class Loaded:
    """What loading answered: the version, whether it is new, and columns of the file nobody registered.

    `sensed` is what sensitive things the rows hold, beside what the document says of them; `drift` is how a
    new version differs from the one before it, None for a first one. `gate` is what the gate said, if there
    is one, and `held` the version of the rows that it held back.
    """

    version: DatasetVersion
    is_new: bool
    ignored_columns: tuple[str, ...]
    sensed: tuple[SensedField, ...] = ()
    drift: VersionDrift | None = None
    gate: GateReport | None = None
    held: DatasetVersion | None = None


@dataclass(frozen=True)
class Written:
    """Rows written as Parquet in the store's scratch, on their way to be a version, and where they came from.

    `rounded` counts the values of each field that lost decimals. `beside` writes what goes with the version,
    in its transaction; `stands` raises if what they were read from has changed since.
    """

    path: Path
    rows: int
    source_name: str
    source_digest: Digest
    rounded: Mapping[str, int] = field(default_factory=dict)
    beside: WithVersion | None = None
    stands: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class _Parts:
    """Rows of a file and what the gate said of them."""

    dataset: Dataset
    written: Written
    through: Through


class Loader:
    """Turns files into versions. Bytes reach the store before the catalog speaks of them."""

    def __init__(
        self, datasets: Datasets, store: FolderStore, library: Library, clock: Clock, drifts: Drifts,
        lineage: Lineage | None = None, gates: Gates | None = None,
    ) -> None:  # fmt: skip
        self._datasets = datasets
        self._store = store
        self._library = library
        self._clock = clock
        self._inspection = Inspection(datasets, store, library, clock, drifts)
        self._lineage = lineage
        self._gates = gates

    def load(
        self, name: str, path: Path, *, by: str, options: ReadOptions | None = None,
        progress: Progress = silent,
    ) -> Loaded:  # fmt: skip
        """Load a CSV, Parquet or Excel file into the dataset.

        The same rows give the same version, whatever the file's format. Raises DatasetNotFound,
        UnknownParty, UnreadableFile, UnknownEncoding, MissingColumn, WrongType, NoRows, StoreUnavailable.
        """
        dataset = self._datasets.to_load(name, by=by)
        with self._telling(dataset, path) as told:
            loaded = self._load(dataset, path, by, options, progress)
            told(loaded.version, loaded.held)
        return loaded

    def _load(
        self, dataset: Dataset, path: Path, by: str, options: ReadOptions | None, progress: Progress
    ) -> Loaded:
        with self._store.scratch() as scratch, engine(scratch) as connection:
            progress(f"reading {path.name}")
            before = sources.state(path)
            source_digest = sources.digest(path)
            source = readers.open_source(connection, path, options or ReadOptions(), scratch)
            fields = self.columns(dataset)
            columns.require_columns(source, fields, path)
            columns.require_usable(source, fields, path)
            progress("checking types")
            rounded = columns.require_types(connection, source, fields, path)
            progress("writing Parquet")
            target = scratch / "version.parquet"
            rows = columns.write(connection, source, fields, target)
            if not rows:
                raise NoRows(f"{path} has a header and no rows", hint="give a file with data")

            def stands() -> None:
                if sources.state(path) != before:
                    raise UnreadableFile(
                        f"{path} changed while it was read", hint="load it again once nothing writes to it"
                    )

            written = Written(target, rows, path.name, source_digest, rounded, stands=stands)
            through = self._at_gate(connection, dataset, written, source, options, progress)
            if through is None:
                loaded = self.keep(connection, dataset, written, by=by, progress=progress)
            else:
                parts = _Parts(dataset, written, through)
                loaded = self._keep_parts(connection, parts, by=by, progress=progress)
        used = {column.field.source_column for column in fields}
        return replace(loaded, ignored_columns=tuple(name for name in source.columns if name not in used))

    def columns(self, dataset: Dataset) -> list[Column]:
        """Return the dataset's fields as the columns of a file."""
        library = self._datasets.as_cited(self._library, dataset.name)
        return [Column(each, library.element(each.element)) for each in dataset.document.fields]

    def _at_gate(
        self, connection: duckdb.DuckDBPyConnection, dataset: Dataset, written: Written, source: Source,
        options: ReadOptions | None, progress: Progress,
    ) -> Through | None:  # fmt: skip
        """Return what the gate says of the rows, None where nothing is asked. Raises GateClosed."""
        if self._gates is None:
            return None
        gate = self._gates.gate(dataset, options.gate if options else None)
        if gate.action is GateAction.NONE:
            return None
        progress("judging at the gate")
        return self._gates.through(connection, dataset, gate, Rows(written.path, written.rows, source.named))

    def _keep_parts(
        self, connection: duckdb.DuckDBPyConnection, parts: _Parts, *, by: str, progress: Progress
    ) -> Loaded:
        """Make the rows that pass a version, and those that are held back one beside it, both or none."""
        through, passing = parts.through, parts.written
        said = self._store.put_bytes(canonical_json.encode(through.report.model_dump(mode="json")))
        waiting: list[tuple[DatasetVersion, WithVersion]] = []
        held: list[DatasetVersion] = []
        if through.parted is not None and through.holder is not None:
            back = replace(passing, path=through.parted.held, rows=through.parted.held_rows, rounded={})
            version, seen = self._ready(connection, through.holder, back, by, progress)
            waiting.append((version, self._inspection.keeping(through.holder, seen)))
            passing = replace(passing, path=through.parted.passing, rows=through.parted.passing_rows)

        def beside(session: Session, added: DatasetVersion, is_new: bool) -> Detail:
            held.extend(self._datasets.add_version_in(session, *each) for each in waiting)
            detail = through.detail(said.digest)
            return detail | {"held_in": f"{held[0].dataset} {held[0].number}"} if held else detail

        passing = replace(passing, beside=beside)
        loaded = self.keep(connection, parts.dataset, passing, by=by, progress=progress)
        return replace(loaded, gate=through.report, held=held[0] if held else None)

    def keep(
        self, connection: duckdb.DuckDBPyConnection, dataset: Dataset, written: Written,
        *, by: str, progress: Progress = silent,
    ) -> Loaded:  # fmt: skip
        """Make written rows a version: look at them, store them, record them. Raises StoreUnavailable."""
        version, seen = self._ready(connection, dataset, written, by, progress)
        return self._record(dataset, version, seen, written.beside)

    def _ready(
        self, connection: duckdb.DuckDBPyConnection, dataset: Dataset, written: Written, by: str,
        progress: Progress,
    ) -> tuple[DatasetVersion, Seen]:  # fmt: skip
        progress("looking for sensitive data")
        sensed = self._inspection.sense(connection, written.path, dataset)
        progress("profiling")
        secret = {
            each.name
            for each in dataset.document.fields
            if any(map(shows_nothing, protection.versions(each.element, self._library)))
        }
        secret |= {each.field for each in sensed}
        profile = profiling.profile(connection, written.path, rounded=written.rounded, secret=secret)
        written.stands()
        stored = self._store.put(written.path)
        progress("comparing with the version before")
        seen = Seen(sensed, self._inspection.drift(connection, stored.digest, dataset, sensed))
        version = DatasetVersion(
            dataset=dataset.name, number=0, digest=stored.digest, size_bytes=stored.size_bytes,
            row_count=written.rows, source_name=written.source_name, source_digest=written.source_digest,
            profile=profile, loaded_by=by, loaded_at=self._clock(), revision=dataset.revision,
        )  # fmt: skip
        return version, seen

    @contextmanager
    def _telling(
        self, dataset: Dataset, path: Path
    ) -> Iterator[Callable[[DatasetVersion, DatasetVersion | None], None]]:
        """Tell lineage that the load begins and how it ends; yield what to call with what was made."""
        if self._lineage is None:
            yield lambda _version, _held: None
            return
        from catalog.lineage.loads import LoadRun  # the OpenLineage client, which reading does without

        run = LoadRun.begin(self._lineage, dataset, path.name)
        try:
            yield run.complete
        except ShuizeError as error:
            run.fail(error.message)
            raise

    def _record(
        self, dataset: Dataset, version: DatasetVersion, seen: Seen, besides: WithVersion | None
    ) -> Loaded:
        before = {v.number for v in self._datasets.versions(dataset.name)}
        keep = self._inspection.keeping(dataset, seen)

        def keep_all(session: Session, added: DatasetVersion, is_new: bool) -> Detail:
            own = besides(session, added, is_new) if besides is not None else {}
            return {**keep(session, added, is_new), **own}

        kept = self._datasets.add_version(version, keep_all)
        library = self._datasets.as_cited(self._library, dataset.name)
        return Loaded(
            version=kept,
            is_new=kept.number not in before,
            ignored_columns=(),
            sensed=tuple(beside(each, dataset.document, library) for each in seen.sensed),
            drift=seen.drift,
        )

"""Load: a source file becomes an immutable dataset version, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from catalog import parquet
from catalog.database import Clock
from catalog.datasets.models import Dataset, DatasetVersion, FieldDraft
from catalog.datasets.register import Datasets
from catalog.drift.models import VersionDrift
from catalog.drift.register import Drifts
from catalog.engine import engine, one_row, quoted
from catalog.loading import profiling, readers, sources
from catalog.loading.inspecting import Inspection, Seen
from catalog.loading.readers import ReadOptions, Source, UnreadableFile
from catalog.loading.typing_columns import expectation, is_rounded, is_wrong, typed
from catalog.sensing.declared import beside, shows_nothing
from catalog.sensing.models import SensedField
from catalog.store import FolderStore
from catalog.table_types import ROWS_AT_A_TIME, arrow_type
from standards import protection
from standards.data_elements import DataElement
from standards.errors import Fault, InvalidInput, ShuizeError
from standards.library import Library
from standards.progress import Progress, silent

if TYPE_CHECKING:
    from catalog.lineage import Lineage

SHOWN_FAULTS = 10


class MissingColumn(InvalidInput):
    """The file lacks columns that the dataset's fields are read from."""

    code = "missing-column"


class WrongType(InvalidInput):
    """Values that are not of their field's type; the faults name rows and values."""

    code = "wrong-type"


class NoRows(InvalidInput):
    """The file has a header and nothing below it."""

    code = "no-rows"


class UnknownTimeZone(InvalidInput):
    """A field declares a time zone that nobody knows."""

    code = "unknown-time-zone"


@dataclass(frozen=True)
class Loaded:
    """What loading answered: the version, whether it is new, and columns of the file nobody registered.

    `sensed` is what sensitive things the rows hold, beside what the document says of them; `drift` is how a
    new version differs from the one before it, None for a first one.
    """

    version: DatasetVersion
    is_new: bool
    ignored_columns: tuple[str, ...]
    sensed: tuple[SensedField, ...] = ()
    drift: VersionDrift | None = None


@dataclass(frozen=True)
class _Column:
    field: FieldDraft
    element: DataElement

    @property
    def value(self) -> str:
        return typed(self.field.source_column, self.element, self.field.time_zone)

    @property
    def is_wrong(self) -> str:
        return is_wrong(self.field.source_column, self.element, self.field.time_zone)


class Loader:
    """Turns files into versions. Bytes reach the store before the catalog speaks of them."""

    def __init__(
        self, datasets: Datasets, store: FolderStore, library: Library, clock: Clock, drifts: Drifts,
        lineage: Lineage | None = None,
    ) -> None:  # fmt: skip
        self._datasets = datasets
        self._store = store
        self._library = library
        self._clock = clock
        self._inspection = Inspection(datasets, store, library, clock, drifts)
        self._lineage = lineage

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
            told(loaded.version)
        return loaded

    def _load(
        self, dataset: Dataset, path: Path, by: str, options: ReadOptions | None, progress: Progress
    ) -> Loaded:
        columns = [_Column(field, self._library.element(field.element)) for field in dataset.document.fields]
        with self._store.scratch() as scratch, engine(scratch) as connection:
            progress(f"reading {path.name}")
            before = sources.state(path)
            source_digest = sources.digest(path)
            source = readers.open_source(connection, path, options or ReadOptions(), scratch)
            _require_columns(source, columns, path)
            _require_usable(source, columns, path)
            progress("checking types")
            rounded = _require_types(connection, source, columns, path)
            progress("writing Parquet")
            target = scratch / "version.parquet"
            rows = _write(connection, source, columns, target)
            if not rows:
                raise NoRows(f"{path} has a header and no rows", hint="give a file with data")
            progress("looking for sensitive data")
            sensed = self._inspection.sense(connection, target, dataset)
            progress("profiling")
            secret = {
                field.name
                for field in dataset.document.fields
                if any(map(shows_nothing, protection.versions(field.element, self._library)))
            }
            secret |= {each.field for each in sensed}
            profile = profiling.profile(connection, target, rounded=rounded, secret=secret)
            if sources.state(path) != before:
                raise UnreadableFile(
                    f"{path} changed while it was read", hint="load it again once nothing writes to it"
                )
            stored = self._store.put(target)
            progress("comparing with the version before")
            seen = Seen(sensed, self._inspection.drift(connection, stored.digest, dataset, sensed))
        version = DatasetVersion(
            dataset=dataset.name, number=0, digest=stored.digest, size_bytes=stored.size_bytes,
            row_count=rows, source_name=path.name, source_digest=source_digest, profile=profile,
            loaded_by=by, loaded_at=self._clock(), revision=dataset.revision,
        )  # fmt: skip
        return self._record(dataset, version, source, columns, seen)

    @contextmanager
    def _telling(self, dataset: Dataset, path: Path) -> Iterator[Callable[[DatasetVersion], None]]:
        """Tell lineage that the load begins and how it ends; yield what to call with the version."""
        if self._lineage is None:
            yield lambda _version: None
            return
        from catalog.lineage.loads import LoadRun  # the OpenLineage client, which reading does without

        run = LoadRun.begin(self._lineage, dataset, path.name)
        try:
            yield run.complete
        except ShuizeError as error:
            run.fail(error.message)
            raise

    def _record(
        self, dataset: Dataset, version: DatasetVersion, source: Source, columns: list[_Column], seen: Seen
    ) -> Loaded:
        before = {v.number for v in self._datasets.versions(dataset.name)}
        kept = self._datasets.add_version(version, self._inspection.keeping(dataset, seen))
        used = {column.field.source_column for column in columns}
        return Loaded(
            version=kept,
            is_new=kept.number not in before,
            ignored_columns=tuple(name for name in source.columns if name not in used),
            sensed=tuple(beside(each, dataset.document, self._library) for each in seen.sensed),
            drift=seen.drift,
        )


def _require_columns(source: Source, columns: list[_Column], path: Path) -> None:
    missing = [c for c in columns if c.field.source_column not in source.columns]
    if missing:
        raise MissingColumn(
            f"{path} lacks {len(missing)} of the dataset's columns: "
            + ", ".join(c.field.source_column for c in missing),
            hint=f"it has: {', '.join(source.columns)}; rename one, or bind the field with `column:`",
            faults=[
                Fault(f"/fields/{c.field.name}", f"no column {c.field.source_column!r}") for c in missing
            ],
        )


def _require_usable(source: Source, columns: list[_Column], path: Path) -> None:
    faults = [
        source.unusable[c.field.source_column] for c in columns if c.field.source_column in source.unusable
    ]
    if faults:
        raise WrongType(
            f"{path} has columns whose values can't be read: " + ", ".join(f.pointer for f in faults),
            hint="in Excel format identifiers as text; in Parquet give each part of a nested column its own",
            faults=faults,
        )


def _require_types(
    connection: duckdb.DuckDBPyConnection, source: Source, columns: list[_Column], path: Path
) -> dict[str, int]:
    """Return how many values of each field lose decimals; raise WrongType if any is no value at all."""
    counts = ", ".join(
        f"count(*) FILTER ({c.is_wrong}), count(*) FILTER ({is_rounded(c.field.source_column, c.element)})"
        for c in columns
    )
    with _reading(path):
        found = one_row(connection, f"SELECT {counts} FROM {source.sql}")
    wrong = {c.field.name: found[2 * i] for i, c in enumerate(columns)}
    if any(wrong.values()):
        faults = _first_wrong(connection, source, [c for c in columns if wrong[c.field.name]])
        total = sum(wrong.values())
        raise WrongType(
            f"{path} has {total:,} value{'s' if total > 1 else ''} of the wrong type in "
            + ", ".join(f"{name} ({count:,})" for name, count in wrong.items() if count),
            hint="mend the rows in the file"
            + (" (the header is file row 1)" if source.first_row > 1 else "")
            + ", or bind the field to another data element; nothing was loaded",
            faults=faults,
        )
    return {c.field.name: found[2 * i + 1] for i, c in enumerate(columns)}


def _first_wrong(
    connection: duckdb.DuckDBPyConnection, source: Source, columns: list[_Column]
) -> list[Fault]:
    """Return the first wrong values from the top of the file, and of a row from the dataset's first field."""
    found: list[tuple[int, int, str]] = []
    for place, column in enumerate(columns):
        rows = connection.execute(
            f"SELECT record, value FROM (SELECT row_number() OVER () AS record, "
            f"{quoted(column.field.source_column)} AS value, {column.is_wrong} AS wrong FROM {source.sql}) "
            f"WHERE wrong ORDER BY record LIMIT {SHOWN_FAULTS}"
        ).fetchall()
        found += [(record, place, value) for record, value in rows]
    first = sorted(found)[:SHOWN_FAULTS]
    numbers = source.row_numbers({record for record, _, _ in first})
    return [
        _wrong_value(source.row(numbers[record]), columns[place], value) for record, place, value in first
    ]


def _wrong_value(row: str, column: _Column, value: str) -> Fault:
    wanted = expectation(column.element, column.field.time_zone)
    return Fault(f"{row}, column {column.field.source_column}", f"{value!r} is not {wanted}")


def _write(
    connection: duckdb.DuckDBPyConnection, source: Source, columns: list[_Column], target: Path
) -> int:
    schema = pa.schema([pa.field(c.field.name, arrow_type(c.element)) for c in columns])
    values = ", ".join(f"{c.value} AS {quoted(c.field.name)}" for c in columns)
    result = connection.sql(f"SELECT {values} FROM {source.sql}")
    batches = result.to_arrow_reader(ROWS_AT_A_TIME)
    return parquet.write(target, schema, (batch.cast(schema) for batch in batches))


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """The first pass over all values: what fails in it lies in the file or in the field's time zone."""
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.InternalException):
        raise
    except duckdb.Error as error:
        if "timezone" in str(error).lower():
            raise UnknownTimeZone(
                f"a field's time_zone is unknown: {str(error).splitlines()[0]}",
                hint="use a name such as Asia/Shanghai",
            ) from error
        raise UnreadableFile(
            f"{path} is damaged: {str(error).splitlines()[0]}", hint="export or fetch the file again"
        ) from error

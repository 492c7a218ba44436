"""A file's columns as the dataset's fields: which are missing, what is no value, and their typed rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from catalog import parquet
from catalog.datasets.models import FieldDraft
from catalog.engine import one_row, quoted
from catalog.loading.readers import Source, UnreadableFile
from catalog.loading.typing_columns import expectation, is_rounded, is_wrong, typed
from catalog.table_types import ROWS_AT_A_TIME, arrow_type
from standards.data_elements import DataElement
from standards.errors import Fault, InvalidInput

SHOWN_FAULTS = 10


class MissingColumn(InvalidInput):
    """The file lacks columns that the dataset's fields are read from."""

    code = "missing-column"


class WrongType(InvalidInput):
    """Values that are not of their field's type; the faults name rows and values."""

    code = "wrong-type"


class UnknownTimeZone(InvalidInput):
    """A field declares a time zone that nobody knows."""

    code = "unknown-time-zone"


@dataclass(frozen=True)
class Column:
    """A field, the data element it is bound to, and what its column's text is."""

    field: FieldDraft
    element: DataElement

    @property
    def value(self) -> str:
        """The SQL of the typed value."""
        return typed(self.field.source_column, self.element, self.field.time_zone)

    @property
    def is_wrong(self) -> str:
        """The SQL that tells whether there is text that is no value."""
        return is_wrong(self.field.source_column, self.element, self.field.time_zone)


def require_columns(source: Source, columns: Sequence[Column], path: Path) -> None:
    """Raise MissingColumn unless every field has its column."""
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


def require_usable(source: Source, columns: Sequence[Column], path: Path) -> None:
    """Raise WrongType for columns that no value can be read from."""
    faults = [
        source.unusable[c.field.source_column] for c in columns if c.field.source_column in source.unusable
    ]
    if faults:
        raise WrongType(
            f"{path} has columns whose values can't be read: " + ", ".join(f.pointer for f in faults),
            hint="in Excel format identifiers as text; in Parquet give each part of a nested column its own",
            faults=faults,
        )


def require_types(
    connection: duckdb.DuckDBPyConnection, source: Source, columns: Sequence[Column], path: Path
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
    connection: duckdb.DuckDBPyConnection, source: Source, columns: Sequence[Column]
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


def _wrong_value(row: str, column: Column, value: str) -> Fault:
    wanted = expectation(column.element, column.field.time_zone)
    return Fault(f"{row}, column {column.field.source_column}", f"{value!r} is not {wanted}")


def write(
    connection: duckdb.DuckDBPyConnection, source: Source, columns: Sequence[Column], target: Path
) -> int:
    """Write the typed rows as a version\'s Parquet, in the order of the source, and return how many."""
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

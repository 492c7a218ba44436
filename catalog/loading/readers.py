"""Source files as text columns: CSV, Parquet and Excel all become the same thing before they are typed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb

from catalog.engine import one_row, quoted, read_parquet
from catalog.loading import encodings
from catalog.loading.csv_files import open_csv
from catalog.loading.encodings import UnknownEncoding
from catalog.loading.sources import ReadOptions, Source, UnreadableFile, first_line, require_header
from standards import unpacking
from standards.errors import Fault

__all__ = ["ReadOptions", "Source", "UnknownEncoding", "UnreadableFile", "open_source"]

EXACT_BELOW = 10**15
"""Excel keeps 15 digits of a number, and whole doubles are sure to be exact up to there."""

MAX_UNPACKED = 2**30
"""How many bytes a workbook may have unpacked: a full sheet of a million rows and some twenty columns."""

_NAMED = dict.fromkeys((".parquet", ".pq"), "a Parquet") | dict.fromkeys(
    (".xlsx", ".xlsm", ".xlsb", ".xls"), "an Excel"
)
"""What a file is by the end of its name, where text under that name is a mistake."""


def open_source(
    connection: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions, scratch: Path
) -> Source:
    """Return the file's rows as text columns, registered on `connection`.

    The kind is told by the file's first bytes; a name that says Parquet or Excel of other bytes is refused,
    for a file cut short or encrypted would otherwise be read as text. Raises UnreadableFile, UnknownEncoding.
    """
    head = _head(path)
    if head.startswith(b"PAR1"):
        return _parquet(connection, path)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _excel(connection, path, options.sheet)
    if (named := _NAMED.get(path.suffix.lower())) is not None:
        raise UnreadableFile(
            f"{path} is not {named} file: its name says so, its first bytes do not",
            hint="if it is a CSV file rename it to end with .csv; otherwise export or fetch it again",
        )
    if options.encoding is None and encodings.marked(head) is None and b"\x00" in head:
        raise UnreadableFile(
            f"{path} is neither CSV nor Parquet nor Excel",
            hint="export it as CSV in UTF-8, or name its encoding, for example --encoding utf-16-le",
        )
    return open_csv(connection, path, options.encoding, scratch)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        raise UnreadableFile(
            f"{path} can't be read: {error.strerror}", hint="check the path and its permissions"
        ) from error
    if not head:
        raise UnreadableFile(f"{path} is empty", hint="give a file with a header row and data")
    return head


def _parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> Source:
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {read_parquet(path)}").fetchall()
    except duckdb.Error as error:
        raise UnreadableFile(
            f"{path} is a damaged Parquet file: {first_line(error)}", hint="export or fetch it again"
        ) from error
    names = tuple(row[0] for row in described)
    kinds = {name: str(kind) for name, kind, *_ in described}
    texts = ", ".join(_as_text(name, kind) for name, kind in kinds.items())
    connection.execute(f"CREATE TEMP VIEW source AS SELECT {texts} FROM {read_parquet(path)}")
    unusable = _inexact_doubles(connection, path, kinds) | {
        name: Fault(f"column {name}", f"holds {kind}, which is no single value")
        for name, kind in kinds.items()
        if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION", "BLOB", "GEOMETRY", "VARIANT"))
    }
    return Source("source", names, first_row=1, unusable=unusable)


def _inexact_doubles(
    connection: duckdb.DuckDBPyConnection, path: Path, kinds: Mapping[str, str]
) -> dict[str, Fault]:
    """Return the faults of columns of doubles so large that digits may be lost: identifiers, mostly."""
    names = [name for name, kind in kinds.items() if kind in ("DOUBLE", "FLOAT")]
    if not names:
        return {}
    large = ", ".join(f"bool_or(isfinite({c}) AND abs({c}) >= {EXACT_BELOW})" for c in map(quoted, names))
    try:
        found = one_row(connection, f"SELECT {large} FROM {read_parquet(path)}")
    except duckdb.Error as error:
        raise UnreadableFile(
            f"{path} is a damaged Parquet file: {first_line(error)}", hint="export or fetch it again"
        ) from error
    return {
        name: Fault(f"column {name}", "has numbers of more than 15 digits, and a double keeps no more")
        for name, is_large in zip(names, found, strict=True)
        if is_large
    }


def _as_text(name: str, kind: str) -> str:
    """Return the SQL of a column as text; whole doubles stand without a point, as in Excel."""
    column = quoted(name)
    text = f"CAST({column} AS VARCHAR)"
    if kind in ("DOUBLE", "FLOAT"):
        whole = f"{column} = trunc({column}) AND abs({column}) < {EXACT_BELOW}"
        text = f"CASE WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE {text} END"
    return f"{text} AS {column}"


def _excel(connection: duckdb.DuckDBPyConnection, path: Path, sheet: str | None) -> Source:
    import pyarrow as pa

    cells = _sheet(path, sheet)
    while cells and _is_blank(cells[-1]):  # formatted but empty rows below the data
        cells.pop()
    if not cells:
        raise UnreadableFile(f"the sheet of {path} is empty", hint="name another with --sheet")
    columns = list(zip(*cells, strict=True))
    while _is_blank(columns[-1]):  # formatted but empty columns beside it
        columns.pop()
    header = require_header([_cell(column[0]) or "" for column in columns], path)
    table = pa.table(
        {
            name: pa.array(map(_cell, column[1:]), pa.string())
            for name, column in zip(header, columns, strict=True)
        }
    )
    connection.register("source", table)
    inexact = {
        name: Fault(f"file row {row}, column {name}", "has more than 15 digits, and Excel keeps no more")
        for name, column in zip(header, columns, strict=True)
        if (row := _first_inexact(column)) is not None
    }
    return Source("source", header, first_row=2, unusable=inexact)


def _sheet(path: Path, name: str | None) -> list[list[object]]:
    from python_calamine import CalamineError, load_workbook

    try:
        if (wrong := unpacking.fault(path, MAX_UNPACKED)) is not None:
            raise UnreadableFile(
                f"{path} can't be read as an Excel workbook: {wrong}",
                hint="save it as .xlsx without a password, or as CSV",
            )
        workbook = load_workbook(path)
        if name is not None and name not in workbook.sheet_names:
            raise UnreadableFile(
                f"{path} has no sheet {name!r}", hint="its sheets: " + ", ".join(workbook.sheet_names)
            )
        opened = workbook.get_sheet_by_name(name or workbook.sheet_names[0])
        return [list(row) for row in opened.to_python(skip_empty_area=False)]
    except (CalamineError, OSError, IndexError) as error:
        raise UnreadableFile(
            f"{path} can't be read as an Excel workbook: {error}",
            hint="save it as .xlsx without a password, or as CSV",
        ) from error


def _is_blank(cells: Collection[object]) -> bool:
    return all(isinstance(cell, str) and not cell.strip() for cell in cells)


def _cell(value: object) -> str | None:
    """Return the cell as text: whole numbers without a point, instants in ISO 8601, nothing as None."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_BELOW:
        return str(int(value))
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value) or None


def _first_inexact(column: tuple[object, ...]) -> int | None:
    """Return the row of the column's first number whose last digits Excel may have lost, or None."""
    for row, value in enumerate(column, start=1):
        if isinstance(value, int | float) and abs(value) >= EXACT_BELOW:
            return row
    return None

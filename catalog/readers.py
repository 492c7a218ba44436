"""Source files as text columns: CSV, Parquet and Excel all become the same thing before they are typed."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import duckdb

from catalog.engine import literal, quoted, read_parquet
from standards.errors import Fault, InvalidInput

BLOCK = 1 << 20
SHOWN_FAULTS = 20


class UnreadableFile(InvalidInput):
    """The file is missing, empty, damaged or of a kind that can't be read."""

    code = "unreadable-file"


class UnknownEncoding(InvalidInput):
    """The text file is in no encoding that could be told with certainty."""

    code = "unknown-encoding"


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file where it does not say so itself."""

    encoding: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Source:
    """A file as a relation of text columns.

    `sql` is a table expression; `first_row` is the number that people see beside its first data row.
    """

    sql: str
    columns: tuple[str, ...]
    first_row: int


def open_source(
    connection: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions, scratch: Path
) -> Source:
    """Return the file's rows as text columns, registered on `connection`.

    The kind is told by the file's first bytes, not by its name. Raises UnreadableFile, UnknownEncoding.
    """
    head = _head(path)
    if head.startswith(b"PAR1"):
        return _parquet(connection, path)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _excel(connection, path, options.sheet)
    if b"\x00" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableFile(
            f"{path} is neither CSV nor Parquet nor Excel", hint="export it as CSV in UTF-8 and load that"
        )
    return _csv(connection, path, options.encoding, scratch)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        raise UnreadableFile(
            f"{path} can't be read: {error.strerror}", hint="check the path and its permissions"
        ) from error
    if not head.strip():
        raise UnreadableFile(f"{path} is empty", hint="give a file with a header row and data")
    return head


def _parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> Source:
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {read_parquet(path)}").fetchall()
    except duckdb.Error as error:
        raise UnreadableFile(f"{path} is a damaged Parquet file: {error}") from error
    names = tuple(row[0] for row in described)
    texts = ", ".join(_as_text(row[0], row[1]) for row in described)
    connection.execute(f"CREATE TEMP VIEW source AS SELECT {texts} FROM {read_parquet(path)}")
    return Source("source", names, first_row=1)


def _as_text(name: str, kind: str) -> str:
    column = quoted(name)
    text = f"CAST({column} AS VARCHAR)"
    return f"nullif({text}, '') AS {column}" if kind == "VARCHAR" else f"{text} AS {column}"


def _excel(connection: duckdb.DuckDBPyConnection, path: Path, sheet: str | None) -> Source:
    import pyarrow as pa
    from python_calamine import CalamineError, load_workbook

    try:
        workbook = load_workbook(path)
    except (CalamineError, OSError) as error:
        raise UnreadableFile(
            f"{path} can't be read as an Excel workbook: {error}",
            hint="save it as .xlsx without a password, or as CSV",
        ) from error
    if sheet is not None and sheet not in workbook.sheet_names:
        raise UnreadableFile(
            f"{path} has no sheet {sheet!r}", hint="its sheets: " + ", ".join(workbook.sheet_names)
        )
    opened = workbook.get_sheet_by_name(sheet or workbook.sheet_names[0])
    rows = opened.to_python(skip_empty_area=False)
    if not rows:
        raise UnreadableFile(f"sheet {opened.name!r} of {path} is empty", hint="name another with --sheet")
    header = _header([_cell(value) or "" for value in rows[0]], path)
    filled = [[_cell(value) for value in row] for row in rows[1:]]
    while filled and not any(filled[-1]):  # formatted but empty rows below the data
        filled.pop()
    columns = list(zip(*filled, strict=True)) if filled else [()] * len(header)
    table = pa.table(
        {name: pa.array(values, pa.string()) for name, values in zip(header, columns, strict=True)}
    )
    connection.register("source", table)
    return Source("source", header, first_row=2)


def _cell(value: object) -> str | None:
    """Return the cell as text: whole numbers without a point, instants in ISO 8601, nothing as None."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value).strip() or None


def _csv(connection: duckdb.DuckDBPyConnection, path: Path, encoding: str | None, scratch: Path) -> Source:
    text = _utf8(path, encoding, scratch)
    header, delimiter = _csv_header(text, path)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header)
    reader = (
        f"read_csv({literal(str(text))}, auto_detect=false, header=true, delim={literal(delimiter)}, "
        f"quote='\"', escape='\"', nullstr='', columns={{{columns}}}, null_padding=false, "
        "strict_mode=true, max_line_size=16777216"
    )
    _refuse_broken_lines(connection, reader, path)
    connection.execute(f"CREATE TEMP VIEW source AS SELECT * FROM {reader})")
    return Source("source", header, first_row=2)


def _refuse_broken_lines(connection: duckdb.DuckDBPyConnection, reader: str, path: Path) -> None:
    try:
        connection.execute(f"SELECT count(*) FROM (SELECT * FROM {reader}, store_rejects=true))").fetchall()
        broken = connection.execute(
            "SELECT line, any_value(error_message) FROM reject_errors GROUP BY line ORDER BY line "
            f"LIMIT {SHOWN_FAULTS}"
        ).fetchall()
    except duckdb.Error as error:
        raise UnreadableFile(f"{path} is not a readable CSV file: {_first_line(error)}") from error
    if broken:
        raise UnreadableFile(
            f"{path} has lines that do not fit its header (first: line {broken[0][0]})",
            hint="give every line the header's number of columns; put values that contain the "
            "delimiter or line breaks in double quotes",
            faults=[Fault(f"line {line}", _first_line(message)) for line, message in broken],
        )


def _first_line(error: object) -> str:
    return str(error).strip().splitlines()[0]


def _csv_header(text: Path, path: Path) -> tuple[tuple[str, ...], str]:
    with text.open(encoding="utf-8", newline="") as stream:
        line = stream.readline(1 << 20)
        delimiter = max(",;\t|", key=line.count)
        stream.seek(0)
        try:
            names = next(csv.reader(stream, delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise UnreadableFile(f"the header of {path} is not CSV: {error}") from error
    return _header(names, path), delimiter


def _header(names: list[str], path: Path) -> tuple[str, ...]:
    header = tuple(name.strip() for name in names)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice or "" in header:
        what = (
            f"names a column twice: {', '.join(twice)}"
            if twice and twice != [""]
            else "has a column without a name"
        )
        raise UnreadableFile(f"the header of {path} {what}", hint="give every column its own name in row 1")
    return header


def _utf8(path: Path, encoding: str | None, scratch: Path) -> Path:
    """Return a file with the same text in UTF-8 without a byte order mark: `path` itself if it is that."""
    chosen = encoding or _detect(path)
    if chosen == "utf-8":
        return path
    target = scratch / "source.utf8"
    try:
        decoder = codecs.getincrementaldecoder(chosen)("strict")
    except LookupError as error:
        raise UnknownEncoding(
            f"there is no encoding {chosen!r}", hint="for example: --encoding gb18030"
        ) from error
    done = 0
    try:
        with path.open("rb") as source, target.open("w", encoding="utf-8", newline="") as out:
            for block in _blocks(source):
                out.write(decoder.decode(block))
                done += len(block)
            out.write(decoder.decode(b"", final=True))
    except UnicodeDecodeError as error:
        raise UnknownEncoding(
            f"{path} is not {chosen}: byte 0x{error.object[error.start]:02x} "
            f"near offset {done + error.start}",
            hint="name the right encoding, for example --encoding gb18030 or --encoding utf-16",
        ) from error
    return target


def _detect(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(4)
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    ):  # fmt: skip
        if head.startswith(mark):
            return name
    if _decodes(path, "utf-8"):
        return "utf-8"
    if _decodes(path, "gb18030") and _reads_as_chinese(path):
        return "gb18030"
    raise UnknownEncoding(
        f"{path} is not UTF-8, and its encoding can't be told with certainty",
        hint="name it, for example --encoding gb18030, --encoding big5 or --encoding windows-1252",
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as stream:
            for block in _blocks(stream):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


_COMMON = re.compile(r"[一-鿿\u3000-〿\uff00-\uffef]")


def _reads_as_chinese(path: Path) -> bool:
    """Tell whether the text beyond ASCII is common Chinese: GB 18030 alone decodes almost anything."""
    with path.open("rb") as stream:
        text = stream.read(BLOCK).decode("gb18030", errors="ignore")
    beyond = [character for character in text if ord(character) > 0x7F]
    common = sum(1 for character in beyond if _COMMON.match(character))
    return bool(beyond) and common >= 0.95 * len(beyond) and _level_one_share(beyond) >= 0.5


def _level_one_share(characters: list[str]) -> float:
    """Return the share of characters in GB 2312's first level, the 3,755 in everyday use."""
    everyday = 0
    for character in characters:
        encoded = character.encode("gb18030")
        everyday += len(encoded) == 2 and 0xA1 <= encoded[0] <= 0xD7 and encoded[1] >= 0xA1
    return everyday / len(characters)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        yield block

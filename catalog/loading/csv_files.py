"""CSV files: any delimiter, any line ends, and the line's number where one does not fit."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import duckdb

from catalog.engine import literal, located
from catalog.loading import encodings
from catalog.loading.sources import Source, UnreadableFile, first_line, require_header
from standards.errors import Fault

SHOWN_FAULTS = 20
MAX_LINE_BYTES = 1 << 24
MAX_HEADER = 1 << 20

# What the engine reads, Python must be able to look at; the limit is one per process.
csv.field_size_limit(MAX_LINE_BYTES)


def open_csv(
    connection: duckdb.DuckDBPyConnection, path: Path, encoding: str | None, scratch: Path
) -> Source:
    """Return the file's rows, registered on `connection`. Raises UnreadableFile, UnknownEncoding."""
    text = encodings.in_utf8(path, encoding, scratch)
    header, delimiter = _head(text, path)
    reader = _reader(text, header, delimiter)
    if _refusal(connection, reader) is not None:
        # For its line ends, perhaps: the engine reads one kind in a file.
        text = _with_one_line_end(text, scratch / "source.lines")
        reader = _reader(text, header, delimiter)
        if (error := _refusal(connection, reader)) is not None:
            raise _explained(error, text, delimiter, len(header), path) from error
    connection.execute(f"CREATE TEMP VIEW source AS SELECT * FROM {reader})")
    return Source("source", header, first_row=2, text=text, delimiter=delimiter)


def _reader(text: Path, header: tuple[str, ...], delimiter: str) -> str:
    """Return the call that reads the file, without its closing parenthesis."""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header)
    return (
        f"read_csv({located(text)}, auto_detect=false, header=true, delim={literal(delimiter)}, "
        f"quote='\"', escape='\"', nullstr='', columns={{{columns}}}, null_padding=false, "
        f"strict_mode=true, max_line_size={MAX_LINE_BYTES}, compression='none', hive_partitioning=false"
    )


def _refusal(connection: duckdb.DuckDBPyConnection, reader: str) -> duckdb.Error | None:
    try:
        connection.execute(f"SELECT count(*) FROM {reader})").fetchall()
    except duckdb.Error as error:
        return error
    return None


def _explained(error: duckdb.Error, text: Path, delimiter: str, width: int, path: Path) -> UnreadableFile:
    """Return what is wrong with the file, with the first lines that do not fit its header."""
    faults = list(islice(_misfits(text, delimiter, width), SHOWN_FAULTS))
    if not faults:
        return UnreadableFile(
            f"{path} is not a readable CSV file: {first_line(error)}",
            hint="put values that contain quotes, the delimiter or line breaks in double quotes",
        )
    return UnreadableFile(
        f"{path} has lines that do not fit its header (first: {faults[0].pointer})",
        hint="give every line the header's number of columns; put values that contain the delimiter or line "
        "breaks in double quotes",
        faults=faults,
    )


def _misfits(text: Path, delimiter: str, width: int) -> Iterator[Fault]:
    """Yield the lines, as an editor counts them, where a row of another width begins."""
    with text.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream, delimiter=delimiter, strict=True)
        line = 1
        try:
            for cells in rows:
                if cells and len(cells) != width:
                    yield Fault(f"line {line}", f"columns: {len(cells)}, where the header has {width}")
                line = rows.line_num + 1
        except csv.Error as error:
            yield Fault(f"line {line}", str(error))


def _with_one_line_end(text: Path, target: Path) -> Path:
    """Return the file with a line feed at the end of every line outside quotes, copied if need be."""
    with text.open("rb") as source:
        if not any(b"\r" in block for block in encodings.blocks(source)):
            return text
    inside, held = False, b""
    with text.open("rb") as source, target.open("wb") as out:
        for block in encodings.blocks(source):
            block, held = held + block, b""
            if block.endswith(b"\r"):  # its line feed may be the next block's first byte
                block, held = block[:-1], b"\r"
            for index, part in enumerate(block.split(b'"')):
                inside ^= index > 0
                out.write(b'"' if index else b"")
                out.write(part if inside else part.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
        out.write(held)
    return target


def _head(text: Path, path: Path) -> tuple[tuple[str, ...], str]:
    with text.open(encoding="utf-8", newline="") as stream:
        line = stream.readline(MAX_HEADER)
        if len(line) == MAX_HEADER:
            raise UnreadableFile(
                f"the header of {path} is longer than a header can be",
                hint="give the columns' names in line 1, and data below",
            )
        delimiter = max(",;\t|", key=re.sub('"[^"]*"', "", line).count)
        stream.seek(0)
        try:
            names = next(csv.reader(stream, delimiter=delimiter, strict=True), [])
        except csv.Error as error:
            raise UnreadableFile(
                f"the header of {path} is not CSV: {error}", hint="give the columns' names in line 1"
            ) from error
    if not any(name.strip() for name in names):
        raise UnreadableFile(
            f"{path} is empty, or its first line is", hint="give the columns' names in line 1, data below"
        )
    return require_header(names, path), delimiter

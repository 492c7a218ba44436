"""CSV files: any delimiter, any line ends, and the line's number where one does not fit."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import duckdb

from catalog import encodings
from catalog.engine import literal, located
from catalog.sources import Source, UnreadableFile, first_line, require_header
from standards.errors import Fault

SHOWN_FAULTS = 20


def open_csv(
    connection: duckdb.DuckDBPyConnection, path: Path, encoding: str | None, scratch: Path
) -> Source:
    """Return the file's rows, registered on `connection`. Raises UnreadableFile, UnknownEncoding."""
    text = encodings.in_utf8(path, encoding, scratch)
    header, delimiter = _head(text, path)
    try:
        reader = _reader(text, header, delimiter)
        _refuse_broken_lines(connection, reader, text, path)
    except _MixedLineEnds:
        text = _with_one_line_end(text, scratch / "source.lines")
        reader = _reader(text, header, delimiter)
        _refuse_broken_lines(connection, reader, text, path)
    connection.execute(f"CREATE TEMP VIEW source AS SELECT * FROM {reader})")
    return Source("source", header, first_row=2, text=text, delimiter=delimiter)


def _reader(text: Path, header: tuple[str, ...], delimiter: str) -> str:
    """Return the call that reads the file, without its closing parenthesis."""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header)
    return (
        f"read_csv({located(text)}, auto_detect=false, header=true, delim={literal(delimiter)}, "
        f"quote='\"', escape='\"', nullstr='', columns={{{columns}}}, null_padding=false, "
        "strict_mode=true, max_line_size=16777216, compression='none', hive_partitioning=false"
    )


class _MixedLineEnds(Exception):
    """The engine reads one kind of line end per file, and this file has two."""


def _refuse_broken_lines(connection: duckdb.DuckDBPyConnection, reader: str, text: Path, path: Path) -> None:
    try:
        connection.execute(f"SELECT count(*) FROM (SELECT * FROM {reader}, store_rejects=true))").fetchall()
        broken = connection.execute(
            "SELECT line_byte_position, any_value(error_message) FROM reject_errors GROUP BY ALL ORDER BY 1 "
            f"LIMIT {SHOWN_FAULTS}"
        ).fetchall()
    except duckdb.Error as error:
        if "state machine reached an invalid state" in str(error) and text.name != "source.lines":
            raise _MixedLineEnds from error
        raise UnreadableFile(
            f"{path} is not a readable CSV file: {first_line(error)}",
            hint="put values that contain quotes, the delimiter or line breaks in double quotes",
        ) from error
    if broken:
        lines = _line_numbers(text, [position for position, _ in broken])
        raise UnreadableFile(
            f"{path} has lines that do not fit its header (first: line {lines[0]})",
            hint="give every line the header's number of columns; put values that contain the "
            "delimiter or line breaks in double quotes",
            faults=[
                Fault(f"line {line}", first_line(message))
                for line, (_, message) in zip(lines, broken, strict=True)
            ],
        )


def _line_numbers(text: Path, positions: list[int]) -> list[int]:
    """Return the lines, as an editor counts them, on which these ascending byte positions lie."""
    lines, line = [], 1
    with text.open("rb") as stream:
        for position in positions:
            passed = stream.read(position - stream.tell())
            line += len(re.findall(rb"\r\n|\r|\n", passed))
            lines.append(line)
    return lines


def _with_one_line_end(text: Path, target: Path) -> Path:
    """Return a copy of the file in which every line outside quotes ends with a line feed."""
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
        line = stream.readline(1 << 20)
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

"""What every kind of source file becomes: a relation of text columns, under a header people can trust."""

from __future__ import annotations

import csv
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catalog.gates.models import GateAction
from standards import digests
from standards.digests import Digest
from standards.errors import Fault, InvalidInput


class UnreadableFile(InvalidInput):
    """The file is missing, empty, damaged or of a kind that can't be read."""

    code = "unreadable-file"


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file where it does not say so itself; `gate` is stricter than its dataset's."""

    encoding: str | None = None
    sheet: str | None = None
    gate: GateAction | None = None


@dataclass(frozen=True)
class Source:
    """A file as a relation of text columns.

    `sql` is a table expression; `first_row` is the number that people see beside its first data row: 2 where
    a header stands above it, and then it is a row of the file, while a version's rows begin with 1;
    `unusable` says of columns that can't be read as values why not, for whoever needs them.
    """

    sql: str
    columns: tuple[str, ...]
    first_row: int
    unusable: Mapping[str, Fault] = field(default_factory=dict)
    text: Path | None = None
    delimiter: str = ","

    def row(self, number: int) -> str:
        """Return a row's name by the number that people see beside it."""
        return f"file row {number}" if self.first_row > 1 else f"row {number}"

    def named(self, records: Collection[int]) -> dict[int, str]:
        """Return the names of these records (counted from 1)."""
        return {record: self.row(number) for record, number in self.row_numbers(records).items()}

    def row_numbers(self, records: Collection[int]) -> dict[int, int]:
        """Return what people see beside these records (counted from 1): blank lines of a CSV count too."""
        numbers = {record: record + self.first_row - 1 for record in records}
        if self.text is None or len(self.columns) == 1 or not records:
            return numbers
        record = -1  # the header
        with self.text.open(encoding="utf-8", newline="") as stream:
            try:
                for number, cells in enumerate(csv.reader(stream, delimiter=self.delimiter), start=1):
                    record += bool(cells)
                    if cells and record in numbers:
                        numbers[record] = number
                    if record >= max(records):
                        break
            except csv.Error:  # a cell beyond the reader's limit: the plain count stays
                pass
        return numbers


def require_header(names: list[str], path: Path) -> tuple[str, ...]:
    """Return the columns' names. Raises UnreadableFile unless each has its own."""
    header = tuple(name.strip() for name in names)
    if "" in header:
        raise UnreadableFile(
            f"the header of {path} has a column without a name ({header.index('') + 1} of {len(header)})",
            hint="give every column its own name in row 1",
        )
    folded = [name.casefold() for name in header]  # the engine tells no case apart
    if twice := sorted({name for name in header if folded.count(name.casefold()) > 1}):
        raise UnreadableFile(
            f"the header of {path} names a column twice: {', '.join(twice)}",
            hint="give every column its own name in row 1; upper and lower case do not tell two apart",
        )
    return header


def first_line(error: object) -> str:
    """Return what an engine's error says before it quotes our SQL."""
    return str(error).strip().splitlines()[0]


def state(path: Path) -> tuple[int, int, int]:
    """Return what changes when a file does. Raises UnreadableFile for what is no file: it is read twice."""
    try:
        said = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(said.st_mode):
        raise UnreadableFile(
            f"{path} is not a regular file",
            hint="write what a pipe or a device yields to a file and load that",
        )
    return said.st_ino, said.st_mtime_ns, said.st_size


def digest(path: Path) -> Digest:
    """Return the digest of the file. Raises UnreadableFile."""
    try:
        return digests.of_file(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> UnreadableFile:
    return UnreadableFile(
        f"{path} can't be read: {error.strerror}", hint="check the path and its permissions"
    )

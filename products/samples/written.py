"""Writing a sample file whole or not at all, and what comes back about it."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from standards import digests
from standards.digests import Digest
from standards.errors import InvalidInput


class SampleNotWritable(InvalidInput):
    """The sample file can't be written where it was asked for."""

    code = "sample-not-writable"


class SampleWritten(BaseModel):
    """A sample file that was written, and what one must say when passing it on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    rows: int
    digest: Digest
    title: str
    source: str
    licence: str
    authors: tuple[str, ...]
    synthetic: bool


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[int, Digest]:
    """Write UTF-8 CSV with line feeds, row by row; return the number of rows and the file's digest.

    The rows go to a file beside `path` that takes its name at the end, so `path` is never half written.
    Raises SampleNotWritable.
    """
    if not path.parent.is_dir():
        raise SampleNotWritable(
            f"the folder {path.parent} does not exist", hint=f"create it: mkdir -p {path.parent}"
        )
    part = path.parent / f".{uuid.uuid4().hex}.part"  # short, whatever the length of the name wanted
    try:
        count = _write(part, header, rows)
        digest = digests.of_file(part)
        part.replace(path)
    except OSError as error:
        raise SampleNotWritable(
            f"{path} can't be written: {error.strerror or error}", hint="choose a folder you may write to"
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return count, digest


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    count = 0
    with path.open("x", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(header)
        for row in rows:
            table.writerow(row)
            count += 1
    return count

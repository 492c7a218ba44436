"""New files: there whole or not at all, and never in the place of another."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PRIVATE = 0o600


class PathTaken(FileExistsError):
    """There is a file at the path."""


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yield where to write what is to lie at `path`: it is there when the block ends, on the disk.

    Its folder is made. Raises PathTaken; any other OSError says that nothing can be written there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{secrets.token_hex(8)}.new")
    try:
        yield draft
        _sync(draft)
        try:
            os.link(draft, path)  # unlike a rename, refuses to replace
        except FileExistsError as error:
            raise PathTaken(error.errno, error.strerror, str(path)) from error
    finally:
        draft.unlink(missing_ok=True)


def write_new(path: Path, content: bytes) -> None:
    """Write a new file that its owner alone may read. Raises as `new_file`."""
    with new_file(path) as draft:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

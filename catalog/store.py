"""The object store: bytes under their SHA-256, written once, never changed."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from standards import digests
from standards.digests import Digest
from standards.errors import NotFound, Unavailable, VerificationFailed

_INCOMING, _DERIVED = ".incoming-", "derived"
_FOLDER, _OBJECT = 0o700, 0o400
UNUSED_AFTER_SECONDS = 30 * 24 * 3600
"""What was derived and nobody asked for in so long is removed: it can be made again."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
LEFTOVER_AFTER_SECONDS = 24 * 3600
"""Nothing takes a day to come in: a scratch folder this old belongs to nobody."""


class ObjectNotFound(NotFound):
    """The store holds nothing under this digest."""

    code = "object-not-found"


class ObjectDamaged(VerificationFailed):
    """The bytes under a digest are not those that were stored."""

    code = "object-damaged"


class StoreUnavailable(Unavailable):
    """The store's folder can't be read or written."""

    code = "store-unavailable"


@dataclass(frozen=True)
class StoredObject:
    """What `put` stored: digest and size."""

    digest: Digest
    size_bytes: int


class FolderStore:
    """A content-addressed store in a folder: `ab/abcdef…`, read-only files that only its account sees.

    An object appears whole or not at all: it is written aside, synced, then renamed into place.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[Digest, tuple[int, int, int]] = {}

    def prepare(self) -> None:
        """Create the folder, prove that it can be written, and drop what killed processes left in it.

        Raises StoreUnavailable.
        """
        with self._writable():
            self._root.parent.mkdir(parents=True, exist_ok=True)
            self._root.mkdir(mode=_FOLDER, exist_ok=True)
            with tempfile.TemporaryFile(dir=self._root):
                pass
            for leftover in self._root.glob(f"{_INCOMING}*"):
                if _untouched_seconds(leftover) > LEFTOVER_AFTER_SECONDS:
                    shutil.rmtree(leftover, ignore_errors=True)
            for derived in self._root.glob(f"{_DERIVED}/*"):
                if _untouched_seconds(derived) > UNUSED_AFTER_SECONDS:
                    derived.unlink(missing_ok=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Yield a folder on the store's own disk for files on their way in; it is removed at the end."""
        with self._writable():
            folder = tempfile.TemporaryDirectory(prefix=_INCOMING, dir=self._root, ignore_cleanup_errors=True)
        with folder as path, self._room():
            yield Path(path)

    def put(self, path: Path) -> StoredObject:
        """Move the finished file at `path` into the store and return its digest.

        `path` must lie on the store's disk (see `scratch`). The same bytes are stored once.
        """
        with self._writable():
            stored = StoredObject(digests.of_file(path), path.stat().st_size)
            target = self._place(stored.digest)
            if target.exists():
                path.unlink()
                return stored
            target.parent.mkdir(mode=_FOLDER, exist_ok=True)
            _sync(self._root)
            path.chmod(_OBJECT)
            _sync(path)
            path.replace(target)
            _sync(target.parent)
            return stored

    def put_bytes(self, data: bytes) -> StoredObject:
        """Store `data` and return its digest."""
        with self.scratch() as folder:
            (folder / "object").write_bytes(data)
            return self.put(folder / "object")

    def derived(self, name: str, build: Callable[[Path, Path], None]) -> Path:
        """Return a file that is made from objects and can be made again, under a name of what it is made of.

        If it isn't there, `build` writes it, with a scratch folder at hand; it appears whole or not at all.
        """
        target = self._root / _DERIVED / name
        if target.exists():
            with suppress(OSError):
                os.utime(target)  # it is used; on a read-only disk nothing is removed either
            return target
        with self.scratch() as folder:
            build(folder / "derived", folder)
            with self._writable():
                target.parent.mkdir(mode=_FOLDER, exist_ok=True)
                (folder / "derived").replace(target)
        return target

    def path(self, digest: Digest) -> Path:
        """Return where the object's bytes lie, to be read only. Raises ObjectNotFound, MalformedDigest."""
        place = self._place(digest)
        if not place.exists():
            raise ObjectNotFound(
                f"the object store at {self._root} holds nothing under {digest}",
                hint="restore the folder from its backup; the digest tells whether the right bytes came back",
            )
        return place

    def intact(self, digest: Digest) -> Path:
        """Return where the object's bytes lie, having hashed them: what is made from them cites the digest.

        Raises ObjectNotFound, ObjectDamaged, StoreUnavailable.
        """
        place = self.path(digest)
        try:
            state = _state(place)  # before the bytes: what changes meanwhile is hashed again
            found = digests.of_file(place)
        except OSError as error:
            raise StoreUnavailable(
                f"the object {digest} at {self._root} can't be read: {error.strerror or error}",
                hint="check the disk, or restore the folder from its backup",
            ) from error
        if found != digest:
            raise ObjectDamaged(
                f"the bytes stored under {digest} now have the digest {found}",
                hint=f"restore {place} from a backup; the digest tells whether the right bytes came back",
            )
        self._seen[digests.parse(digest)] = state
        return place

    def unchanged(self, digest: Digest) -> Path:
        """Return where the object's bytes lie, hashed unless the file is as it was when they last were.

        For what is read at every request: a disk that rots without touching inode, time and size is found
        by `intact`. Raises as `intact` does.
        """
        place = self.path(digest)
        try:
            if self._seen.get(digests.parse(digest)) == _state(place):
                return place
        except OSError:
            pass  # `intact` says what is wrong
        return self.intact(digest)

    def _place(self, digest: Digest) -> Path:
        name = digests.parse(digest)  # it may come from an URL: nothing else may become a path
        return self._root / name[:2] / name

    @contextmanager
    def _room(self) -> Iterator[None]:
        """A full disk is the store's fault, whoever was writing; other trouble is the writer's own."""
        try:
            yield
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            raise StoreUnavailable(
                f"the object store at {self._root} has no room: {error.strerror}",
                hint="free disk space, or set SHUIZE_STORE to another folder",
            ) from error

    @contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreUnavailable(
                f"the object store at {self._root} can't be written: {error.strerror or error}",
                hint="make the folder writable, free disk space, or set SHUIZE_STORE to another folder",
            ) from error


def _state(path: Path) -> tuple[int, int, int]:
    """Return what changes when a file does: its inode, its time of change in ns, its size."""
    said = path.stat()
    return said.st_ino, said.st_mtime_ns, said.st_size


def _untouched_seconds(folder: Path) -> float:
    """Return how long ago the folder or a file in it was last written."""
    newest = max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
    return time.time() - newest


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

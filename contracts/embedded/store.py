"""The chain's file: a key-value table in SQLite that py-evm reads and writes.

Everything a block adds goes into one SQLite transaction, on the disk before `writing` returns. Most keys are
hashes of what they hold, so nothing is ever deleted and a reader needs no lock to see whole blocks. What is
read under a hash must have that hash: so all that is told of a block follows from the hash of the head, and
who edits the file is found out by whoever noted that.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

from eth.abc import AtomicWriteBatchAPI
from eth.db.backends.base import BaseAtomicDB
from eth_utils.crypto import keccak

from standards.errors import Conflict, InvalidInput, NotFound, Unavailable
from standards.new_files import PathTaken, new_file
from standards.sqlite_files import read_only_options

_APPLICATION_ID = 0x53485A43  # "SHZC" in the file's header tells this file from other SQLite files
_FORMAT = 1
_BUSY_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_SCHEMA = """
CREATE TABLE node (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

_HASH_BYTES = 32
_KEPT = 65_536  # values under a hash never change, so they may be kept: some ten megabytes

BUSY_SECONDS = 30.0
"""How long a writer waits for the one before it."""


class ChainFileMissing(NotFound):
    """There is no chain file at the path."""

    code = "chain-file-missing"


class ChainFileExists(Conflict):
    """A new chain can't take the place of a file."""

    code = "chain-file-exists"


class ChainFileUnreadable(InvalidInput):
    """The file is no chain, or a damaged one."""

    code = "chain-file-unreadable"


class ChainFileUnavailable(Unavailable):
    """The chain file can't be read or written at the moment."""

    code = "chain-file-unavailable"


class Store(BaseAtomicDB):
    """One connection to a chain file. Threads take turns: they wait on entering `reading` and `writing`."""

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Open the file. Raises ChainFileMissing, ChainFileUnreadable or ChainFileUnavailable."""
        self.path = path
        self._busy_seconds = busy_seconds
        self._turn = threading.RLock()
        self._pending: dict[bytes, bytes] | None = None
        self._kept: dict[bytes, bytes] = {}
        if not path.is_file():
            raise ChainFileMissing(f"no chain file at {path}", hint="create one first, or mend the path")
        with _translated(path):
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?{urlencode(read_only_options(path) or {'mode': 'rw'})}",
                uri=True,
                timeout=busy_seconds,
                isolation_level=None,
                check_same_thread=False,
            )
        try:
            self._check()
        except BaseException:
            self._connection.close()
            raise

    def _check(self) -> None:
        with _translated(self.path):
            # A foreign file must not be changed, so the pragma that can write comes after this check.
            (application,) = self._connection.execute("PRAGMA application_id").fetchone()
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
            if (application, version) != (_APPLICATION_ID, _FORMAT):
                raise ChainFileUnreadable(
                    f"{self.path} is not a chain file of format {_FORMAT}",
                    hint="give the path of a chain file, or create a new one beside it",
                )
            self._connection.execute("PRAGMA synchronous = FULL")

    def close(self) -> None:
        """Close the connection; the store is of no use afterwards."""
        with self._turn:
            self._connection.close()

    def fact(self, name: str) -> str:
        """Return a fact written at creation. Raises ChainFileUnreadable if it is missing."""
        with _translated(self.path):
            row = self._connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise ChainFileUnreadable(f"{self.path} lacks its {name}", hint="restore the file from a backup")
        return cast("str", row[0])

    # ----------------------------------------------------------------------------------------- transactions

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See one state of the file throughout, and let no other thread in."""
        with self._turn, _translated(self.path):
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one writer among all processes. What was set is on the disk afterwards, all or none of it.

        Raises ChainFileUnavailable if another writer does not finish in time.
        """
        if not self._turn.acquire(timeout=self._busy_seconds):
            raise _busy(self.path)
        try:
            with _translated(self.path):
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    self._pending = {}
                    yield
                    self._connection.executemany("REPLACE INTO node VALUES (?, ?)", self._pending.items())
                    self._connection.execute("COMMIT")
                finally:
                    self._pending = None
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
        finally:
            self._turn.release()

    @contextmanager
    def atomic_batch(self) -> Iterator[AtomicWriteBatchAPI]:
        """Yield the store itself: the transaction around it is what makes the batch atomic."""
        yield cast("AtomicWriteBatchAPI", self)

    # ---------------------------------------------------------------------------------------- keys and values

    def __getitem__(self, key: bytes) -> bytes:
        if self._pending is not None and key in self._pending:
            return self._pending[key]
        if key in self._kept:
            return self._kept[key]
        row = self._connection.execute("SELECT value FROM node WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(key)
        value = cast("bytes", row[0])
        if len(key) == _HASH_BYTES:
            self._require_hash(key, value)
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[key] = value
        return value

    def _require_hash(self, key: bytes, value: bytes) -> None:
        if keccak(value) != key:
            raise ChainFileUnreadable(
                f"{self.path} was changed: what it holds under the hash 0x{key.hex()} has another one",
                hint="nothing it says can be relied on; restore the file from a backup",
            )

    def entries(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every key and value of the file. Call it inside `reading`."""
        yield from self._connection.execute("SELECT key, value FROM node")

    def _exists(self, key: bytes) -> bool:
        try:
            self[key]
        except KeyError:
            return False
        return True

    def __setitem__(self, key: bytes, value: bytes) -> None:
        if self._pending is None:
            raise AssertionError("the chain is written inside Store.writing only")
        self._pending[key] = value

    def __delitem__(self, key: bytes) -> None:
        raise AssertionError("nothing is ever deleted from the chain")


def create(path: Path, facts: dict[str, str], nodes: dict[bytes, bytes]) -> None:
    """Write a new chain file in one step: it is there whole, or not at all.

    Raises ChainFileExists, or ChainFileUnavailable if the folder can't be written.
    """
    with _translated(path):
        try:
            with new_file(path) as draft:
                _write_draft(draft, facts, nodes)
        except PathTaken as error:
            raise ChainFileExists(f"{path} exists already", hint="use it, or choose another path") from error


def _write_draft(draft: Path, facts: dict[str, str], nodes: dict[bytes, bytes]) -> None:
    connection = sqlite3.connect(draft, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(_SCHEMA)
        connection.executemany("INSERT INTO fact VALUES (?, ?)", facts.items())
        connection.executemany("INSERT INTO node VALUES (?, ?)", nodes.items())
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {_FORMAT}")
    finally:
        connection.close()


def _busy(path: Path) -> ChainFileUnavailable:
    return ChainFileUnavailable(f"another writer holds {path}", hint="try again once it has finished")


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Let no error of SQLite or the file system leave as itself."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _BUSY_CODES:
            raise _busy(path) from error
        raise ChainFileUnavailable(
            f"the chain file {path} can't be used: {error}",
            hint="check that the file and its folder can be written and the disk has room",
        ) from error
    except sqlite3.ProgrammingError:
        raise  # a fault of ours, such as use after close
    except sqlite3.DatabaseError as error:
        raise ChainFileUnreadable(
            f"{path} is damaged or no chain file: {error}", hint="restore the file from a backup"
        ) from error
    except OSError as error:
        raise ChainFileUnavailable(
            f"the chain file {path} can't be used: {error.strerror or error}",
            hint="check that the folder exists and can be written",
        ) from error

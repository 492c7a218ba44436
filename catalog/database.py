"""The SQL database: SQLite by default, PostgreSQL by its URL; migrations; transactions; taking turns."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from catalog import postgresql
from catalog.database_errors import (
    BadDatabaseUrl,
    DatabaseBusy,
    DatabaseConflict,
    DatabaseDamaged,
    DatabaseDriverMissing,
    DatabaseNotReady,
    DatabaseUnavailable,
    DatabaseUnsuitable,
    UnstorableValue,
    named,
)
from standards.sqlite_files import read_only_options

__all__ = [
    "BadDatabaseUrl",
    "Clock",
    "Database",
    "DatabaseBusy",
    "DatabaseConflict",
    "DatabaseDamaged",
    "DatabaseDriverMissing",
    "DatabaseNotReady",
    "DatabaseUnavailable",
    "DatabaseUnsuitable",
    "UnstorableValue",
    "take_turns",
    "utc_now",
]

Clock = Callable[[], datetime]
_MIGRATIONS = Path(__file__).parent / "migrations"
_REVISION = re.compile(r'^(down_)?revision = "(.+)"$', re.MULTILINE)
_ENCODER = json.JSONEncoder(allow_nan=False)
PRIVATE = 0o600
"""The mode of a new SQLite file: it holds names, shares and findings."""
LOCK_WAIT_SECONDS = postgresql.LOCK_WAIT_SECONDS


def utc_now() -> datetime:
    """Return the present instant, in UTC, without microseconds: what people and chains agree on."""
    return datetime.now(UTC).replace(microsecond=0)


def take_turns(session: Session, *what: str) -> None:
    """Wait until no other transaction has the turn for each, in this order; the caller's keeps it to its end.

    For what is looked up and then decided upon, a row that may not be there yet above all. On SQLite nothing
    is to be waited for: a writing transaction has every turn from its beginning.
    """
    if session.get_bind().dialect.name == "postgresql":
        postgresql.wait_turns(session.connection(), *what)


class Database:
    """Transactions on one database. `read` sees one state and blocks nobody; `write` is alone on SQLite.

    On a read-only file system an SQLite file is read all the same, and `write` raises DatabaseUnavailable.
    """

    def __init__(self, url: str) -> None:
        self._url = _parsed(url)
        self._is_file = self._url.get_backend_name() == "sqlite"
        if self._is_file:
            self._engine = reading = _sqlite(self._url)
            glancing: dict[str, Any] = {"sqlite_begin": None}
        else:
            self._engine = postgresql.engine(self._url, _json)
            reading = postgresql.reading(self._engine)
            glancing = {"isolation_level": "AUTOCOMMIT"}
        self._glancing = self._engine.execution_options(**glancing)
        self._writing = self._engine.execution_options(sqlite_begin="IMMEDIATE")
        self._readers = sessionmaker(reading, expire_on_commit=False)
        self._writers = sessionmaker(self._writing, expire_on_commit=False)

    @property
    def engine(self) -> sa.Engine:
        """The engine, for migrations and their tests."""
        return self._engine

    @property
    def files(self) -> tuple[Path, ...]:
        """The database's files on this machine, whether or not they are there; none on PostgreSQL."""
        if not (self._is_file and self._url.database):
            return ()
        path = Path(self._url.database)
        return tuple(path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm"))

    @property
    def label(self) -> str:
        """The database's address without what may be secret: password and options."""
        return self._url.set(query={}).render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that only reads."""
        with self._answering(), self._readers() as session:
            yield session

    @contextmanager
    def glance(self) -> Iterator[sa.Connection]:
        """Yield a connection for one statement that only reads: it needs no transaction, which costs more."""
        with self._answering(), self._glancing.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session whose work is committed when the block ends, or undone by its exception."""
        with self._answering(), self._writers.begin() as session:
            yield session

    def upgrade(self, revision: str = "head") -> None:
        """Bring the database to a revision, the newest by default; one already there is left alone.

        Raises DatabaseUnavailable, DatabaseUnsuitable, DatabaseNotReady.
        """
        from alembic import command
        from alembic.util.exc import CommandError

        try:
            with self._answering(), self._writing.begin() as connection:  # two may start at once
                if not self._is_file:
                    postgresql.require_suitable(connection, self.label)
                    postgresql.wait_turns(connection, "upgrade")
                command.upgrade(_alembic(connection), revision)
        except CommandError as error:
            raise DatabaseNotReady(
                f"the catalog at {self.label} was written by another version of this program: {error}",
                hint="use that version, or a newer one",
            ) from error

    def require_current(self) -> None:
        """Raise DatabaseNotReady unless the database is at the newest revision."""
        with self._answering(), self._engine.connect() as connection:
            has_any = sa.inspect(connection).has_table("alembic_version")
            noted = sa.text("SELECT version_num FROM alembic_version")
            present = connection.scalar(noted) if has_any else None
        if present != (newest := newest_revision()):
            raise DatabaseNotReady(
                f"the catalog at {self.label} is at revision {present or 'none'}; "
                f"this program needs {newest}",
                hint="run: shuize init",
            )

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            expected = named(error, self.label)
            if expected is None:
                raise
            raise expected from error
        except (OverflowError, UnicodeEncodeError) as error:  # drivers raise these bare
            is_text = isinstance(error, UnicodeEncodeError)
            raise UnstorableValue(
                f"the catalog at {self.label} can't hold a value: {error}",
                hint="give text that is Unicode, without halves of characters"
                if is_text
                else "give a smaller number",
            ) from error


def newest_revision() -> str:
    """Return the revision that no other follows. Alembic says so too, and takes a tenth of a second."""
    files = (_MIGRATIONS / "versions").glob("*.py")
    said = _REVISION.findall("\n".join(path.read_text("utf-8") for path in files))
    newest: str
    (newest,) = {name for key, name in said if not key} - {name for key, name in said if key}
    return newest


def _parsed(url: str) -> sa.URL:
    """Return the parsed URL. It may hold a password: it is not quoted, nor any error that quotes it."""
    try:
        parsed = sa.make_url(url)
        known = parsed.drivername in ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")
    except (sa.exc.ArgumentError, ValueError):
        known = False
    if not known:
        raise BadDatabaseUrl(
            "the database URL can't be used: it is not of a known form",
            hint="give sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME; in a password write "
            "@ as %40, / as %2F, : as %3A",
        )
    return parsed


def _json(document: object) -> str:
    try:
        return _ENCODER.encode(document)
    except ValueError as error:
        raise UnstorableValue(
            "a document holds NaN or infinity, which JSON has no words for", hint="leave the value out"
        ) from error


def _sqlite(url: sa.URL) -> sa.Engine:
    pragmas = ["journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"]
    path = Path(url.database or "").absolute()
    if (options := read_only_options(path)) is not None:
        url = url.set(database=path.as_uri()).update_query_dict(options | {"uri": "true"})
        pragmas.remove("journal_mode=WAL")
    engine = sa.create_engine(url, connect_args={"timeout": LOCK_WAIT_SECONDS}, json_serializer=_json)

    if not url.query and url.database not in (None, "", ":memory:"):

        @sa.event.listens_for(engine, "do_connect")
        def _make(*_connecting: object) -> None:
            # Only a file that is not there: to close one that is open elsewhere in this process would drop
            # SQLite's locks on it. SQLite lends its own files the mode of this one, and says what is wrong.
            with suppress(OSError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE))

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy says BEGIN itself, below
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        if kind is not None:
            connection.exec_driver_sql(f"BEGIN {kind}")

    return engine


def _alembic(connection: sa.Connection) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config

"""The SQL database: SQLite by default, PostgreSQL by its URL; migrations; transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from standards.errors import Conflict, Unavailable

Clock = Callable[[], datetime]
LOCK_WAIT_SECONDS = 30


class DatabaseUnavailable(Unavailable):
    """The database did not open, did not answer, or stayed locked."""

    code = "database-unavailable"


class DatabaseNotReady(Unavailable):
    """The database has not been brought to this version of the program."""

    code = "database-not-ready"


class DatabaseConflict(Conflict):
    """Somebody else stored the same thing at the same moment."""

    code = "database-conflict"


def utc_now() -> datetime:
    """Return the present instant, in UTC, without microseconds: what people and chains agree on."""
    return datetime.now(UTC).replace(microsecond=0)


class Database:
    """Transactions on one database. `read` never blocks a writer; `write` is exclusive on SQLite."""

    def __init__(self, url: str) -> None:
        try:
            self._url = sa.make_url(url)
            is_file = self._url.get_backend_name() == "sqlite"
            self._engine = _sqlite(self._url) if is_file else _server(self._url)
        except (sa.exc.ArgumentError, ImportError) as error:  # the URL may hold a password: it is not quoted
            raise DatabaseUnavailable(
                f"the database URL can't be used: {type(error).__name__}",
                hint="give sqlite:///FILE, or postgresql+psycopg://… with the extra `postgres` installed",
            ) from error
        writing = self._engine.execution_options(sqlite_begin="IMMEDIATE")
        self._readers = sessionmaker(self._engine, expire_on_commit=False)
        self._writers = sessionmaker(writing, expire_on_commit=False)

    @property
    def engine(self) -> sa.Engine:
        """The engine, for migrations and their tests."""
        return self._engine

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that only reads."""
        with self._answering(), self._readers() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session whose work is committed when the block ends, or undone by its exception."""
        with self._answering(), self._writers.begin() as session:
            yield session

    def upgrade(self) -> None:
        """Bring the database to the newest revision; a database already there is left alone."""
        from alembic import command
        from alembic.util.exc import CommandError

        writing = self._engine.execution_options(sqlite_begin="IMMEDIATE")  # two may start at once
        try:
            with self._answering(), writing.begin() as connection:
                command.upgrade(_alembic(connection), "head")
        except CommandError as error:
            raise DatabaseNotReady(
                f"the catalog at {self._named()} was written by another version of this program: {error}",
                hint="use that version, or a newer one",
            ) from error

    def require_current(self) -> None:
        """Raise DatabaseNotReady unless the database is at the newest revision."""
        from alembic.runtime.migration import MigrationContext
        from alembic.script import ScriptDirectory

        with self._answering(), self._engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
            newest = ScriptDirectory.from_config(_alembic(connection)).get_current_head()
        if present != newest:
            raise DatabaseNotReady(
                f"the catalog at {self._named()} is at revision {present or 'none'}; "
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
        except sa.exc.IntegrityError as error:
            raise DatabaseConflict(
                f"the catalog at {self._named()} has this already, or lacks what it refers to: {error.orig}",
                hint="look at what is there, then try again",
            ) from error
        except (sa.exc.OperationalError, sa.exc.TimeoutError) as error:
            cause = getattr(error, "orig", None) or error
            if "no such table" in str(cause) or "no such column" in str(cause):
                raise DatabaseNotReady(
                    f"the catalog at {self._named()} lacks tables of this program: {cause}",
                    hint="run: shuize init",
                ) from error
            raise DatabaseUnavailable(
                f"the catalog at {self._named()} did not answer: {cause}",
                hint="check that it exists, is writable and not locked by another process",
            ) from error
        except sa.exc.DatabaseError as error:
            if "not a database" in str(error) or "malformed" in str(error):
                raise DatabaseUnavailable(
                    f"{self._named()} is damaged or is not a catalog: {error.orig}",
                    hint="restore it from a backup, or give another file",
                ) from error
            raise

    def _named(self) -> str:
        return self._url.render_as_string(hide_password=True)


def _sqlite(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": LOCK_WAIT_SECONDS})

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy says BEGIN itself, below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")

    return engine


def _server(url: sa.URL) -> sa.Engine:
    return sa.create_engine(
        url, pool_pre_ping=True, connect_args={"options": f"-c lock_timeout={LOCK_WAIT_SECONDS}s"}
    )


def _alembic(connection: sa.Connection) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config

"""PostgreSQL as the catalog wants it: its engine, what a database must be like, and taking turns."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from catalog.database_errors import DatabaseDriverMissing, DatabaseUnsuitable

LOCK_WAIT_SECONDS = 30
CONNECT_WAIT_SECONDS = 10
OLDEST = 15
_TURNS = sa.text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")
_RESTED_SECONDS = 0.1
_RESTS_SINCE = "shuize rests since"
_MAKE_ONE = "make one: createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 NAME"


def engine(url: sa.URL, to_json: Callable[[object], str]) -> sa.Engine:
    """Return an engine whose connections are tried before use, so that a restarted server is no matter.

    Not those that were in use a moment ago: no server restarts so fast, and asking is a tenth of a
    short transaction.

    Raises DatabaseDriverMissing.
    """
    options = f"-c lock_timeout={LOCK_WAIT_SECONDS}s -c timezone=UTC"
    theirs = url.query.get("options", ())  # what the URL says goes last, and wins
    said = " ".join((options, *((theirs,) if isinstance(theirs, str) else theirs)))
    wait = url.query.get("connect_timeout", str(CONNECT_WAIT_SECONDS))
    try:
        made = sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            json_serializer=to_json,
            connect_args={"options": said, "connect_timeout": wait, "client_encoding": "utf8"},
        )
    except ImportError as error:
        raise DatabaseDriverMissing(
            f"PostgreSQL is set, and its driver can't be loaded: {error}",
            hint="install it: pip install 'shuize[postgres]'",
        ) from error
    _try_if_rested(made)
    return made


def _try_if_rested(engine: sa.Engine) -> None:
    """Have a connection asked whether it still works if it has rested, and replaced if it does not."""

    @sa.event.listens_for(engine, "checkin")
    def _rests(_: object, record: Any) -> None:
        record.info[_RESTS_SINCE] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def _is_tried(connection: Any, record: Any, _: object) -> None:
        since = record.info.pop(_RESTS_SINCE, None)
        if since is None or time.monotonic() - since < _RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.DisconnectionError(str(error)) from error


def reading(engine: sa.Engine) -> sa.Engine:
    """Return the engine for transactions that only read: all their statements see one state, as on SQLite."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def require_suitable(connection: sa.Connection, where: str) -> None:
    """Raise DatabaseUnsuitable unless the server is new enough and the database is UTF-8 in code point order.

    Else Chinese text can't be stored, or lists come in another order on each machine.
    """
    major = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
    if major < OLDEST:
        raise DatabaseUnsuitable(
            f"{where} is on PostgreSQL {major}; the catalog needs {OLDEST} or newer",
            hint="upgrade the server, or use another",
        )
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise DatabaseUnsuitable(f"{where} is encoded in {encoding}, not UTF8", hint=_MAKE_ONE)
    if not connection.exec_driver_sql("SELECT 'B' < 'a' AND 'a-c' < 'ab'").scalar_one():
        raise DatabaseUnsuitable(
            f"{where} sorts text by the rules of a language, not by code points", hint=_MAKE_ONE
        )


def wait_turns(connection: sa.Connection, *what: str) -> None:
    """Wait until no other transaction has the turn for each, in order; this one keeps them until it ends."""
    keys = [int.from_bytes(hashlib.sha256(each.encode()).digest()[:8], "big", signed=True) for each in what]
    connection.execute(_TURNS, {"keys": keys})

"""What a database said, as an error with a name: by SQLSTATE on PostgreSQL, by its own words on SQLite."""

from __future__ import annotations

import sqlalchemy as sa

from standards.errors import Conflict, InvalidInput, ShuizeError, Unavailable


class DatabaseUnavailable(Unavailable):
    """The database did not open or did not answer."""

    code = "database-unavailable"


class BadDatabaseUrl(InvalidInput):
    """The database's URL is none that can be used; asking again won't help."""

    code = "bad-database-url"


class DatabaseDamaged(InvalidInput):
    """The file or database is damaged, or no catalog; asking again won't help."""

    code = "database-damaged"


class DatabaseBusy(Unavailable):
    """Others kept what was needed locked for too long; nothing was stored."""

    code = "database-busy"


class DatabaseDriverMissing(Unavailable):
    """The Python package that talks to this kind of database is not installed."""

    code = "database-driver-missing"


class DatabaseNotReady(Unavailable):
    """The database has not been brought to this version of the program."""

    code = "database-not-ready"


class DatabaseUnsuitable(Unavailable):
    """The database is too old, or was made with an encoding or an order of text that won't do."""

    code = "database-unsuitable"


class DatabaseConflict(Conflict):
    """Somebody else stored the same thing at the same moment."""

    code = "database-conflict"


class UnstorableValue(InvalidInput):
    """A value that no column can hold."""

    code = "unstorable-value"


_LACKS_TABLES = ("42P01", "42703", "3F000", "no such table", "no such column")
_BUSY = ("40001", "40P01", "55P03", "57014", "SQLITE_BUSY", "SQLITE_LOCKED")
_DAMAGED = ("XX001", "XX002", "SQLITE_NOTADB", "SQLITE_CORRUPT")
_FORBIDDEN = ("42501", "25006", "SQLITE_READONLY")
_ANSWERS = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError, sa.exc.TimeoutError)


def named(error: sa.exc.SQLAlchemyError, where: str) -> ShuizeError | None:
    """Return the expected failure behind a library's error, or None for a fault of the program.

    SQLSTATE: PostgreSQL 15, appendix A. A server that refuses to connect gives none, only words.
    """
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, ShuizeError):
        return cause
    said = " ".join(str(cause).split())
    signs = _signs(cause, said)
    if isinstance(error, sa.exc.IntegrityError):
        return DatabaseConflict(
            f"the catalog at {where} has this already, or lacks what it refers to: {said}",
            hint="look at what is there, then try again",
        )
    if isinstance(error, sa.exc.DataError):
        return UnstorableValue(
            f"the catalog at {where} can't hold a value: {said}",
            hint="shorten what is too long, and take out NUL characters",
        )
    return _state_of_the_database(error, signs, where, said)


def _state_of_the_database(
    error: sa.exc.SQLAlchemyError, signs: set[str], where: str, said: str
) -> ShuizeError | None:
    if not signs.isdisjoint(_LACKS_TABLES):
        return DatabaseNotReady(
            f"the catalog at {where} lacks tables of this program: {said}", hint="run: shuize init"
        )
    if not signs.isdisjoint(_BUSY):
        return DatabaseBusy(
            f"the catalog at {where} was kept locked by others: {said}",
            hint="nothing was stored; try again, and if it stays so look for a process that hangs",
        )
    if not signs.isdisjoint(_DAMAGED):
        return DatabaseDamaged(
            f"{where} is damaged or is not a catalog: {said}",
            hint="restore it from a backup, or name another one",
        )
    if not signs.isdisjoint(_FORBIDDEN):
        return DatabaseUnavailable(
            f"the catalog at {where} may not be used so: {said}",
            hint="give this account the right to write there, or use the one that has it; "
            "on a read-only file system work on a copy",
        )
    if isinstance(error, _ANSWERS) or "no SQLSTATE" in signs:
        return DatabaseUnavailable(
            f"the catalog at {where} did not answer: {said}",
            hint="check that it exists and is writable; of a server, that it runs, and user, password and "
            "database in SHUIZE_DATABASE_URL",
        )
    return None


def _signs(cause: object, said: str) -> set[str]:
    """Return what tells errors apart: SQLSTATE, SQLite's name (extended ones cut), its words for a table."""
    found = {sign for sign in _LACKS_TABLES if sign in said}
    name = str(getattr(cause, "sqlite_errorname", ""))
    found.add("_".join(name.split("_")[:2]))
    if hasattr(cause, "sqlstate"):  # psycopg: none before there is a connection, or when the URL is odd
        found.add(cause.sqlstate or "no SQLSTATE")
    return found

"""Writing many rows at once, past the ORM, in the caller's transaction."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

Rows = Sequence[Mapping[str, Any]]

MANY = 100
"""Rows from which on PostgreSQL is sent a COPY: below, it costs more than it saves."""


def insert_all(session: Session, table: sa.FromClause, rows: Rows) -> None:
    """Insert rows that all give the same columns. What the session has not flushed is not there yet."""
    connection = session.connection()
    if len(rows) >= MANY and connection.dialect.name == "postgresql":
        _copy(connection, table, rows)
    elif rows:
        connection.execute(_insert(table), rows if len(rows) > 1 else rows[0])


@contextmanager
def copying(connection: sa.Connection, statement: str) -> Iterator[Any]:
    """Yield what takes the rows of a COPY to PostgreSQL; its errors are SQLAlchemy's, as those of others."""
    driver: Any = connection.connection.driver_connection
    known = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            yield copy
    except known as error:
        raise sa.exc.DBAPIError.instance(statement, None, error, known, dialect=connection.dialect) from error


@contextmanager
def not_collecting() -> Iterator[None]:
    """Hold the search for cyclic garbage for the length of a batch.

    Documents and rows have no cycles, and there are so many at once that the search went through all of the
    program again and again: a third of the time. A batch is bounded, and so is what other threads leave
    meanwhile.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def new_numbers(session: Session, column: sa.Column[int], count: int) -> Sequence[int]:
    """Return numbers for new rows as the database itself would give them.

    SQLite: one more than the last, for who writes is alone. PostgreSQL: from the column's sequence, so that
    nobody is given one twice.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        last = connection.execute(sa.select(sa.func.max(column))).scalar_one() or 0
        return range(last + 1, last + 1 + count)
    sequence = sa.func.nextval(sa.func.pg_get_serial_sequence(column.table.name, column.name))
    numbers = sa.select(sequence).select_from(sa.func.generate_series(1, count))
    return connection.execute(numbers).scalars().all()


def _copy(connection: sa.Connection, table: sa.FromClause, rows: Rows) -> None:
    columns = [table.c[name] for name in rows[0]]
    names = ", ".join(connection.dialect.identifier_preparer.quote(column.name) for column in columns)
    forms = [(column.name, _form(column.type, connection.dialect)) for column in columns]
    with copying(connection, f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([form(row[name]) if form else row[name] for name, form in forms])


def _form(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Any:
    """Return what brings a value into the driver's form, or None if it has it."""
    return kind.dialect_impl(dialect).bind_processor(dialect)


@lru_cache
def _insert(table: sa.FromClause) -> sa.Insert:
    """Return the one statement for a table: SQLAlchemy looks up the same object soonest."""
    return sa.insert(table)  # type: ignore[arg-type]  # a mapped class's table

"""The table `search_grams`, as each database has it by itself.

SQLite: an FTS5 table without content and positions. It is only ever added to: an entry that changed gets
another id, and what is left under the old one joins nothing. PostgreSQL: a table of hashed grams under GIN,
all of it and once more its first eighth by id, which is a fair sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk import copying
from catalog.search.entries import IDS
from catalog.search.grams import Query

Columns = Sequence[sa.orm.InstrumentedAttribute[Any]]

TABLE, INDEXES = "search_grams", ("ix_search_grams_grams", "ix_search_grams_first")
MANY = 500
"""Entries from which on a write counts as bulk."""

_ADD_SQLITE = sa.text(f"INSERT INTO {TABLE} (rowid, grams) VALUES (:id, :grams)")
_ADD_POSTGRESQL = sa.text(f"INSERT INTO {TABLE} (id, grams) VALUES (:id, CAST(:grams AS int[]))")

_FIRST_LOOK = 1_000
_PART = 8
_FIRST = f"id < {IDS // _PART}"
"""PostgreSQL: the condition of the index over the first part; it must stand so in the statement."""


def is_ours(name: str | None) -> bool:
    """Say whether a table in the database is the native index, or one that FTS5 keeps for it."""
    return name is not None and name.startswith(TABLE)


def add(session: Session, entries: Sequence[tuple[int, Iterable[str]]]) -> None:
    """Index entries by their grams."""
    if _is_sqlite(session):
        rows = [{"id": id_, "grams": " ".join(grams)} for id_, grams in sorted(entries, key=lambda e: e[0])]
        session.connection().execute(_ADD_SQLITE, rows)
    elif len(entries) < MANY:
        found = [{"id": id_, "grams": [_hashed(gram) for gram in grams]} for id_, grams in entries]
        session.connection().execute(_ADD_POSTGRESQL, found)
    else:
        _add_in_bulk(session, entries)


def _add_in_bulk(session: Session, entries: Sequence[tuple[int, Iterable[str]]]) -> None:
    """Copy entries to PostgreSQL, and have the whole batch sorted into the index at once."""
    session.execute(sa.text("SET LOCAL gin_pending_list_limit = '1GB'"))
    session.execute(sa.text("SET LOCAL maintenance_work_mem = '256MB'"))
    with copying(session.connection(), f"COPY {TABLE} (id, grams) FROM STDIN") as copy:
        for id_, grams in entries:
            copy.write(f"{id_}\t{{{','.join(str(_hashed(gram)) for gram in grams)}}}\n")
    for index in INDEXES:
        session.execute(sa.text(f"SELECT gin_clean_pending_list('{index}')"))


def drop(session: Session, ids: Sequence[int]) -> None:
    """Forget entries."""
    if ids and not _is_sqlite(session):
        session.execute(sa.text(f"DELETE FROM {TABLE} WHERE id = ANY(:ids)"), {"ids": list(ids)})


def clear(session: Session) -> None:
    """Forget everything, and keep other writers of the index waiting until the transaction ends."""
    if _is_sqlite(session):
        session.execute(sa.text(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('delete-all')"))
    else:
        session.execute(sa.text("LOCK TABLE search_entries IN EXCLUSIVE MODE"))
        session.execute(sa.text(f"DELETE FROM {TABLE}"))


def settle(session: Session) -> None:
    """Bring the index into its best order after much has been written."""
    if _is_sqlite(session):
        session.execute(sa.text(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('optimize')"))


def find(session: Session, query: Query, columns: Columns, limit: int) -> Sequence[sa.Row[Any]]:
    """Return entries that satisfy the query, the first ones by id."""
    if _is_sqlite(session):
        return _find_sqlite(session, query, columns, limit)
    return _find_postgresql(session, query, columns, limit)


def _find_sqlite(session: Session, query: Query, columns: Columns, limit: int) -> Sequence[sa.Row[Any]]:
    clauses = (" OR ".join(f'"{gram}"' for gram in clause) for clause in query)
    statement = sa.text(
        f"SELECT {_listed(columns)} FROM {TABLE} AS grams JOIN search_entries AS e ON e.id = grams.rowid "
        f"WHERE {TABLE} MATCH :query ORDER BY grams.rowid LIMIT :limit"
    )
    wanted = " AND ".join(f"({clause})" for clause in clauses)
    return session.execute(statement, {"query": wanted, "limit": limit}).all()


def _find_postgresql(session: Session, query: Query, columns: Columns, limit: int) -> Sequence[sa.Row[Any]]:
    """Walk by id if many match, else fetch the matches, of the first part or all: what touches least rows.

    Ids are spread evenly, so a first look tells. The planner can't know: the pieces of one word always come
    together, and it takes them for independent.
    """
    single = [_hashed(clause[0]) for clause in query if len(clause) == 1]
    values: dict[str, Any] = {"single": single, "limit": limit, "look": _FIRST_LOOK}
    conditions = ["grams @> CAST(:single AS int[])"] if single else []
    for number, clause in enumerate(c for c in query if len(c) > 1):
        conditions.append(f"grams && CAST(:any{number} AS int[])")
        values[f"any{number}"] = [_hashed(gram) for gram in clause]
    where = " AND ".join(conditions)
    look = sa.text(
        f"SELECT count(*) FILTER (WHERE {where}), count(*), max(id) "
        f"FROM (SELECT id, grams FROM {TABLE} ORDER BY id LIMIT :look) AS first"
    )
    matching, looked, last = session.connection().execute(look, values).one()
    way = _way(matching, looked, last, limit)
    found = _ask_postgresql(session, way, where, columns, values)
    if way is _Way.FIRST and len(found) < limit:
        found = _ask_postgresql(session, _Way.ALL, where, columns, values)
    return found


class _Way(Enum):
    """How the first matches by id are come by."""

    WALK = (
        "SELECT id FROM (SELECT id, grams FROM {table} ORDER BY id OFFSET 0) AS walk "
        "WHERE {where} LIMIT :limit"
    )
    """Offset 0 is a fence: the condition does not move into it, nor an index for it."""

    FIRST = (
        "WITH m AS MATERIALIZED (SELECT id FROM {table} WHERE {where} AND {first}) "
        "SELECT id FROM m ORDER BY id LIMIT :limit"
    )
    ALL = (
        "WITH m AS MATERIALIZED (SELECT id FROM {table} WHERE {where}) "
        "SELECT id FROM m ORDER BY id LIMIT :limit"
    )


def _way(matching: int, looked: int, last: int | None, limit: int) -> _Way:
    """Return the way that touches the fewest rows, from what the first rows by id are like."""
    if looked < _FIRST_LOOK or last is None or matching >= limit:
        return _Way.WALK
    matches = matching * IDS / (last + 1)
    rows = {_Way.ALL: matches}
    if matches / _PART > limit:
        rows[_Way.FIRST] = matches / _PART
    if matching:
        rows[_Way.WALK] = limit * looked / matching
    return min(rows, key=rows.__getitem__)


def _ask_postgresql(
    session: Session, way: _Way, where: str, columns: Columns, values: dict[str, Any]
) -> Sequence[sa.Row[Any]]:
    ids = way.value.format(table=TABLE, where=where, first=_FIRST)
    statement = sa.text(
        f"SELECT {_listed(columns)} FROM ({ids}) AS i JOIN search_entries AS e USING (id) ORDER BY e.id"
    )
    return session.connection().execute(statement, values).all()


def _listed(columns: Columns) -> str:
    return ", ".join(f"e.{column.key}" for column in columns)


def _hashed(gram: str) -> int:
    return crc32(gram.encode()) - 2**31


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"

"""The table `search_grams`, as each database has it by itself.

SQLite: an FTS5 table without content and positions. It is only ever added to: an entry that changed gets
another id, and what is left under the old one joins nothing. PostgreSQL: a table of hashed grams under GIN.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.search.grams import Query

Columns = Sequence[sa.orm.InstrumentedAttribute[Any]]

TABLE, INDEX = "search_grams", "ix_search_grams_grams"
MANY = 500
"""Entries from which on a write counts as bulk."""

_ADD_SQLITE = sa.text(f"INSERT INTO {TABLE} (rowid, grams) VALUES (:id, :grams)")
_ADD_POSTGRESQL = sa.text(f"INSERT INTO {TABLE} (id, grams) VALUES (:id, CAST(:grams AS int[]))")

_FIRST_LOOK = 1_000
_RARE = 0.04
"""PostgreSQL: the share of entries below which fetching every match costs less than walking by id."""


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
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {TABLE} (id, grams) FROM STDIN") as copy:
        for id_, grams in entries:
            copy.write(f"{id_}\t{{{','.join(str(_hashed(gram)) for gram in grams)}}}\n")
    session.execute(sa.text(f"SELECT gin_clean_pending_list('{INDEX}')"))


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
    """Walk by id if many match, else fetch all matches: ids are spread evenly, so a first look tells which.

    The planner can't know: the pieces of one word always come together, and it takes them for independent.
    """
    single = [_hashed(clause[0]) for clause in query if len(clause) == 1]
    values: dict[str, Any] = {"single": single, "limit": limit, "look": _FIRST_LOOK}
    conditions = ["grams @> CAST(:single AS int[])"] if single else []
    for number, clause in enumerate(c for c in query if len(c) > 1):
        conditions.append(f"grams && CAST(:any{number} AS int[])")
        values[f"any{number}"] = [_hashed(gram) for gram in clause]
    where = " AND ".join(conditions)
    look = sa.text(
        f"SELECT count(*) FILTER (WHERE {where}), count(*) "
        f"FROM (SELECT grams FROM {TABLE} ORDER BY id LIMIT :look) AS first"
    )
    matching, looked = session.execute(look, values).one()
    if matching >= limit or looked < _FIRST_LOOK or matching > _RARE * looked:
        walk = f"SELECT id, grams FROM {TABLE} ORDER BY id OFFSET 0"  # a fence: nothing moves into it
        ids = f"SELECT id FROM ({walk}) AS walk WHERE {where} LIMIT :limit"
    else:
        fetch = f"SELECT id FROM {TABLE} WHERE {where}"
        ids = f"WITH m AS MATERIALIZED ({fetch}) SELECT id FROM m ORDER BY id LIMIT :limit"
    statement = sa.text(
        f"SELECT {_listed(columns)} FROM ({ids}) AS i JOIN search_entries AS e USING (id) ORDER BY e.id"
    )
    return session.execute(statement, values).all()


def _listed(columns: Columns) -> str:
    return ", ".join(f"e.{column.key}" for column in columns)


def _hashed(gram: str) -> int:
    return crc32(gram.encode()) - 2**31


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"

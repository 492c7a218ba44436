"""The index's rows. Who stores a thing calls `write` in the same transaction, so it is found at once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from catalog.bulk import MANY, insert_all
from catalog.search import grams, native
from catalog.search.entries import Entry, Kind
from catalog.tables import SearchEntryRow as Row
from catalog.tables import SearchSourceRow

_BATCH = 2_000
_Item = TypeVar("_Item")


_ROWS = sa.inspect(Row).local_table


def _upsert(insert: Any) -> Any:
    statement = insert(_ROWS)
    names = [column.name for column in _ROWS.columns if column.name not in ("kind", "key")]
    return statement.on_conflict_do_update(
        index_elements=["kind", "key"], set_={name: statement.excluded[name] for name in names}
    )


_UPSERTS = {"sqlite": _upsert(sqlite.insert), "postgresql": _upsert(postgresql.insert)}
_KEYS: sa.BindParameter[str] = sa.bindparam("keys", expanding=True)
_IDS = sa.select(_ROWS.c.key, _ROWS.c.id).where(_ROWS.c.kind == sa.bindparam("kind"), _ROWS.c.key.in_(_KEYS))


def write(session: Session, entries: Iterable[Entry], *, are_new: bool = False) -> None:
    """Index things, new or changed, in the caller's transaction. Written again unchanged, nothing happens.

    Where the caller knows that all are new, nothing needs to be looked up.
    """
    for some in _parts(entries):
        rows = {(entry.kind.value, entry.key): entry.row() for entry in some}
        _write(session, rows, {} if are_new else _ids(session, rows))


def remove(session: Session, kind: Kind, keys: Iterable[str]) -> None:
    """Take things out of the index, in the caller's transaction."""
    for some in _parts(keys):
        gone = sa.and_(Row.kind == kind.value, Row.key.in_(some))
        native.drop(session, session.scalars(sa.select(Row.id).where(gone)).all())
        session.execute(sa.delete(Row).where(gone))


def forget_source(session: Session, name: str) -> None:
    """Have the entries of an outside source written again before the next search: it has changed.

    The mark is new each time, so that who is writing them just now, from what was before, can tell.
    """
    note_source(session, name, f"changed {secrets.token_hex(16)}")


def note_source(session: Session, name: str, digest: str, *, seen: str | None = None) -> None:
    """Note which state of a source is indexed; with `seen`, only if that is still what is noted."""
    here = SearchSourceRow.metadata.tables[SearchSourceRow.__tablename__]
    connection = session.connection()
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[connection.dialect.name]
    noted = insert(here).values(name=name, digest=digest)
    still = here.c.digest == seen if seen else None
    connection.execute(
        noted.on_conflict_do_update(index_elements=["name"], set_={"digest": digest}, where=still)
    )


def clear(session: Session) -> None:
    """Empty the index."""
    native.clear(session)
    session.execute(sa.delete(Row))
    session.execute(sa.delete(SearchSourceRow))


def _write(
    session: Session, rows: dict[tuple[str, str], dict[str, Any]], before: dict[tuple[str, str], int]
) -> None:
    fresh = [row for place, row in rows.items() if before.get(place) != row["id"]]
    if not fresh:
        return
    native.drop(session, [before[place] for place in rows if place in before])
    if before or len(fresh) < MANY:
        connection = session.connection()
        connection.execute(_UPSERTS[connection.dialect.name], fresh)
    else:
        insert_all(session, _ROWS, fresh)
    native.add(session, [(row["id"], grams.of_entry(row)) for row in fresh])


def _ids(session: Session, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the ids that things have in the index now, by kind and key."""
    by_kind: dict[str, list[str]] = {}
    for kind, key in places:
        by_kind.setdefault(kind, []).append(key)
    found: dict[tuple[str, str], int] = {}
    for kind, keys in by_kind.items():
        rows = session.connection().execute(_IDS, {"kind": kind, "keys": keys})
        found.update(((kind, key), id_) for key, id_ in rows)
    return found


def _parts(items: Iterable[_Item]) -> Iterator[tuple[_Item, ...]]:
    left = iter(items)
    while part := tuple(islice(left, _BATCH)):
        yield part

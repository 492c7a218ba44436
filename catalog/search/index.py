"""The index's rows. Who stores a thing calls `write` in the same transaction, so it is found at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from catalog.search import grams, native
from catalog.search.entries import Entry, Kind
from catalog.tables import SearchEntryRow as Row
from catalog.tables import SearchSourceRow

_BATCH = 2_000
_Item = TypeVar("_Item")


def write(session: Session, entries: Iterable[Entry]) -> None:
    """Index things, new or changed, in the caller's transaction. Written again unchanged, nothing happens."""
    for some in _parts(entries):
        _write(session, {(entry.kind.value, entry.key): entry.row() for entry in some})


def remove(session: Session, kind: Kind, keys: Iterable[str]) -> None:
    """Take things out of the index, in the caller's transaction."""
    for some in _parts(keys):
        gone = sa.and_(Row.kind == kind.value, Row.key.in_(some))
        native.drop(session, session.scalars(sa.select(Row.id).where(gone)).all())
        session.execute(sa.delete(Row).where(gone))


def forget_source(session: Session, name: str) -> None:
    """Have the entries of an outside source written again before the next search: it has changed."""
    session.execute(sa.delete(SearchSourceRow).where(SearchSourceRow.name == name))


def clear(session: Session) -> None:
    """Empty the index."""
    native.clear(session)
    session.execute(sa.delete(Row))
    session.execute(sa.delete(SearchSourceRow))


def _write(session: Session, rows: dict[tuple[str, str], dict[str, Any]]) -> None:
    ids = [row["id"] for row in rows.values()]
    present = set(session.scalars(sa.select(Row.id).where(Row.id.in_(ids))))
    fresh = [row for row in rows.values() if row["id"] not in present]
    if not fresh:
        return
    _drop_older(session, fresh)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(Row)
    changed = {
        c.name: statement.excluded[c.name] for c in Row.__table__.columns if c.name not in ("kind", "key")
    }
    statement = statement.on_conflict_do_update(index_elements=["kind", "key"], set_=changed)
    session.execute(statement, fresh, execution_options={"render_nulls": True})
    native.add(session, [(row["id"], grams.of_entry(row)) for row in fresh])


def _drop_older(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    by_kind: dict[str, list[str]] = {}
    for row in rows:
        by_kind.setdefault(row["kind"], []).append(row["key"])
    for kind, keys in by_kind.items():
        older = sa.select(Row.id).where(Row.kind == kind, Row.key.in_(keys))
        native.drop(session, session.scalars(older).all())


def _parts(items: Iterable[_Item]) -> Iterator[tuple[_Item, ...]]:
    left = iter(items)
    while part := tuple(islice(left, _BATCH)):
        yield part

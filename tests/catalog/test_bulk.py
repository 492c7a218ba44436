"""Rows that are written past the ORM are read back as any others, few or many of them."""

from __future__ import annotations

import gc
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from catalog.bulk import MANY, insert_all, new_numbers, not_collecting
from catalog.database import DatabaseConflict, UnstorableValue
from catalog.tables import ChangeRow, LineageNodeRow, TrailRow
from tests.builders import NOON, Room

CHANGES = ChangeRow.metadata.tables["changes"]
TRAIL = TrailRow.metadata.tables["trail"]
NODES = LineageNodeRow.metadata.tables["lineage_nodes"]
AWKWARD = "\t\n\\N \\. \"'用水\u2028👍"


def a_change(number: int, **said: Any) -> dict[str, Any]:
    return {
        "id": number,
        "subject_kind": "dataset",
        "subject": f"d{number}",
        "act": "register",
        "base_revision": 0,
        "document": {"b": 1, "a": [AWKWARD, None, True, "\x00", "\ud800"], "number": number},
        "digest": "0" * 64,
        "differences": [],
        "reason": f"{AWKWARD}{number}",
        "requested_by": "alice",
        "requested_at": NOON + timedelta(seconds=number),
        "state": "open",
        "decided_by": None,
        "decided_at": None,
        "decision_reason": None,
        "revision": None,
    } | said


@pytest.mark.parametrize("count", [1, 2, MANY - 1, MANY, 3 * MANY])
def test_rows_come_back_as_they_went_in(room: Room, count: int) -> None:
    rows = [a_change(number, revision=number % 3 or None) for number in range(1, count + 1)]
    with room.database.write() as session:
        insert_all(session, CHANGES, rows)
        insert_all(session, CHANGES, [])
    with room.database.read() as session:
        kept = session.execute(sa.select(CHANGES).order_by(CHANGES.c.id)).mappings()
        assert [dict(row) for row in kept] == rows
    assert list(rows[0]["document"]) == ["b", "a", "number"]


def test_bytes_and_absent_values_are_copied_too(room: Room) -> None:
    rows = [
        {"id": n, "key": bytes([0, 9, 10, 92, n]), "kind": 1, "parent": None, "namespace": 1, "name": "x"}
        for n in range(1, MANY + 1)
    ]
    with room.database.write() as session:
        session.execute(sa.text("INSERT INTO lineage_namespaces (id, name, created_at) VALUES (1, 'n', 0)"))
        insert_all(session, NODES, rows)
        found = session.execute(sa.select(NODES.c.key, NODES.c.parent).order_by(NODES.c.id)).all()
    assert [tuple(row) for row in found] == [(row["key"], None) for row in rows]


def test_what_the_database_refuses_is_refused_in_bulk_and_nothing_is_kept(room: Room) -> None:
    rows = [a_change(number) for number in range(1, MANY + 1)]
    with pytest.raises(DatabaseConflict), room.database.write() as session:
        insert_all(session, CHANGES, [*rows, a_change(MANY + 1, requested_by="nobody")])
        session.connection().exec_driver_sql("SELECT 1")
    with pytest.raises(UnstorableValue), room.database.write() as session:
        insert_all(session, CHANGES, [*rows, a_change(MANY + 1, document={"x": float("nan")})])
    with room.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(CHANGES)) == 0


def test_new_numbers_are_given_once_and_the_database_goes_on_from_them(room: Room) -> None:
    with room.database.write() as session:
        first = list(new_numbers(session, CHANGES.c.id, 3))
        insert_all(session, CHANGES, [a_change(number) for number in first])
    with room.database.write() as session:
        values = {name: value for name, value in a_change(0).items() if name != "id"}
        following = session.execute(sa.insert(CHANGES).returning(CHANGES.c.id), values).scalar_one()
        second = list(new_numbers(session, CHANGES.c.id, 2))
    assert (first, following, second) == ([1, 2, 3], 4, [5, 6])


def test_numbers_of_two_at_once_differ(postgresql_room: Room) -> None:
    """On SQLite nobody else writes meanwhile."""
    database = postgresql_room.database
    with database.write() as one, database.write() as other:
        mine, theirs = (set(new_numbers(session, CHANGES.c.id, 50)) for session in (one, other))
    assert len(mine | theirs) == 100


def test_garbage_is_collected_again_after_a_batch() -> None:
    with pytest.raises(RuntimeError), not_collecting():
        assert not gc.isenabled()
        raise RuntimeError
    assert gc.isenabled()

from __future__ import annotations

import subprocess
import sys

import pytest
import sqlalchemy as sa

from catalog.database import DatabaseConflict
from catalog.intents import IntentClosed, IntentNotFound
from catalog.tables import IntentRow
from tests.builders import NOON, Room


def test_an_intent_is_stored_before_anything_is_sent(room: Room) -> None:
    intent = room.intents.open("publish:p:1", {"step": "publish"})
    assert (intent.state, intent.action, intent.stored_at) == ("open", {"step": "publish"}, NOON)
    assert (intent.transaction, intent.outcome, intent.settled_at) == (None, None, None)
    assert room.intents.pending() == (intent,)


def test_one_aim_has_one_open_intent_and_the_first_action_stands(room: Room) -> None:
    first = room.intents.open("publish:p:1", {"by": "alice"})
    assert room.intents.open("publish:p:1", {"by": "bob"}) == first
    assert room.intents.open("publish:p:2", {}).id != first.id
    assert [intent.aim for intent in room.intents.pending()] == ["publish:p:1", "publish:p:2"]


def test_processes_that_open_one_aim_at_once_share_one_intent(room: Room) -> None:
    program = """
import sys
from catalog.database import Database, utc_now
from catalog.intents import Intents
print(Intents(Database(sys.argv[1]), utc_now).open("publish:p:1", {}).id)
"""
    command = [sys.executable, "-c", program, room.url]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
    assert [process.communicate()[0] for process in running] == [b"1\n"] * 3


def test_the_database_itself_holds_one_open_intent_per_aim(room: Room) -> None:
    statement = sa.insert(IntentRow).values(aim="a", action={}, state="open", stored_at=NOON)
    with room.database.write() as session:
        session.execute(statement)
    with pytest.raises(DatabaseConflict), room.database.write() as session:
        session.execute(statement)
    with room.database.write() as session:
        for state in ("done", "done", "failed"):
            session.execute(statement.values(state=state))


def test_the_signed_transaction_is_kept_and_may_be_replaced_while_open(room: Room) -> None:
    intent = room.intents.open("a", {})
    assert room.intents.attach(intent.id, {"hash": "0x1"}).transaction == {"hash": "0x1"}
    assert room.intents.attach(intent.id, {"hash": "0x2"}).transaction == {"hash": "0x2"}
    assert room.intents.pending()[0].transaction == {"hash": "0x2"}


@pytest.mark.parametrize("state", ["done", "failed"])
def test_settling_twice_keeps_the_first_outcome(room: Room, state: str) -> None:
    intent = room.intents.open("a", {})
    settled = room.intents.settle(intent.id, {"block": 1}, state=state)  # type: ignore[arg-type]
    assert (settled.state, settled.outcome, settled.settled_at) == (state, {"block": 1}, NOON)
    room.clock.forward(hours=1)
    assert room.intents.settle(intent.id, {"block": 2}, state="done") == settled
    assert room.intents.settle(intent.id, {"block": 3}, state="failed") == settled
    assert room.intents.pending() == ()


def test_a_settled_intent_takes_no_other_transaction(room: Room) -> None:
    intent = room.intents.open("a", {})
    room.intents.attach(intent.id, {"hash": "0x1"})
    settled = room.intents.settle(intent.id, {"block": 1})
    with pytest.raises(IntentClosed):
        room.intents.attach(intent.id, {"hash": "0x2"})
    assert room.intents.settle(intent.id, {}) == settled


def test_a_settled_aim_may_be_opened_again(room: Room) -> None:
    first = room.intents.open("a", {"n": 1})
    room.intents.settle(first.id, {"refused": "nonce"}, state="failed")
    second = room.intents.open("a", {"n": 2})
    assert (second.id != first.id, second.action) == (True, {"n": 2})


def test_an_unknown_intent_is_said_to_be_unknown(room: Room) -> None:
    with pytest.raises(IntentNotFound):
        room.intents.attach(7, {})
    with pytest.raises(IntentNotFound):
        room.intents.settle(7, {})

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import rfc8785
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.database import DatabaseConflict
from catalog.tables import TrailRow
from catalog.trail import START, Act, MalformedHead, Trail, TrailFilter, TrailHead, parse_head, record
from standards import digests
from standards.digests import MalformedDigest
from tests.builders import NOON, Room, a_party, a_release, some_terms

COPIED = "at, by, act, subject_kind, subject, detail, detail_digest, previous"


@pytest.fixture
def trail(room: Room) -> Trail:
    return Trail(room.database, room.clock)


def _acts(trail: Trail) -> list[tuple[str, str, str | None]]:
    return [(entry.act, entry.subject, entry.by) for entry in trail.list()]


def _without_guard(room: Room, statement: str) -> None:
    """Do what the triggers forbid, as somebody who owns the database can."""
    names = ("trail_no_update", "trail_no_delete", "trail_in_order")
    with room.database.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            for name in names:
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        else:
            connection.exec_driver_sql("ALTER TABLE trail DISABLE TRIGGER ALL")
        connection.exec_driver_sql(statement)


def test_acts_stand_in_the_trail_with_who_and_on_what(room: Room, trail: Trail) -> None:
    room.register()
    room.load("area,at,flow\nA,2021-01-01 00:00,1.0\n")
    room.quality.check("inflow", by="alice")
    room.parties.replace_token("partner", by="alice")
    room.releases.keep_draft(a_release())
    room.releases.approve("water-use-index", 1, by="bob")
    grant = room.grants.intend(some_terms(), by="alice", aim="grant:grant-1", action={"step": "grant"})
    intent = room.intents.pending()[0].id
    room.grants.mark_active(grant.id, 0, chain={}, intent=intent)
    found = _acts(trail)
    assert found[:4] == [
        ("party-added", "water-group", "system"),
        ("party-added", "alice", "water-group"),
        ("party-added", "bob", "alice"),
        ("party-added", "partner", "alice"),
    ]
    told = "version-loaded version-checked token-replaced release-built release-approved grant-issued"
    assert {act for act, _, _ in found} >= set(told.split())
    assert ("version-loaded", "inflow", "alice") in found
    assert ("release-approved", "water-use-index 1", "bob") in found
    assert trail.verify().holds


def test_an_entry_is_chained_as_documented(room: Room, trail: Trail) -> None:
    first, second = trail.list()[:2]
    assert first.previous == START
    assert second.previous == first.digest
    assert second.detail_digest == digests.of_document({"kind": "person"})
    written = {
        "sequence": 2,
        "at": "2026-03-01T12:00:00+00:00",
        "by": "water-group",
        "act": "party-added",
        "subject": {"kind": "party", "id": "alice"},
        "detail": second.detail_digest,
        "previous": first.digest,
    }
    assert second.digest == digests.of_bytes(rfc8785.dumps(written))
    assert trail.head() == TrailHead(sequence=4, digest=trail.list()[-1].digest)


def test_no_name_and_no_free_text_is_in_the_trail(room: Room, trail: Trail) -> None:
    room.parties.add(a_party(id="carol", name="Carol Confidential"), by="alice")
    assert "Confidential" not in str([entry.model_dump() for entry in trail.list()])


def test_what_is_undone_leaves_no_entry_and_no_gap(room: Room, trail: Trail) -> None:
    before = trail.head()
    with pytest.raises(RuntimeError), room.database.write() as session:
        record(session, NOON, Act("tried", "party", "alice"))
        raise RuntimeError
    assert trail.head() == before
    assert trail.record(Act("noted", "party", "alice", "bob")).sequence == before.sequence + 1


def test_several_acts_of_one_transaction_follow_one_another(room: Room, trail: Trail) -> None:
    with room.database.write() as session:
        for number in range(3):
            record(session, NOON, Act("noted", "party", "alice", detail={"number": number}))
    assert [entry.detail["number"] for entry in trail.list()[-3:]] == [0, 1, 2]
    assert trail.verify().entries == 7


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail SET act = 'x' WHERE sequence = 2",
        "DELETE FROM trail WHERE sequence = 4",
        "DELETE FROM trail",
        f"INSERT INTO trail SELECT 9, {COPIED}, 'aa' FROM trail WHERE sequence = 1",
        f"INSERT INTO trail SELECT 5, {COPIED}, 'aa' FROM trail WHERE sequence = 1",
    ],
)
def test_the_database_itself_refuses_to_rewrite_the_trail(room: Room, trail: Trail, statement: str) -> None:
    with pytest.raises(DatabaseConflict), room.database.write() as session:
        session.execute(sa.text(statement))
    assert trail.verify().entries == 4


def test_replacing_and_truncating_are_refused_too(room: Room, trail: Trail) -> None:
    name = room.database.engine.dialect.name
    statement = {
        "sqlite": "INSERT OR REPLACE INTO trail SELECT sequence, at, by, 'x', subject_kind, subject, detail, "
        "detail_digest, previous, digest FROM trail WHERE sequence = 2",
        "postgresql": "TRUNCATE trail",
    }[name]
    with pytest.raises(DatabaseConflict), room.database.write() as session:
        session.execute(sa.text(statement))
    assert trail.verify().entries == 4


@pytest.mark.parametrize(
    ("statement", "sequence", "what"),
    [
        ("UPDATE trail SET by = 'bob' WHERE sequence = 2", 2, "what it says"),
        ("UPDATE trail SET at = '2020-01-01 00:00:00' WHERE sequence = 3", 3, "what it says"),
        ('UPDATE trail SET detail = \'{"kind": "partner"}\' WHERE sequence = 2', 2, "its detail"),
        ("UPDATE trail SET previous = digest WHERE sequence = 1", 1, "does not follow"),
        ("DELETE FROM trail WHERE sequence = 2", 3, "entry 2 is missing"),
        ("DELETE FROM trail WHERE sequence = 1", 2, "entry 1 is missing"),
    ],
)
def test_verifying_says_where_the_trail_breaks(
    room: Room, trail: Trail, statement: str, sequence: int, what: str
) -> None:
    _without_guard(room, statement)
    found = trail.verify()
    assert not found.holds
    assert found.broken is not None
    assert (found.broken.sequence, found.entries) == (sequence, sequence - 1 - ("missing" in what))
    assert what in found.broken.what


def test_a_trail_cut_short_or_written_anew_shows_against_a_noted_head(room: Room, trail: Trail) -> None:
    noted = trail.head()
    assert trail.verify(noted).holds
    room.parties.add(a_party(id="carol"), by="alice")
    assert trail.verify(noted).holds
    other = TrailHead(sequence=2, digest=START)
    broken = trail.verify(other).broken
    assert broken is not None
    assert "written anew" in broken.what
    _without_guard(room, "DELETE FROM trail WHERE sequence >= 4")
    assert trail.verify().holds
    broken = trail.verify(noted).broken
    assert broken is not None
    assert "have gone" in broken.what


def test_the_trail_is_listed_by_what_is_asked_for(room: Room, trail: Trail) -> None:
    room.clock.forward(days=1)
    trail.record(Act("noted", "dataset", "inflow", "bob"))
    assert [e.sequence for e in trail.list(TrailFilter(limit=2))] == [4, 5]
    assert [e.sequence for e in trail.list(TrailFilter(after=1, limit=2))] == [2, 3]
    for chosen in (
        TrailFilter(act="noted"), TrailFilter(by="bob"), TrailFilter(subject_kind="dataset"),
        TrailFilter(subject="inflow"), TrailFilter(since=room.clock.now),
    ):  # fmt: skip
        assert [e.sequence for e in trail.list(chosen)] == [5]
    assert [e.sequence for e in trail.list(TrailFilter(until=NOON))] == [1, 2, 3, 4]


def test_writers_at_once_leave_no_gap_and_no_fork(room: Room, trail: Trail) -> None:
    def write(name: str) -> Callable[[], None]:
        def work() -> None:
            for number in range(10):
                trail.record(Act("noted", "party", "alice", name, {"number": number}))

        return work

    threads = [threading.Thread(target=write(name)) for name in ("alice", "bob", "partner")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = trail.verify()
    assert (found.holds, found.entries) == (True, 34)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), st.integers(0, 2**53 - 1))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_written_verifies_whatever_it_says(room: Room, text: str, number: int) -> None:
    trail = Trail(room.database, room.clock)
    trail.record(Act("noted", "thing", text, None, {"n": number, text: text, "yes": True, "none": None}))
    assert trail.verify().holds


def test_the_first_entry_of_an_empty_trail_follows_nothing(room: Room, trail: Trail) -> None:
    _without_guard(room, "DELETE FROM trail")
    assert trail.head() == TrailHead(sequence=0, digest=START)
    assert trail.verify().entries == 0
    assert trail.record(Act("noted", "party", "alice")).sequence == 1


def test_a_head_is_written_and_read(room: Room, trail: Trail) -> None:
    head = trail.head()
    assert parse_head(f" {head}\n") == head
    for text in ("", "4", "x:" + START, f"-1:{START}", "４:" + START):
        with pytest.raises(MalformedHead):
            parse_head(text)
    with pytest.raises(MalformedDigest):
        parse_head("4:abc")


def test_columns_of_the_trail_hold_what_the_acts_are_called(room: Room) -> None:
    assert TrailRow.__table__.c.act.type.length == 48

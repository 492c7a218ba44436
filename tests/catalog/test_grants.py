from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from catalog.database import DatabaseConflict
from catalog.grants import AlreadyRevoked, EmptyWindow, Grant, GrantNotActive, GrantNotFound, GrantState
from catalog.intents import IntentNotFound
from catalog.parties import UnknownParty
from standards import digests
from tests.builders import NOON, Room, some_terms

WHERE = {"block": 7}


def intend(room: Room, *, by: str = "alice", **changes: Any) -> Grant:
    terms = some_terms(**changes)
    return room.grants.intend(terms, by=by, aim=f"grant:{terms.id}", action={"step": "grant"})


def activate(room: Room, grant_id: str = "grant-1") -> Grant:
    (intent,) = (i for i in room.intents.pending() if i.aim == f"grant:{grant_id}")
    return room.grants.mark_active(grant_id, 0, chain=WHERE, intent=intent.id)


def revoke(room: Room, reason: str = "terms broken", by: str = "bob") -> Grant:
    intent = room.intents.open("revoke:grant-1", {})
    return room.grants.mark_revoked("grant-1", by=by, reason=reason, chain=WHERE, intent=intent.id)


def test_an_intended_grant_is_stored_with_its_intent(room: Room) -> None:
    grant = intend(room)
    assert (grant.state, grant.party, grant.issued_by, grant.issued_at) == (
        "intended",
        "partner",
        "alice",
        NOON,
    )
    assert grant.terms == some_terms()
    assert grant.terms_digest == digests.of_document(some_terms().document())
    assert [intent.aim for intent in room.intents.pending()] == ["grant:grant-1"]
    assert room.grants.get("grant-1") == grant


@pytest.mark.parametrize("end", [NOON + timedelta(days=1), NOON + timedelta(hours=23)])
def test_a_window_that_ends_before_it_begins_is_empty(room: Room, end: datetime) -> None:
    with pytest.raises(EmptyWindow, match="is empty"):
        intend(room, not_before=NOON + timedelta(days=1), not_after=end)
    assert (room.grants.list(), room.intents.pending()) == ((), ())


def test_a_window_that_is_over_is_refused_and_one_that_ends_in_a_second_is_not(room: Room) -> None:
    yesterday = NOON - timedelta(days=1)
    with pytest.raises(EmptyWindow, match="in the past"):
        intend(room, not_before=yesterday, not_after=NOON)
    intend(room, not_before=yesterday, not_after=NOON + timedelta(seconds=1))


@pytest.mark.parametrize("change", [{"party": "nobody"}, {"by": "nobody"}])
def test_a_grant_is_between_known_parties(room: Room, change: dict[str, str]) -> None:
    with pytest.raises(UnknownParty):
        intend(room, **change)  # type: ignore[arg-type]
    assert (room.grants.list(), room.intents.pending()) == ((), ())


def test_a_second_grant_of_one_id_is_a_conflict_and_leaves_no_intent(room: Room) -> None:
    intend(room)
    with pytest.raises(DatabaseConflict):
        room.grants.intend(some_terms(purpose="another"), by="alice", aim="other", action={})
    assert room.grants.get("grant-1").terms.purpose == "research on leakage"
    assert len(room.intents.pending()) == 1


def test_terms_are_in_utc_so_that_one_window_has_one_digest() -> None:
    china = timezone(timedelta(hours=8))
    local = some_terms(
        not_before=NOON.astimezone(china), not_after=(NOON + timedelta(days=30)).astimezone(china)
    )
    assert local.not_before.tzinfo is UTC
    assert local.digest() == some_terms().digest()
    assert some_terms(id="grant-2").digest() != some_terms().digest()


def test_terms_without_a_time_zone_or_purpose_are_refused() -> None:
    with pytest.raises(ValidationError):
        some_terms(not_before=NOON.replace(tzinfo=None))
    with pytest.raises(ValidationError):
        some_terms(purpose="")


def test_a_grant_on_the_chain_is_active_with_its_index(room: Room) -> None:
    intend(room)
    active = activate(room)
    assert (active.state, active.chain_index) == ("active", 0)
    assert room.intents.pending() == ()


def test_recording_activity_twice_keeps_the_first_index(room: Room) -> None:
    intend(room)
    active = activate(room)
    assert room.grants.mark_active("grant-1", 5, chain={}, intent=1) == active


def test_a_grant_the_contract_refused_never_becomes_active(room: Room) -> None:
    intend(room)
    (intent,) = room.intents.pending()
    assert (
        room.grants.mark_refused("grant-1", {"refused": "role"}, intent=intent.id).state is GrantState.REFUSED
    )
    assert room.intents.pending() == ()
    assert room.grants.mark_active("grant-1", 0, chain=WHERE, intent=intent.id).state is GrantState.REFUSED
    with pytest.raises(GrantNotActive, match="refused"):
        room.grants.to_revoke("grant-1", by="bob")


def test_an_active_grant_is_not_made_refused(room: Room) -> None:
    intend(room)
    activate(room)
    assert room.grants.mark_refused("grant-1", {}, intent=1).state is GrantState.ACTIVE


def test_a_grant_is_revoked_with_who_when_and_why(room: Room) -> None:
    intend(room)
    activate(room)
    room.clock.forward(days=1)
    assert room.grants.to_revoke("grant-1", by="bob").state is GrantState.ACTIVE
    revoked = revoke(room)
    assert (revoked.state, revoked.revoked_by, revoked.revoke_reason) == ("revoked", "bob", "terms broken")
    assert revoked.revoked_at == NOON + timedelta(days=1)


def test_a_grant_is_revoked_once(room: Room) -> None:
    intend(room)
    activate(room)
    first = revoke(room)
    room.clock.forward(days=1)
    assert revoke(room, "another reason", by="alice") == first
    with pytest.raises(AlreadyRevoked, match="2026-03-01 12:00 UTC"):
        room.grants.to_revoke("grant-1", by="bob")


def test_a_grant_that_has_not_reached_the_chain_cannot_be_revoked(room: Room) -> None:
    intend(room)
    with pytest.raises(GrantNotActive, match="has not reached the chain"):
        room.grants.to_revoke("grant-1", by="bob")
    assert revoke(room).state is GrantState.INTENDED


def test_only_a_known_party_revokes(room: Room) -> None:
    intend(room)
    activate(room)
    with pytest.raises(UnknownParty):
        room.grants.to_revoke("grant-1", by="nobody")


def test_a_wrong_intent_number_undoes_the_record(room: Room) -> None:
    intend(room)
    with pytest.raises(IntentNotFound):
        room.grants.mark_active("grant-1", 0, chain=WHERE, intent=99)
    assert room.grants.get("grant-1").state is GrantState.INTENDED


def test_grants_are_listed_oldest_first_by_product_and_party(room: Room) -> None:
    intend(room)
    room.clock.forward(hours=1)
    intend(room, id="a-later-one", product="customer-industry", party="bob")
    assert [grant.id for grant in room.grants.list()] == ["grant-1", "a-later-one"]
    assert [grant.id for grant in room.grants.list(product="customer-industry")] == ["a-later-one"]
    assert [grant.id for grant in room.grants.list(party="partner")] == ["grant-1"]
    assert room.grants.list(product="customer-industry", party="partner") == ()


def test_an_unknown_grant_is_said_to_be_unknown(room: Room) -> None:
    with pytest.raises(GrantNotFound):
        room.grants.get("nothing")
    with pytest.raises(GrantNotFound):
        room.grants.to_revoke("nothing", by="bob")

from __future__ import annotations

from contextlib import closing

import pytest

from catalog.database import Database
from catalog.parties import (
    SYSTEM,
    MalformedParty,
    NobodyActs,
    Parties,
    PartnersDontGovern,
    PartyExists,
    PartyKind,
    UnknownParty,
    UnknownToken,
)
from catalog.trail import Trail
from standards.names import MalformedName
from tests.builders import NOON, FixedClock, Room, a_party
from tests.catalog.dumping import dump

ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"


def _partner(**changes: object) -> object:
    return a_party(id="carol", name="Carol Ltd", kind=PartyKind.PARTNER, **changes)


def test_a_party_comes_back_as_it_was_added(room: Room) -> None:
    added = room.parties.add(a_party(id="carol", name="  Carol 卡罗 "), by="alice")
    assert added.token is None
    assert room.parties.get("carol") == added.party
    assert (added.party.name, added.party.kind, added.party.added_at) == ("Carol 卡罗", "person", NOON)


def test_parties_are_listed_by_id(room: Room) -> None:
    assert [party.id for party in room.parties.list()] == ["alice", "bob", "partner", "water-group"]


def test_a_second_party_of_one_id_is_refused(room: Room) -> None:
    with pytest.raises(PartyExists, match="alice"):
        room.parties.add(a_party(name="Another Alice"), by="alice")
    assert room.parties.get("alice").name == "Alice"


@pytest.mark.parametrize("name", ["Alice", "a b", "-a", "a--b", "", "a" * 33, "1a", "爱丽丝", "a\n"])
def test_an_id_that_is_no_name_is_refused(room: Room, name: str) -> None:
    with pytest.raises(MalformedName):
        room.parties.add(a_party(id=name), by="alice")


def test_a_party_without_a_name_is_refused(room: Room) -> None:
    with pytest.raises(MalformedParty, match="no name"):
        room.parties.add(a_party(id="carol", name=" \t"), by="alice")


@pytest.mark.parametrize("name", ["\x1b[31mred", "two\nlines", "\x00", "a\u202eb"])
def test_a_name_that_would_steer_a_terminal_is_refused(room: Room, name: str) -> None:
    with pytest.raises(MalformedParty, match="control characters"):
        room.parties.add(a_party(id="carol", name=name), by="alice")


def test_an_account_becomes_the_chain_id_padded_to_32_bytes(room: Room) -> None:
    added = room.parties.add(a_party(id="carol", address=ADDRESS), by="alice")
    assert added.party.chain_id == "0x" + "0" * 24 + ADDRESS[2:].lower()


def test_a_party_without_an_account_gets_a_random_chain_id(room: Room) -> None:
    ids = {party.chain_id for party in room.parties.list()}
    assert len(ids) == 4
    assert all(len(chain_id) == 66 and int(chain_id, 16) > 2**160 for chain_id in ids)


@pytest.mark.parametrize("address", ["0x", ADDRESS[:-1], ADDRESS + "0", ADDRESS[2:], "0x" + "g" * 40])
def test_what_is_no_account_is_refused(room: Room, address: str) -> None:
    with pytest.raises(MalformedParty, match="account"):
        room.parties.add(a_party(id="carol", address=address), by="alice")


def test_the_zero_account_is_nobodys(room: Room) -> None:
    with pytest.raises(MalformedParty, match="zero account"):
        room.parties.add(a_party(id="carol", address="0x" + "0" * 40), by="alice")


def test_one_account_belongs_to_one_party(room: Room) -> None:
    room.parties.add(a_party(id="carol", address=ADDRESS), by="alice")
    with pytest.raises(PartyExists, match="belongs to another party"):
        room.parties.add(a_party(id="dave", address=ADDRESS.lower()), by="alice")


def test_a_partner_is_known_by_its_token_and_nobody_else_has_one(room: Room) -> None:
    token = room.parties.add(_partner(), by="alice").token
    assert token is not None
    assert room.parties.of_token(token).id == "carol"
    assert room.parties.add(a_party(id="dave"), by="alice").token is None


def test_tokens_are_nowhere_in_the_database(room: Room) -> None:
    token = room.parties.add(_partner(), by="alice").token
    replaced = room.parties.replace_token("carol", by="alice").token
    dumped = dump(room)
    assert "Carol Ltd" in dumped
    for secret in (token, replaced):
        assert secret is not None
        assert secret not in dumped
        assert secret.removeprefix("szt_") not in dumped


def test_a_replaced_token_stops_working(room: Room) -> None:
    first = room.parties.add(_partner(), by="alice").token
    second = room.parties.replace_token("carol", by="alice").token
    assert first is not None
    assert second is not None
    assert room.parties.of_token(second).id == "carol"
    with pytest.raises(UnknownToken):
        room.parties.of_token(first)


@pytest.mark.parametrize("token", ["", "szt_", "szt_wrong", "None", "\x00", "szt_" + "x" * 10_000, "令牌"])
def test_a_wrong_token_belongs_to_nobody_and_is_not_repeated(room: Room, token: str) -> None:
    with pytest.raises(UnknownToken) as caught:
        room.parties.of_token(token)
    assert "wrong" not in str(caught.value)


def test_a_person_may_have_a_token_and_an_organisation_has_none(room: Room) -> None:
    token = room.parties.replace_token("alice", by="alice").token
    assert token is not None
    assert room.parties.of_token(token).id == "alice"
    with pytest.raises(MalformedParty, match="its people have"):
        room.parties.replace_token("water-group", by="alice")


def test_an_unknown_party_is_said_to_be_unknown(room: Room) -> None:
    with pytest.raises(UnknownParty, match="nobody"):
        room.parties.get("nobody")
    with pytest.raises(UnknownParty, match="nobody"):
        room.parties.replace_token("nobody", by="alice")


def test_the_first_party_of_a_home_is_added_by_the_system_and_then_somebody_acts(empty_url: str) -> None:
    with closing(Database(empty_url)) as database:
        database.upgrade()
        parties, trail = Parties(database, FixedClock()), Trail(database, FixedClock())
        parties.add(_partner())  # nobody of the utility is there yet
        parties.add(a_party(id="alice"), by="alice")  # as SHUIZE_PARTY may say
        with pytest.raises(NobodyActs, match="who acts") as caught:
            parties.add(a_party(id="bob"))
        assert "--as" in str(caught.value.hint)
        with pytest.raises(UnknownParty):
            parties.add(a_party(id="bob"), by="bob")
        with pytest.raises(PartnersDontGovern):
            parties.add(a_party(id="bob"), by="carol")
        parties.add(a_party(id="bob"), by="alice")
        assert [(e.subject, e.by) for e in trail.list()] == [
            ("carol", SYSTEM), ("alice", SYSTEM), ("bob", "alice"),
        ]  # fmt: skip


def test_nobody_is_called_as_the_system_is(room: Room) -> None:
    with pytest.raises(MalformedParty, match="the platform itself"):
        room.parties.add(a_party(id=SYSTEM), by="alice")


def test_a_token_is_replaced_by_somebody_of_the_utility(room: Room) -> None:
    with pytest.raises(PartnersDontGovern):
        room.parties.replace_token("partner", by="partner")

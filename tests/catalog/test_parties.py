from __future__ import annotations

import pytest

from catalog.parties import MalformedParty, PartyExists, PartyKind, UnknownParty, UnknownToken
from standards.names import MalformedName
from tests.builders import NOON, Room, a_party
from tests.catalog.dumping import dump

ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"


def _partner(**changes: object) -> object:
    return a_party(id="carol", name="Carol Ltd", kind=PartyKind.PARTNER, **changes)


def test_a_party_comes_back_as_it_was_added(room: Room) -> None:
    added = room.parties.add(a_party(id="carol", name="  Carol 卡罗 "))
    assert added.token is None
    assert room.parties.get("carol") == added.party
    assert (added.party.name, added.party.kind, added.party.added_at) == ("Carol 卡罗", "person", NOON)


def test_parties_are_listed_by_id(room: Room) -> None:
    assert [party.id for party in room.parties.list()] == ["alice", "bob", "partner", "water-group"]


def test_a_second_party_of_one_id_is_refused(room: Room) -> None:
    with pytest.raises(PartyExists, match="alice"):
        room.parties.add(a_party(name="Another Alice"))
    assert room.parties.get("alice").name == "Alice"


@pytest.mark.parametrize("name", ["Alice", "a b", "-a", "a--b", "", "a" * 33, "1a", "爱丽丝", "a\n"])
def test_an_id_that_is_no_name_is_refused(room: Room, name: str) -> None:
    with pytest.raises(MalformedName):
        room.parties.add(a_party(id=name))


def test_a_party_without_a_name_is_refused(room: Room) -> None:
    with pytest.raises(MalformedParty, match="no name"):
        room.parties.add(a_party(id="carol", name=" \t"))


def test_an_account_becomes_the_chain_id_padded_to_32_bytes(room: Room) -> None:
    added = room.parties.add(a_party(id="carol", address=ADDRESS))
    assert added.party.chain_id == "0x" + "0" * 24 + ADDRESS[2:].lower()


def test_a_party_without_an_account_gets_a_random_chain_id(room: Room) -> None:
    ids = {party.chain_id for party in room.parties.list()}
    assert len(ids) == 4
    assert all(len(chain_id) == 66 and int(chain_id, 16) > 2**160 for chain_id in ids)


@pytest.mark.parametrize("address", ["0x", ADDRESS[:-1], ADDRESS + "0", ADDRESS[2:], "0x" + "g" * 40])
def test_what_is_no_account_is_refused(room: Room, address: str) -> None:
    with pytest.raises(MalformedParty, match="account"):
        room.parties.add(a_party(id="carol", address=address))


def test_the_zero_account_is_nobodys(room: Room) -> None:
    with pytest.raises(MalformedParty, match="zero account"):
        room.parties.add(a_party(id="carol", address="0x" + "0" * 40))


def test_one_account_belongs_to_one_party(room: Room) -> None:
    room.parties.add(a_party(id="carol", address=ADDRESS))
    with pytest.raises(PartyExists, match="belongs to another party"):
        room.parties.add(a_party(id="dave", address=ADDRESS.lower()))


def test_a_partner_is_known_by_its_token_and_nobody_else_has_one(room: Room) -> None:
    token = room.parties.add(_partner()).token
    assert token is not None
    assert room.parties.of_token(token).id == "carol"
    assert room.parties.add(a_party(id="dave")).token is None


def test_tokens_are_nowhere_in_the_database(room: Room) -> None:
    token = room.parties.add(_partner()).token
    replaced = room.parties.replace_token("carol").token
    dumped = dump(room)
    assert "Carol Ltd" in dumped
    for secret in (token, replaced):
        assert secret is not None
        assert secret not in dumped
        assert secret.removeprefix("szt_") not in dumped


def test_a_replaced_token_stops_working(room: Room) -> None:
    first = room.parties.add(_partner()).token
    second = room.parties.replace_token("carol").token
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
    token = room.parties.replace_token("alice").token
    assert token is not None
    assert room.parties.of_token(token).id == "alice"
    with pytest.raises(MalformedParty, match="its people have"):
        room.parties.replace_token("water-group")


def test_an_unknown_party_is_said_to_be_unknown(room: Room) -> None:
    for use in (room.parties.get, room.parties.replace_token):
        with pytest.raises(UnknownParty, match="nobody"):
            use("nobody")

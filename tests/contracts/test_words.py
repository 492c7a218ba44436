"""What goes onto the chain comes back the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts import words
from contracts.models import ChainGrant
from standards.digests import Digest
from tests.contracts.builders import a_digest

NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=32)


@given(NAMES)
def test_a_product_comes_back(name: str) -> None:
    word = words.product_word(name)
    assert len(word) == 32
    assert words.product_of(word) == name


@given(st.text(max_size=40))
def test_a_text_is_a_product_or_refused(text: str) -> None:
    try:
        word = words.product_word(text)
    except words.MalformedName:
        return
    assert words.product_of(word) == text


@pytest.mark.parametrize("name", ["", "a" * 33, "Water", "water index", "water\n", "水", "water_index"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(words.MalformedName):
        words.product_word(name)


@given(st.binary(min_size=32, max_size=32))
def test_digests_and_parties_come_back(word: bytes) -> None:
    assert words.digest_word(words.digest_of(word)) == word
    assert words.party_word(words.party_of(word)) == word


@pytest.mark.parametrize("party", ["", "ab" * 32, "0x" + "AB" * 32, "0x" + "ab" * 20, "0x" + "zz" * 32])
def test_other_parties_are_refused(party: str) -> None:
    with pytest.raises(words.MalformedName):
        words.party_word(party)


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 30)), st.integers(-12, 14))
@example(datetime(9999, 1, 1, 0, 0, 0, 999_999), 0)
def test_times_come_back_to_the_second(time: datetime, offset: int) -> None:
    aware = time.replace(tzinfo=timezone(timedelta(hours=offset)))
    if aware.timestamp() < 0:
        return
    back = words.moment(words.seconds(aware))
    assert timedelta(0) <= aware - back < timedelta(seconds=1)
    assert back.tzinfo is UTC


def test_times_without_a_zone_or_before_1970_are_refused() -> None:
    with pytest.raises(words.MalformedTime, match="time zone"):
        words.seconds(datetime(2026, 1, 1))
    with pytest.raises(words.MalformedTime, match="1970"):
        words.seconds(datetime(1969, 12, 31, tzinfo=UTC))


def test_a_time_beyond_the_calendar_does_not_stop_a_reader() -> None:
    assert words.moment(2**40 - 1).year == 9999


def test_roles_have_names() -> None:
    for role in words.ROLES:
        assert words.role_name(words.role_word(role)) == role
    assert words.role_name(bytes(32)) == "ADMIN"
    assert words.role_name(b"\x01" * 32).startswith("0x01")
    with pytest.raises(words.MalformedName):
        words.role_word("OWNER")


def a_chain_grant(**changes: object) -> ChainGrant:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    values: dict[str, object] = {
        "product": "p",
        "index": 0,
        "party": "0x" + "ab" * 32,
        "not_before": start,
        "not_after": start + timedelta(days=1),
        "terms_digest": Digest(a_digest()),
        "granted_at": start,
        "block_number": 1,
        "revoked_at": None,
        "revoked_block": None,
    }
    return ChainGrant.model_validate(values | changes)


def test_a_grant_allows_its_window_with_both_ends_until_revoked() -> None:
    grant = a_chain_grant()
    second = timedelta(seconds=1)
    assert not grant.allows(grant.not_before - second)
    assert grant.allows(grant.not_before)
    assert grant.allows(grant.not_after)
    assert not grant.allows(grant.not_after + second)
    revoked_at = grant.not_before + timedelta(hours=1)
    revoked = a_chain_grant(revoked_at=revoked_at, revoked_block=2)
    assert revoked.allows(revoked_at - second)
    assert not revoked.allows(revoked_at)

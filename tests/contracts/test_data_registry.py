"""How the contract behaves, on the embedded chain and on a real node."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contracts import abi, refusals
from contracts.calls import Call
from contracts.chain import Chain
from contracts.sender import Sender
from contracts.words import party_word, product_word
from tests.contracts.builders import PARTY, PRODUCT, Desk, a_desk, a_digest, a_grant, an_account

NOW = datetime.now(UTC).replace(microsecond=0)


def raw_call(desk: Desk, name: str, *values: object) -> Call:
    """Return a call that passes by the checks of our own classes, to see the contract's."""
    return Call(what=name, to=desk.registry.address, data="0x" + abi.function(name).pack(*values).hex())


def stranger(desk: Desk) -> Sender:
    return Sender(desk.chain, an_account(desk.chain))


# ------------------------------------------------------------------------------------------------------ roles


def test_every_writing_call_needs_its_role(desk: Desk) -> None:
    calls = desk.registry.calls
    desk.publish(1)
    desk.grant(0)
    expected = {
        "PUBLISHER": [
            calls.register("other"),
            calls.publish(PRODUCT, 2, a_digest("m"), a_digest("r")),
            calls.withdraw(PRODUCT, 1, "wrong areas"),
        ],
        "GRANTOR": [calls.grant(PRODUCT, 1, **a_grant()), calls.revoke(PRODUCT, 0)],  # type: ignore[arg-type]
        "LOGGER": [calls.checkpoint(1, a_digest("root"))],
        "ADMIN": [calls.grant_role("LOGGER", desk.sender.address), calls.appoint_admin(desk.sender.address)],
    }
    other = stranger(desk)
    for role, needing in expected.items():
        for call in needing:
            with pytest.raises(refusals.MissingRole, match=f"{other.address} lacks the role {role}"):
                other.sign(call)


def test_a_role_can_be_given_and_taken(desk: Desk) -> None:
    other = stranger(desk)
    desk.do(desk.registry.calls.grant_role("PUBLISHER", other.address))
    assert desk.registry.role_members().publishers == (desk.sender.address, other.address)
    other.complete(other.sign(desk.registry.calls.publish(PRODUCT, 1, a_digest("m"), a_digest("r"))))
    desk.do(desk.registry.calls.revoke_role("PUBLISHER", other.address))
    assert desk.registry.role_members().publishers == (desk.sender.address,)
    with pytest.raises(refusals.MissingRole):
        other.sign(desk.registry.calls.publish(PRODUCT, 2, a_digest("m"), a_digest("r")))


def test_the_admin_changes_in_two_steps(chain: Chain) -> None:
    desk = a_desk(chain, admin_delay_seconds=3600)
    successor = stranger(desk)
    with pytest.raises(refusals.AdminRule):
        desk.sender.sign(raw_call(desk, "grantRole", bytes(32), successor.address))
    desk.do(desk.registry.calls.appoint_admin(successor.address))
    members = desk.registry.role_members()
    assert members.admin == desk.sender.address
    assert members.appointed_admin == successor.address
    assert members.appointed_from is not None
    assert members.appointed_from >= NOW + timedelta(hours=1)
    with pytest.raises(refusals.AdminRule, match="can't be accepted before"):
        successor.sign(desk.registry.calls.accept_admin())
    with pytest.raises(refusals.AdminRule, match="is not the account"):
        desk.sender.sign(desk.registry.calls.accept_admin())
    desk.do(desk.registry.calls.cancel_appointment())
    assert desk.registry.role_members().appointed_admin is None


def test_an_appointed_admin_takes_over_after_the_delay(chain: Chain) -> None:
    desk = a_desk(chain, admin_delay_seconds=0)
    successor = stranger(desk)
    appointed = desk.do(desk.registry.calls.appoint_admin(successor.address))
    _let_a_second_pass(desk, appointed.block_time)
    successor.complete(successor.sign(desk.registry.calls.accept_admin()))
    assert desk.registry.role_members().admin == successor.address
    with pytest.raises(refusals.MissingRole):
        desk.sender.sign(desk.registry.calls.grant_role("LOGGER", successor.address))


def _let_a_second_pass(desk: Desk, since: datetime) -> None:
    size = 0
    while (latest := desk.registry.latest_checkpoint()) is None or latest.recorded_at <= since:
        size += 1
        desk.do(desk.registry.calls.checkpoint(size, a_digest("root")))


# --------------------------------------------------------------------------------------------------- products


def test_products_are_listed_in_order_of_registration(desk: Desk) -> None:
    desk.do(desk.registry.calls.register("customer-industry"))
    assert desk.registry.products() == (PRODUCT, "customer-industry")
    assert desk.registry.is_registered("customer-industry")
    assert not desk.registry.is_registered("other")


def test_a_product_is_registered_once(desk: Desk) -> None:
    with pytest.raises(refusals.ProductAlreadyRegistered, match=PRODUCT):
        desk.sender.sign(desk.registry.calls.register(PRODUCT))


@pytest.mark.parametrize(
    "word",
    [
        bytes(32),
        b"Upper".ljust(32, b"\0"),
        b"two words".ljust(32, b"\0"),
        b"hidden\0tail".ljust(32, b"\0"),
        b"\0padded-left".rjust(32, b"\0"),
        "水".encode().ljust(32, b"\0"),
    ],
)
def test_a_name_with_anything_but_a_to_z_digits_and_dashes_is_refused(embedded: Chain, word: bytes) -> None:
    desk = a_desk(embedded)
    with pytest.raises(refusals.BadProduct):
        desk.sender.sign(raw_call(desk, "registerProduct", word))


def test_a_name_may_fill_all_32_characters(embedded: Chain) -> None:
    desk = a_desk(embedded)
    desk.do(desk.registry.calls.register("a" * 32))
    assert desk.registry.products()[-1] == "a" * 32


# --------------------------------------------------------------------------------------------------- releases


def test_a_release_is_read_back_as_it_was_published(desk: Desk) -> None:
    receipt = desk.publish(1)
    (release,) = desk.registry.releases(PRODUCT)
    assert release == desk.registry.release(PRODUCT, 1)
    assert release.manifest_digest == a_digest(f"{PRODUCT}/1")
    assert release.content_root == a_digest("root 1")
    assert release.publisher == desk.sender.address
    assert release.published_at == receipt.block_time
    assert release.block_number == receipt.block_number
    assert release.withdrawn is None
    assert desk.registry.find_releases(release.manifest_digest) == (release,)
    assert desk.registry.find_releases(a_digest("never published")) == ()


@pytest.mark.parametrize("version", [0, 1, 3, 2**256 - 1])
def test_only_the_next_version_can_be_published(desk: Desk, version: int) -> None:
    desk.publish(1)
    with pytest.raises(refusals.NotNextVersion, match="is 2, not") as refused:
        desk.sender.sign(desk.registry.calls.publish(PRODUCT, version, a_digest("other"), a_digest("r")))
    assert refused.value.values["expected"] == 2


def test_publishing_an_unregistered_product_is_refused(desk: Desk) -> None:
    for version in (0, 1, 2):
        with pytest.raises(refusals.UnknownProduct, match="other"):
            desk.sender.sign(desk.registry.calls.publish("other", version, a_digest("m"), a_digest("r")))


def test_zero_digests_are_refused(embedded: Chain) -> None:
    desk = a_desk(embedded)
    word, zero, one = product_word(PRODUCT), bytes(32), b"\x01" * 32
    for name, values in {
        "manifestDigest": ("publish", word, 1, zero, one),
        "contentRoot": ("publish", word, 1, one, zero),
        "party": ("grant", word, 0, zero, 1, 2**40 - 1, one),
        "termsHash": ("grant", word, 0, one, 1, 2**40 - 1, zero),
        "root": ("checkpoint", 1, zero),
    }.items():
        with pytest.raises(refusals.EmptyValue, match=name):
            desk.sender.sign(raw_call(desk, *values))  # type: ignore[arg-type]


def test_a_withdrawal_keeps_the_release_and_tells_who_when_and_why(desk: Desk) -> None:
    desk.publish(1)
    desk.publish(2)
    receipt = desk.do(desk.registry.calls.withdraw(PRODUCT, 1, "两个区域互换了 (two areas swapped)"))
    first, second = desk.registry.releases(PRODUCT)
    assert first.manifest_digest == a_digest(f"{PRODUCT}/1")
    assert first.withdrawn is not None
    assert first.withdrawn.by == desk.sender.address
    assert first.withdrawn.withdrawn_at == receipt.block_time
    assert first.withdrawn.block_number == receipt.block_number
    assert first.withdrawn.reason == "两个区域互换了 (two areas swapped)"
    assert second.withdrawn is None
    assert desk.registry.release(PRODUCT, 1) == first


def test_a_release_is_withdrawn_once_and_its_number_never_used_again(desk: Desk) -> None:
    desk.publish(1)
    desk.do(desk.registry.calls.withdraw(PRODUCT, 1, "wrong"))
    with pytest.raises(refusals.AlreadyWithdrawn):
        desk.sender.sign(desk.registry.calls.withdraw(PRODUCT, 1, "changed my mind"))
    with pytest.raises(refusals.NotNextVersion):
        desk.sender.sign(desk.registry.calls.publish(PRODUCT, 1, a_digest("m"), a_digest("r")))
    with pytest.raises(refusals.UnknownRelease):
        desk.sender.sign(desk.registry.calls.withdraw(PRODUCT, 2, "not there"))


@pytest.mark.parametrize("reason", ["", "x" * 257])
def test_a_reason_has_1_to_256_bytes(embedded: Chain, reason: str) -> None:
    desk = a_desk(embedded)
    desk.publish(1)
    with pytest.raises(refusals.BadReason):
        desk.sender.sign(raw_call(desk, "withdraw", product_word(PRODUCT), 1, reason))


# ----------------------------------------------------------------------------------------------------- grants


def test_a_grant_is_read_back_as_it_was_issued(desk: Desk) -> None:
    receipt = desk.grant(0)
    (grant,) = desk.registry.grants(PRODUCT)
    assert grant == desk.registry.grant(PRODUCT, 0)
    assert grant.party == PARTY
    assert grant.terms_digest == a_digest("terms")
    assert (grant.not_after - grant.not_before) == timedelta(days=30)
    assert grant.granted_at == receipt.block_time
    assert grant.block_number == receipt.block_number
    assert grant.revoked_at is None


@pytest.mark.parametrize("index", [0, 2, 2**256 - 1])
def test_only_the_next_grant_can_be_issued(desk: Desk, index: int) -> None:
    desk.grant(0)
    with pytest.raises(refusals.NotNextGrant, match="has index 1, not"):
        desk.grant(index)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (NOW + timedelta(hours=1), NOW + timedelta(hours=1)),
        (NOW + timedelta(hours=2), NOW + timedelta(hours=1)),
        (NOW - timedelta(hours=2), NOW - timedelta(hours=1)),
    ],
)
def test_an_empty_or_past_window_is_refused(desk: Desk, begins: datetime, ends: datetime) -> None:
    with pytest.raises(refusals.BadWindow):
        desk.grant(0, not_before=begins, not_after=ends)
    assert desk.registry.grant_count(PRODUCT) == 0


def test_a_grant_for_an_unregistered_product_is_refused(desk: Desk) -> None:
    with pytest.raises(refusals.UnknownProduct):
        desk.sender.sign(desk.registry.calls.grant("other", 0, **a_grant()))  # type: ignore[arg-type]


def test_a_revoked_grant_stays_and_is_revoked_once(desk: Desk) -> None:
    desk.grant(0)
    receipt = desk.do(desk.registry.calls.revoke(PRODUCT, 0))
    grant = desk.registry.grant(PRODUCT, 0)
    assert (grant.revoked_at, grant.revoked_block) == (receipt.block_time, receipt.block_number)
    assert grant.party == PARTY
    with pytest.raises(refusals.AlreadyRevoked):
        desk.sender.sign(desk.registry.calls.revoke(PRODUCT, 0))
    with pytest.raises(refusals.UnknownGrant):
        desk.sender.sign(desk.registry.calls.revoke(PRODUCT, 1))
    with pytest.raises(refusals.UnknownGrant):
        desk.registry.grant(PRODUCT, 1)


# ------------------------------------------------------------------------------------------------ checkpoints


def test_checkpoints_grow_and_stay(desk: Desk) -> None:
    assert desk.registry.latest_checkpoint() is None
    for size in (1, 2, 1000, 2**64 - 1):
        desk.do(desk.registry.calls.checkpoint(size, a_digest(f"root {size}")))
    listed = desk.registry.checkpoints()
    assert [each.size for each in listed] == [1, 2, 1000, 2**64 - 1]
    assert [each.index for each in listed] == [0, 1, 2, 3]
    assert [each.root for each in listed] == [a_digest(f"root {each.size}") for each in listed]
    assert desk.registry.latest_checkpoint() == listed[-1]


@pytest.mark.parametrize("size", [0, 4, 5])
def test_a_checkpoint_that_does_not_grow_is_refused(desk: Desk, size: int) -> None:
    desk.do(desk.registry.calls.checkpoint(5, a_digest("root")))
    with pytest.raises(refusals.SizeNotIncreasing, match="can't follow one of 5"):
        desk.sender.sign(desk.registry.calls.checkpoint(size, a_digest("root")))


# ------------------------------------------------------------------------------------------------ enumeration


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 9])
def test_counts_and_pages_are_complete_whatever_the_number(embedded: Chain, count: int) -> None:
    desk = a_desk(embedded)
    for number in range(count):
        desk.publish(number + 1)
        desk.grant(number, party="0x" + f"{number + 1:064x}")
    assert desk.registry.release_count(PRODUCT) == count
    assert desk.registry.grant_count(PRODUCT) == count
    assert [each.version for each in desk.registry.releases(PRODUCT)] == list(range(1, count + 1))
    assert [int(each.party, 16) for each in desk.registry.grants(PRODUCT)] == list(range(1, count + 1))


def test_pages_begin_and_end_where_they_are_told(embedded: Chain) -> None:
    desk = a_desk(embedded)
    for version in range(1, 6):
        desk.publish(version)
        desk.do(desk.registry.calls.checkpoint(version, a_digest("root")))

    def page(name: str, *values: object) -> int:
        signature = abi.function(name)
        return len(signature.unpack(desk.chain.call(desk.registry.address, signature.pack(*values))))

    word, most = product_word(PRODUCT), 2**256 - 1
    for first, count, expected in [(1, 2, 2), (4, 9, 2), (5, most, 1), (6, 1, 0), (most, most, 0), (2, 0, 0)]:
        assert page("releases", word, first, count) == expected
    for first, count, expected in [(0, 2, 2), (3, 9, 2), (4, most, 1), (5, 1, 0), (most, most, 0), (1, 0, 0)]:
        assert page("checkpoints", first, count) == expected
    assert page("products", 0, most) == 1
    assert page("grants", word, 0, most) == 0
    with pytest.raises(refusals.UnknownRelease):
        page("releases", word, 0, 1)
    for name in ("productAt", "checkpointAt"):
        with pytest.raises(refusals.IndexOutOfRange):
            page(name, 5)
    assert party_word(PARTY) != word  # words of different things are never the same


def test_more_than_one_page_is_read_whole(embedded: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contracts.registry._PAGE", 3)
    desk = a_desk(embedded)
    for version in range(1, 9):
        desk.publish(version)
    assert [each.version for each in desk.registry.releases(PRODUCT)] == list(range(1, 9))


def test_both_kinds_of_chain_charge_the_same_gas(embedded: Chain, anvil_url: str) -> None:
    from contracts.chain import open_chain

    def gas(desk: Desk) -> list[int]:
        calls = desk.registry.calls
        return [
            desk.publish(1).gas_used,
            desk.do(calls.withdraw(PRODUCT, 1, "wrong areas")).gas_used,
            desk.do(calls.checkpoint(7, a_digest("root"))).gas_used,
            desk.do(calls.register("other")).gas_used,
        ]

    with open_chain(anvil_url) as anvil:
        assert gas(a_desk(embedded)) == gas(a_desk(anvil))

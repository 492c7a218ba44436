"""From draft to grant: who may do what, when, and what a second try says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from catalog.changes import ChangeFilter, GovernedKind
from catalog.grants import AlreadyRevoked, EmptyWindow, GrantNotFound
from catalog.parties import UnknownParty
from catalog.product_register import ProductNotRegistered
from catalog.releases.models import (
    AlreadyPublished,
    NotADraft,
    NotApproved,
    NotPublished,
    OwnBuild,
    ReleaseNotFound,
    ReleaseState,
)
from contracts import refusals
from contracts.words import MalformedTime
from products.anchoring.publisher import NothingPublished
from products.building.builder import BuildOptions, Built
from products.recipe import RecipeNotFound
from standards.errors import InvalidInput
from tests.products.builders import INDEX, INDUSTRY
from tests.products.homes import Home, now, registry_of


def built(home: Home, *, by: str = "alice", **parameters: object) -> Built:
    """Build the index and approve nothing."""
    options = BuildOptions(parameters={name: str(value) for name, value in parameters.items()})
    with home.open() as platform:
        return platform.builder.build(INDEX, by=by, options=options)


def approve(home: Home, *, by: str, version: int | None = None) -> None:
    with home.open() as platform:
        platform.registering.approve(INDEX, version, by=by)


def test_nobody_approves_their_own_build(home: Home) -> None:
    built(home, base_months=2)
    with pytest.raises(OwnBuild) as caught:
        approve(home, by="alice")
    assert caught.value.hint
    approve(home, by="bob")
    with pytest.raises(NotADraft):
        approve(home, by="bob")


def test_a_product_is_registered_with_its_first_release(home: Home) -> None:
    with home.open() as platform:
        draft = platform.product_register.get(INDEX)
        asked = platform.changes.list(ChangeFilter(subject_kind=GovernedKind.PRODUCT, subject=INDEX))
        first = platform.datasets.get("dma-inflow").document
    assert (draft.document.owner, draft.document.steward) == (first.owner, first.steward)
    assert [(each.requested_by, each.decided_by, each.decision_reason) for each in asked] == [
        ("alice", "bob", "with release 1")
    ]


def test_nothing_of_an_unregistered_product_is_published(home: Home) -> None:
    """As in a home that was made before products were registered with their first release."""
    with home.open() as platform:
        with platform.database.write() as session:
            session.execute(sa.text("DELETE FROM products"))
        with pytest.raises(ProductNotRegistered):
            platform.publisher.publish(INDEX, None, by="bob")


def test_approval_is_by_a_party_that_is_known(home: Home) -> None:
    built(home, base_months=2)
    with pytest.raises(UnknownParty):
        approve(home, by="mallory")


def test_what_was_not_approved_is_not_published_and_nothing_reaches_the_chain(home: Home) -> None:
    built(home, base_months=2)
    with pytest.raises(NotApproved) as caught:
        home.publish()
    assert "someone other than alice" in (caught.value.hint or "")
    with registry_of(home) as registry, home.open() as platform:
        assert registry.products() == ()
        assert platform.intents.pending() == ()


def test_a_new_draft_takes_the_place_of_an_approved_one_and_its_approval_is_lost(home: Home) -> None:
    with home.open() as platform:
        approved = platform.releases.get(INDEX)
    assert approved.state is ReleaseState.APPROVED
    again = built(home, base_months=2)
    assert (again.release.version, again.release.state, again.is_new) == (1, ReleaseState.DRAFT, True)
    assert again.release.approved_by is None
    with pytest.raises(NotApproved):
        home.publish()
    # and the first content, built again by somebody else, has to be approved again by another
    back = built(home, by="bob")
    assert back.release.manifest_digest == approved.manifest_digest
    assert (back.release.state, back.release.approved_by) == (ReleaseState.DRAFT, None)
    with pytest.raises(OwnBuild):
        approve(home, by="bob")


def test_the_same_content_again_leaves_an_approval_as_it_is(home: Home) -> None:
    again = built(home, by="bob")
    assert (again.is_new, again.release.state) == (False, ReleaseState.APPROVED)
    assert (again.release.built_by, again.release.approved_by) == ("alice", "bob")


def test_publishing_records_where_on_the_chain_it_is(moved: Home) -> None:
    release = moved.publish()
    assert (release.state, release.published_by) == (ReleaseState.PUBLISHED, "bob")
    assert release.chain is not None
    with registry_of(moved) as registry:
        anchor = registry.release(INDEX, 1)
        assert release.chain["chain_id"] == registry.chain.chain_id
        assert release.chain["contract"] == registry.address
        assert release.chain["block"] == anchor.block_number
        assert release.chain["publisher"] == anchor.publisher
        receipt = registry.chain.ask("eth_getTransactionReceipt", release.chain["transaction"])
        assert int(receipt["blockNumber"], 16) == anchor.block_number
        assert int(receipt["gasUsed"], 16) == release.chain["gas_used"] <= 110_000


def test_a_version_is_published_once(moved: Home) -> None:
    moved.publish()
    for version in (None, 1):
        with pytest.raises(AlreadyPublished) as caught:
            moved.publish(version)
        assert caught.value.hint
    with registry_of(moved) as registry:
        assert registry.release_count(INDEX) == 1


def test_the_same_content_after_publication_is_the_same_release(home: Home) -> None:
    published = home.publish()
    again = built(home, by="bob")
    assert (again.is_new, again.release) == (False, published)


def test_other_content_after_publication_is_the_next_version(moved: Home) -> None:
    first = moved.publish()
    second = moved.build(base_months=2)
    assert (second.version, second.state) == (2, ReleaseState.APPROVED)
    assert moved.publish().version == 2
    with registry_of(moved) as registry, moved.open() as platform:
        assert [r.version for r in registry.releases(INDEX)] == [1, 2]
        assert platform.releases.get(INDEX, 1) == first
    # back to the first parameters: other content than the newest, so a third version
    assert built(moved).release.version == 3


def test_a_product_or_version_that_is_not_there_is_not_found(home: Home) -> None:
    with home.open() as platform:
        for product, version in ((INDUSTRY, None), (INDEX, 2), ("nothing", None)):
            with pytest.raises(ReleaseNotFound):
                platform.publisher.publish(product, version, by="bob")
        with pytest.raises(UnknownParty):
            platform.publisher.publish(INDEX, None, by="mallory")


# ------------------------------------------------------------------------------------------------- grants


def test_nothing_can_be_granted_before_something_is_published(home: Home) -> None:
    with pytest.raises(NothingPublished) as caught:
        home.grant()
    assert caught.value.hint == f"first: shuize product publish {INDEX}"
    with home.open() as platform:  # nor when only the name is on the chain
        sender, registry = platform.sender, platform.registry
        sender.complete(sender.sign(registry.calls.register(INDEX)))
    with pytest.raises(NothingPublished):
        home.grant()
    with home.open() as platform:
        assert platform.grants.list() == ()


def test_a_grant_is_on_the_chain_as_the_catalog_has_it(moved: Home) -> None:
    moved.publish()
    grant = moved.grant(after=1)
    with registry_of(moved) as registry, moved.open() as platform:
        on_chain = registry.grant(INDEX, 0)
        assert grant.chain_index == 0
        assert on_chain.party == platform.parties.get("partner").chain_id
        assert on_chain.terms_digest == grant.terms_digest == grant.terms.digest()
        assert (on_chain.not_before, on_chain.not_after) == (grant.terms.not_before, grant.terms.not_after)


def test_the_same_terms_twice_are_two_grants(home: Home) -> None:
    home.publish()
    one, two = home.grant(), home.grant()
    assert {one.chain_index, two.chain_index} == {0, 1}
    assert one.terms_digest != two.terms_digest


@pytest.mark.parametrize(
    ("begins", "ends"), [(timedelta(days=2), timedelta(days=1)), (timedelta(days=1), timedelta(days=1))]
)
def test_an_empty_window_is_refused(home: Home, begins: timedelta, ends: timedelta) -> None:
    home.publish()
    with home.open() as platform, pytest.raises(EmptyWindow):
        platform.publisher.grant(
            INDEX,
            "partner",
            purpose="x",
            not_before=now() + begins,
            not_after=now() + ends,
            by="alice",
        )


def test_a_window_in_the_past_is_refused(home: Home) -> None:
    home.publish()
    with pytest.raises(EmptyWindow, match="not after it begins"):
        home.grant(days=-1)
    with home.open() as platform:
        with pytest.raises(EmptyWindow, match="in the past"):
            platform.publisher.grant(
                INDEX,
                "partner",
                purpose="x",
                not_before=now() - timedelta(days=9),
                not_after=now() - timedelta(seconds=5),
                by="alice",
            )
        assert platform.grants.list() == ()
        assert platform.intents.pending() == ()


def test_a_window_of_less_than_a_second_is_refused_by_the_contract_in_words(home: Home) -> None:
    """The chain counts whole seconds."""
    home.publish()
    begins = now() + timedelta(days=1)
    with home.open() as platform:
        with pytest.raises(refusals.BadWindow):
            platform.publisher.grant(
                INDEX,
                "partner",
                purpose="x",
                not_before=begins,
                not_after=begins + timedelta(microseconds=9),
                by="alice",
            )
        assert platform.intents.pending() == ()


def test_a_grant_names_a_known_product_party_and_purpose(home: Home) -> None:
    home.publish()
    ends = now() + timedelta(days=1)
    said = {"purpose": "x", "not_before": None, "not_after": ends, "by": "alice"}
    with home.open() as platform:
        with pytest.raises(RecipeNotFound):
            platform.publisher.grant("nothing", "partner", **said)  # type: ignore[arg-type]
        with pytest.raises(UnknownParty):
            platform.publisher.grant(INDEX, "mallory", **said)  # type: ignore[arg-type]
        with pytest.raises(UnknownParty):
            platform.publisher.grant(INDEX, "partner", **(said | {"by": "mallory"}))  # type: ignore[arg-type]
        with pytest.raises(InvalidInput, match="purpose"):
            platform.publisher.grant(INDEX, "partner", **(said | {"purpose": " "}))  # type: ignore[arg-type]
        with pytest.raises(NothingPublished):
            platform.publisher.grant(INDUSTRY, "partner", **said)  # type: ignore[arg-type]
        assert platform.grants.list() == ()


def test_a_grant_is_revoked_once_with_a_reason(moved: Home) -> None:
    moved.publish()
    grant = moved.grant()
    with moved.open() as platform, pytest.raises(InvalidInput, match="reason"):
        platform.publisher.revoke(grant.id, reason="  ", by="alice")
    revoked = moved.revoke(grant.id)
    assert (revoked.revoked_by, revoked.revoke_reason) == ("alice", "study finished")
    with pytest.raises(AlreadyRevoked):
        moved.revoke(grant.id)
    with pytest.raises(GrantNotFound):
        moved.revoke("nothing")
    with registry_of(moved) as registry:
        assert registry.grant(INDEX, 0).revoked_at is not None


def test_a_grant_revoked_on_the_chain_alone_is_taken_over_by_the_catalog(home: Home) -> None:
    home.publish()
    grant = home.grant()
    with home.open() as platform:
        sender, registry = platform.sender, platform.registry
        sender.complete(sender.sign(registry.calls.revoke(INDEX, 0)))
        head = registry.chain.status().head_number
    assert home.revoke(grant.id).revoke_reason == "study finished"
    with registry_of(home) as registry:
        assert registry.chain.status().head_number == head  # it was found, not sent again


def test_a_release_is_withdrawn_once_with_a_reason_and_its_version_stays_taken(moved: Home) -> None:
    moved.publish()
    with moved.open() as platform:
        withdrawn = platform.publisher.withdraw(INDEX, 1, reason="meters were swapped", by="bob")
        on_chain = platform.registry.release(INDEX, 1).withdrawn
        assert withdrawn.state is ReleaseState.WITHDRAWN
        assert on_chain is not None
        assert on_chain.reason == "meters were swapped"
        with pytest.raises(NotPublished, match="is withdrawn"):
            platform.publisher.withdraw(INDEX, 1, reason="again", by="bob")
        assert platform.releases.next_version(INDEX) == 2


def test_a_withdrawal_needs_a_reason_and_something_published(home: Home) -> None:
    with home.open() as platform, pytest.raises(NotPublished, match="is approved"):
        platform.publisher.withdraw(INDEX, 1, reason="why", by="bob")
    home.publish()
    with home.open() as platform, pytest.raises(InvalidInput, match="needs a reason"):
        platform.publisher.withdraw(INDEX, 1, reason=" ", by="bob")


def test_a_window_that_the_chain_can_not_hold_is_refused_before_anything_is_kept(home: Home) -> None:
    home.publish()
    with home.open() as platform:
        with pytest.raises(MalformedTime):
            platform.publisher.grant(
                INDEX,
                "partner",
                purpose="leakage study",
                not_before=datetime(1, 1, 1, tzinfo=UTC),
                not_after=now() + timedelta(days=1),
                by="alice",
            )
        assert platform.grants.list() == ()
        assert platform.intents.pending() == ()

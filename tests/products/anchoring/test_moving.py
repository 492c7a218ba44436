"""Moving a home that has published to another chain, back again, and onto a chain that was reset."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from api.initialise import initialise
from catalog.grants import Grant, Grants, GrantState
from catalog.parties import PartnersDontGovern
from catalog.releases.models import AlreadyPublished, ReleaseState
from contracts.chain import WrongChain
from contracts.verification import verify_file
from products.anchoring.publisher import NotAPartner
from products.anchoring.release_steps import PublishRelease, RegisterProduct
from products.anchoring.standing import AnchoredElsewhere, ChainReset, SignedElsewhere
from products.exporting import export
from products.row_queries import RowQuery
from products.serving import GrantExpired, GrantRevoked
from standards.errors import ShuizeError
from tests.chains import an_anvil
from tests.products.builders import INDEX
from tests.products.homes import Home, a_copy, fund, now, registry_of
from tests.products.moves import assert_all_stand, elsewhere, left_behind


def move(home: Home) -> tuple[str, ...]:
    with home.open() as platform:
        return platform.mover.move(by="alice")


def rows(home: Home, party: str = "partner") -> bytes:
    with home.open() as platform:
        return platform.server.rows(platform.parties.get(party), INDEX, RowQuery()).body


@pytest.fixture
def published(home: Home) -> tuple[Home, Grant]:
    """Return a home with version 1 withdrawn and version 2 published, and a grant that holds."""
    return home, left_behind(home)


def test_until_it_has_moved_a_home_says_where_things_stand(
    published: tuple[Home, Grant], anvil_url: str
) -> None:
    home, grant = published
    there = elsewhere(home, anvil_url)
    deeds = (
        there.publish,
        there.grant,
        lambda: there.revoke(grant.id),
        lambda: rows(there),
    )
    for deed in deeds:
        with pytest.raises(AnchoredElsewhere, match="chain 13376") as caught:
            deed()
        assert "31337" in caught.value.message
        assert "shuize chain move" in (caught.value.hint or "")
    there.build(base_months=3)
    with pytest.raises(AnchoredElsewhere):
        there.publish()
    with there.open() as platform:
        with pytest.raises(AnchoredElsewhere):
            platform.publisher.withdraw(INDEX, 2, reason="why", by="bob")
        assert platform.intents.pending() == ()
    with registry_of(there) as registry:
        assert registry.products() == ()
    assert rows(home)  # and back where it came from, all is as it was


def test_what_was_published_and_granted_is_carried_over_once(
    published: tuple[Home, Grant], anvil_url: str
) -> None:
    home, grant = published
    before = rows(home)
    there = elsewhere(home, anvil_url)
    moved = (
        f"move-release:{INDEX}:1",
        f"move-release:{INDEX}:2",
        f"move-withdrawal:{INDEX}:1",
        f"move-grant:{grant.id}",
    )
    assert move(there) == moved
    assert_all_stand(there)
    assert move(there) == ()
    assert rows(there) == before
    with registry_of(there) as registry, there.open() as platform:
        withdrawn = registry.release(INDEX, 1).withdrawn
        assert withdrawn is not None
        assert withdrawn.reason == "meters were swapped"
        assert registry.grant(INDEX, 0).terms_digest == grant.terms_digest
        (earlier,) = (platform.releases.get(INDEX, 2).chain or {})["earlier"]
        assert earlier["chain_id"] == 13376
        (was,) = (platform.grants.get(grant.id).chain or {})["earlier"]
        assert (was["chain_id"], was["index"]) == (13376, 0)
    there.build(base_months=3)
    assert there.publish().version == 3
    assert there.revoke(grant.id).state is GrantState.REVOKED


def test_moving_back_finds_what_stayed_and_carries_the_rest(
    published: tuple[Home, Grant], anvil_url: str
) -> None:
    home, grant = published
    there = elsewhere(home, anvil_url)
    move(there)
    there.build(base_months=3)
    there.publish()
    there.revoke(grant.id)
    with pytest.raises(AnchoredElsewhere):
        home.publish()
    move(home)
    assert_all_stand(home)
    with pytest.raises(GrantRevoked):  # it stands on the chain there as it was left; it was revoked since
        rows(home)
    home.grant()
    assert rows(home)


def test_an_export_speaks_of_the_chain_it_was_made_on(
    published: tuple[Home, Grant], tmp_path: Path, anvil_url: str
) -> None:
    home, _ = published
    there = elsewhere(home, anvil_url)

    def exported(name: str) -> Path:
        with home.open() as platform:
            export(platform.releases.get(INDEX, 2), platform.store, tmp_path / name)
        return tmp_path / name / f"{INDEX}.csv"

    old = exported("old")
    move(there)
    new = exported("new")
    assert old.with_name("manifest.json").read_bytes() == new.with_name("manifest.json").read_bytes()
    for file, at, other in ((old, home, there), (new, there, home)):
        with registry_of(at) as registry:
            assert verify_file(file, registry).holds
        with registry_of(other) as registry, pytest.raises(WrongChain):
            verify_file(file, registry)


def test_an_interrupted_move_goes_on(published: tuple[Home, Grant], anvil_url: str) -> None:
    home, _ = published
    there = elsewhere(home, anvil_url)
    with there.open() as platform:
        mover = platform.mover
        steps = mover._steps(mover.registers.releases.to_move(by="alice"), mover.anchor(), "alice")
        for _ in range(2):  # the product's name, and version 1
            mover.anchor().carry_out(next(steps))
        intent = platform.intents.open(
            f"move-release:{INDEX}:2",
            {"step": "move-release", "product": INDEX, "version": 2, "by": "alice"},
        )
        signed = platform.anchor._signed(intent, next(steps))
        assert signed.transaction is not None
    assert there.resume() == (f"move-release:{INDEX}:2: done",)
    assert len(move(there)) == 2
    assert_all_stand(there)


def test_what_was_signed_for_another_chain_waits_for_it_or_is_let_go(home: Home, anvil_url: str) -> None:
    home.publish()
    home.build(base_months=2)
    with home.open() as platform:  # signed and not sent
        step = PublishRelease(
            platform.publisher.registers, platform.releases.to_publish(INDEX, 2, by="bob"), "bob"
        )
        platform.anchor._signed(platform.intents.open(step.aim, step.action()), step)
    there = elsewhere(home, anvil_url)
    (said,) = there.resume()
    assert "left open" in said
    assert "waits for chain 13376" in said
    assert "refused" not in said
    with pytest.raises(AnchoredElsewhere):
        there.publish()
    move(there)
    with there.open() as platform:
        (intent,) = platform.intents.pending()
        assert intent.transaction is None
        assert intent.action["left"][0]["chain_id"] == 13376
    assert there.resume() == (f"publish:{INDEX}:2: done",)
    assert_all_stand(there)


def test_a_first_publication_signed_for_another_chain_says_so(home: Home, anvil_url: str) -> None:
    with home.open() as platform:
        step = RegisterProduct(platform.publisher.registers, INDEX)
        platform.anchor._signed(platform.intents.open(step.aim, step.action()), step)
    there = elsewhere(home, anvil_url)
    with pytest.raises(SignedElsewhere, match="waits for chain 13376"):
        there.publish()
    move(there)
    assert there.publish().state is ReleaseState.PUBLISHED


def test_a_grant_of_the_old_chain_does_not_end_anothers(home: Home, anvil_url: str) -> None:
    home.publish()
    old = home.grant("partner")
    there = elsewhere(home, anvil_url)
    with there.open() as platform:
        mover = platform.mover
        for step in list(mover._steps(mover.registers.releases.to_move(by="alice"), mover.anchor(), "alice")):
            if "move-grant" not in step.aim:
                mover.anchor().carry_out(step)
    there.grant("rival")  # takes index 0 on the new chain
    with pytest.raises(AnchoredElsewhere):
        there.revoke(old.id)
    with registry_of(there) as registry:
        assert registry.grant(INDEX, 0).revoked_at is None
    with pytest.raises(AnchoredElsewhere):
        rows(there)
    move(there)
    there.revoke(old.id)
    with registry_of(there) as registry:
        assert [g.revoked_at is None for g in registry.grants(INDEX)] == [True, False]


def test_a_grant_is_carried_over_up_to_its_last_second(home: Home) -> None:
    home.publish()
    grant = home.grant()
    with home.open() as platform:
        at = [grant.terms.not_after, grant.terms.not_after + timedelta(seconds=1)]
        living = [Grants(platform.database, lambda moment=moment: moment).living() for moment in at]
    assert living == [(grant,), ()]


def test_grants_that_are_over_are_not_carried_over(home: Home, anvil_url: str) -> None:
    home.publish()
    gone = home.grant("partner")
    home.revoke(gone.id)
    with home.open() as platform:
        short = platform.publisher.grant(
            INDEX, "rival", purpose="x", not_before=None, not_after=now() + timedelta(seconds=2), by="alice"
        )
    there = elsewhere(home, anvil_url)
    with there.open() as platform:
        assert short in platform.grants.living()
    while now() <= short.terms.not_after:
        time.sleep(0.1)
    assert move(there) == (f"move-release:{INDEX}:1",)
    with pytest.raises(GrantRevoked):
        rows(there)
    with pytest.raises(GrantExpired):
        rows(there, "rival")


def test_a_chain_that_was_reset_is_founded_anew_only_when_told_to(published: tuple[Home, Grant]) -> None:
    home, grant = published
    before = rows(home)
    home.settings.chain_file.unlink()
    for _ in range(2):
        with pytest.raises(ChainReset, match="was reset") as caught:
            initialise(home.settings, lambda _step: None)
        assert "--refound" in (caught.value.hint or "")
    with pytest.raises(ChainReset):
        home.publish()
    for _ in range(2):
        initialise(home.settings, lambda _step: None, refound=True)
    for deed in (home.publish, home.grant, lambda: home.revoke(grant.id), lambda: rows(home)):
        with pytest.raises(AnchoredElsewhere, match="was reset"):
            deed()
    assert len(move(home)) == 4
    assert_all_stand(home)
    assert rows(home) == before
    with pytest.raises(AlreadyPublished):
        home.publish()
    with home.open() as platform:
        outcome = platform.deployments.get(platform.chain.chain_id).outcome
        assert len(outcome["earlier"]) == 1


def test_what_was_signed_before_a_reset_is_signed_anew(home: Home) -> None:
    home.publish()
    for _ in range(2):  # more than will be carried: the account comes less far on the new chain
        home.revoke(home.grant().id)
    home.build(base_months=2)
    with home.open() as platform:  # signed and not sent
        to_publish = platform.releases.to_publish(INDEX, 2, by="bob")
        step = PublishRelease(platform.publisher.registers, to_publish, "bob")
        platform.anchor._signed(platform.intents.open(step.aim, step.action()), step)
    home.settings.chain_file.unlink()
    initialise(home.settings, lambda _step: None, refound=True)
    assert move(home) == (f"move-release:{INDEX}:1",)
    assert home.resume() == (f"publish:{INDEX}:2: done",)
    assert_all_stand(home)


def test_a_node_that_was_started_anew_is_founded_anew_when_told_to(
    template: Home, tmp_path: Path, node_packages: Path
) -> None:
    with an_anvil(tmp_path / "log") as url:
        home = a_copy(template, tmp_path / "home", url)
        grant = left_behind(home)
        before = rows(home)
    with an_anvil(tmp_path / "log", port=int(url.rpartition(":")[2])):
        with home.open() as platform:
            fund(url, platform.sender.address)
        for deed in (lambda: initialise(home.settings, lambda _step: None), home.publish, lambda: rows(home)):
            with pytest.raises(ChainReset, match="was reset"):
                deed()
        initialise(home.settings, lambda _step: None, refound=True)
        for deed in (home.grant, lambda: home.revoke(grant.id), lambda: rows(home)):
            with pytest.raises(AnchoredElsewhere, match="was reset"):
                deed()
        assert len(move(home)) == 4
        assert move(home) == ()
        assert_all_stand(home)
        assert rows(home) == before
        with home.open() as platform:
            sent = platform.chain.number("eth_getTransactionCount", platform.sender.address, "latest")
            assert len(platform.deployments.get(platform.chain.chain_id).outcome["earlier"]) == 1
        assert sent == 4 + 5  # the contract and three roles; the name, two releases, a withdrawal, a grant


def test_partners_do_not_govern(home: Home) -> None:
    home.publish()
    grant = home.grant()
    home.build(base_months=2)
    far = now() + timedelta(days=3)
    with home.open() as platform:
        publisher, releases = platform.publisher, platform.releases
        deeds = (
            lambda: platform.builder.build(INDEX, by="partner"),
            lambda: releases.approve(INDEX, 2, by="partner"),
            lambda: publisher.publish(INDEX, 2, by="partner"),
            lambda: publisher.withdraw(INDEX, 1, reason="x", by="partner"),
            lambda: publisher.grant(
                INDEX, "rival", purpose="x", not_before=None, not_after=far, by="partner"
            ),
            lambda: publisher.revoke(grant.id, reason="x", by="partner"),
            lambda: platform.mover.move(by="partner"),
            lambda: platform.datasets.to_load("dma-inflow", by="partner"),
        )
        for deed in deeds:
            with pytest.raises(PartnersDontGovern):
                deed()
        assert platform.intents.pending() == ()


def test_only_partners_are_granted_and_cheap_things_are_checked_before_the_chain_is_opened(
    home: Home,
) -> None:
    def no_chain() -> object:
        raise AssertionError("the chain was opened")

    far = now() + timedelta(days=3)
    with home.open() as platform:
        publisher = replace(platform.publisher, anchor=no_chain, registry=no_chain)  # type: ignore[arg-type]
        given = {"purpose": "x", "not_before": None, "not_after": far, "by": "alice"}
        with pytest.raises(NotAPartner, match="bob is a person"):
            publisher.grant(INDEX, "bob", **given)  # type: ignore[arg-type]
        for wrong in ({"purpose": " "}, {"not_after": now() - timedelta(days=1)}, {"by": "nobody"}):
            with pytest.raises(ShuizeError):
                publisher.grant(INDEX, "partner", **(given | wrong))  # type: ignore[arg-type]

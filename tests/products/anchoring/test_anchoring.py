"""What comes between two steps: another run, a build, a chain that does not answer, one that refuses."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from api.initialise import initialise
from api.wiring import Platform
from catalog.grants import GrantState
from catalog.releases.models import BeingPublished, NotApproved, ReleaseState
from contracts.keys import WrongPassword
from contracts.node import ChainUnavailable
from contracts.refusals import MissingRole
from contracts.sender import NotEnoughFunds
from products.anchoring.anchor import Anchor
from products.anchoring.publisher import Publisher
from products.anchoring.release_steps import ReleaseReplaced
from products.building.builder import BuildOptions
from products.row_queries import RowQuery
from products.serving import NoGrant
from tests.products import mortals
from tests.products.anchoring.test_exactly_once import assert_published_once, run
from tests.products.builders import INDEX
from tests.products.homes import Home, a_copy, fund, now, registry_of
from tests.products.mortals import Before, CutOff


def publisher_with(platform: Platform, *, intents: Any = None, sender: Any = None) -> Publisher:
    """Return the platform's publisher with doubles in the places of its intents and its sender."""
    registers = replace(platform.publisher.registers, intents=intents or platform.intents)
    anchor = Anchor(registers.intents, platform.registry, sender or platform.sender)
    return replace(platform.publisher, registers=registers, anchor=lambda: anchor)


def grant_by(publisher: Publisher) -> None:
    publisher.grant(
        INDEX, "partner", purpose="study", not_before=None, not_after=now().replace(year=2099), by="alice"
    )


@pytest.mark.parametrize("method", ["open", "attach"])
def test_a_grant_that_another_run_completes_between_two_steps_is_issued_once(
    moved: Home, method: str
) -> None:
    moved.publish()
    with moved.open() as platform:
        grant_by(publisher_with(platform, intents=Before(platform.intents, method, moved.resume)))
    with registry_of(moved) as registry, moved.open() as platform:
        assert registry.grant_count(INDEX) == 1
        assert [grant.state for grant in platform.grants.list()] == [GrantState.ACTIVE]
        assert platform.intents.pending() == ()


@pytest.mark.parametrize("method", ["sign", "send", "wait"])
def test_a_grant_that_another_run_sends_between_two_steps_is_issued_once(moved: Home, method: str) -> None:
    moved.publish()
    with moved.open() as platform:
        grant_by(publisher_with(platform, sender=Before(platform.sender, method, moved.resume)))
    with registry_of(moved) as registry, moved.open() as platform:
        assert registry.grant_count(INDEX) == 1
        assert [grant.state for grant in platform.grants.list()] == [GrantState.ACTIVE]
        assert platform.intents.pending() == ()


def test_a_grant_sent_by_another_run_and_not_yet_recorded_is_not_sent_again(moved: Home) -> None:
    """The other run dies between the block and the catalog, and before this one has signed."""
    moved.publish()

    def other() -> None:
        with moved.open() as platform:
            signing = CutOff(platform.sender, "wait", works=True)
            with pytest.raises(ChainUnavailable):
                publisher_with(platform, sender=signing).resume()

    for method, part in (("sign", "sender"), ("attach", "intents")):
        with moved.open() as platform:
            double = Before(getattr(platform, part), method, other)
            grant_by(publisher_with(platform, **{part: double}))
    with registry_of(moved) as registry, moved.open() as platform:
        found = {grant.terms_digest: grant.index for grant in registry.grants(INDEX)}
        assert {g.terms_digest: g.chain_index for g in platform.grants.list()} == found
        assert len(found) == 2
        assert platform.intents.pending() == ()


def test_a_draft_built_while_the_release_is_being_published_keeps_its_place(moved: Home) -> None:
    """The build comes after the look at the release and before its intent: nothing unapproved goes out."""
    with moved.open() as platform:
        building = Before(platform.intents, "pending", lambda: _rebuild(moved))
        with pytest.raises((ReleaseReplaced, NotApproved)):
            publisher_with(platform, intents=building).publish(INDEX, None, by="bob")
    with registry_of(moved) as registry, moved.open() as platform:
        assert registry.release_count(INDEX) == 0
        assert platform.releases.get(INDEX).state is ReleaseState.DRAFT
        assert platform.intents.pending() == ()
        platform.registering.approve(INDEX, 1, by="bob")
    moved.publish()
    assert_published_once(moved)


def _rebuild(home: Home) -> None:
    with home.open() as platform:
        options = BuildOptions(parameters={"base_months": "2"})
        platform.builder.build(INDEX, by="alice", options=options)


def test_while_a_release_is_on_its_way_no_build_takes_its_place(home: Home) -> None:
    with home.open() as platform:
        signing = CutOff(platform.sender, "send", works=False)
        with pytest.raises(ChainUnavailable):
            publisher_with(platform, sender=signing).publish(INDEX, None, by="bob")
        assert [intent.aim for intent in platform.intents.pending()] == [f"register-product:{INDEX}"]
    assert run(home, mortals.publish, after=8) == -signal.SIGKILL
    with home.open() as platform:
        assert f"publish:{INDEX}:1" in [intent.aim for intent in platform.intents.pending()]
    with pytest.raises(BeingPublished):
        _rebuild(home)
    home.resume()
    assert_published_once(home)


# ------------------------------------------------------------------------------------------------- cut off


@pytest.mark.parametrize("works", [False, True], ids=["lost", "unanswered"])
@pytest.mark.parametrize("method", ["sign", "send", "wait"])
def test_without_an_answer_the_intent_stays_open_and_the_next_run_completes_it(
    moved: Home, method: str, works: bool
) -> None:
    with moved.open() as platform:
        publisher = publisher_with(platform, sender=CutOff(platform.sender, method, works=works))
        with pytest.raises(ChainUnavailable):
            publisher.publish(INDEX, None, by="bob")
        assert len(platform.intents.pending()) == 1
        with pytest.raises(ChainUnavailable):  # and again, for as long as it lasts
            publisher.resume()
        assert len(platform.intents.pending()) == 1
    moved.publish()
    assert_published_once(moved)


def test_a_chain_that_is_not_there_is_unavailable_and_changes_nothing(home: Home) -> None:
    away = Home(home.settings.model_copy(update={"chain": "http://127.0.0.1:9"}))
    with pytest.raises(ChainUnavailable):
        away.publish()
    with pytest.raises(ChainUnavailable):
        away.grant()
    assert away.resume() == ()  # nothing is open, so nothing is asked
    with home.open() as platform:
        assert platform.intents.pending() == ()
        assert platform.grants.list() == ()
        assert platform.releases.get(INDEX).state is ReleaseState.APPROVED


def test_what_the_contract_refuses_is_closed_as_failed_and_may_be_tried_again(moved: Home) -> None:
    with moved.open() as platform:
        registry, sender = platform.registry, platform.sender
        sender.complete(sender.sign(registry.calls.revoke_role("PUBLISHER", sender.address)))
        with pytest.raises(MissingRole):
            platform.publisher.publish(INDEX, None, by="bob")
        assert platform.intents.pending() == ()
        sender.complete(sender.sign(registry.calls.grant_role("PUBLISHER", sender.address)))
    moved.publish()
    assert_published_once(moved)


def test_a_grant_the_contract_refuses_is_marked_and_no_one_may_read_with_it(moved: Home) -> None:
    moved.publish()
    with moved.open() as platform:
        registry, sender = platform.registry, platform.sender
        sender.complete(sender.sign(registry.calls.revoke_role("GRANTOR", sender.address)))
    with pytest.raises(MissingRole):
        moved.grant()
    with moved.open() as platform:
        assert [grant.state for grant in platform.grants.list()] == [GrantState.REFUSED]
        with pytest.raises(NoGrant):
            platform.server.rows(platform.parties.get("partner"), INDEX, RowQuery())


def test_an_account_without_funds_is_told_so_and_completes_once_it_has_some(
    template: Home, tmp_path: Path, anvil_url: str
) -> None:
    home = a_copy(template, tmp_path / "home", anvil_url, found=False)
    with home.open() as platform:
        platform.chain.node.ask("anvil_setBalance", platform.sender.address, "0x0")
    with pytest.raises(NotEnoughFunds):
        initialise(home.settings, lambda _step: None)
    with home.open() as platform:
        fund(anvil_url, platform.sender.address)
    initialise(home.settings, lambda _step: None)
    home.publish()
    assert_published_once(home)


def test_resuming_without_the_password_says_so_and_leaves_everything_open(home: Home) -> None:
    assert run(home, mortals.publish, after=6) == -signal.SIGKILL
    locked = Home(home.settings.model_copy(update={"password": SecretStr("another")}))
    with pytest.raises(WrongPassword):
        locked.resume()
    with home.open() as platform:
        assert len(platform.intents.pending()) == 1
    assert home.resume()

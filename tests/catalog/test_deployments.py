from __future__ import annotations

import pytest

from catalog.deployments import Deployments, NoDeployment
from catalog.intents import IntentNotFound
from catalog.trail import Trail
from tests.builders import NOON, Room

ONE, TWO = "0x" + "1" * 40, "0x" + "2" * 40


@pytest.fixture
def deployments(room: Room) -> Deployments:
    return Deployments(room.database, room.clock)


def test_a_chain_without_a_registry_is_said_to_have_none(deployments: Deployments) -> None:
    with pytest.raises(NoDeployment, match="31337"):
        deployments.get(31337)


def test_a_registry_is_recorded_with_its_intent(room: Room, deployments: Deployments) -> None:
    intent = room.intents.open("deploy:31337", {})
    kept = deployments.keep(31337, ONE, {"block": 1}, intent=intent.id)
    assert deployments.get(31337) == kept
    assert (kept.contract, kept.outcome, kept.deployed_at) == (ONE, {"block": 1}, NOON)
    assert room.intents.pending() == ()
    entry = Trail(room.database, room.clock).list()[-1]
    assert (entry.act, entry.subject, entry.by) == ("registry-founded", ONE, "system")
    assert entry.detail == {"chain": "31337"}


def test_a_recorded_registry_stays(room: Room, deployments: Deployments) -> None:
    first = deployments.keep(2**53 + 1, ONE, {"block": 1})
    assert deployments.keep(2**53 + 1, TWO, {"block": 2}) == first
    assert deployments.keep(1, TWO, {}).contract == TWO
    acts = [entry.act for entry in Trail(room.database, room.clock).list()]
    assert acts.count("registry-founded") == 2


def test_a_wrong_intent_number_undoes_the_record(deployments: Deployments) -> None:
    with pytest.raises(IntentNotFound):
        deployments.keep(1, ONE, {}, intent=99)
    with pytest.raises(NoDeployment):
        deployments.get(1)

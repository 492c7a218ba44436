from __future__ import annotations

import threading

import pytest

from catalog.changes import Changes, ChangeState, GovernedKind, StaleBase
from catalog.changes.models import RegistrationOpen
from catalog.changes.subjects import DatasetSubject, ProductSubject
from tests.builders import Room, a_dataset, a_dataset_document

DATASET, PRODUCT = GovernedKind.DATASET, GovernedKind.PRODUCT


@pytest.fixture
def changes(room: Room) -> Changes:
    subjects = [DatasetSubject(room.library), ProductSubject(lambda name: None)]
    return Changes(room.database, subjects, room.clock)


def test_what_is_asked_for_already_is_not_asked_for_again(changes: Changes) -> None:
    product = {"name": "inflow", "owner": "alice", "steward": "bob", "organisation": "water-group"}
    first = changes.register(DATASET, a_dataset_document(), by="alice")
    changes.register(PRODUCT, product, by="alice")  # of another kind
    with pytest.raises(RegistrationOpen, match="request 1 asks already that dataset inflow") as caught:
        changes.register(DATASET, a_dataset_document(title="Two"), by="bob")
    assert "shuize change show 1" in str(caught.value.hint)
    assert len(changes.list()) == 2
    changes.withdraw(first.id, by="alice")
    again = changes.register(DATASET, a_dataset_document(title="Two"), by="bob")
    assert changes.approve(again.id, by="alice").revision == 1


def test_of_two_who_ask_for_one_name_at_once_one_is_heard(room: Room, changes: Changes) -> None:
    gate, said = threading.Barrier(2), []

    def ask(by: str) -> None:
        gate.wait()
        try:
            changes.register(DATASET, a_dataset_document(), by=by)
        except RegistrationOpen as refusal:
            said.append(str(refusal))

    asking = [threading.Thread(target=ask, args=(by,)) for by in ("alice", "bob")]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert said == ["request 1 asks already that dataset inflow be registered"]
    assert len(changes.list()) == 1


def test_an_open_request_for_what_was_registered_meanwhile_says_so(changes: Changes) -> None:
    asked = changes.register(DATASET, a_dataset_document(), by="alice")
    changes.register_all([a_dataset()], by="alice", approved_by="bob")
    with pytest.raises(StaleBase, match="request 1 would register dataset inflow, which has been") as caught:
        changes.approve(asked.id, by="bob")
    assert caught.value.faults == ()
    assert "shuize change reject 1" in str(caught.value.hint)
    assert changes.reject(asked.id, by="bob", reason="done").state is ChangeState.REJECTED

"""Many registrations at once: asked for and approved all together, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.changes import ChangeDecided, ChangeFilter, ChangeState, GovernedKind
from catalog.changes.batches import Batches, NotTogether
from catalog.changes.models import ChangeNotFound, NoReason, OwnRequest, RegistrationOpen
from catalog.changes.subjects import DatasetSubject
from catalog.datasets.models import DatasetExists, MalformedDataset
from catalog.parties import UnknownParty
from catalog.trail import Trail
from tests.builders import Room, a_dataset, a_dataset_document


@pytest.fixture
def batches(room: Room) -> Batches:
    return Batches(room.database, DatasetSubject(room.library), room.clock)


def documents(count: int, **changes: Any) -> list[tuple[str, object]]:
    return [(f"all.jsonl line {n + 1}", a_dataset_document(name=f"d{n}", **changes)) for n in range(count)]


def test_many_are_asked_for_by_one_and_approved_by_another(room: Room, batches: Batches) -> None:
    numbers = batches.ask(documents(30), by="alice", reason="a harvest")
    assert len(numbers) == 30
    assert room.datasets.list() == ()
    asked = room.changes.get(numbers[7])
    assert (asked.subject, asked.state, asked.reason, asked.requested_by) == (
        "d7", ChangeState.OPEN, "a harvest", "alice",
    )  # fmt: skip
    with pytest.raises(OwnRequest):
        batches.approve(numbers, by="alice")
    assert batches.approve(numbers, by="bob", reason="gone through") == numbers
    decided = room.changes.get(numbers[7])
    assert (decided.state, decided.decided_by, decided.decision_reason, decided.revision) == (
        ChangeState.APPROVED, "bob", "gone through", 1,
    )  # fmt: skip
    assert len(room.datasets.list()) == 30
    assert room.changes.revision(GovernedKind.DATASET, "d7", 1).change == numbers[7]
    assert Trail(room.database, room.clock).verify().holds


def test_a_request_of_many_can_be_decided_by_itself(room: Room, batches: Batches) -> None:
    numbers = batches.ask(documents(3), by="alice", reason="r")
    room.changes.reject(numbers[1], by="bob", reason="not this one")
    with pytest.raises(ChangeDecided) as caught:
        batches.approve(numbers, by="bob")
    assert [fault.pointer for fault in caught.value.faults] == [f"/{numbers[1]}"]
    assert room.datasets.list() == ()
    batches.approve([numbers[0], numbers[2]], by="bob")
    assert [each.name for each in room.datasets.list()] == ["d0", "d2"]


def test_every_fault_of_all_is_told_by_file_and_line_and_nothing_is_asked_for(
    room: Room, batches: Batches
) -> None:
    said = documents(4)
    said[1] = ("all.jsonl line 2", {"name": "x"})
    said[3] = ("all.jsonl line 4", {**a_dataset_document(name="y"), "owner": 3})
    with pytest.raises(MalformedDataset, match="2 of 4 documents") as caught:
        batches.ask(said, by="alice", reason="r")
    places = {fault.pointer for fault in caught.value.faults}
    assert {"all.jsonl line 2 /title", "all.jsonl line 4 /owner"} <= places
    said = documents(3, update_frequency="never-ever")
    with pytest.raises(MalformedDataset) as caught:
        batches.ask(said, by="alice", reason="r")
    assert {fault.pointer for fault in caught.value.faults} == {
        f"all.jsonl line {n} /update_frequency" for n in (1, 2, 3)
    }
    assert room.changes.list() == ()


def test_names_that_are_taken_or_asked_for_are_all_told(room: Room, batches: Batches) -> None:
    room.enter(a_dataset(name="d1"))
    with pytest.raises(DatasetExists) as caught:
        batches.ask(documents(3), by="alice", reason="r")
    assert [fault.pointer for fault in caught.value.faults] == ["/d1"]
    batches.ask(documents(1), by="alice", reason="r")
    with pytest.raises(RegistrationOpen) as again:
        batches.ask(documents(1), by="bob", reason="r")
    assert [fault.pointer for fault in again.value.faults] == ["/d0"]
    with pytest.raises(NoReason):
        batches.ask(documents(1), by="alice", reason=" ")
    with pytest.raises(UnknownParty):
        batches.ask([("x", a_dataset_document(name="z"))], by="nobody", reason="r")


def test_only_registrations_that_are_there_are_approved_together(room: Room, batches: Batches) -> None:
    room.enter(a_dataset(name="old"))
    (number,) = batches.ask(documents(1), by="alice", reason="r")
    retire = room.changes.retire(GovernedKind.DATASET, "old", by="alice", reason="r")
    with pytest.raises(NotTogether):
        batches.approve([number, retire.id], by="bob")
    with pytest.raises(ChangeNotFound) as caught:
        batches.approve([number, 9999], by="bob")
    assert [fault.pointer for fault in caught.value.faults] == ["/9999"]
    assert len(room.changes.list(ChangeFilter(state=ChangeState.OPEN))) == 2

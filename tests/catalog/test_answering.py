from __future__ import annotations

from typing import Any

import pytest

from catalog.answering import CannotAnswer
from catalog.changes import Changes, GovernedKind
from catalog.changes.subjects import DatasetSubject, ProductSubject
from catalog.organisation import People
from catalog.parties import PartyKind, PersonLeft, UnknownParty
from tests.builders import Room, a_dataset, a_dataset_document, a_party

DATASET, PRODUCT = GovernedKind.DATASET, GovernedKind.PRODUCT
ANSWERING = {"owner": "alice", "steward": "bob", "organisation": "water-group"}
UNFIT = [
    ({"owner": "partner"}, "partner is a partner and can't be owner"),
    ({"steward": "spark"}, "spark is a system and can't be steward"),
    ({"organisation": "alice"}, "alice is a person and can't be organisation"),
    ({"organisation": "partner"}, "partner is a partner and can't be organisation"),
]


@pytest.fixture
def changes(room: Room) -> Changes:
    room.parties.add(a_party(id="spark", name="Spark", kind=PartyKind.SYSTEM), by="alice")
    subjects = [DatasetSubject(room.library), ProductSubject(lambda name: None)]
    return Changes(room.database, subjects, room.clock)


@pytest.mark.parametrize(("said", "message"), UNFIT)
def test_only_parties_of_the_utility_answer_for_data(
    changes: Changes, said: dict[str, str], message: str
) -> None:
    product = {"name": "water-use-index", **ANSWERING, **said}
    for kind, document in ((DATASET, a_dataset_document(**said)), (PRODUCT, product)):
        with pytest.raises(CannotAnswer, match=message) as caught:
            changes.register(kind, document, by="alice")
        assert [fault.pointer for fault in caught.value.faults] == [f"/{role}" for role in said]
    with pytest.raises(CannotAnswer, match=message):
        changes.register_all([a_dataset(), a_dataset(name="two", **said)], by="alice", approved_by="bob")
    assert changes.list() == ()


def test_an_organisation_may_own_and_keep_its_data(changes: Changes) -> None:
    said = dict.fromkeys(ANSWERING, "water-group")
    asked = changes.register(DATASET, a_dataset_document(**said), by="alice")
    assert changes.approve(asked.id, by="bob").revision == 1


def test_a_dataset_is_not_handed_to_a_partner_later(changes: Changes) -> None:
    changes.register_all([a_dataset()], by="alice", approved_by="bob")
    with pytest.raises(CannotAnswer):
        changes.change(DATASET, a_dataset_document(owner="partner"), by="alice", reason="sold")


def test_who_has_left_or_is_unknown_answers_for_nothing(room: Room, changes: Changes) -> None:
    many: list[dict[str, Any]] = [{"name": f"d{n}", "steward": f"p{n}"} for n in range(600)]
    with pytest.raises(UnknownParty, match="'p0'"):
        changes.register_all([a_dataset(**each) for each in many], by="alice", approved_by="bob")
    People(room.database, room.clock).leave("bob", by="alice")
    room.clock.forward(days=2)
    with pytest.raises(PersonLeft, match="can't be steward") as caught:
        changes.register(DATASET, a_dataset_document(steward="bob"), by="alice")
    assert "steward in the document" in str(caught.value.hint)

from __future__ import annotations

import pytest

from catalog.changes import Change, GovernedKind
from catalog.changes.models import NotAReviewer
from catalog.organisation import Organisation, UnitDraft
from catalog.roles import RoleDraft, Roles
from tests.builders import Room, a_dataset_document, a_party


def test_if_the_only_reviewer_asks_the_next_up_the_tree_decides(room: Room) -> None:
    room.register()

    def ask(by: str, licence: str) -> Change:
        said = a_dataset_document(licence=licence)
        return room.changes.change(GovernedKind.DATASET, said, by=by, reason="it is so")

    room.parties.add(a_party(id="carol"), by="alice")
    Organisation(room.database, room.clock).add(
        [UnitDraft(code="g", kind="group", title="g", party="water-group")], by="alice"
    )
    roles = Roles(room.database, room.clock)
    for kind, subject, party in (("dataset", "inflow", "alice"), ("unit", "g", "carol")):
        said = {"role": "reviewer", "subject_kind": kind, "subject": subject, "party": party}
        roles.assign(RoleDraft.model_validate(said), by="alice")
    own = ask("alice", "one")
    with pytest.raises(NotAReviewer) as caught:
        room.changes.approve(own.id, by="bob")
    assert caught.value.hint == "its reviewers: carol"
    assert room.changes.approve(own.id, by="carol").as_reviewer is True
    with pytest.raises(NotAReviewer):  # alice is nearer than carol when bob asks
        room.changes.approve(ask("bob", "two").id, by="carol")

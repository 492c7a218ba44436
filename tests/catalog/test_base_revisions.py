from __future__ import annotations

import pytest

from catalog.changes import GovernedKind
from catalog.changes.models import RevisionNotFound
from tests.builders import Room, a_dataset_document


@pytest.mark.parametrize("base", [-1, 0, 2, 99])
def test_a_base_that_never_was_is_no_stale_one(room: Room, base: int) -> None:
    room.register()
    said = a_dataset_document(licence="MIT")
    with pytest.raises(RevisionNotFound, match=f"no revision {base}, it has 1 to 1"):
        room.changes.change(GovernedKind.DATASET, said, by="alice", reason="x", base=base)


def test_a_request_that_waits_on_a_past_revision_is_listed_as_stale(room: Room) -> None:
    room.register()
    for licence in ("one", "two"):
        said = a_dataset_document(licence=licence)
        room.changes.change(GovernedKind.DATASET, said, by="alice", reason="x")
    assert [each.stale for each in room.changes.list()] == [False, False, False]
    room.changes.approve(2, by="bob")
    assert [(each.id, each.stale) for each in room.changes.list()] == [(1, False), (2, False), (3, True)]

"""Many decide at the same time: more than the pool has connections."""

from __future__ import annotations

import threading

import pytest

from catalog.changes import Changes, ChangeState, GovernedKind
from catalog.changes.subjects import DatasetSubject
from catalog.standards import Standards
from catalog.trail import Trail
from standards.library import Library
from tests.builders import Room, a_dataset


@pytest.mark.timeout(60)
def test_more_approvals_than_connections_all_come_through(room: Room) -> None:
    """Each looks up what standards were imported; one that waited for a connection would hold up the rest."""
    imported = Standards(room.database, Library.load())
    library = Library.load().beside(imported.documents)
    changes = Changes(room.database, [DatasetSubject(library)], room.clock)
    drafts = [a_dataset(name=f"d{n}") for n in range(24)]
    asked = [changes.register(GovernedKind.DATASET, draft, by="alice").id for draft in drafts]
    gate, failed = threading.Barrier(len(asked)), list[BaseException]()

    def approve(number: int) -> None:
        gate.wait()
        try:
            changes.approve(number, by="bob")
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=approve, args=(number,)) for number in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {change.state for change in changes.list()} == {ChangeState.APPROVED}
    assert Trail(room.database, room.clock).verify().holds
    assert len(room.datasets.list()) == len(asked)

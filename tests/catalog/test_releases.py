from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from catalog.database import DatabaseConflict
from catalog.intents import IntentNotFound
from catalog.parties import UnknownParty
from catalog.releases.models import (
    AlreadyPublished,
    BeingPublished,
    NotADraft,
    NotApproved,
    OwnBuild,
    Release,
    ReleaseNotFound,
    ReleaseState,
)
from catalog.releases.register import Releases, publish_aim
from catalog.tables import ReleaseRow
from tests.builders import NOON, Room, a_digest, a_release

PRODUCT = "water-use-index"
ANCHOR = {"block": 7, "transaction": "0xabc"}


def other(text: str = "other", **changes: Any) -> Any:
    """Return a draft of the same version with another manifest."""
    return a_release(manifest={"made": text}, **changes)


def publish(room: Room, version: int = 1) -> Release:
    """Take the version's draft to the chain."""
    room.releases.approve(PRODUCT, version, by="bob")
    room.releases.to_publish(PRODUCT, version, by="bob")
    intent = room.intents.open(publish_aim(PRODUCT, version), {"step": "publish"})
    return room.releases.mark_published(PRODUCT, version, by="bob", chain=ANCHOR, intent=intent.id)


def test_a_built_draft_is_kept_as_it_was_built(room: Room) -> None:
    draft = a_release()
    kept = room.releases.keep_draft(draft)
    assert kept.model_dump(include=set(type(draft).model_fields)) == draft.model_dump()
    assert (kept.state, kept.built_at) == (ReleaseState.DRAFT, NOON)
    assert (kept.approved_by, kept.published_by, kept.chain) == (None, None, None)
    assert room.releases.get(PRODUCT) == room.releases.get(PRODUCT, 1) == kept


def test_only_known_parties_build_approve_and_publish(room: Room) -> None:
    with pytest.raises(UnknownParty):
        room.releases.keep_draft(a_release(built_by="nobody"))
    room.releases.keep_draft(a_release())
    with pytest.raises(UnknownParty):
        room.releases.approve(PRODUCT, None, by="nobody")
    room.releases.approve(PRODUCT, None, by="bob")
    with pytest.raises(UnknownParty):
        room.releases.to_publish(PRODUCT, None, by="nobody")


def test_the_same_build_again_is_the_same_release(room: Room) -> None:
    first = room.releases.keep_draft(a_release())
    room.clock.forward(hours=1)
    assert room.releases.keep_draft(a_release(built_by="bob")) == first
    approved = room.releases.approve(PRODUCT, 1, by="bob")
    assert room.releases.keep_draft(a_release()) == approved
    assert room.releases.list() == (approved,)


def test_a_second_draft_replaces_the_first(room: Room) -> None:
    room.releases.keep_draft(a_release())
    second = room.releases.keep_draft(other())
    assert room.releases.list(PRODUCT) == (second,)
    assert room.releases.get(PRODUCT, 1) == second


def test_a_second_draft_replaces_an_approved_one_and_needs_its_own_approval(room: Room) -> None:
    room.releases.keep_draft(a_release())
    room.releases.approve(PRODUCT, 1, by="bob")
    second = room.releases.keep_draft(other())
    assert (second.state, second.approved_by) == (ReleaseState.DRAFT, None)
    with pytest.raises(NotApproved):
        room.releases.to_publish(PRODUCT, 1, by="bob")


def test_a_draft_that_comes_back_is_a_draft_again_of_who_built_it_last(room: Room) -> None:
    room.releases.keep_draft(a_release())
    room.releases.approve(PRODUCT, 1, by="bob")
    room.releases.keep_draft(other())
    room.clock.forward(hours=1)
    back = room.releases.keep_draft(a_release(built_by="bob"))
    assert (back.state, back.built_by, back.approved_by) == (ReleaseState.DRAFT, "bob", None)
    assert back.built_at > NOON
    assert len(room.releases.list(PRODUCT)) == 1


def test_a_release_is_approved_by_somebody_else(room: Room) -> None:
    room.releases.keep_draft(a_release())
    with pytest.raises(OwnBuild, match="alice"):
        room.releases.approve(PRODUCT, 1, by="alice")
    assert room.releases.get(PRODUCT).state is ReleaseState.DRAFT
    approved = room.releases.approve(PRODUCT, None, by="bob")
    assert (approved.state, approved.approved_by, approved.approved_at) == ("approved", "bob", NOON)


def test_only_a_draft_is_approved(room: Room) -> None:
    room.releases.keep_draft(a_release())
    room.releases.approve(PRODUCT, 1, by="bob")
    with pytest.raises(NotADraft, match="approved"):
        room.releases.approve(PRODUCT, 1, by="water-group")
    assert room.releases.get(PRODUCT).approved_by == "bob"


def test_of_two_approvals_at_once_one_wins_and_the_other_learns_so(room: Room) -> None:
    for turn in range(5):
        room.releases.keep_draft(other(f"turn {turn}"))
        both_ready = threading.Barrier(2)
        outcomes: dict[str, object] = {}

        def approve(
            by: str, ready: threading.Barrier = both_ready, said: dict[str, object] = outcomes
        ) -> None:
            ready.wait()
            try:
                said[by] = room.releases.approve(PRODUCT, 1, by=by).approved_by
            except NotADraft as error:
                said[by] = error

        threads = [threading.Thread(target=approve, args=(by,)) for by in ("bob", "water-group")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        winner = room.releases.get(PRODUCT).approved_by
        assert winner is not None
        loser = ({"bob", "water-group"} - {winner}).pop()
        assert outcomes[winner] == winner
        assert isinstance(outcomes[loser], NotADraft)


def test_what_was_not_approved_is_not_published(room: Room) -> None:
    room.releases.keep_draft(a_release())
    with pytest.raises(NotApproved, match="has not been approved"):
        room.releases.to_publish(PRODUCT, 1, by="bob")


def test_an_approved_release_is_published_with_its_anchor(room: Room) -> None:
    room.releases.keep_draft(a_release())
    published = publish(room)
    assert (published.state, published.published_by, published.published_at) == ("published", "bob", NOON)
    assert published.chain == ANCHOR
    assert room.releases.published(PRODUCT) == published
    assert room.intents.pending() == ()


def test_a_published_version_never_changes(room: Room) -> None:
    room.releases.keep_draft(a_release())
    published = publish(room)
    with pytest.raises(AlreadyPublished):
        room.releases.to_publish(PRODUCT, 1, by="bob")
    with pytest.raises(AlreadyPublished):
        room.releases.keep_draft(other())
    with pytest.raises(NotADraft):
        room.releases.approve(PRODUCT, 1, by="bob")
    assert room.releases.keep_draft(a_release()) == published
    assert room.releases.list() == (published,)


def test_recording_the_anchor_again_keeps_the_first(room: Room) -> None:
    room.releases.keep_draft(a_release())
    published = publish(room)
    room.clock.forward(hours=1)
    again = room.releases.mark_published(PRODUCT, 1, by="alice", chain={"block": 8}, intent=1)
    assert again == published
    assert room.intents.pending() == ()


def test_a_release_on_its_way_to_the_chain_is_not_replaced(room: Room) -> None:
    """Otherwise the chain would hold a manifest that the catalog has put aside."""
    room.releases.keep_draft(a_release())
    room.releases.approve(PRODUCT, 1, by="bob")
    intent = room.intents.open("publish:water-use-index:1", {})
    with pytest.raises(BeingPublished):
        room.releases.keep_draft(other())
    room.intents.settle(intent.id, {"refused": "by the contract"}, state="failed")
    assert room.releases.keep_draft(other()).state is ReleaseState.DRAFT


def test_an_anchor_is_not_recorded_for_a_draft_that_took_its_place(room: Room) -> None:
    room.releases.keep_draft(a_release())
    room.releases.approve(PRODUCT, 1, by="bob")
    room.releases.keep_draft(other())
    intent = room.intents.open(publish_aim(PRODUCT, 1), {})
    with pytest.raises(NotApproved):
        room.releases.mark_published(PRODUCT, 1, by="bob", chain=ANCHOR, intent=intent.id)
    assert [pending.id for pending in room.intents.pending()] == [intent.id]


def test_a_failed_intent_number_undoes_the_publication(room: Room) -> None:
    room.releases.keep_draft(a_release())
    room.releases.approve(PRODUCT, 1, by="bob")
    with pytest.raises(IntentNotFound):
        room.releases.mark_published(PRODUCT, 1, by="bob", chain=ANCHOR, intent=99)
    assert room.releases.get(PRODUCT).state is ReleaseState.APPROVED


def test_versions_count_up_from_what_is_published(room: Room) -> None:
    assert room.releases.next_version(PRODUCT) == 1
    room.releases.keep_draft(a_release())
    assert room.releases.next_version(PRODUCT) == 1
    first = publish(room)
    assert room.releases.next_version(PRODUCT) == 2
    second = room.releases.keep_draft(a_release(version=2))
    assert room.releases.list(PRODUCT) == (first, second)
    assert room.releases.get(PRODUCT) == second
    assert room.releases.published(PRODUCT) == room.releases.published(PRODUCT, 1) == first


def test_what_is_not_there_is_said_to_be_missing(room: Room) -> None:
    room.releases.keep_draft(a_release())
    with pytest.raises(ReleaseNotFound, match="release 2"):
        room.releases.get(PRODUCT, 2)
    with pytest.raises(ReleaseNotFound, match="no published release"):
        room.releases.published(PRODUCT)
    with pytest.raises(ReleaseNotFound):
        room.releases.approve("nothing", None, by="bob")
    assert room.releases.list("nothing") == ()


def test_a_file_of_a_release_is_found_by_name(room: Room) -> None:
    release = room.releases.keep_draft(a_release())
    assert release.file("data.csv").digest == a_digest("csv")
    with pytest.raises(ReleaseNotFound, match=r"data\.parquet") as caught:
        release.file("data.parquet")
    assert "data.csv" in str(caught.value.hint)


def test_the_database_itself_holds_one_living_release_per_version(room: Room) -> None:
    room.releases.keep_draft(a_release())
    for state, accepted in (("replaced", True), ("draft", False), ("published", False)):
        statement = sa.insert(ReleaseRow).values(
            product=PRODUCT, version=1, state=state, manifest={}, manifest_digest=a_digest(state),
            content_root=a_digest(), files=[], built_by="alice", built_at=NOON,
        )  # fmt: skip
        if accepted:
            with room.database.write() as session:
                session.execute(statement)
        else:
            with pytest.raises(DatabaseConflict), room.database.write() as session:
                session.execute(statement)


def test_two_builds_at_once_leave_one_draft(room: Room) -> None:
    def build(text: str) -> None:
        Releases(room.database, room.clock).keep_draft(other(text))

    threads = [threading.Thread(target=build, args=(f"build {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(room.releases.list(PRODUCT)) == 1

"""Waivers: two people, a reason, a last day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.stewardship.models import Waiver
from catalog.stewardship.permits import NotYours
from catalog.stewardship.transitions import WrongState
from catalog.stewardship.waivers import (
    NothingToWaive,
    OwnWaiver,
    WaiverDecided,
    WaiverExpiry,
    WaiverFilter,
    WaiverNotFound,
    WaiverState,
)
from tests.catalog.stewardship.desk import TO_SUBMITTED, Desk, some


def ask(desk: Desk, days: int = 30, issue: int | None = None) -> Waiver:
    """Ask for a waiver of order 1."""
    until = (desk.room.clock.now + timedelta(days=days)).date()
    return desk.waivers.request(1, by="carol", reason="replaced in spring", until=until, issue=issue)


def test_approved_by_another_it_holds_until_its_last_day_and_no_longer(desk: Desk) -> None:
    desk.check(some("M1", "M2"))
    assert ask(desk).state == "requested"
    assert desk.states() == ["open", "open"]
    desk.waivers.approve(1, by="bob")
    assert (desk.order().state, desk.order().issues) == ("waived", 0)
    desk.room.clock.forward(days=30)
    taken = desk.check(some("M1"))
    assert (taken.waived, taken.reopened, desk.order().state.value) == (1, 0, "waived")
    assert desk.waivers.list(WaiverFilter(expired=True)) == ()
    desk.room.clock.forward(days=1)
    taken = desk.check(some("M1"))
    assert (taken.waived, taken.reopened, taken.orders_reopened) == (0, 1, 1)
    assert (desk.order().state, desk.order().issues, desk.states()) == ("reopened", 1, ["open", "waived"])
    assert [w.id for w in desk.waivers.list(WaiverFilter(expired=True))] == [1]
    assert desk.lists.verify(1).holds


def test_one_issue_is_waived_and_the_others_are_mended(desk: Desk) -> None:
    desk.check(some("M1", "M2"))
    desk.bring("triage", "dispatch", "accept", "start")
    ask(desk, issue=1)
    desk.waivers.approve(1, by="bob")
    assert (desk.order().state, desk.order().issues) == ("rectifying", 1)
    desk.still = {'["M1"]'}  # it is lived with, so that it fails sends nothing back
    assert desk.bring("submit", "recheck", "review", "close").state == "closed"
    assert desk.states() == ["waived", "fixed"]


def test_an_order_of_which_something_was_mended_goes_the_whole_way(desk: Desk) -> None:
    desk.check(some("M1", "M2"))
    desk.bring(*TO_SUBMITTED)
    desk.still = {'["M1"]'}
    desk.bring("recheck")
    ask(desk, issue=1)
    desk.waivers.approve(1, by="bob")
    assert (desk.order().state, desk.order().issues) == ("rectifying", 0)
    assert desk.bring("submit", "recheck").state == "rechecked"


def test_revoked_what_it_covered_is_open_again_at_once(desk: Desk) -> None:
    desk.check(some("M1"))
    ask(desk)
    desk.waivers.approve(1, by="bob")
    waiver = desk.waivers.revoke(1, by="dave", reason="replaced already")
    assert (waiver.state, waiver.revoked_by) == ("revoked", "dave")
    assert (desk.order().state, desk.order().reopened, desk.states()) == ("reopened", 1, ["open"])
    assert desk.check(some("M1")).again == 1
    with pytest.raises(WaiverDecided, match="waiver 1 was revoked by dave"):
        desk.waivers.revoke(1, by="dave", reason="again")


def test_refused_nothing_happens_to_the_order(desk: Desk) -> None:
    desk.check(some("M1"))
    ask(desk)
    assert desk.waivers.revoke(1, by="carol", reason="a mistake of mine").state == "revoked"
    assert (desk.order().state, desk.states()) == ("detected", ["open"])
    with pytest.raises(WaiverDecided):
        desk.waivers.approve(1, by="bob")


def test_who_asked_does_not_approve_and_strangers_neither_ask_nor_approve(desk: Desk) -> None:
    desk.check(some("M1"))
    ask(desk)
    with pytest.raises(OwnWaiver):
        desk.waivers.approve(1, by="carol")
    for take in (desk.waivers.approve, lambda n, by: desk.waivers.revoke(n, by=by, reason="no")):
        with pytest.raises(NotYours):
            take(1, by="erin")
    with pytest.raises(NotYours):
        desk.waivers.request(1, by="erin", reason="no", until=desk.room.clock.now.date())


@pytest.mark.parametrize("days", [-1, 367])
def test_a_last_day_that_is_past_or_far_off_is_refused(desk: Desk, days: int) -> None:
    desk.check(some("M1"))
    with pytest.raises(WaiverExpiry, match="a waiver can't end on "):
        ask(desk, days)


def test_a_request_that_lay_too_long_is_not_approved_any_more(desk: Desk) -> None:
    desk.check(some("M1"))
    ask(desk, days=2)
    desk.room.clock.forward(days=3)
    with pytest.raises(WaiverExpiry):
        desk.waivers.approve(1, by="bob")


def test_nothing_open_is_nothing_to_waive(desk: Desk) -> None:
    desk.check(some("M1"))
    with pytest.raises(NothingToWaive):
        ask(desk, issue=9)
    desk.orders.reject(1, by="bob", reason="no")
    with pytest.raises(WrongState):
        ask(desk)
    with pytest.raises(WaiverNotFound):
        desk.waivers.approve(9, by="bob")


def test_waivers_are_listed_by_state(desk: Desk) -> None:
    desk.check(some("M1", "M2"))
    ask(desk, issue=1)
    ask(desk, issue=2)
    desk.waivers.approve(1, by="bob")
    assert [w.id for w in desk.waivers.list(WaiverFilter(state=WaiverState.REQUESTED))] == [2]
    assert [w.id for w in desk.waivers.list(WaiverFilter(expired=False, work_order=1))] == [1]
    assert desk.waivers.get(2).issue == 2

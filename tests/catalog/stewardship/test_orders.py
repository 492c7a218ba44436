"""The steps of a work order: who may take them, in which order, and what the log says."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from catalog.answering import CannotAnswer
from catalog.parties import PartnersDontGovern, PersonLeft
from catalog.stewardship.deadlines import BadDeadlines, DeadlinePast, Deadlines, parse
from catalog.stewardship.models import RemarkMissing, RemarkTooLong
from catalog.stewardship.orders import AlreadyTheirs
from catalog.stewardship.permits import NotYours, OwnWork
from catalog.stewardship.rechecking import RecheckOutdated
from catalog.stewardship.transitions import WorkOrderNotFound, WrongState
from standards.errors import ShuizeError
from tests.catalog.stewardship.desk import TO_CLOSED, TO_SUBMITTED, Desk, keys, some


def test_the_whole_way_from_detected_to_closed_is_in_the_log(desk: Desk) -> None:
    desk.check(some("M1"))
    order = desk.bring(*TO_CLOSED)
    assert (order.state, order.issues, order.rectified_by) == ("closed", 0, "carol")
    log = desk.lists.order(1).log
    assert [(e.act, e.by, e.after.value) for e in log] == [
        ("detected", "system", "detected"), ("triaged", "bob", "triaged"),
        ("dispatched", "bob", "dispatched"), ("accepted", "carol", "accepted"),
        ("started", "carol", "rectifying"), ("submitted", "carol", "submitted"),
        ("recheck-passed", "carol", "rechecked"), ("reviewed", "erin", "reviewed"),
        ("closed", "erin", "closed"),
    ]  # fmt: skip
    assert log[5].remark == "swapped the meter"
    assert "swapped" not in str(log[5].detail)
    verified = desk.lists.verify(1)
    assert (verified.holds, verified.entries, verified.head) == (True, 9, log[-1].digest)
    issue = desk.lists.issue(1)
    assert (issue.state, issue.fixed_in, issue.fixed_at) == ("fixed", 1, desk.room.clock.now)


def test_every_act_of_a_person_stands_in_the_trail_too(desk: Desk) -> None:
    desk.check(some("M1"))
    desk.bring(*TO_CLOSED)
    acts = [entry.act for entry in desk.trail.list() if entry.subject_kind == "order"]
    assert acts == [
        "order-triaged", "order-dispatched", "order-accepted", "order-started", "order-submitted",
        "order-recheck-passed", "order-reviewed", "order-closed",
    ]  # fmt: skip
    assert desk.trail.list()[-1].detail == {"entry": 9, "digest": desk.order().head}


def test_the_rule_that_failed_is_run_on_the_newest_version(desk: Desk) -> None:
    desk.check(some("M1"), digest="7")
    desk.bring(*TO_SUBMITTED)
    assert desk.version() == 2
    desk.bring("recheck")
    (asked,) = desk.asked
    assert (asked.version, asked.rule_digest) == (2, "7" * 64)


def test_what_still_fails_goes_back_and_cannot_be_closed(desk: Desk) -> None:
    desk.check(some("M1", "M2"))
    desk.bring(*TO_SUBMITTED)
    desk.still = keys(["M1"])
    order = desk.bring("recheck")
    assert (order.state, order.issues, desk.states()) == ("rectifying", 1, ["open", "fixed"])
    for step in ("review", "close"):
        with pytest.raises(WrongState):
            desk.bring(step)
    desk.still = keys(["M2"])  # what was fixed is broken again by the correction of the other
    assert desk.bring("submit", "recheck").state == "rectifying"
    assert desk.states() == ["fixed", "open"]
    desk.still = set()
    assert desk.bring("submit", "recheck", "review", "close").state == "closed"


def test_a_reviewer_may_send_it_back_and_then_everything_is_open_again(desk: Desk) -> None:
    desk.check(some("M1", "M2"))
    desk.bring(*TO_SUBMITTED, "recheck")
    order = desk.orders.send_back(1, by="erin", reason="the photo shows another meter")
    assert (order.state, order.issues, desk.states()) == ("rectifying", 2, ["open", "open"])


@pytest.mark.parametrize("step", ["review", "close"])
def test_who_rectified_neither_reviews_nor_closes(desk: Desk, step: str) -> None:
    desk.check(some("M1"))
    desk.bring(*TO_SUBMITTED, "recheck", *(["review"] if step == "close" else []))
    with pytest.raises(OwnWork, match="carol rectified work order 1 and can't review or close it"):
        getattr(desk.orders, step)(1, by="carol")


def test_who_began_an_earlier_round_does_not_review_a_later_one(desk: Desk) -> None:
    desk.check(some("M1"))
    desk.bring(*TO_CLOSED)
    desk.orders.reopen(1, by="bob", reason="the book is wrong again")
    desk.orders.dispatch(1, by="bob")
    for step in ("accept", "start"):
        getattr(desk.orders, step)(1, by="dave")
    desk.orders.submit(1, by="dave", statement="moved to the right book")
    desk.bring("recheck")
    with pytest.raises(OwnWork):
        desk.orders.review(1, by="carol")


def test_where_reviewers_are_named_only_they_review(desk: Desk) -> None:
    desk.give("reviewer", "01", "frank")
    desk.check(some("M1"))
    desk.bring(*TO_SUBMITTED, "recheck")
    with pytest.raises(NotYours) as refused:
        desk.orders.review(1, by="erin")
    assert refused.value.hint == "its reviewers: frank"
    assert desk.orders.review(1, by="frank").state == "reviewed"


STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("triage", {}), ("reject", {"reason": "no"}), ("dispatch", {}), ("accept", {}),
    ("give_back", {"reason": "no"}), ("start", {}), ("submit", {"statement": "done"}),
    ("reopen", {"reason": "no"}), ("reassign", {"to": "frank", "reason": "away"}),
)  # fmt: skip


@pytest.mark.parametrize(("step", "said"), STEPS)
def test_a_stranger_to_the_order_takes_no_step(desk: Desk, step: str, said: dict[str, Any]) -> None:
    desk.check(some("M1"))
    with pytest.raises(NotYours, match="work order 1 is not for erin to decide about") as refused:
        getattr(desk.orders, step)(1, by="erin", **said)
    assert "bob" in str(refused.value.hint)
    with pytest.raises(PartnersDontGovern):
        getattr(desk.orders, step)(1, by="partner", **said)


def test_the_responsible_person_does_not_triage_unless_they_govern(desk: Desk) -> None:
    desk.check(some("M1", who="erin"))
    with pytest.raises(NotYours):
        desk.orders.triage(1, by="erin")
    assert desk.orders.triage(1, by="dave").state == "triaged"  # an owner of the branch above


def test_who_left_takes_no_step(desk: Desk) -> None:
    desk.check(some("M1"))
    desk.bring("triage", "dispatch")
    desk.people.leave("carol", by="alice")
    desk.room.clock.forward(days=1)
    with pytest.raises(PersonLeft):
        desk.orders.accept(1, by="carol")


@pytest.mark.parametrize(("severity", "days"), [("critical", 3), ("major", 10), ("minor", 30)])
def test_the_deadline_follows_from_the_severity(desk: Desk, severity: str, days: int) -> None:
    desk.check(some("M1"), severity=severity)
    order = desk.bring("triage", "dispatch")
    assert order.due_at == desk.room.clock.now + timedelta(days=days)


def test_a_deadline_in_the_past_is_refused_and_nothing_happens(desk: Desk) -> None:
    desk.check(some("M1"))
    desk.bring("triage")
    with pytest.raises(DeadlinePast, match="2026-03-01 12:00 UTC is not in the future"):
        desk.orders.dispatch(1, by="bob", due_at=desk.room.clock.now)
    assert desk.acts() == ["detected", "triaged"]


@pytest.mark.parametrize(
    "text", ["", "critical=3", "critical=0,major=1,minor=1", "a=1,b=2,c=3", "critical=x"]
)
def test_deadlines_that_say_not_all_are_refused(text: str) -> None:
    with pytest.raises(BadDeadlines) as refused:
        parse(text)
    assert parse(str(refused.value.hint).split(": ")[1]) == Deadlines().days


def test_of_two_who_submit_at_once_one_wins_and_the_other_learns_who_was_sooner(desk: Desk) -> None:
    desk.check(some("M1"))
    desk.bring("triage", "dispatch", "accept", "start")
    said: list[object] = []

    def submit(by: str) -> None:
        try:
            said.append(desk.orders.submit(1, by=by, statement=f"by {by}"))
        except ShuizeError as error:
            said.append(error)

    threads = [threading.Thread(target=submit, args=[by]) for by in ("carol", "dave")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (refused,) = [each for each in said if isinstance(each, WrongState)]
    winner = desk.order().rectified_by
    assert f"work order 1 is submitted (submitted by {winner} at 2026-03-01 12:00 UTC)" in refused.message
    assert refused.hint == "only what is rectifying can; see: shuize order show 1"
    assert desk.acts().count("submitted") == 1


def test_a_recheck_during_which_something_changed_is_not_believed(desk: Desk) -> None:
    desk.check(some("M1"))
    desk.bring(*TO_SUBMITTED)
    failing = desk.rechecks._failing

    def and_a_version(asked: Any) -> Any:
        desk.version()
        return failing(asked)

    desk.rechecks._failing = and_a_version
    with pytest.raises(RecheckOutdated):
        desk.bring("recheck")
    assert desk.order().state == "submitted"


def test_reassigned_to_a_member_with_the_reason(desk: Desk) -> None:
    desk.check(some("M1"))
    order = desk.orders.reassign(1, by="bob", to="frank", reason="carol is away")
    assert (order.responsible, order.state) == ("frank", "detected")
    assert desk.lists.order(1).log[-1].detail["from"] == "carol"
    with pytest.raises(AlreadyTheirs):
        desk.orders.reassign(1, by="bob", to="frank", reason="again")
    with pytest.raises(CannotAnswer):
        desk.orders.reassign(1, by="bob", to="partner", reason="they know")


@pytest.mark.parametrize("text", ["", "  "])
def test_a_step_that_needs_words_takes_no_blank(desk: Desk, text: str) -> None:
    desk.check(some("M1"))
    with pytest.raises(RemarkMissing, match="a rejection needs words"):
        desk.orders.reject(1, by="bob", reason=text)
    with pytest.raises(RemarkTooLong, match="4,001 characters of at most 4,000"):
        desk.orders.comment(1, by="bob", said="x" * 4001)


def test_an_order_that_is_over_is_not_reassigned(desk: Desk) -> None:
    desk.check(some("M1"))
    desk.orders.reject(1, by="bob", reason="no")
    with pytest.raises(WrongState, match="work order 1 is rejected and can't be given to another"):
        desk.orders.reassign(1, by="bob", to="frank", reason="away")


def test_no_order_has_this_number(desk: Desk) -> None:
    for take in (desk.orders.triage, desk.rechecks.recheck):
        with pytest.raises(WorkOrderNotFound, match="there is no work order 7"):
            take(7, by="bob")


def test_reopened_by_a_person_all_its_issues_are_open_again(desk: Desk) -> None:
    desk.check(some("M1", "M2"))
    desk.bring(*TO_CLOSED)
    order = desk.orders.reopen(1, by="bob", reason="the photos are of another street")
    assert (order.state, order.reopened, order.issues, order.rectified_by) == ("reopened", 1, 2, None)
    assert [desk.lists.issue(n).reopened for n in (1, 2)] == [1, 1]
    assert desk.lists.verify(1).holds


@pytest.mark.parametrize(
    ("table", "change", "told"),
    [
        ("work_orders", "state = 'closed'", "the order is not as its log ends"),
        ("work_orders", "entries = 1", "the order is not as its log ends"),
        ("order_remarks", "text = 'nothing'", "entry 2: what was said was changed"),
    ],
)
def test_verifying_finds_what_was_rewritten(desk: Desk, table: str, change: str, told: str) -> None:
    desk.check(some("M1"))
    desk.orders.triage(1, by="bob", said="a swapped meter")
    with desk.room.database.write() as session:
        session.execute(sa.text(f"UPDATE {table} SET {change}"))
    assert desk.lists.verify(1).faults == (told,)


@pytest.mark.parametrize(
    "change", ["act = 'closed'", "issues = 9", "detail = '{\"x\": 1}'", "previous = digest"]
)
def test_verifying_finds_what_was_rewritten_in_the_log_by_its_owner(desk: Desk, change: str) -> None:
    desk.check(some("M1"))
    desk.bring("triage", "dispatch")
    with desk.room.database.write() as session:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        drop = "DROP TRIGGER transitions_no_" + ("update" if is_sqlite else "rewriting ON transitions")
        session.execute(sa.text(drop))
        session.execute(sa.text(f"UPDATE transitions SET {change} WHERE number = 2"))
    assert desk.lists.verify(1).faults[0].startswith("entry 2: ")


@pytest.mark.parametrize("statement", ["UPDATE transitions SET act = 'x'", "DELETE FROM transitions"])
def test_the_database_itself_refuses_to_rewrite_the_log(desk: Desk, statement: str) -> None:
    desk.check(some("M1"))
    with (
        pytest.raises(Exception, match=r"only ever added to|refuse|rewrit"),
        desk.room.database.write() as session,
    ):
        session.execute(sa.text(statement))


def test_a_remark_can_be_taken_out_and_the_log_still_holds(desk: Desk) -> None:
    desk.check(some("M1"))
    desk.orders.triage(1, by="bob", said="Mrs Wang of flat 302 said so")
    with desk.room.database.write() as session:
        session.execute(sa.text("DELETE FROM order_remarks"))
    assert desk.lists.verify(1).holds
    assert desk.lists.order(1).log[-1].remark is None


def test_an_order_follows_a_merged_unit_and_a_person_who_left_when_it_is_dispatched(desk: Desk) -> None:
    desk.check(some("M1"))
    desk.bring("triage")
    desk.organisation.merge("0101", "0102", by="alice", on=date(2026, 3, 1))
    desk.give("steward", "0102", "frank")
    desk.people.leave("carol", by="alice")
    desk.room.clock.forward(days=1)
    order = desk.bring("dispatch")
    assert (order.organisation, order.organisation_path, order.responsible) == (
        "0102", "group/01/0102", "frank",
    )  # fmt: skip
    entry = desk.lists.order(1).log[-2]
    assert (entry.act, entry.by) == ("followed", "system")
    assert entry.detail == {"unit": "0101", "path": "group/01/0101", "from": "carol", "to": "frank"}
    assert desk.lists.verify(1).holds


def test_a_reviewer_does_not_send_back_what_the_engine_has_not_judged(desk: Desk) -> None:
    desk.check(some("M1"))
    desk.bring(*TO_SUBMITTED)
    with pytest.raises(
        WrongState, match="work order 1 is submitted, and only what is rechecked or reviewed can be"
    ):
        desk.orders.send_back(1, by="erin", reason="no")
    with pytest.raises(WrongState, match="only what is accepted can be started"):
        desk.bring("start")
    assert (desk.order().state, desk.order().issues) == ("submitted", 1)

"""Findings become issues and work orders: all of a run or nothing, once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from catalog.quality.checking import QualityRunNotFound
from catalog.stewardship import opening, reopening
from catalog.stewardship.models import IssueFilter, OrderFilter
from catalog.tables import IssueRow, TransitionRow, WorkOrderRow
from tests.catalog.stewardship.desk import RULE, TO_CLOSED, TO_SUBMITTED, Desk, keys, some


def test_findings_become_issues_in_an_order_of_their_rule_unit_and_person(desk: Desk) -> None:
    found = [*some("M1", "M2"), *some("M3", unit="0102"), *some("M4", rule="other"), *some("M5", who="ERIN")]
    taken = desk.check(found)
    assert (taken.findings, taken.new, taken.orders) == (5, 5, 4)
    assert taken.to == {"carol": 2, "dave": 1, "erin": 1}
    orders = desk.lists.orders()
    assert [(o.rule, o.organisation_path, o.responsible, o.issues) for o in orders] == [
        (RULE, "group/01/0101", "carol", 2),
        (RULE, "group/01/0101", "erin", 1),
        (RULE, "group/01/0102", "dave", 1),
        ("other", "group/01/0101", "carol", 1),
    ]
    assert {o.state.value for o in orders} == {"detected"}
    assert desk.lists.order(1).log[0].detail == {"version": 1, "run": 1}
    assert all(desk.lists.verify(o.id).holds for o in orders)


def test_an_order_holds_no_more_issues_than_one_person_goes_through(desk: Desk) -> None:
    taken = desk.check(some(*(f"M{n:04}" for n in range(opening.LARGEST * 2 + 1))))
    assert taken.orders == 3
    assert [o.issues for o in desk.lists.orders()] == [opening.LARGEST, opening.LARGEST, 1]


def test_the_same_object_twice_is_one_issue(desk: Desk) -> None:
    assert desk.check([*some("M1"), *some("M1", unit="0102")]).new == 1


def test_to_take_a_run_again_changes_nothing(desk: Desk) -> None:
    run = desk.keep(some("M1"))
    first = desk.taking.take(run, by="alice")
    assert desk.taking.take(run, by="bob") == first
    assert desk.acts() == ["detected"]


def test_of_two_who_take_a_run_at_once_one_does(desk: Desk) -> None:
    run, results = desk.keep(some(*(f"M{n}" for n in range(300)))), []
    threads = [
        threading.Thread(target=lambda: results.append(desk.taking.take(run, by="alice"))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 3
    assert len(set(map(str, results))) == 1
    assert len(desk.lists.issues(IssueFilter(limit=None))) == 300


@pytest.mark.parametrize("where", ["_next", "_write_issues", "reopen_all"])
def test_killed_in_the_middle_nothing_is_there_and_the_repetition_does_it_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: object, **__: object) -> None:
        raise Killed

    run = desk.keep(some("M1", "M2"))
    module = opening if hasattr(opening, where) else reopening
    with monkeypatch.context() as patch:
        patch.setattr(module, where, kill)
        with pytest.raises(Killed):
            desk.taking.take(run, by="alice")
    with desk.room.database.read() as session:
        for row in (IssueRow, WorkOrderRow, TransitionRow):
            assert session.scalar(sa.select(sa.func.count()).select_from(row)) == 0
    (taken,) = desk.taking.take_all(by="alice")
    assert (taken.run, taken.new) == (run, 2)
    assert desk.taking.take_all(by="alice") == ()


def test_a_run_that_was_left_is_taken_before_a_later_one(desk: Desk) -> None:
    first = desk.keep(some("M1"))
    assert desk.check(some("M1", "M2")).new == 1
    assert [(i.object, i.first_run) for i in desk.lists.issues()] == [
        ('["M1"]', first),
        ('["M2"]', first + 1),
    ]


def test_found_again_while_open_only_its_last_run_moves(desk: Desk) -> None:
    desk.check(some("M1"))
    desk.room.clock.forward(days=1)
    taken = desk.check(some("M1"))
    assert (taken.new, taken.again, taken.orders) == (0, 1, 0)
    issue = desk.lists.issue(1)
    assert (issue.first_run, issue.last_run) == (1, 2)
    assert issue.last_found_at - issue.found_at == timedelta(days=1)
    assert desk.acts() == ["detected"]


def test_not_found_any_more_stays_open_until_its_order_is_rechecked(desk: Desk) -> None:
    desk.check(some("M1"))
    assert desk.check([]).findings == 0
    assert desk.states() == ["open"]


def test_found_again_after_closing_issue_and_order_are_reopened_and_the_log_says_so(desk: Desk) -> None:
    desk.check(some("M1", "M2"))
    desk.bring(*TO_CLOSED)
    desk.room.clock.forward(hours=1)
    taken = desk.check(some("M2"), digest="2")
    assert (taken.new, taken.reopened, taken.orders, taken.orders_reopened) == (0, 1, 0, 1)
    order = desk.order()
    assert (order.state, order.reopened, order.issues, order.due_at) == ("reopened", 1, 1, None)
    assert order.rule_digest == "2" * 64
    assert desk.states() == ["fixed", "open"]
    assert desk.lists.issue(2).reopened == 1
    last = desk.lists.order(1).log[-1]
    assert (last.act, last.by, last.detail["again"]) == ("reopened", "system", 1)
    assert desk.lists.verify(1).holds


def test_a_run_from_before_the_fix_reopens_nothing(desk: Desk) -> None:
    desk.check(some("M1"))
    late = desk.keep(some("M1"))
    desk.room.clock.forward(hours=1)
    desk.version()
    desk.bring(*TO_CLOSED)
    taken = desk.taking.take(late, by="alice")
    assert (taken.older, taken.reopened) == (1, 0)
    assert desk.order().state == "closed"


def test_a_run_over_an_older_version_opens_nothing(desk: Desk) -> None:
    desk.version()
    desk.check(some("M1"), version=2)
    taken = desk.check(some("M9"), version=1)
    assert (taken.superseded, taken.findings) == (True, 1)
    assert len(desk.lists.issues()) == 1


@pytest.mark.parametrize("steps", [(*TO_SUBMITTED, "recheck"), (*TO_SUBMITTED, "recheck", "review")])
def test_found_again_before_it_is_closed_it_goes_back_to_who_rectifies(
    desk: Desk, steps: tuple[str, ...]
) -> None:
    desk.check(some("M1"))
    desk.bring(*steps)
    desk.room.clock.forward(hours=1)
    desk.check(some("M1"))
    order = desk.order()
    assert (order.state, order.issues, order.reopened) == ("rectifying", 1, 0)
    assert desk.acts()[-1] == "found-again"


def test_what_was_rejected_is_not_opened_again(desk: Desk) -> None:
    desk.check(some("M1"))
    desk.orders.reject(1, by="bob", reason="the rule reads the wrong field")
    assert desk.check(some("M1")).rejected == 1
    assert (desk.order().state, desk.order().issues, desk.states()) == ("rejected", 0, ["rejected"])


def test_a_run_kept_before_findings_were_is_noted_and_opens_nothing(desk: Desk) -> None:
    run = desk.keep(some("M1"))
    del desk.kept[run]
    assert desk.taking.take(run, by="alice").findings == 0
    assert desk.taking.take_all(by="alice") == ()


def test_a_run_that_is_none_is_refused(desk: Desk) -> None:
    with pytest.raises(QualityRunNotFound, match="there is no check 99"):
        desk.taking.take(99, by="alice")


def test_what_still_fails_is_what_a_recheck_is_told(desk: Desk) -> None:
    desk.check(some("M1", "M2"))
    desk.still = keys(["M2", "M3"])
    desk.bring(*TO_SUBMITTED)
    done = desk.rechecks.recheck(1, by="carol")
    assert (done.fixed, done.failing, done.still) == (1, 1, ('["M2"]',))
    assert desk.lists.orders(OrderFilter(is_open=True))[0].state == "rectifying"

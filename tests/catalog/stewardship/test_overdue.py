"""What is overdue, what follows the organisation, and what is done to many orders at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.organisation import UnitNotFound
from catalog.stewardship import bulk
from catalog.stewardship.deadlines import DeadlinePast
from catalog.stewardship.models import OrderFilter
from tests.catalog.stewardship.desk import TO_CLOSED, Desk, some


def test_overdue_it_goes_up_the_tree_one_level_at_a_time_and_each_once(desk: Desk) -> None:
    desk.check(some("M1"), severity="critical")
    desk.bring("triage", "dispatch")
    assert desk.escalation.escalate(by="alice").to == {}
    desk.room.clock.forward(days=3, seconds=1)
    assert desk.escalation.escalate(by="alice").to == {"dave": 1}
    assert desk.escalation.escalate(by="alice").to == {}
    desk.room.clock.forward(days=3)
    desk.give("owner", "group", "frank")
    assert desk.escalation.escalate(by="alice").to == {"frank": 1}
    desk.room.clock.forward(days=30)
    assert desk.escalation.escalate(by="alice").to == {"bob": 1}  # above the tree: the dataset's steward
    assert desk.escalation.escalate(by="alice").to == {}
    told = [(e.detail["level"], e.detail["to"]) for e in desk.lists.order(1).log if e.act == "escalated"]
    assert told == [(1, "dave"), (2, "frank"), (3, "bob")]
    assert desk.order().responsible == "carol"
    assert desk.lists.verify(1).holds
    assert [e.act for e in desk.trail.list()].count("orders-escalated") == 3


def test_long_overdue_at_first_it_is_told_at_the_level_it_has_come_to(desk: Desk) -> None:
    desk.check(some("M1"), severity="critical")
    desk.bring("triage", "dispatch")
    desk.room.clock.forward(days=3 + 3)
    assert desk.escalation.escalate(by="alice").orders == 1
    assert desk.order().escalated == 2


def test_what_is_over_or_has_no_deadline_is_not_escalated(desk: Desk) -> None:
    desk.check(some("M1"))
    desk.bring(*TO_CLOSED)
    desk.check(some("M2"))
    desk.room.clock.forward(days=300)
    assert desk.escalation.escalate(by="alice").orders == 0


def test_escalating_orders_of_who_left_follow_to_whom_the_roles_name(desk: Desk) -> None:
    desk.check(some("M1"))
    desk.people.leave("carol", by="alice")
    desk.room.clock.forward(days=1)
    assert desk.escalation.escalate(by="alice").followed == 1
    assert desk.order().responsible == "dave"
    assert desk.escalation.escalate(by="alice").followed == 0


def test_a_finding_of_a_closed_unit_goes_to_its_successor(desk: Desk) -> None:
    desk.organisation.merge("0101", "0102", by="alice")
    desk.check(some("M1", unit="0101"))
    assert (desk.order().organisation, desk.order().responsible) == ("0102", "dave")


@pytest.mark.parametrize("unit", [None, "nowhere"])
def test_a_finding_of_no_unit_goes_to_the_datasets_steward(desk: Desk, unit: str | None) -> None:
    desk.check(some("M1", unit=unit))
    order = desk.order()
    assert (order.organisation, order.organisation_path, order.responsible) == (None, "", "bob")


def test_the_person_in_the_row_answers_unless_they_left(desk: Desk) -> None:
    desk.people.leave("erin", by="alice")
    desk.room.clock.forward(days=1)
    desk.check([*some("M1", who="frank"), *some("M2", who="erin"), *some("M3", who="partner")])
    assert desk.lists.workload() != ()
    assert {w.responsible: w.issues for w in desk.lists.workload()} == {"frank": 1, "carol": 2}


def test_a_rule_that_names_a_role_goes_to_who_holds_it(desk: Desk) -> None:
    desk.give("custodian", "01", "frank")
    desk.check(some("M1"), owner="custodian")
    assert desk.order().responsible == "carol"  # nearer
    desk.give("custodian", "0102", "erin")
    desk.check(some("M2", unit="0102"), owner="custodian")
    assert desk.order(2).responsible == "erin"


def test_a_thousand_orders_are_triaged_and_dispatched_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_A_TIME", 7)
    desk.check([row for n in range(20) for row in some(f"M{n}", rule=f"rule-{n:02}")])
    done = desk.bulk.triage(OrderFilter(), by="bob")
    assert (done.orders, done.not_theirs) == (20, 0)
    assert desk.bulk.triage(OrderFilter(), by="bob").orders == 0
    assert desk.bulk.dispatch(OrderFilter(rule="rule-03"), by="bob").orders == 1
    assert desk.bulk.dispatch(OrderFilter(under="01"), by="bob").orders == 19
    entries = [entry for entry in desk.trail.list() if entry.act == "orders-triaged"]
    assert [entry.detail["orders"] for entry in entries] == [7, 7, 6]
    assert all(desk.lists.verify(n).holds for n in range(1, 21))
    assert desk.order().due_at == desk.room.clock.now + timedelta(days=10)


def test_many_at_once_are_only_those_one_governs(desk: Desk) -> None:
    desk.check([*some("M1"), *some("M2", unit="0102")])
    done = desk.bulk.triage(OrderFilter(), by="carol")
    assert (done.orders, done.not_theirs) == (1, 1)
    assert [o.state.value for o in desk.lists.orders()] == ["triaged", "detected"]
    assert desk.bulk.triage(OrderFilter(), by="erin").not_theirs == 1


def test_a_bulk_dispatch_into_the_past_changes_nothing(desk: Desk) -> None:
    desk.check(some("M1"))
    desk.bulk.triage(OrderFilter(), by="bob")
    with pytest.raises(DeadlinePast):
        desk.bulk.dispatch(OrderFilter(), by="bob", due_at=desk.room.clock.now)
    assert desk.order().state == "triaged"


def test_orders_are_listed_by_what_they_are(desk: Desk) -> None:
    desk.check([*some("M1"), *some("M2", unit="0102")], severity="critical")
    desk.bring("triage", "dispatch")
    assert [o.id for o in desk.lists.orders(OrderFilter(under="group/01/0102"))] == [2]
    assert [o.id for o in desk.lists.orders(OrderFilter(under="01"))] == [1, 2]
    assert [o.id for o in desk.lists.orders(OrderFilter(responsible="carol", severity="critical"))] == [1]
    assert [o.id for o in desk.lists.orders(OrderFilter(after=1))] == [2]
    assert desk.lists.orders(OrderFilter(is_open=False)) == ()
    desk.room.clock.forward(days=4)
    assert [o.id for o in desk.lists.orders(OrderFilter(overdue=True))] == [1]
    (first, _) = desk.lists.workload("group")
    assert (first.responsible, first.orders, first.overdue, first.issues) == ("carol", 1, 1, 1)
    with pytest.raises(UnitNotFound):
        desk.lists.orders(OrderFilter(under="nowhere"))

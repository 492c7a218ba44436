"""A work order to add to, written as the taking of findings writes one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from catalog.database import Database
from catalog.stewardship import transitions
from catalog.stewardship.states import IssueState, OrderState
from catalog.stewardship.transitions import Step
from catalog.tables import IssueRow, TransitionRow, WorkOrderRow
from tests.builders import NOON, Room, a_digest

RULE = "q01-customer-no"


def an_order(room: Room, objects: Sequence[str] = (), **changes: Any) -> int:
    """Write an order of alice's about dataset `inflow`, in which these objects break a rule."""
    return an_order_in(room.database, objects, **changes)


def an_order_in(database: Database, objects: Sequence[str] = (), **changes: Any) -> int:
    """Write an order into a catalog."""
    number = changes.pop("id", 1)
    columns: dict[str, Any] = {
        "id": number, "dataset": "inflow", "rule": RULE, "rule_version": "1", "rule_digest": a_digest(RULE),
        "severity": "major", "organisation": None, "organisation_path": "", "responsible": "alice",
        "state": OrderState.RECTIFYING.value, "issues": len(objects), "opened_at": NOON, "due_at": None,
        "rectified_by": None,
    } | changes  # fmt: skip
    entry = transitions.opened(columns, Step("detected", NOON, "system"))
    columns |= {"entries": 1, "head": entry["digest"]}
    issues = [
        {
            "id": number * 1000 + place, "dataset": columns["dataset"], "rule": RULE, "object": said,
            "organisation": None, "state": IssueState.OPEN.value, "work_order": number, "found_at": NOON,
            "last_found_at": NOON,
        }
        for place, said in enumerate(objects)
    ]  # fmt: skip
    with database.write() as session:
        session.execute(sa.insert(WorkOrderRow), [columns])
        session.execute(sa.insert(TransitionRow), [entry])
        if issues:
            session.execute(sa.insert(IssueRow), issues)
    return number


def acts(room: Room, number: int) -> list[tuple[str, str | None]]:
    """Return what was done to an order, and by whom, oldest first."""
    with room.database.read() as session:
        return [(row.act, row.by) for row in transitions.entries(session, number)]


def close_in(database: Database, number: int, said: str = "entered the form") -> None:
    """Take an order that is being rectified to its end, as alice does not: nobody asks who may."""
    steps = (
        ("submitted", said, OrderState.SUBMITTED),
        ("recheck-passed", None, OrderState.RECHECKED),
        ("reviewed", None, OrderState.REVIEWED),
        ("closed", None, OrderState.CLOSED),
    )
    with database.write() as session:
        order = transitions.locked(session, number)
        by = order.responsible
        for act, words, to in steps:
            transitions.write(session, order, Step(act, NOON, by, {}, to, words))

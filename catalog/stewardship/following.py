"""Orders follow the organisation: a unit that moved or was merged, a person who left.

What an order is now (unit, path, person) is compared with what the tree and the roles say today, and the
difference is one step of its log.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.organisation.rows import present
from catalog.parties import SYSTEM
from catalog.stewardship import transitions
from catalog.stewardship.assignment import Assignment, assignment
from catalog.stewardship.states import OrderState
from catalog.stewardship.transitions import Step
from catalog.tables import PartyRow, UnitRow, UnitStateRow, WorkOrderRow

IS_OPEN = WorkOrderRow.state.not_in([state.value for state in OrderState if state.is_over])
_AT_A_TIME = 5_000


def follow(session: Session, now: datetime, *which: sa.ColumnElement[bool]) -> int:
    """Let open orders go where the organisation has gone, and return how many did."""
    found = cache(lambda dataset: assignment(session, dataset, now.date()))
    stale = sa.select(WorkOrderRow.id).where(IS_OPEN, _is_stale(now), *which).order_by(WorkOrderRow.id)
    numbers = session.scalars(stale).all()
    moved = 0
    for start in range(0, len(numbers), _AT_A_TIME):
        some = WorkOrderRow.id.in_(numbers[start : start + _AT_A_TIME])
        query = sa.select(WorkOrderRow).where(some).order_by(WorkOrderRow.id).with_for_update()
        rows = session.scalars(query.execution_options(populate_existing=True)).all()
        steps = [(row, step) for row in rows if (step := follow_one(row, found(row.dataset), now))]
        transitions.write_all(session, steps)
        moved += len(steps)
    return moved


def follow_one(order: WorkOrderRow, said: Assignment, now: datetime) -> Step | None:
    """Return the step of a locked order that is not where it belongs today, having set what changes."""
    place = said.place(order.organisation)
    was = (order.organisation, order.organisation_path, order.responsible)
    order.organisation, order.organisation_path = place.unit, place.path
    if not said.is_there(order.responsible):
        order.responsible = said.responsible(place)
    if (order.organisation, order.organisation_path, order.responsible) == was:
        return None
    detail = {"unit": was[0], "path": was[1], "from": was[2], "to": order.responsible}
    return Step("followed", now, SYSTEM, detail)


def _is_stale(now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition of an order whose person has left, or whose unit is not where it was."""
    left = sa.exists().where(PartyRow.id == WorkOrderRow.responsible, PartyRow.left_on < now.date())
    closed = sa.exists().where(UnitRow.code == WorkOrderRow.organisation, UnitRow.closed_on <= now.date())
    elsewhere = sa.exists().where(
        UnitStateRow.unit == WorkOrderRow.organisation,
        present(),
        UnitStateRow.path != WorkOrderRow.organisation_path,
    )
    return sa.or_(left, closed, elsewhere)

"""Triage and dispatch of many orders at once: nobody clicks through a million."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog import trail
from catalog.database import Clock, Database
from catalog.organisation.rows import unit_of
from catalog.parties import require_member
from catalog.stewardship import permits, transitions
from catalog.stewardship.deadlines import Deadlines, require_future
from catalog.stewardship.following import follow
from catalog.stewardship.listing import at_or_below, conditions
from catalog.stewardship.models import OrderFilter
from catalog.stewardship.states import FOLLOWING, OrderState
from catalog.stewardship.transitions import Step
from catalog.tables import WorkOrderRow
from catalog.trail import Act
from standards import digests

_O = WorkOrderRow
AT_A_TIME = 2_000
"""Orders of one transaction, so that others get their turn between."""

_Prepare = Callable[[WorkOrderRow, datetime], None]


class BulkDone(BaseModel):
    """How many orders took the step, and how many that were meant are for others to decide about."""

    model_config = ConfigDict(frozen=True)

    act: str
    orders: int
    not_theirs: int


class BulkOrders:
    """Steps of all orders that a filter names and a party governs, 2,000 in a transaction.

    Each of these transactions is one entry of the trail, with the number of orders and the digest of their
    new heads. What is left by a process that was killed is taken by calling again.
    """

    def __init__(self, database: Database, clock: Clock, deadlines: Deadlines) -> None:
        self._database = database
        self._clock = clock
        self._deadlines = deadlines

    def triage(self, chosen: OrderFilter, *, by: str) -> BulkDone:
        """Triage every detected order that is meant. Raises UnitNotFound."""
        return self._all(chosen, by, Step("triaged", self._clock(), by, {}, OrderState.TRIAGED), None)

    def dispatch(self, chosen: OrderFilter, *, by: str, due_at: datetime | None = None) -> BulkDone:
        """Dispatch every order that is meant and can be, to the person it is with. Raises DeadlinePast."""
        step = Step("dispatched", self._clock(), by, {}, OrderState.DISPATCHED)

        def prepare(order: WorkOrderRow, now: datetime) -> None:
            order.due_at = require_future(due_at or self._deadlines.due(order.severity, now), now)
            order.escalated = 0

        return self._all(chosen, by, step, prepare)

    def _all(self, chosen: OrderFilter, by: str, step: Step, prepare: _Prepare | None) -> BulkDone:
        begins = [state.value for state, after in FOLLOWING.items() if step.to in after]
        done = 0
        with self._database.read() as session:
            require_member(session, by, step.at)
            meant = [*conditions(session, chosen, step.at), _O.state.in_(begins)]
            theirs = self._governed(session, meant, by, step.at)
            others = _count(session, *meant, sa.not_(theirs))
        while True:
            with self._database.write() as session:
                orders = _some(session, [*meant, theirs], step.at if prepare else None)
                if not orders:
                    return BulkDone(act=step.act, orders=done, not_theirs=others)
                for order in orders:
                    if prepare is not None:
                        prepare(order, step.at)
                transitions.write_all(session, [(order, step) for order in orders])
                trail.record(session, step.at, _act(step, orders))
                done += len(orders)

    def _governed(
        self, session: Session, meant: Sequence[sa.ColumnElement[bool]], by: str, now: datetime
    ) -> sa.ColumnElement[bool]:
        """Return the condition of the orders that a party governs."""
        on = now.date()
        datasets = session.scalars(sa.select(_O.dataset).where(*meant).distinct())
        governed = [each for each in datasets if permits.governs_dataset(session, each, by, on)]
        units = sorted(permits.governed_units(session, by, on))
        paths = [unit_of(session, code).path for code in units]
        return sa.or_(_O.dataset.in_(governed), *map(at_or_below, paths))


def _some(
    session: Session, which: Sequence[sa.ColumnElement[bool]], follow_on: datetime | None
) -> Sequence[WorkOrderRow]:
    """Return the next orders, locked; before they are dispatched they follow the organisation."""
    numbers = session.scalars(sa.select(_O.id).where(*which).order_by(_O.id).limit(AT_A_TIME)).all()
    if not numbers:
        return ()
    if follow_on is not None:
        follow(session, follow_on, _O.id.in_(numbers))
    query = sa.select(_O).where(_O.id.in_(numbers), *which).order_by(_O.id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).all()


def _count(session: Session, *which: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(_O).where(*which)) or 0


def _act(step: Step, orders: Sequence[WorkOrderRow]) -> Act:
    heads = digests.of_document({"heads": [[order.id, order.head] for order in orders]})
    detail: trail.Detail = {
        "orders": len(orders),
        "first": orders[0].id,
        "last": orders[-1].id,
        "heads": heads,
    }
    return Act(f"orders-{step.act}", "order", str(orders[0].id), step.by, detail)

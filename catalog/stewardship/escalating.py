"""What is overdue is told of up the tree: one level as soon as it is, one more every few days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog import trail
from catalog.database import Clock, Database
from catalog.parties import SYSTEM, require_member
from catalog.stewardship import transitions
from catalog.stewardship.assignment import Assignment, assignment
from catalog.stewardship.deadlines import Deadlines
from catalog.stewardship.following import IS_OPEN, follow
from catalog.stewardship.transitions import Step
from catalog.tables import WorkOrderRow
from catalog.trail import Act

_O = WorkOrderRow
_DEEPEST = 8
"""Levels of the organisation, and one more for the dataset."""
_AT_A_TIME = 2_000


class Escalated(BaseModel):
    """How many orders followed the organisation, how many were told of, and to whom."""

    model_config = ConfigDict(frozen=True)

    followed: int
    orders: int
    to: dict[str, int]


class Escalation:
    """Tells whoever is above of overdue orders. To call it twice tells nobody twice."""

    def __init__(self, database: Database, clock: Clock, deadlines: Deadlines) -> None:
        self._database = database
        self._clock = clock
        self._deadlines = deadlines

    def escalate(self, *, by: str) -> Escalated:
        """Let open orders follow the organisation, then tell of those that are overdue.

        Each level of an order is told of once in a round, and stands in its log with whom it was told to.
        Any member may call it, or a clock.
        """
        now = self._clock()
        with self._database.write() as session:
            require_member(session, by, now)
            followed = follow(session, now)
        to, after = Counter[str](), 0
        while True:
            with self._database.write() as session:
                orders = self._overdue(session, now, after)
                if not orders:
                    return Escalated(followed=followed, orders=to.total(), to=dict(sorted(to.items())))
                after = orders[-1].id
                steps = self._steps(session, orders, now)
                transitions.write_all(session, steps)
                to.update(step.detail["to"] for _, step in steps)
                if steps:
                    detail = {"orders": len(steps), "first": steps[0][0].id, "last": steps[-1][0].id}
                    act = Act("orders-escalated", "order", str(steps[0][0].id), by, detail)
                    trail.record(session, now, act)

    def _overdue(self, session: Session, now: datetime, after: int) -> Sequence[WorkOrderRow]:
        """Return the next orders that have not been told of at the level they have come to, locked."""
        every = timedelta(days=self._deadlines.escalate_every_days)
        levels = [
            sa.and_(
                _O.escalated == level, _O.due_at < now if level == 0 else _O.due_at <= now - level * every
            )
            for level in range(_DEEPEST)
        ]
        query = sa.select(_O).where(IS_OPEN, _O.id > after, sa.or_(*levels)).order_by(_O.id)
        return session.scalars(query.limit(_AT_A_TIME).with_for_update()).all()

    def _steps(
        self, session: Session, orders: Sequence[WorkOrderRow], now: datetime
    ) -> list[tuple[WorkOrderRow, Step]]:
        said = cache(lambda dataset: assignment(session, dataset, now.date()))
        steps = []
        for order in orders:
            assert order.due_at is not None
            above = order.organisation_path.count("/") + 1
            level = min(self._deadlines.level(order.due_at, now), above)
            if level <= order.escalated:
                continue
            order.escalated = level
            detail = {"level": level, "to": _told(said(order.dataset), order, level)}
            steps.append((order, Step("escalated", now, SYSTEM, detail)))
        return steps


def _told(said: Assignment, order: WorkOrderRow, level: int) -> str:
    """Return who answers so many levels above the order, or higher up if nobody does there."""
    path = "/".join(order.organisation_path.split("/")[:-level])
    unit = path.rpartition("/")[2] or None
    return said.responsible(said.place(unit)) if unit else said.last

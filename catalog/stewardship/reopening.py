"""What is found again: open issues move on, and those that were over are opened again with their orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.parties import SYSTEM
from catalog.stewardship import transitions
from catalog.stewardship.found import Found
from catalog.stewardship.states import IssueState, OrderState
from catalog.stewardship.transitions import Step
from catalog.tables import IssueRow, WorkOrderRow

_AT_A_TIME = 5_000
_DONE = (OrderState.RECHECKED, OrderState.REVIEWED)
"""Where an order claims that nothing of it is left."""


def move_on(session: Session, issues: Sequence[int], found: Found, now: datetime) -> None:
    """Let open issues say when they were last found."""
    for some in _parts(issues):
        _update(session, some, last_run=found.run, last_found_at=now)


def reopen_all(session: Session, by_order: Mapping[int, Sequence[int]], found: Found, now: datetime) -> int:
    """Open issues again with their orders, and return how many orders that were over now go on."""
    reopened = 0
    for numbers in _parts(list(by_order)):
        query = sa.select(WorkOrderRow).where(WorkOrderRow.id.in_(numbers)).order_by(WorkOrderRow.id)
        steps = []
        for order in session.scalars(query.with_for_update().execution_options(populate_existing=True)):
            steps.append((order, _step(order, len(by_order[order.id]), found, now)))
            reopened += steps[-1][1].to is OrderState.REOPENED
        transitions.write_all(session, steps)
    for some in _parts([issue for issues in by_order.values() for issue in issues]):
        _update(
            session, some, last_run=found.run, last_found_at=now, state=IssueState.OPEN.value,
            reopened=IssueRow.reopened + 1, fixed_at=None, fixed_in=None, waiver=None, waived_until=None,
        )  # fmt: skip
    return reopened


def _step(order: WorkOrderRow, issues: int, found: Found, now: datetime) -> Step:
    """Return the step of an order of which issues were found again, and set what it changes."""
    detail = {**found.detail, "again": issues}
    if not OrderState(order.state).is_over:
        order.issues += issues
        to = OrderState.RECTIFYING if order.state in _DONE else None
        return Step("found-again", now, SYSTEM, detail, to)
    rule = found.rules[order.rule]
    order.rule_version, order.rule_digest, order.severity = rule.version, rule.digest, rule.severity
    order.issues, order.due_at, order.rectified_by, order.escalated = issues, None, None, 0
    order.reopened += 1
    return Step("reopened", now, SYSTEM, detail | {"rule": rule.digest}, OrderState.REOPENED)


def _update(session: Session, issues: Sequence[int], **values: Any) -> None:
    statement = sa.update(IssueRow).where(IssueRow.id.in_(issues)).values(values)
    session.execute(statement, execution_options={"synchronize_session": False})


def _parts(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _AT_A_TIME):
        yield numbers[start : start + _AT_A_TIME]

"""Re-check: the engine alone says that what was found is no longer there.

The rule runs as it was when it failed, on the newest version of its dataset. What it still finds keeps the
order with who rectifies it; what it no longer finds is fixed, in that version.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog.database import Clock, Database
from catalog.stewardship import permits, transitions
from catalog.stewardship.models import WorkOrder, order_of
from catalog.stewardship.orders import count_open
from catalog.stewardship.states import IssueState, OrderState
from catalog.stewardship.transitions import Step
from catalog.tables import DatasetVersionRow, IssueRow, WorkOrderRow
from standards import digests
from standards.errors import Conflict

_AT_A_TIME = 1_000
_SHOWN = 20


class NotRecheckable(Conflict):
    """The rule of the order can't be run again, so nothing can show that its issues are gone."""

    code = "not-recheckable"


class RecheckOutdated(Conflict):
    """While the rule ran, a newer version was loaded or somebody took another step."""

    code = "recheck-outdated"


@dataclass(frozen=True)
class ToRecheck:
    """What is run again: an order's rule, over a version of its dataset."""

    dataset: str
    version: int
    rule: str
    rule_digest: str
    order: int


class Rechecked(BaseModel):
    """An order after its re-check. `still` are the first objects that fail, `failing` how many do."""

    model_config = ConfigDict(frozen=True)

    order: WorkOrder
    version: int
    fixed: int
    failing: int
    still: tuple[str, ...]


Failing = Callable[[ToRecheck], Collection[str]]
"""Runs an order's rule and returns the objects that it finds. Raises NotRecheckable."""


class Rechecks:
    """Re-checks of submitted orders."""

    def __init__(self, database: Database, failing: Failing, clock: Clock) -> None:
        self._database = database
        self._failing = failing
        self._clock = clock

    def recheck(self, number: int, *, by: str) -> Rechecked:
        """Run a submitted order's rule on the newest version, and let the order go on or back.

        Any member may ask for it: the engine decides. Raises WorkOrderNotFound, WrongState, NotRecheckable,
        RecheckOutdated.
        """
        with self._database.read() as session:
            order = transitions.require_order(session, number)
            permits.comment(session, order, by, self._clock())
            transitions.require_may_follow(session, order, self._step(by, OrderState.RECHECKED))
            head, version = order.head, _newest(session, order.dataset)
        asked = ToRecheck(order.dataset, version, order.rule, order.rule_digest, number)
        failing = frozenset(self._failing(asked))
        with self._database.write() as session:
            order = transitions.locked(session, number)
            permits.comment(session, order, by, self._clock())
            if order.head != head or _newest(session, order.dataset) != version:
                raise RecheckOutdated(
                    f"work order {number} or its dataset changed while the rule ran",
                    hint=f"run it again: shuize order recheck {number}",
                )
            return self._settle(session, order, by, version, failing)

    def _settle(
        self, session: Session, order: WorkOrderRow, by: str, version: int, failing: frozenset[str]
    ) -> Rechecked:
        still, gone, back = _split(session, order, failing)
        now = self._clock()
        _update(session, gone, state=IssueState.FIXED.value, fixed_at=now, fixed_in=version)
        _update(session, back, state=IssueState.OPEN.value, fixed_at=None, fixed_in=None)
        count_open(session, order)
        step = self._step(by, OrderState.RECTIFYING if still else OrderState.RECHECKED)
        detail = {
            "version": version, "rule": order.rule_digest, "fixed": len(gone), "failing": len(still),
            "still": digests.of_document({"objects": still}),
        }  # fmt: skip
        transitions.write(session, order, replace(step, detail=detail))
        return Rechecked(
            order=order_of(order), version=version, fixed=len(gone), failing=len(still),
            still=tuple(still[:_SHOWN]),
        )  # fmt: skip

    def _step(self, by: str, to: OrderState) -> Step:
        act = "recheck-passed" if to is OrderState.RECHECKED else "recheck-failed"
        return Step(act, self._clock(), by, {}, to)


def _split(
    session: Session, order: WorkOrderRow, failing: frozenset[str]
) -> tuple[list[str], list[int], list[int]]:
    """Return which objects still fail, which issues are gone, and which that were fixed are back."""
    asked = (IssueState.OPEN.value, IssueState.FIXED.value)
    query = sa.select(IssueRow.id, IssueRow.object, IssueRow.state).where(
        IssueRow.work_order == order.id, IssueRow.state.in_(asked)
    )
    still, gone, back = list[str](), list[int](), list[int]()
    for number, key, state in session.execute(query.order_by(IssueRow.id)):
        if key in failing:
            still.append(key)
            back += [number] if state == IssueState.FIXED else []
        elif state == IssueState.OPEN:
            gone.append(number)
    return still, gone, back


def _update(session: Session, issues: list[int], **values: str | int | datetime | None) -> None:
    for start in range(0, len(issues), _AT_A_TIME):
        some = IssueRow.id.in_(issues[start : start + _AT_A_TIME])
        statement = sa.update(IssueRow).where(some).values(values)
        session.execute(statement, execution_options={"synchronize_session": False})


def _newest(session: Session, dataset: str) -> int:
    query = sa.select(sa.func.max(DatasetVersionRow.number)).where(DatasetVersionRow.dataset == dataset)
    return session.scalar(query) or 0

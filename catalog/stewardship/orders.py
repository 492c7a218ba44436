"""What people do with a work order, one method a step: who may says `permits`, what follows `states`.

Each step is one transaction on the locked order: of two who take the same one, the second learns who was
sooner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.answering import MEMBERS, CannotAnswer
from catalog.database import Clock, Database
from catalog.parties import require_actor
from catalog.stewardship import permits, transitions
from catalog.stewardship.assignment import assignment
from catalog.stewardship.deadlines import Deadlines, require_future
from catalog.stewardship.following import follow_one
from catalog.stewardship.models import WorkOrder, order_of, remark
from catalog.stewardship.permits import Permit
from catalog.stewardship.states import IssueState, OrderState
from catalog.stewardship.transitions import Step
from catalog.tables import IssueRow, WorkOrderRow
from standards.errors import Conflict

_I = IssueState
_JUDGED = (OrderState.RECHECKED, OrderState.REVIEWED)
Change = Callable[[Session, WorkOrderRow, datetime], dict[str, Any]]


class AlreadyTheirs(Conflict):
    """The order is with this person already."""

    code = "already-theirs"


@dataclass(frozen=True)
class _Wanted:
    """A step somebody wants to take: `act`, where it leads, who may, what they say.

    `only` are the states it begins at, where others lead to the same state by other steps.
    """

    act: str
    permit: Permit
    to: OrderState | None = None
    remark: str | None = None
    only: tuple[OrderState, ...] = tuple(OrderState)


class WorkOrders:
    """The steps of work orders."""

    def __init__(self, database: Database, clock: Clock, deadlines: Deadlines) -> None:
        self._database = database
        self._clock = clock
        self.deadlines = deadlines

    def triage(self, number: int, *, by: str, said: str = "") -> WorkOrder:
        """Find that an order is a problem to be worked on. Raises WorkOrderNotFound, NotYours, WrongState."""
        words = remark(said, "a triage", needed=False)
        return self._take(number, by, _Wanted("triaged", permits.govern, OrderState.TRIAGED, words))

    def reject(self, number: int, *, by: str, reason: str) -> WorkOrder:
        """Find that it is no problem: its issues are not opened again. Raises as `triage`, RemarkMissing."""
        words = remark(reason, "a rejection")
        wanted = _Wanted("rejected", permits.govern, OrderState.REJECTED, words)

        def change(session: Session, order: WorkOrderRow, now: datetime) -> dict[str, Any]:
            return {"rejected": set_issues(session, order, (_I.OPEN,), _I.REJECTED)}

        return self._take(number, by, wanted, change)

    def dispatch(self, number: int, *, by: str, due_at: datetime | None = None, said: str = "") -> WorkOrder:
        """Send an order to its person, with a deadline by its severity or another one.

        Who has left, or whose unit is gone, is replaced first. Raises as `triage`, DeadlinePast.
        """
        words = remark(said, "a dispatch", needed=False)
        wanted = _Wanted("dispatched", permits.govern, OrderState.DISPATCHED, words)

        def change(session: Session, order: WorkOrderRow, now: datetime) -> dict[str, Any]:
            follow_first(session, order, now)
            order.due_at = require_future(due_at or self.deadlines.due(order.severity, now), now)
            order.escalated = 0
            return {}

        return self._take(number, by, wanted, change)

    def accept(self, number: int, *, by: str, said: str = "") -> WorkOrder:
        """Take an order on. Raises as `triage`."""
        words = remark(said, "an acceptance", needed=False)
        return self._take(number, by, _Wanted("accepted", permits.rectify, OrderState.ACCEPTED, words))

    def give_back(self, number: int, *, by: str, reason: str) -> WorkOrder:
        """Return an order as not theirs, saying why. Raises as `triage`, RemarkMissing."""
        words = remark(reason, "to give an order back")
        return self._take(number, by, _Wanted("returned", permits.rectify, OrderState.RETURNED, words))

    def start(self, number: int, *, by: str, said: str = "") -> WorkOrder:
        """Begin to rectify. Raises as `triage`."""
        words = remark(said, "a start", needed=False)
        wanted = _Wanted("started", permits.rectify, OrderState.RECTIFYING, words, (OrderState.ACCEPTED,))
        return self._take(number, by, wanted)

    def submit(self, number: int, *, by: str, statement: str) -> WorkOrder:
        """Say what was done; a re-check comes next. Raises as `triage`, RemarkMissing."""
        words = remark(statement, "a submission")
        wanted = _Wanted("submitted", permits.rectify, OrderState.SUBMITTED, words)

        def change(session: Session, order: WorkOrderRow, now: datetime) -> dict[str, Any]:
            order.rectified_by = by
            return {}

        return self._take(number, by, wanted, change)

    def review(self, number: int, *, by: str, said: str = "") -> WorkOrder:
        """Find good what was done, as somebody who did not do it. Raises as `triage`, OwnWork."""
        words = remark(said, "a review", needed=False)
        return self._take(number, by, _Wanted("reviewed", permits.review, OrderState.REVIEWED, words))

    def send_back(self, number: int, *, by: str, reason: str) -> WorkOrder:
        """Find not good what was done: its issues are open again. Raises as `review`, RemarkMissing."""
        words = remark(reason, "to send an order back")
        wanted = _Wanted("sent-back", permits.review, OrderState.RECTIFYING, words, _JUDGED)

        def change(session: Session, order: WorkOrderRow, now: datetime) -> dict[str, Any]:
            return {"issues": set_issues(session, order, (_I.FIXED,), _I.OPEN)}

        return self._take(number, by, wanted, change)

    def close(self, number: int, *, by: str, said: str = "") -> WorkOrder:
        """Close what was reviewed. Raises as `review`."""
        words = remark(said, "a closing", needed=False)
        return self._take(number, by, _Wanted("closed", permits.review, OrderState.CLOSED, words))

    def reopen(self, number: int, *, by: str, reason: str) -> WorkOrder:
        """Open an order that is over again, with all its issues. Raises as `triage`, RemarkMissing."""
        words = remark(reason, "to reopen an order")
        wanted = _Wanted("reopened", permits.govern, OrderState.REOPENED, words)

        def change(session: Session, order: WorkOrderRow, now: datetime) -> dict[str, Any]:
            return {"issues": reopen_issues(session, order)}

        return self._take(number, by, wanted, change)

    def reassign(self, number: int, *, by: str, to: str, reason: str) -> WorkOrder:
        """Give an open order to another party of the utility.

        Raises as `triage`, RemarkMissing, UnknownParty, PersonLeft, CannotAnswer, AlreadyTheirs.
        """
        words = remark(reason, "to reassign an order")

        def change(session: Session, order: WorkOrderRow, now: datetime) -> dict[str, Any]:
            require_open(order, "be given to another")
            if require_actor(session, to, now).kind not in MEMBERS:
                raise CannotAnswer(f"{to} can't answer for data", hint="name a person of the utility")
            if to == order.responsible:
                raise AlreadyTheirs(f"work order {number} is with {to}", hint="name somebody else")
            was, order.responsible = order.responsible, to
            return {"from": was, "to": to}

        return self._take(number, by, _Wanted("reassigned", permits.govern, None, words), change)

    def comment(self, number: int, *, by: str, said: str) -> WorkOrder:
        """Say something about an order. Raises WorkOrderNotFound, RemarkMissing."""
        return self._take(number, by, _Wanted("commented", permits.comment, None, remark(said, "a comment")))

    def _take(self, number: int, by: str, wanted: _Wanted, change: Change | None = None) -> WorkOrder:
        now = self._clock()
        with self._database.write() as session:
            order = transitions.locked(session, number)
            wanted.permit(session, order, by, now)
            step = Step(wanted.act, now, by, {}, wanted.to, wanted.remark)
            transitions.require_may_follow(session, order, step)
            if order.state not in wanted.only:
                begins = " or ".join(wanted.only)
                raise transitions.WrongState(
                    f"work order {number} is {order.state}, and only what is {begins} can be {step.act}",
                    hint=f"see: shuize order show {number}",
                )
            detail = change(session, order, now) if change else {}
            transitions.write(session, order, Step(step.act, now, by, detail, step.to, step.remark))
            return order_of(order)


def require_open(order: WorkOrderRow, what: str) -> None:
    """Raise WrongState for an order that is over."""
    if OrderState(order.state).is_over:
        raise transitions.WrongState(
            f"work order {order.id} is {order.state} and can't {what}",
            hint=f"reopen it first, if it must be: shuize order reopen {order.id} --reason …",
        )


def follow_first(session: Session, order: WorkOrderRow, now: datetime) -> None:
    """Let an order go where the organisation has gone, as a step of its own before the next."""
    step = follow_one(order, assignment(session, order.dataset, now.date()), now)
    if step is not None:
        transitions.write(session, order, step)


def set_issues(
    session: Session, order: WorkOrderRow, of: tuple[IssueState, ...], to: IssueState, **values: Any
) -> int:
    """Bring the order's issues of some states to another, and return how many; the order counts the open."""
    statement = sa.update(IssueRow).where(
        IssueRow.work_order == order.id, IssueRow.state.in_([state.value for state in of])
    )
    changed: int = session.execute(  # type: ignore[attr-defined]
        statement.values(state=to.value, **values), execution_options={"synchronize_session": False}
    ).rowcount
    count_open(session, order)
    return changed


def reopen_issues(session: Session, order: WorkOrderRow) -> int:
    """Open all issues of an order that was over again; nothing of its last round holds any more."""
    order.due_at, order.rectified_by, order.escalated = None, None, 0
    order.reopened += 1
    over = (_I.FIXED, _I.REJECTED, _I.WAIVED)
    nothing = {"fixed_at": None, "fixed_in": None, "waiver": None, "waived_until": None}
    return set_issues(session, order, over, _I.OPEN, reopened=IssueRow.reopened + 1, **nothing)


def count_open(session: Session, order: WorkOrderRow) -> None:
    """Let the order say how many of its issues are open."""
    is_open = (IssueRow.work_order == order.id, IssueRow.state == _I.OPEN.value)
    order.issues = session.scalar(sa.select(sa.func.count()).select_from(IssueRow).where(*is_open)) or 0

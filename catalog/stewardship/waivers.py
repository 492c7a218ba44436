"""Waivers 白名单: a problem that is lived with until a day, because two people say so and why.

requested ─ approved, by another ─▶ holds until its last day ─▶ the next run that finds it reopens it
    └─ revoked, before or after: what it covered is open again at once
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog.database import Clock, Database
from catalog.stewardship import permits, transitions
from catalog.stewardship.models import Waiver, remark, waiver_of
from catalog.stewardship.orders import count_open, require_open
from catalog.stewardship.states import FOLLOWING, IssueState, OrderState
from catalog.stewardship.transitions import Step
from catalog.tables import IssueRow, WaiverRow, WorkOrderRow
from standards.errors import Conflict, InvalidInput, NotFound


class WaiverNotFound(NotFound):
    """No waiver has this number."""

    code = "waiver-not-found"


class WaiverDecided(Conflict):
    """A waiver that was approved or revoked already."""

    code = "waiver-decided"


class WaiverExpiry(InvalidInput):
    """A last day that is past, or so far away that nobody would look at it again."""

    code = "waiver-expiry"


class NothingToWaive(Conflict):
    """No open issue is there that could be waived."""

    code = "nothing-to-waive"


class OwnWaiver(Conflict):
    """Who asked for a waiver can't approve it."""

    code = "own-waiver"


class WaiverState(StrEnum):
    """Where a waiver stands. One past its last day stays approved and holds nothing any more."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REVOKED = "revoked"


class WaiverFilter(BaseModel):
    """Which waivers: those for which everything given holds."""

    model_config = ConfigDict(frozen=True)

    state: WaiverState | None = None
    work_order: int | None = None
    expired: bool | None = None
    after: int = 0
    limit: int | None = 1000


LONGEST_DAYS = 366
"""A waiver that is to hold longer is asked for again each year."""


class Waivers:
    """The register of waivers."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def request(
        self, work_order: int, *, by: str, reason: str, until: date, issue: int | None = None
    ) -> Waiver:
        """Ask that an order's open issues, or one of them, be lived with until a day.

        Raises WorkOrderNotFound, NotYours, WrongState, RemarkMissing, WaiverExpiry, NothingToWaive.
        """
        words, now = remark(reason, "a waiver"), self._clock()
        self._require_day(until)
        with self._database.write() as session:
            order = transitions.locked(session, work_order)
            permits.rectify(session, order, by, now)
            require_open(order, "be waived")
            if not _covered(session, order, issue):
                what = f"issue {issue} of it" if issue else "it"
                raise NothingToWaive(
                    f"work order {work_order} has no open issue to waive in {what}",
                    hint=f"see: shuize issue list --order {work_order} --state open",
                )
            row = WaiverRow(
                work_order=work_order, issue=issue, reason=words, expires_on=until,
                state=WaiverState.REQUESTED.value, requested_by=by, requested_at=now,
            )  # fmt: skip
            session.add(row)
            session.flush()
            detail = {"waiver": row.id, "issue": issue, "until": until.isoformat()}
            transitions.write(session, order, Step("waiver-requested", now, by, detail, None, words))
            return waiver_of(row)

    def approve(self, number: int, *, by: str) -> Waiver:
        """Approve a waiver, as an owner or steward who did not ask for it; it holds from now on.

        Raises WaiverNotFound, WaiverDecided, OwnWaiver, NotYours, WrongState, WaiverExpiry, NothingToWaive.
        """
        now = self._clock()
        with self._database.write() as session:
            row, order = _locked(session, number)
            _require(row, WaiverState.REQUESTED)
            if row.requested_by == by:
                raise OwnWaiver(
                    f"{by} asked for waiver {number} and can't approve it", hint="ask another: --as PARTY"
                )
            permits.govern(session, order, by, now)
            self._require_day(row.expires_on)
            require_open(order, "be waived")
            covered = _covered(session, order, row.issue)
            if not covered:
                raise NothingToWaive(
                    f"what waiver {number} asks for is no longer open",
                    hint=f"revoke it: shuize waiver revoke {number}",
                )
            values: dict[str, Any] = {"waiver": row.id, "waived_until": row.expires_on}
            _set(session, covered, state=IssueState.WAIVED.value, **values)
            row.state, row.decided_by, row.decided_at = WaiverState.APPROVED.value, by, now
            count_open(session, order)
            detail = {"waiver": row.id, "issues": len(covered), "until": row.expires_on.isoformat()}
            to = _after_waiving(session, order)
            transitions.write(session, order, Step("waived", now, by, detail, to))
            return waiver_of(row)

    def revoke(self, number: int, *, by: str, reason: str) -> Waiver:
        """Take back a waiver or refuse one; what it covered is open again at once.

        Who asked may take back a request, else owners and stewards decide. Raises WaiverNotFound,
        WaiverDecided, NotYours, RemarkMissing.
        """
        words, now = remark(reason, "to revoke a waiver"), self._clock()
        with self._database.write() as session:
            row, order = _locked(session, number)
            _require(row, WaiverState.REQUESTED, WaiverState.APPROVED)
            if not (row.state == WaiverState.REQUESTED and row.requested_by == by):
                permits.govern(session, order, by, now)
            covered = list(session.scalars(sa.select(IssueRow.id).where(IssueRow.waiver == row.id)))
            nothing: dict[str, Any] = {"waiver": None, "waived_until": None}
            _set(session, covered, state=IssueState.OPEN.value, reopened=IssueRow.reopened + 1, **nothing)
            row.state, row.revoked_by, row.revoked_at = WaiverState.REVOKED.value, by, now
            to = _after_revoking(order, covered)
            count_open(session, order)
            detail = {"waiver": row.id, "issues": len(covered)}
            transitions.write(session, order, Step("waiver-revoked", now, by, detail, to, words))
            return waiver_of(row)

    def get(self, number: int) -> Waiver:
        """Return a waiver. Raises WaiverNotFound."""
        with self._database.read() as session:
            return waiver_of(_required(session.get(WaiverRow, number), number))

    def list(self, chosen: WaiverFilter | None = None) -> tuple[Waiver, ...]:
        """Return waivers, oldest first; `expired` are those approved whose last day is past."""
        chosen = chosen or WaiverFilter()
        query = sa.select(WaiverRow).where(WaiverRow.id > chosen.after).order_by(WaiverRow.id)
        if chosen.state is not None:
            query = query.where(WaiverRow.state == chosen.state.value)
        if chosen.work_order is not None:
            query = query.where(WaiverRow.work_order == chosen.work_order)
        if chosen.expired is not None:
            today = self._clock().date()
            past = WaiverRow.expires_on < today if chosen.expired else WaiverRow.expires_on >= today
            query = query.where(past, WaiverRow.state == WaiverState.APPROVED.value)
        with self._database.read() as session:
            return tuple(map(waiver_of, session.scalars(query.limit(chosen.limit))))

    def _require_day(self, until: date) -> None:
        today = self._clock().date()
        if not today <= until or (until - today).days > LONGEST_DAYS:
            raise WaiverExpiry(
                f"a waiver can't end on {until}",
                hint=f"give a last day from today, {today}, within {LONGEST_DAYS} days",
            )


def _covered(session: Session, order: WorkOrderRow, issue: int | None) -> list[int]:
    query = sa.select(IssueRow.id).where(
        IssueRow.work_order == order.id, IssueRow.state == IssueState.OPEN.value
    )
    return list(session.scalars(query if issue is None else query.where(IssueRow.id == issue)))


def _after_waiving(session: Session, order: WorkOrderRow) -> OrderState | None:
    """Return where an order goes of which issues were waived: it is over only if nothing else was done.

    With an issue that somebody mended it goes the whole way: re-check, review.
    """
    mended = sa.exists().where(IssueRow.work_order == order.id, IssueRow.state == IssueState.FIXED.value)
    may = OrderState.WAIVED in FOLLOWING[OrderState(order.state)]
    return OrderState.WAIVED if may and not order.issues and not session.scalar(sa.select(mended)) else None


def _after_revoking(order: WorkOrderRow, covered: list[int]) -> OrderState | None:
    if not covered:
        return None
    state = OrderState(order.state)
    if state.is_over:
        order.due_at, order.rectified_by, order.escalated = None, None, 0
        order.reopened += 1
        return OrderState.REOPENED
    done = state in (OrderState.RECHECKED, OrderState.REVIEWED)
    return OrderState.RECTIFYING if done else None


def _locked(session: Session, number: int) -> tuple[WaiverRow, WorkOrderRow]:
    row = _required(session.get(WaiverRow, number), number)
    order = transitions.locked(session, row.work_order)
    session.refresh(row, with_for_update=True)
    return row, order


def _require(row: WaiverRow, *states: WaiverState) -> None:
    if row.state not in states:
        who = row.revoked_by or row.decided_by
        raise WaiverDecided(
            f"waiver {row.id} was {row.state} by {who}", hint="see: shuize waiver list; ask for a new one"
        )


def _required(row: WaiverRow | None, number: int) -> WaiverRow:
    if row is None:
        raise WaiverNotFound(f"there is no waiver {number}", hint="see: shuize waiver list")
    return row


def _set(session: Session, issues: list[int], **values: Any) -> None:
    statement = sa.update(IssueRow).where(IssueRow.id.in_(issues)).values(values)
    session.execute(statement, execution_options={"synchronize_session": False})

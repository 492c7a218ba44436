"""Orders, issues and workloads, to be looked at."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog.database import Clock, Database
from catalog.organisation.rows import unit_of
from catalog.organisation.units import below
from catalog.stewardship import transitions
from catalog.stewardship.following import IS_OPEN
from catalog.stewardship.models import (
    Issue,
    IssueFilter,
    LogEntry,
    OrderFilter,
    Waiver,
    WorkOrder,
    entry_of,
    issue_of,
    order_of,
    waiver_of,
)
from catalog.tables import IssueRow, WaiverRow, WorkOrderRow
from standards.digests import Digest
from standards.errors import NotFound

_O = WorkOrderRow


class IssueNotFound(NotFound):
    """No issue has this number."""

    code = "issue-not-found"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class OrderFile(_Frozen):
    """An order with its whole log, its first issues and its waivers."""

    order: WorkOrder
    log: tuple[LogEntry, ...]
    issues: tuple[Issue, ...]
    waivers: tuple[Waiver, ...]


class Workload(_Frozen):
    """What is open with one person: orders, of them overdue, and their open issues."""

    responsible: str
    orders: int
    overdue: int
    issues: int
    next_due_at: datetime | None


class OrderVerification(_Frozen):
    """What recomputing an order's log said: nothing in `faults` if it holds, up to which head."""

    work_order: int
    entries: int
    head: Digest
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the log is as it was written."""
        return not self.faults


class OrderLists:
    """Orders and issues as they are now."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def orders(self, chosen: OrderFilter | None = None) -> tuple[WorkOrder, ...]:
        """Return work orders by number. Raises UnitNotFound for `under`."""
        chosen = chosen or OrderFilter()
        with self._database.read() as session:
            query = sa.select(_O).where(*conditions(session, chosen, self._clock()))
            return tuple(map(order_of, session.scalars(query.order_by(_O.id).limit(chosen.limit))))

    def order(self, number: int) -> OrderFile:
        """Return an order with its log. Raises WorkOrderNotFound."""
        issues = IssueFilter(work_order=number, limit=None)
        with self._database.read() as session:
            order = transitions.require_order(session, number)
            waivers = sa.select(WaiverRow).where(WaiverRow.work_order == number).order_by(WaiverRow.id)
            return OrderFile(
                order=order_of(order),
                log=tuple(entry_of(session, row) for row in transitions.entries(session, number)),
                issues=_issues(session, issues),
                waivers=tuple(map(waiver_of, session.scalars(waivers))),
            )

    def issues(self, chosen: IssueFilter | None = None) -> tuple[Issue, ...]:
        """Return issues by number."""
        with self._database.read() as session:
            return _issues(session, chosen or IssueFilter())

    def issue(self, number: int) -> Issue:
        """Return an issue. Raises IssueNotFound."""
        with self._database.read() as session:
            row = session.get(IssueRow, number)
            if row is None:
                raise IssueNotFound(f"there is no issue {number}", hint="see: shuize issue list")
            return issue_of(row)

    def workload(self, under: str | None = None) -> tuple[Workload, ...]:
        """Return what is open by person, the most loaded first. Raises UnitNotFound."""
        now = self._clock()
        late = sa.func.sum(sa.case((_O.due_at < now, 1), else_=0))
        count, issues = sa.func.count(), sa.func.sum(_O.issues)
        query = sa.select(_O.responsible, count, late, issues, sa.func.min(_O.due_at))
        with self._database.read() as session:
            chosen = conditions(session, OrderFilter(is_open=True, under=under), now)
            query = query.where(*chosen).group_by(_O.responsible)
            return tuple(
                Workload(responsible=who, orders=orders, overdue=overdue, issues=of, next_due_at=due_at)
                for who, orders, overdue, of, due_at in session.execute(
                    query.order_by(count.desc(), _O.responsible)
                )
            )

    def verify(self, number: int) -> OrderVerification:
        """Recompute an order's log and compare it with the order. Raises WorkOrderNotFound."""
        with self._database.read() as session:
            order = transitions.require_order(session, number)
            return OrderVerification(
                work_order=number,
                entries=order.entries,
                head=Digest(order.head),
                faults=tuple(transitions.faults(session, order)),
            )


def conditions(session: Session, chosen: OrderFilter, now: datetime) -> list[sa.ColumnElement[bool]]:
    """Return what holds of the orders chosen. Raises UnitNotFound for `under`."""
    equal = (
        (_O.state, chosen.state and chosen.state.value),
        (_O.dataset, chosen.dataset),
        (_O.rule, chosen.rule),
        (_O.severity, chosen.severity),
        (_O.responsible, chosen.responsible),
    )
    found = [column == value for column, value in equal if value is not None]
    if chosen.is_open is not None:
        found.append(IS_OPEN if chosen.is_open else sa.not_(IS_OPEN))
    if chosen.overdue:
        found += [IS_OPEN, _O.due_at < now]
    if chosen.under:
        found.append(at_or_below(unit_of(session, chosen.under.rpartition("/")[2]).path))
    return [*found, _O.id > chosen.after]


def at_or_below(path: str) -> sa.ColumnElement[bool]:
    """Return the condition of an order of a unit or of one below it; it is answered from the index."""
    first, last = below(path)
    return sa.or_(
        _O.organisation_path == path, sa.and_(_O.organisation_path > first, _O.organisation_path < last)
    )


def _issues(session: Session, chosen: IssueFilter) -> tuple[Issue, ...]:
    query = sa.select(IssueRow).where(IssueRow.id > chosen.after).order_by(IssueRow.id).limit(chosen.limit)
    said = chosen.model_dump(mode="json", exclude_none=True, exclude={"after", "limit"})
    for name, value in said.items():
        query = query.where(getattr(IssueRow, name) == value)
    return tuple(map(issue_of, session.scalars(query)))

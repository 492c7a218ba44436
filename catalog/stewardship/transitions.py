"""The log of work orders: the one place that adds to it and moves an order, and what an auditor recomputes.

    digest(n) = SHA-256 of the RFC 8785 form of every column of entry n, with digest(n-1)

What people wrote (reasons, statements, comments) stands beside the log as remarks, of which the log holds the
digest: an entry can never be removed, and a text that names a person must be. Whoever writes to an order
locks it first. An act of a person is an entry of the trail too, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import trail
from catalog.bulk import insert_all
from catalog.parties import SYSTEM
from catalog.stewardship.states import FOLLOWING, OrderState
from catalog.tables import RemarkRow, TransitionRow, WorkOrderRow
from catalog.trail import Act
from standards import digests
from standards.digests import Digest
from standards.errors import Conflict, NotFound

START = Digest("0" * 64)
"""What the first entry of an order has for a previous digest."""
_LOG = sa.inspect(TransitionRow).local_table
_REMARKS = sa.inspect(RemarkRow).local_table
_AS_THE_ORDER = ("dataset", "rule", "severity", "organisation_path", "responsible", "issues", "due_at")
_AT_A_TIME = 1000


class WorkOrderNotFound(NotFound):
    """No work order has this number."""

    code = "work-order-not-found"


class WrongState(Conflict):
    """The order does not stand where this step begins: it was taken already, or others come first."""

    code = "wrong-state"


@dataclass(frozen=True)
class Step:
    """What is done to an order: `act` in the past tense, by whom, where to (None: it stays where it is)."""

    act: str
    at: datetime
    by: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    to: OrderState | None = None
    remark: str | None = None


def require_order(session: Session, number: int) -> WorkOrderRow:
    """Return the order's row. Raises WorkOrderNotFound."""
    return _required(session.get(WorkOrderRow, number), number)


def locked(session: Session, number: int) -> WorkOrderRow:
    """Return the order's row as it is now; nobody else writes to it before the transaction ends."""
    row = session.get(WorkOrderRow, number, with_for_update=True, populate_existing=True)
    return _required(row, number)


def write(session: Session, order: WorkOrderRow, step: Step) -> None:
    """Add one entry to an order that is locked, and to the trail if a person did it. Raises WrongState.

    What else of the order changes (its person, its deadline, its issues) is set before: the entry holds it.
    """
    write_all(session, [(order, step)])
    if step.by != SYSTEM:
        detail: trail.Detail = {"entry": order.entries, "digest": order.head}
        trail.record(session, step.at, Act(f"order-{step.act}", "order", str(order.id), step.by, detail))


def write_all(session: Session, steps: Sequence[tuple[WorkOrderRow, Step]]) -> None:
    """Add an entry to each of several locked or new orders. The caller writes to the trail."""
    for order, step in steps:
        require_may_follow(session, order, step)
    rows = [_move(order, step) for order, step in steps]
    session.flush()
    insert_all(session, _LOG, rows)
    said = [
        {"work_order": row["work_order"], "number": row["number"], "text": step.remark}
        for row, (_, step) in zip(rows, steps, strict=True)
        if step.remark is not None
    ]
    insert_all(session, _REMARKS, said)


def opened(order: Mapping[str, Any], step: Step) -> dict[str, Any]:
    """Return the first entry of an order that is about to be added, given by its columns."""
    return _entry(order, {"number": 1, "previous": START, "before": None, "after": order["state"]}, step)


def require_may_follow(session: Session, order: WorkOrderRow, step: Step) -> None:
    """Raise WrongState unless the order stands where the step begins."""
    if step.to is None or step.to in FOLLOWING[OrderState(order.state)]:
        return
    query = sa.select(TransitionRow).where(TransitionRow.work_order == order.id)
    last = session.scalars(query.order_by(TransitionRow.number.desc()).limit(1)).one()
    begins = [state for state, after in FOLLOWING.items() if step.to in after]
    raise WrongState(
        f"work order {order.id} is {order.state} ({last.act} by {last.by} at {last.at:%Y-%m-%d %H:%M} UTC) "
        f"and can't become {step.to}",
        hint=f"only what is {' or '.join(begins)} can; see: shuize order show {order.id}",
    )


def entries(session: Session, work_order: int) -> Iterator[TransitionRow]:
    """Yield an order's log, oldest first, in bounded memory."""
    after = 0
    while True:
        query = sa.select(TransitionRow).where(
            TransitionRow.work_order == work_order, TransitionRow.number > after
        )
        page = session.scalars(query.order_by(TransitionRow.number).limit(_AT_A_TIME)).all()
        yield from page
        if len(page) < _AT_A_TIME:
            return
        after = page[-1].number


def faults(session: Session, order: WorkOrderRow) -> list[str]:
    """Return what does not hold of an order's log, recomputed: nothing, if nobody has touched it."""
    query = sa.select(RemarkRow.number, RemarkRow.text).where(RemarkRow.work_order == order.id)
    remarks = {row.number: row.text for row in session.execute(query)}
    found: list[str] = []
    last, previous, state = 0, START, None
    for row in entries(session, order.id):
        found += [f"entry {row.number}: {what}" for what in _wrong(row, last, previous, state)]
        if row.number in remarks and _digest_of(remarks[row.number]) != row.detail.get("remark"):
            found.append(f"entry {row.number}: what was said was changed")
        last, previous, state = row.number, Digest(row.digest), row.after
    if (last, previous, state) != (order.entries, order.head, order.state):
        found.append("the order is not as its log ends")
    return found


def _wrong(row: TransitionRow, last: int, previous: Digest, state: str | None) -> Iterator[str]:
    if row.number != last + 1:
        yield f"entry {last + 1} is missing"
    if row.previous != previous or row.before != state:
        yield "it does not follow the entry before it"
    if _digest({name: getattr(row, name) for name in _LOG.columns.keys()}) != row.digest:  # noqa: SIM118
        yield "what it says was changed"
    before = row.before and OrderState(row.before)
    if before and row.after != before and OrderState(row.after) not in FOLLOWING[before]:
        yield f"from {row.before} no step leads to {row.after}"


def _move(order: WorkOrderRow, step: Step) -> dict[str, Any]:
    """Move the order and return its new entry."""
    after = order.state if step.to is None else step.to.value
    place = {
        "number": order.entries + 1,
        "previous": order.head,
        "before": order.state,
        "after": after,
    }
    row = _entry({"id": order.id, **{name: getattr(order, name) for name in _AS_THE_ORDER}}, place, step)
    order.state, order.entries, order.head = after, row["number"], row["digest"]
    return row


def _entry(order: Mapping[str, Any], place: Mapping[str, Any], step: Step) -> dict[str, Any]:
    detail = dict(step.detail)
    if step.remark is not None:
        detail["remark"] = _digest_of(step.remark)
    values = {
        "work_order": order["id"],
        "at": step.at.astimezone(UTC),
        "act": step.act,
        "by": step.by,
        "detail": detail,
        **place,
        **{name: order[name] for name in _AS_THE_ORDER},
    }
    return values | {"digest": _digest(values)}


def _digest(values: Mapping[str, Any]) -> Digest:
    said = {name: value for name, value in values.items() if name != "digest"}
    due_at = values["due_at"]
    instants = {
        "at": values["at"].astimezone(UTC).isoformat(),
        "due_at": due_at and due_at.astimezone(UTC).isoformat(),
    }
    return digests.of_document(said | instants)


def _digest_of(text: str) -> Digest:
    return digests.of_bytes(text.encode())


def _required(row: WorkOrderRow | None, number: int) -> WorkOrderRow:
    if row is None:
        raise WorkOrderNotFound(f"there is no work order {number}", hint="see: shuize order list")
    return row

"""Work orders, issues and waivers as tables and lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from api.cli import frame

if TYPE_CHECKING:
    from datetime import datetime

    from catalog.stewardship.listing import OrderFile
    from catalog.stewardship.models import Issue, LogEntry, Waiver, WorkOrder
    from catalog.stewardship.rechecking import Rechecked
    from catalog.stewardship.taking import Taken

_SHOWN = 20
_NEXT = {
    "detected": "triage",
    "triaged": "dispatch",
    "reopened": "dispatch",
    "returned": "dispatch",
    "dispatched": "accept",
    "accepted": "start",
    "rectifying": "submit",
    "submitted": "recheck",
    "rechecked": "review",
    "reviewed": "close",
}


def instant(at: datetime | None) -> str | None:
    """Return a time as people read it."""
    return None if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def orders(found: Iterable[WorkOrder]) -> None:
    """Show orders as a table."""
    frame.rows(
        ("order", "state", "severity", "dataset", "rule", "issues", "unit", "responsible", "due"),
        (
            (
                o.id, o.state, o.severity, o.dataset, o.rule, f"{o.issues:,}", o.organisation, o.responsible,
                instant(o.due_at),
            )
            for o in found
        ),
    )  # fmt: skip


def order(found: WorkOrder) -> None:
    """Show one order."""
    frame.facts(
        [
            ("work order", found.id),
            ("state", found.state),
            ("dataset", found.dataset),
            ("rule", f"{found.rule} version {found.rule_version or 'unknown'}"),
            ("severity", found.severity),
            ("open issues", f"{found.issues:,}"),
            ("unit", found.organisation_path or None),
            ("responsible", found.responsible),
            ("opened", instant(found.opened_at)),
            ("due", instant(found.due_at)),
            ("rectified by", found.rectified_by),
            ("reopened", found.reopened or None),
            ("escalated", found.escalated or None),
            ("log", f"{found.entries} entries, head {found.head}"),
        ]
    )


def order_file(found: OrderFile) -> None:
    """Show an order with its issues, its waivers and its log."""
    order(found.order)
    frame.line("")
    issues(found.issues[:_SHOWN])
    if len(found.issues) > _SHOWN:
        more = f"shuize issue list --order {found.order.id}"
        frame.note(f"{len(found.issues):,} issues, the first {_SHOWN} are shown; all: {more}")
    if found.waivers:
        frame.line("")
        waivers(found.waivers)
    frame.line("")
    frame.rows(("entry", "at", "act", "by", "state", "with", "said"), map(_entry, found.log))


def done(found: WorkOrder, json: bool) -> None:
    """Show an order after a step, and what comes next."""
    if json:
        frame.document(found)
        return
    order(found)
    if step := _NEXT.get(found.state):
        frame.note(f"next: shuize order {step} {found.id} --as PARTY")


def rechecked(found: Rechecked) -> None:
    """Show what a re-check said."""
    order(found.order)
    frame.facts(
        [
            ("on version", found.version),
            ("fixed", f"{found.fixed:,}"),
            ("still failing", f"{found.failing:,}"),
        ]
    )
    for key in found.still:
        frame.line(f"  {key}")
    step = (
        "mend what still fails, then: shuize order submit" if found.failing else "next: shuize order review"
    )
    frame.note(f"{step} {found.order.id} --as PARTY")


def issues(found: Iterable[Issue]) -> None:
    """Show issues as a table."""
    frame.rows(
        ("issue", "state", "order", "dataset", "rule", "object", "found", "last found", "reopened"),
        (
            (
                i.id, i.state if i.waived_until is None else f"{i.state} until {i.waived_until}",
                i.work_order, i.dataset, i.rule, i.object, instant(i.found_at), instant(i.last_found_at),
                i.reopened or None,
            )
            for i in found
        ),
    )  # fmt: skip


def waivers(found: Iterable[Waiver]) -> None:
    """Show waivers as a table."""
    frame.rows(
        ("waiver", "state", "order", "issue", "until", "asked by", "decided by", "reason"),
        (
            (
                w.id, w.state, w.work_order, w.issue or "all open", w.expires_on, w.requested_by,
                w.revoked_by or w.decided_by, w.reason,
            )
            for w in found
        ),
    )  # fmt: skip


def taken(found: Taken) -> None:
    """Say what became of a run's findings, if it has any."""
    if not found.findings:
        return
    if found.superseded:
        frame.line(f"a newer version was checked already: {found.findings:,} findings open nothing")
        return
    counted = [
        (found.new, "new"), (found.again, "open already"), (found.reopened, "reopened"),
        (found.waived, "waived"), (found.rejected, "judged no problem"), (found.older, "fixed since"),
    ]  # fmt: skip
    told = ", ".join(f"{count:,} {what}" for count, what in counted if count) or "none"
    frame.line(f"findings     {found.findings:,}")
    frame.line(f"issues       {told}")
    frame.line(f"work orders  {found.orders:,} new, {found.orders_reopened:,} reopened")
    most = sorted(found.to.items(), key=lambda pair: (-pair[1], pair[0]))
    if most:
        named = ", ".join(f"{who} {count:,}" for who, count in most[:_SHOWN])
        more = f" and {len(most) - _SHOWN:,} more people" if len(most) > _SHOWN else ""
        frame.line(f"to           {named}{more}")


def _entry(entry: LogEntry) -> tuple[Any, ...]:
    state = entry.after if entry.before in (None, entry.after) else f"{entry.before} → {entry.after}"
    said = entry.remark or ", ".join(
        f"{k} {v}" for k, v in entry.detail.items() if k not in ("still", "rule")
    )
    return entry.number, instant(entry.at), entry.act, entry.by, state, entry.responsible, said

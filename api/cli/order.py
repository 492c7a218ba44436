"""shuize order: work orders, listed, shown, verified; the steps are in `order_steps`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import experience, frame, order_steps, order_text

if TYPE_CHECKING:
    from catalog.stewardship.bulk import BulkDone
    from catalog.stewardship.models import OrderFilter

app = typer.Typer(
    name="order", help="Work orders 工单: from a finding to a closed problem.", no_args_is_help=True
)

Number = Annotated[int, typer.Argument(help="The work order's number; see `list`.")]
Under = Annotated[str | None, typer.Option(help="Of a unit of the organisation and those below it.")]
Dataset = Annotated[str | None, typer.Option(help="Of one dataset.")]
RuleOf = Annotated[str | None, typer.Option("--rule", help="Of one rule.")]
Responsible = Annotated[str | None, typer.Option(help="Of one responsible party.")]


class State(StrEnum):
    detected = "detected"
    triaged = "triaged"
    dispatched = "dispatched"
    accepted = "accepted"
    returned = "returned"
    rectifying = "rectifying"
    submitted = "submitted"
    rechecked = "rechecked"
    reviewed = "reviewed"
    closed = "closed"
    rejected = "rejected"
    waived = "waived"
    reopened = "reopened"


class Severity(StrEnum):
    critical = "critical"
    major = "major"
    minor = "minor"


SeverityOf = Annotated[Severity | None, typer.Option("--severity", help="Of one severity.")]


@app.command("list")
def list_(
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    is_open: Annotated[
        bool | None, typer.Option("--open/--over", help="Only open ones, or ones over.")
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those past their deadline.")] = False,
    dataset: Dataset = None,
    rule: RuleOf = None,
    severity: SeverityOf = None,
    responsible: Responsible = None,
    under: Under = None,
    after: Annotated[int, typer.Option(min=0, help="Only orders after this number.")] = 0,
    limit: frame.Limit = frame.FIRST,
    json: frame.Json = False,
) -> None:
    """List work orders, by number.

    Example: shuize order list --open --responsible wang-wei
    """
    from catalog.stewardship.models import OrderFilter

    chosen = OrderFilter.model_validate(
        {
            "state": state and state.value, "is_open": is_open, "overdue": overdue, "dataset": dataset,
            "rule": rule, "severity": severity and severity.value, "responsible": responsible,
            "under": under, "after": after, "limit": frame.looked_up(limit),
        }
    )  # fmt: skip
    with frame.platform() as platform:
        found = platform.order_lists.orders(chosen)
    found = frame.cut(found, limit, lambda order: order.id)
    if json:
        frame.document(found)
    else:
        order_text.orders(found)


@app.command()
def show(order: Number, json: frame.Json = False) -> None:
    """Show a work order with its issues and its whole log.

    Example: shuize order show 1
    """
    with frame.platform() as platform:
        found = platform.order_lists.order(order)
        learnt = platform.experience.list(found.order.rule)
    if json:
        frame.document(found)
    else:
        order_text.order_file(found)
        experience.beside(learnt)


@app.command()
def verify(order: Number, json: frame.Json = False) -> None:
    """Recompute a work order's log. Exit code 1 if it is not as it was written.

    Every entry's digest, its place in the chain, what was said at it, and the order as it stands.

    Example: shuize order verify 1
    """
    with frame.platform() as platform:
        found = platform.order_lists.verify(order)
    if json:
        frame.document({**found.model_dump(mode="json"), "holds": found.holds})
    else:
        frame.facts(
            [
                ("work order", found.work_order),
                ("entries", found.entries),
                ("head", found.head),
                ("holds", "yes" if found.holds else "no"),
            ]
        )
        for fault in found.faults:
            frame.line(fault)
    if not found.holds:
        raise typer.Exit(1)


@app.command()
def workload(under: Under = None, json: frame.Json = False) -> None:
    """Say what is open with whom, the most loaded first.

    Example: shuize order workload
    """
    with frame.platform() as platform:
        found = platform.order_lists.workload(under)
    if json:
        frame.document(found)
        return
    frame.rows(
        ("responsible", "orders", "overdue", "issues", "next due"),
        (
            (
                w.responsible, f"{w.orders:,}", f"{w.overdue:,}", f"{w.issues:,}",
                order_text.instant(w.next_due_at),
            )
            for w in found
        ),
    )  # fmt: skip


@app.command()
def take(by: frame.As = None, json: frame.Json = False) -> None:
    """Make issues and orders of checks that were not taken.

    `dataset check` does so itself; this is for what a process that was killed has left.

    Example: shuize order take --as li-na
    """
    with frame.platform() as platform:
        found = platform.taking.take_all(by=platform.parties.require_member(frame.actor(platform, by)).id)
    if json:
        frame.document(found)
        return
    frame.line(f"runs         {len(found):,}")
    for each in found:
        frame.line(f"{each.dataset} version {each.version}, run {each.run}")
        order_text.taken(each)


@app.command()
def escalate(by: frame.As = None, json: frame.Json = False) -> None:
    """Tell who is above of orders that are overdue.

    One level up the tree as soon as an order is overdue, one more every SHUIZE_ESCALATE_EVERY_DAYS. Orders of
    people who left and of units that moved or were merged follow first. To run it often tells nobody twice.

    Example: shuize order escalate --as li-na
    """
    with frame.platform() as platform:
        found = platform.escalation.escalate(by=frame.actor(platform, by))
    if json:
        frame.document(found)
        return
    told = ", ".join(f"{who} {count:,}" for who, count in found.to.items())
    frame.facts(
        [("followed", f"{found.followed:,}"), ("told of", f"{found.orders:,}"), ("told", told or "nobody")]
    )


@app.command("triage-all")
def triage_all(
    dataset: Dataset = None,
    rule: RuleOf = None,
    severity: SeverityOf = None,
    responsible: Responsible = None,
    under: Under = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Triage all detected orders that fit and that you govern.

    Example: shuize order triage-all --dataset dma-inflow --as li-na
    """
    chosen = _chosen(dataset, rule, severity, responsible, under)
    with frame.platform() as platform:
        found = platform.bulk_orders.triage(chosen, by=frame.actor(platform, by))
    _bulk(found, json)


@app.command("dispatch-all")
def dispatch_all(
    dataset: Dataset = None,
    rule: RuleOf = None,
    severity: SeverityOf = None,
    responsible: Responsible = None,
    under: Under = None,
    due: Annotated[str | None, typer.Option(help="The last day. Default: by severity.")] = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Dispatch all orders that fit and that you govern.

    Those that are triaged, returned or reopened.

    Example: shuize order dispatch-all --dataset dma-inflow --as li-na
    """
    from api.instants import last_instant

    chosen = _chosen(dataset, rule, severity, responsible, under)
    due_at = last_instant(due) if due else None
    with frame.platform() as platform:
        found = platform.bulk_orders.dispatch(chosen, by=frame.actor(platform, by), due_at=due_at)
    _bulk(found, json)


def _chosen(
    dataset: str | None, rule: str | None, severity: Severity | None, responsible: str | None,
    under: str | None,
) -> OrderFilter:  # fmt: skip
    from catalog.stewardship.models import OrderFilter

    severities = severity and severity.value
    return OrderFilter(dataset=dataset, rule=rule, severity=severities, responsible=responsible, under=under)


def _bulk(found: BulkDone, json: bool) -> None:
    if json:
        frame.document(found)
        return
    frame.facts([(found.act, f"{found.orders:,}"), ("for others to decide", f"{found.not_theirs:,}")])


order_steps.add_to(app)

"""shuize change: requests to register, change, retire, and what is decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from catalog.changes import Change

app = typer.Typer(
    name="change", help="Change requests: one party asks, another decides.", no_args_is_help=True
)

Number = Annotated[int, typer.Argument(help="The request's number; see `list`.")]


class State(StrEnum):
    open = "open"
    approved = "approved"
    rejected = "rejected"
    withdrawn = "withdrawn"


@app.command("list")
def list_(
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    subject: Annotated[str | None, typer.Option("--of", help="Of one dataset or product.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only requests after this number.")] = 0,
    limit: frame.Limit = frame.FIRST,
    json: frame.Json = False,
) -> None:
    """List change requests, oldest first.

    Example: shuize change list --state open
    """
    from catalog.changes import ChangeFilter, ChangeState

    chosen = ChangeFilter(
        state=ChangeState(state.value) if state else None,
        subject=subject,
        after=after,
        limit=frame.looked_up(limit),
    )
    with frame.platform() as platform:
        found = platform.changes.list(chosen)
    found = frame.cut(found, limit, lambda change: change.id)
    if json:
        frame.document(found)
        return
    frame.rows(
        ("number", "request", "state", "asked by", "decided by", "reason"),
        (
            (
                c.id,
                f"{c.act} {c.subject_kind} {c.subject}",
                f"{c.state} (stale)" if c.stale else c.state,
                c.requested_by,
                c.decided_by,
                c.reason,
            )
            for c in found
        ),
    )


@app.command()
def show(change: Number, json: frame.Json = False) -> None:
    """Show a request, and what would differ, place by place.

    Example: shuize change show 1
    """
    with frame.platform() as platform:
        found = platform.changes.get(change)
    if json:
        frame.document(found)
        return
    tell(found)
    frame.line("")
    for difference in found.differences:
        frame.line(str(difference))


@app.command()
def approve(
    change: Annotated[
        list[str], typer.Argument(help="The request's number; of registrations also several: 5 6 9-104.")
    ],
    reason: Annotated[str, typer.Option(help="Why, if there is more to say.")] = "",
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Approve a request that somebody else made.

    What it asks for is then in force. Of several registrations of datasets all are approved or none.

    Example: shuize change approve 1 --as zhao-min
    """
    numbers = _numbers(change)
    with frame.platform() as platform:
        actor = frame.actor(platform, by)
        if len(numbers) > 1:
            approved = platform.batches.approve(numbers, by=actor, reason=reason)
        else:
            decided = platform.changes.approve(numbers[0], by=actor, reason=reason)
    if len(numbers) == 1:
        _result(decided, json)
    elif json:
        frame.document({"approved": approved})
    else:
        frame.facts(
            [("requests", spans(approved)), ("datasets", f"{len(approved):,}"), ("state", "approved")]
        )


def spans(numbers: Sequence[int]) -> str:
    """Return numbers as `approve` takes them, those in a row as one span: `5 7-104`."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def _numbers(said: Sequence[str]) -> list[int]:
    numbers: list[int] = []
    for each in said:
        first, dash, last = each.partition("-")
        if not (first.isdecimal() and (last.isdecimal() if dash else not last)):
            raise typer.BadParameter(f"{each} is no number and no span; give them as 5 6 9-104")
        if dash and int(last) - int(first) > _MOST:
            raise typer.BadParameter(f"{each} spans more than {_MOST:,} requests; approve them in parts")
        numbers += range(int(first), int(last if dash else first) + 1)
    if not numbers:
        raise typer.BadParameter("the span is empty; give the smaller number first")
    return list(dict.fromkeys(numbers))


_MOST = 1_000_000


@app.command()
def reject(
    change: Number,
    reason: Annotated[str, typer.Option(help="Why.")],
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Reject a request that somebody else made.

    Example: shuize change reject 3 --reason "the title is known to partners" --as zhao-min
    """
    with frame.platform() as platform:
        decided = platform.changes.reject(change, by=frame.actor(platform, by), reason=reason)
    _result(decided, json)


@app.command()
def withdraw(
    change: Number,
    reason: Annotated[str, typer.Option(help="Why, if there is more to say.")] = "",
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Take back a request of your own.

    Example: shuize change withdraw 4 --as li-na
    """
    with frame.platform() as platform:
        decided = platform.changes.withdraw(change, by=frame.actor(platform, by), reason=reason)
    _result(decided, json)


def asked(change: Change, json: bool) -> None:
    """Show a request that was just made, and say what comes next."""
    if json:
        frame.document(change)
        return
    tell(change)
    frame.note(f"next, somebody else: shuize change approve {change.id} --as PARTY")


def tell(change: Change) -> None:
    """Show who asks for what, and what was decided."""
    standards = (f"{each['id']} {each['version']}" for each in change.document.get("standards", ()))
    decided = change.decided_at and f"{change.decided_at:%Y-%m-%d %H:%M} UTC by {change.decided_by}"
    frame.facts(
        [
            ("request", change.id),
            ("to", f"{change.act} {change.subject_kind} {change.subject}"),
            ("standards", ", ".join(standards) or None),
            ("LOWERS", ", ".join(change.document.get("lowers", ())) or None),
            ("state", change.state),
            ("because", change.reason),
            ("asked", f"{change.requested_at:%Y-%m-%d %H:%M} UTC by {change.requested_by}"),
            ("on revision", change.base_revision or None),
            ("differences", len(change.differences)),
            ("decided", decided),
            ("decided because", change.decision_reason),
            ("revision", change.revision),
        ]
    )


def _result(change: Change, json: bool) -> None:
    if json:
        frame.document(change)
        return
    tell(change)
    if change.as_reviewer is False:
        frame.note("nobody else is named as its reviewer, so any other member could decide")

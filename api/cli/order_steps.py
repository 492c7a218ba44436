"""The steps of a work order, each a command of `shuize order`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame, order_text

if TYPE_CHECKING:
    from catalog.stewardship.rechecking import Rechecked

Number = Annotated[int, typer.Argument(help="The work order's number; see `list`.")]
Say = Annotated[str, typer.Option("--note", help="What is to be said to it.")]
Reason = Annotated[str, typer.Option(help="Why.")]


def add_to(app: typer.Typer) -> None:
    """Add the steps to the commands of `shuize order`."""
    for step in (
        triage, dispatch, accept, return_, start, submit, recheck, review, close, reopen, reject, waive,
        reassign, comment,
    ):  # fmt: skip
        app.command(step.__name__.rstrip("_"))(step)


def triage(order: Number, note: Say = "", by: frame.As = None, json: frame.Json = False) -> None:
    """Find that an order is a problem to be worked on 研判.

    Example: shuize order triage 1 --as li-na
    """
    with frame.platform() as platform:
        found = platform.work_orders.triage(order, by=frame.actor(platform, by), said=note)
    order_text.done(found, json)


def dispatch(
    order: Number,
    due: Annotated[str | None, typer.Option(help="The last day. Default: by severity.")] = None,
    note: Say = "",
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Send an order to its person, with a deadline 派发.

    Example: shuize order dispatch 1 --as li-na
    """
    from api.instants import last_instant

    due_at = last_instant(due) if due else None
    with frame.platform() as platform:
        found = platform.work_orders.dispatch(order, by=frame.actor(platform, by), due_at=due_at, said=note)
    order_text.done(found, json)


def accept(order: Number, note: Say = "", by: frame.As = None, json: frame.Json = False) -> None:
    """Take an order on 受理.

    Example: shuize order accept 1 --as wang-wei
    """
    with frame.platform() as platform:
        found = platform.work_orders.accept(order, by=frame.actor(platform, by), said=note)
    order_text.done(found, json)


def return_(order: Number, reason: Reason, by: frame.As = None, json: frame.Json = False) -> None:
    """Give an order back as not yours to mend 退回.

    Example: shuize order return 2 --reason "these meters are of the north office" --as wang-wei
    """
    with frame.platform() as platform:
        found = platform.work_orders.give_back(order, by=frame.actor(platform, by), reason=reason)
    order_text.done(found, json)


def start(order: Number, note: Say = "", by: frame.As = None, json: frame.Json = False) -> None:
    """Begin to rectify 整改.

    Example: shuize order start 1 --as wang-wei
    """
    with frame.platform() as platform:
        found = platform.work_orders.start(order, by=frame.actor(platform, by), said=note)
    order_text.done(found, json)


def submit(
    order: Number,
    statement: Annotated[str, typer.Option("--done", help="What was done.")],
    later: Annotated[bool, typer.Option("--later", help="Leave the re-check for `recheck`.")] = False,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Say what was done 提交; the rule is run again at once. Exit code 1 if it still fails.

    Example: shuize order submit 1 --done "loaded the missing months" --as wang-wei
    """
    with frame.platform() as platform:
        actor = frame.actor(platform, by)
        submitted = platform.work_orders.submit(order, by=actor, statement=statement)
        if later:
            order_text.done(submitted, json)
            return
        frame.note("submitted; running the rule on the newest version")
        found = platform.rechecks.recheck(order, by=actor)
    _rechecked(found, json)


def recheck(order: Number, by: frame.As = None, json: frame.Json = False) -> None:
    """Run a submitted order's rule on the newest version 复核. Exit code 1 if it still fails.

    Example: shuize order recheck 1 --as wang-wei
    """
    with frame.platform() as platform:
        found = platform.rechecks.recheck(order, by=frame.actor(platform, by))
    _rechecked(found, json)


def review(
    order: Number,
    back: Annotated[str | None, typer.Option("--send-back", help="Why it is not good: it goes back.")] = None,
    note: Say = "",
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Find good what somebody else did, or send it back 审核.

    Example: shuize order review 1 --as zhao-min
    """
    with frame.platform() as platform:
        actor = frame.actor(platform, by)
        if back is None:
            found = platform.work_orders.review(order, by=actor, said=note)
        else:
            found = platform.work_orders.send_back(order, by=actor, reason=back)
    order_text.done(found, json)


def close(order: Number, note: Say = "", by: frame.As = None, json: frame.Json = False) -> None:
    """Close what was reviewed 办结.

    Example: shuize order close 1 --as zhao-min
    """
    with frame.platform() as platform:
        found = platform.work_orders.close(order, by=frame.actor(platform, by), said=note)
    order_text.done(found, json)


def reopen(order: Number, reason: Reason, by: frame.As = None, json: frame.Json = False) -> None:
    """Open an order that is over again, with its issues 重新打开.

    Example: shuize order reopen 2 --reason "the rule holds for it after all" --as li-na
    """
    with frame.platform() as platform:
        found = platform.work_orders.reopen(order, by=frame.actor(platform, by), reason=reason)
    order_text.done(found, json)


def reject(order: Number, reason: Reason, by: frame.As = None, json: frame.Json = False) -> None:
    """Find that it is no problem after all 驳回.

    Its issues are not opened again by later runs.

    Example: shuize order reject 2 --reason "the rule does not hold for this area" --as li-na
    """
    with frame.platform() as platform:
        found = platform.work_orders.reject(order, by=frame.actor(platform, by), reason=reason)
    order_text.done(found, json)


def waive(
    order: Number,
    days: Annotated[int, typer.Option(min=0, max=366, help="For how many days it is to hold from today.")],
    reason: Reason,
    issue: Annotated[int | None, typer.Option(help="One issue of it. Default: all open ones.")] = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Ask that it be lived with until a day 白名单.

    Somebody else approves.

    Example: shuize order waive 2 --days 30 --reason "the meter is replaced in spring" --as wang-wei
    """
    from datetime import timedelta

    from catalog.database import utc_now

    until = (utc_now() + timedelta(days=days)).date()
    with frame.platform() as platform:
        found = platform.waivers.request(
            order, by=frame.actor(platform, by), reason=reason, until=until, issue=issue
        )
    if json:
        frame.document(found)
        return
    order_text.waivers([found])
    frame.note(f"next, somebody else: shuize waiver approve {found.id} --as PARTY")


def reassign(
    order: Number,
    to: Annotated[str, typer.Argument(help="Who is to answer for it.")],
    reason: Reason,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Give an order to another person 改派.

    Example: shuize order reassign 2 zhao-min --reason "wang-wei is away" --as li-na
    """
    with frame.platform() as platform:
        found = platform.work_orders.reassign(order, by=frame.actor(platform, by), to=to, reason=reason)
    order_text.done(found, json)


def comment(
    order: Number,
    text: Annotated[str, typer.Argument(help="What is to be said.")],
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Say something about an order.

    Example: shuize order comment 1 "the area was cut off in May" --as zhao-min
    """
    with frame.platform() as platform:
        found = platform.work_orders.comment(order, by=frame.actor(platform, by), said=text)
    order_text.done(found, json)


def _rechecked(found: Rechecked, json: bool) -> None:
    if json:
        frame.document(found)
    else:
        order_text.rechecked(found)
    if found.failing:
        raise typer.Exit(1)

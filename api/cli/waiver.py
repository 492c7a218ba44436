"""shuize waiver: problems that are lived with until a day."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from api.cli import frame, order_text

app = typer.Typer(
    name="waiver", help="Waivers 白名单: what is lived with until a day, and why.", no_args_is_help=True
)

Number = Annotated[int, typer.Argument(help="The waiver's number; see `list`.")]


class State(StrEnum):
    requested = "requested"
    approved = "approved"
    revoked = "revoked"


@app.command("list")
def list_(
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    order: Annotated[int | None, typer.Option(help="Of one work order.")] = None,
    expired: Annotated[
        bool | None, typer.Option("--expired/--holding", help="Only approved ones, past their day or not.")
    ] = None,
    after: Annotated[int, typer.Option(min=0, help="Only waivers after this number.")] = 0,
    limit: frame.Limit = frame.FIRST,
    json: frame.Json = False,
) -> None:
    """List waivers, oldest first.

    Example: shuize waiver list --holding
    """
    from catalog.stewardship.waivers import WaiverFilter, WaiverState

    chosen = WaiverFilter(
        state=WaiverState(state.value) if state else None, work_order=order, expired=expired, after=after,
        limit=frame.looked_up(limit),
    )  # fmt: skip
    with frame.platform() as platform:
        found = platform.waivers.list(chosen)
    found = frame.cut(found, limit, lambda waiver: waiver.id)
    if json:
        frame.document(found)
    else:
        order_text.waivers(found)


@app.command()
def approve(waiver: Number, by: frame.As = None, json: frame.Json = False) -> None:
    """Approve a waiver that somebody else asked for.

    Example: shuize waiver approve 1 --as li-na
    """
    with frame.platform() as platform:
        found = platform.waivers.approve(waiver, by=frame.actor(platform, by))
    if json:
        frame.document(found)
    else:
        order_text.waivers([found])


@app.command()
def revoke(
    waiver: Number,
    reason: Annotated[str, typer.Option(help="Why.")],
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Refuse a waiver, or take it back.

    What it covered is open again at once.

    Example: shuize waiver revoke 1 --reason "the meter was replaced early" --as li-na
    """
    with frame.platform() as platform:
        found = platform.waivers.revoke(waiver, by=frame.actor(platform, by), reason=reason)
    if json:
        frame.document(found)
    else:
        order_text.waivers([found])

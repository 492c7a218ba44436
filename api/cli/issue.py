"""shuize issue: what is wrong, object by object."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from api.cli import frame, order_text

app = typer.Typer(
    name="issue",
    help="Issues 问题: one rule that one object breaks.",
    no_args_is_help=True,
)


class State(StrEnum):
    open = "open"
    fixed = "fixed"
    rejected = "rejected"
    waived = "waived"


@app.command("list")
def list_(
    order: Annotated[int | None, typer.Option(help="Of one work order.")] = None,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    dataset: Annotated[str | None, typer.Option(help="Of one dataset.")] = None,
    rule: Annotated[str | None, typer.Option(help="Of one rule.")] = None,
    object_: Annotated[
        str | None, typer.Option("--object", help='Of one object, by its key in JSON: ["U0001"].')
    ] = None,
    after: Annotated[int, typer.Option(min=0, help="Only issues after this number.")] = 0,
    limit: frame.Limit = frame.FIRST,
    json: frame.Json = False,
) -> None:
    """List issues, by number.

    Example: shuize issue list --order 1
    """
    from catalog.stewardship.models import IssueFilter

    chosen = IssueFilter.model_validate(
        {
            "work_order": order, "state": state and state.value, "dataset": dataset, "rule": rule,
            "object": object_, "after": after, "limit": frame.looked_up(limit),
        }
    )  # fmt: skip
    with frame.platform() as platform:
        found = platform.order_lists.issues(chosen)
    found = frame.cut(found, limit, lambda issue: issue.id)
    if json:
        frame.document(found)
    else:
        order_text.issues(found)


@app.command()
def show(
    issue: Annotated[int, typer.Argument(help="The issue's number; see `list`.")], json: frame.Json = False
) -> None:
    """Show one issue.

    Example: shuize issue show 1
    """
    with frame.platform() as platform:
        found = platform.order_lists.issue(issue)
    if json:
        frame.document(found)
    else:
        order_text.issues([found])

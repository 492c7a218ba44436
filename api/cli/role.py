"""shuize role: who answers for what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from catalog.roles import RoleAssignment

app = typer.Typer(name="role", help="Who answers for what, from when to when.", no_args_is_help=True)


class Name(StrEnum):
    owner = "owner"
    steward = "steward"
    custodian = "custodian"
    reviewer = "reviewer"


class Kind(StrEnum):
    dataset = "dataset"
    product = "product"
    unit = "unit"


Role = Annotated[Name, typer.Argument(help="The role.")]
OnKind = Annotated[Kind, typer.Argument(help="What it is held on.")]
Subject = Annotated[str, typer.Argument(help="The dataset's or product's name, or the unit's code.")]


@app.command()
def assign(
    role: Role,
    kind: OnKind,
    subject: Subject,
    party: Annotated[str, typer.Argument(help="Who is to hold it.")],
    since: Annotated[str | None, typer.Option("--from", help="The first day. Default: today.")] = None,
    until: Annotated[str | None, typer.Option(help="The last day. Default: until further notice.")] = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Give a role. One owner and one steward at a time; custodians and reviewers may be several.

    Where reviewers are named, on a thing or up the tree, only they approve its changes.

    Example: shuize role assign reviewer dataset dma-inflow zhao-min --as li-na
    """
    from api.instants import day
    from catalog.roles import RoleDraft

    draft = RoleDraft.model_validate(
        {
            "role": role.value,
            "subject_kind": kind.value,
            "subject": subject,
            "party": party,
            "valid_from": day(since) if since else None,
            "valid_until": day(until) if until else None,
        }
    )
    with frame.platform() as platform:
        given = platform.roles.assign(draft, by=frame.actor(platform, by))
    _result(given, json)


@app.command()
def end(
    assignment: Annotated[int, typer.Argument(help="The assignment's number; see `list`.")],
    on: Annotated[str | None, typer.Option("--on", help="The last day. Default: yesterday.")] = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Let an assignment end.

    Example: shuize role end 1 --as li-na
    """
    from api.instants import day

    with frame.platform() as platform:
        ended = platform.roles.end(assignment, by=frame.actor(platform, by), last_day=day(on) if on else None)
    _result(ended, json)


@app.command("list")
def list_(
    subject: Annotated[str | None, typer.Option("--of", help="Of one dataset, product or unit.")] = None,
    party: Annotated[str | None, typer.Option(help="Of one party.")] = None,
    on: Annotated[str | None, typer.Option("--on", help="Only those that hold on a day.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only assignments after this number.")] = 0,
    limit: frame.Limit = frame.FIRST,
    json: frame.Json = False,
) -> None:
    """List assignments, oldest first.

    Example: shuize role list --party zhao-min
    """
    from api.instants import day

    with frame.platform() as platform:
        found = platform.roles.list(
            subject=subject,
            party=party,
            on=day(on) if on else None,
            after=after,
            limit=frame.looked_up(limit),
        )
    found = frame.cut(found, limit, lambda assignment: assignment.id)
    if json:
        frame.document(found)
    else:
        _rows(found)


@app.command()
def who(
    role: Role,
    kind: OnKind,
    subject: Subject,
    on: Annotated[str | None, typer.Option("--on", help="On a day. Default: today.")] = None,
    json: frame.Json = False,
) -> None:
    """Say who holds a role.

    By assignment to the thing itself, by its document, or nearest up the organisation.

    Example: shuize role who steward dataset dma-inflow
    """
    from api.instants import day
    from catalog.roles import Role, SubjectKind

    chosen: date | None = day(on) if on else None
    with frame.platform() as platform:
        found = platform.roles.holders(Role(role.value), SubjectKind(kind.value), subject, chosen)
    if json:
        frame.document(found)
        return
    if not found:
        frame.line("nobody")
    for holder in found:
        frame.line(f"{holder.party}  by {holder.by} on {holder.subject_kind} {holder.subject}")


def _result(given: RoleAssignment, json: bool) -> None:
    if json:
        frame.document(given)
    else:
        _rows([given])


def _rows(found: Iterable[RoleAssignment]) -> None:
    frame.rows(
        ("number", "role", "of", "party", "from", "until"),
        (
            (a.id, a.role, f"{a.subject_kind} {a.subject}", a.party, a.valid_from, a.valid_until)
            for a in found
        ),
    )

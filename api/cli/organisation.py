"""shuize organisation: the tree of units, and the people in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from catalog.organisation import Unit, UnitKind

app = typer.Typer(
    name="organisation", help="The organisation: a tree of units, with its past.", no_args_is_help=True
)

Code = Annotated[str, typer.Argument(help="The unit's code.")]
On = Annotated[str | None, typer.Option("--on", help="The first day it holds, 2026-03-01. Default: today.")]
AsOf = Annotated[str | None, typer.Option("--on", help="As it stood on a day. Default: today.")]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV with code, kind, title, parent; or YAML, nested.")],
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Add the units of a file, all or none. What is there just so is left as it is.

    Kinds, from the top: group, branch, office, pump-station, community, building, meter-book.

    Example: shuize organisation import samples/organisation.csv --as li-na
    """
    from api import documents
    from catalog.organisation import read_document, read_units

    with frame.platform() as platform:
        actor = frame.actor(platform, by)
        if file.suffix.lower() == ".csv":
            with platform.store.scratch() as scratch:
                document: object = read_units(file, scratch)
        else:
            document = documents.read_document(file)
        units = read_document(document, where=str(file))
        added = platform.organisation.add(units, by=actor, where=str(file))
    if json:
        frame.document(added)
    else:
        frame.facts([("added", f"{len(added.added):,}"), ("there already", f"{added.unchanged:,}")])


@app.command("list")
def list_(
    under: Annotated[str | None, typer.Option(help="Only this unit and what stands below it.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only units of this kind.")] = None,
    on: AsOf = None,
    after: Annotated[str | None, typer.Option(help="Only units whose paths come after this one.")] = None,
    limit: frame.Limit = frame.FIRST,
    json: frame.Json = False,
) -> None:
    """List the units, indented as they stand.

    Example: shuize organisation list --under hp
    """
    with frame.platform() as platform:
        units = platform.organisation.list(
            under, kind=_kind(kind), on=_day(on), after=after, limit=frame.looked_up(limit)
        )
    units = frame.cut(units, limit, lambda unit: unit.path)
    if json:
        frame.document(units)
        return
    top = min((unit.path.count("/") for unit in units), default=0)
    frame.rows(
        ("unit", "kind", "title", "since", "closes"),
        (("  " * (u.path.count("/") - top) + u.code, u.kind, u.title, u.since, u.closed_on) for u in units),
    )


@app.command()
def show(code: Code, on: AsOf = None, json: frame.Json = False) -> None:
    """Show a unit, what it stands under, who works there, and its past.

    Example: shuize organisation show hp-1
    """
    with frame.platform() as platform:
        unit = platform.organisation.get(code, _day(on))
        above = platform.organisation.above(code, _day(on))
        history = platform.organisation.history(code)
        people = platform.people.list(code, on=_day(on))
    if json:
        frame.document({"unit": unit, "above": above, "history": history, "people": people})
        return
    _facts(unit)
    frame.facts(
        [
            ("under", " > ".join(each.title for each in above) or "nothing"),
            ("people", ", ".join(posting.party for posting in people) or "nobody"),
        ]
    )
    frame.line("")
    frame.rows(("since", "before", "title", "path"), ((s.since, s.before, s.title, s.path) for s in history))


@app.command()
def rename(
    code: Code,
    title: Annotated[str, typer.Argument(help="Its new name.")],
    on: On = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Give a unit another name; the old one stays in its past.

    Example: shuize organisation rename hp-1 "Heping First Office 和平第一营业所" --as li-na
    """
    with frame.platform() as platform:
        unit = platform.organisation.rename(code, title, by=frame.actor(platform, by), on=_day(on))
    _result(unit, json)


@app.command()
def move(
    code: Code,
    parent: Annotated[str, typer.Argument(help="The unit it moves under.")],
    on: On = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Put a unit, with everything below it, under another one.

    Example: shuize organisation move hp-1 dd --as li-na
    """
    with frame.platform() as platform:
        unit = platform.organisation.move(code, parent, by=frame.actor(platform, by), on=_day(on))
    _result(unit, json)


@app.command()
def merge(
    code: Code,
    into: Annotated[str, typer.Argument(help="The unit that goes on.")],
    on: On = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Let a unit become part of another of its kind.

    What stands below it and its people go there.

    Example: shuize organisation merge hp-2 hp-1 --as li-na
    """
    with frame.platform() as platform:
        unit = platform.organisation.merge(code, into, by=frame.actor(platform, by), on=_day(on))
    _result(unit, json)


@app.command()
def close(code: Code, on: On = None, by: frame.As = None, json: frame.Json = False) -> None:
    """Let a unit end; from the day given on it is no longer there.

    Example: shuize organisation close hp-1-m2 --as li-na
    """
    with frame.platform() as platform:
        unit = platform.organisation.close(code, by=frame.actor(platform, by), on=_day(on))
    _result(unit, json)


@app.command()
def post(
    party: Annotated[str, typer.Argument(help="A person.")],
    unit: Annotated[str, typer.Argument(help="The unit's code.")],
    on: On = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Give a person a place in the organisation.

    An earlier place ends the day before.

    Example: shuize organisation post wang-wei hp-1 --as li-na
    """
    with frame.platform() as platform:
        posting = platform.people.post(party, unit, by=frame.actor(platform, by), since=_day(on))
    if json:
        frame.document(posting)
    else:
        frame.facts([("person", posting.party), ("unit", posting.unit), ("from", posting.valid_from)])


@app.command()
def leave(
    party: Annotated[str, typer.Argument(help="A person.")],
    on: Annotated[str | None, typer.Option("--on", help="The last day, 2026-03-31. Default: today.")] = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Record a person's last day.

    Place and roles end with it, and afterwards the person acts no more.

    Example: shuize organisation leave wang-wei --as li-na
    """
    with frame.platform() as platform:
        last_day = platform.people.leave(party, by=frame.actor(platform, by), last_day=_day(on))
    if json:
        frame.document({"party": party, "last_day": last_day.isoformat()})
    else:
        frame.facts([("person", party), ("last day", last_day)])


def _day(text: str | None) -> date | None:
    from api.instants import day

    return day(text) if text else None


def _kind(text: str | None) -> UnitKind | None:
    from catalog.organisation import UnitKind

    if text is None:
        return None
    if text not in list(UnitKind):
        raise typer.BadParameter(f"--kind is one of {', '.join(UnitKind)}")
    return UnitKind(text)


def _result(unit: Unit, json: bool) -> None:
    if json:
        frame.document(unit)
    else:
        _facts(unit)


def _facts(unit: Unit) -> None:
    frame.facts(
        [
            ("unit", unit.code),
            ("kind", f"{unit.kind} {unit.kind.title_zh}"),
            ("title", unit.title),
            ("path", unit.path),
            ("so since", unit.since),
            ("opened", unit.opened_on),
            ("closed", unit.closed_on),
            ("merged into", unit.merged_into),
            ("party", unit.party),
        ]
    )

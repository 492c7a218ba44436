"""shuize lineage: show, level, impact, import, redraw."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from catalog.lineage.levels import Level

app = typer.Typer(name="lineage", help="Where data came from, and what came of it.", no_args_is_help=True)

Node = Annotated[
    str,
    typer.Argument(
        help="dataset:NAMESPACE:NAME, job:NAMESPACE:NAME or datasetField:NAMESPACE:NAME:FIELD; "
        "without colons a dataset or product of this platform."
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="The graph as it held then: a day, or an instant with offset."),
]


@app.command()
def show(
    node: Node,
    downstream: Annotated[bool, typer.Option("--downstream", help="What came of it, instead.")] = False,
    depth: Annotated[
        int | None, typer.Option(min=0, max=100, help="At most so many edges away. Default: however far.")
    ] = None,
    as_of: AsOf = None,
    ever: Annotated[bool, typer.Option("--ever", help="Every edge there has ever been.")] = False,
    json: frame.Json = False,
) -> None:
    """Show what a dataset, a job or a column was made from.

    Example: shuize lineage show water-use-index
    """
    from catalog.lineage import Direction

    direction = Direction.DOWNSTREAM if downstream else Direction.UPSTREAM
    with frame.platform() as platform:
        platform.lineage.settle()
        walk = platform.lineage.graph.walk(node, direction, depth, as_of=_instant(as_of), ever=ever)
    if json:
        frame.document(walk)
        return
    if all(each.distance == 0 for each in walk.nodes):
        start = walk.start.id if walk.start else node
        frame.note(f"nothing is known {direction} of {start}{_when(as_of)}")
    if walk.is_cut:
        frame.note(f"there is more than the {len(walk.nodes):,} nodes shown")
    if depth is None:
        frame.rows(("node",), ((each.id,) for each in walk.nodes))
    else:
        frame.rows(("distance", "node"), ((each.distance, each.id) for each in walk.nodes))


@app.command()
def impact(node: Node, as_of: AsOf = None, json: frame.Json = False) -> None:
    """Show who a change affects, down to grants and parties.

    Of datasets and products it tells the security level too, and where the level comes from.

    Example: shuize lineage impact datasetField:shuize:dma-inflow:inflow_l_per_s
    """
    with frame.platform() as platform:
        affected = platform.impact.of(node, as_of=_instant(as_of))
    if json:
        frame.document(affected)
        return
    levels = {each.node.id: _told(each) for each in affected.levels}
    lines = [("column", each.id, "") for each in affected.fields]
    lines += [("dataset", each.id, levels.get(each.id, "")) for each in affected.datasets]
    lines += [("dataset, columns unknown", each.id, levels.get(each.id, "")) for each in affected.whole]
    lines += [("job", each.id, "") for each in affected.jobs]
    lines += [("release", f"{each.product} {each.version} ({each.state})", "") for each in affected.releases]
    lines += [
        ("grant", f"{each.id} of {each.product} to {each.party} until {each.not_after:%Y-%m-%d}", "")
        for each in affected.grants
    ]
    lines += [("party", each, "") for each in affected.parties]
    if lines:
        frame.rows(("what", "which", "security level"), lines)
    else:
        frame.note(f"nothing that is known depends on {affected.start.id}{_when(as_of)}")


@app.command()
def level(node: Node, as_of: AsOf = None, json: frame.Json = False) -> None:
    """Show the security level of a dataset, a product or a field.

    What is declared of it, by its document, its elements or what was sensed, and what it inherits: the
    highest of what it was made from, unless a release proves that it went through the privacy step.

    Example: shuize lineage level water-use-index
    """
    with frame.platform() as platform:
        found = platform.impact.level(node, as_of=_instant(as_of))
    if json:
        frame.document(found)
        return
    frame.facts(
        [
            ("node", found.node.id),
            ("level", found.level or "unknown: neither it nor what it was made from declares one"),
            ("declared", found.declared and f"{found.declared} by {found.declared_by}"),
            ("inherited", found.inherited and f"{found.inherited} from {found.inherited_from}"),
            (
                "proved by",
                found.proved_by and f"release {found.proved_by}, whose manifest has a privacy report",
            ),
        ]
    )


@app.command("import")
def import_(
    file: Annotated[
        str, typer.Argument(help="An event, a JSON array of events, or one event a line; - reads stdin.")
    ],
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Take in OpenLineage events from a file.

    The same event again changes nothing. With a bad one the exit code is 3; the others are kept.

    Example: shuize lineage import events.ndjson --as li-na
    """
    from api.documents import UnreadableDocument

    try:
        body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise UnreadableDocument(f"{file} can't be read: {error.strerror}", hint="check the path") from error
    with frame.platform() as platform:
        sender = platform.parties.require_teller(frame.actor(platform, by))
        kept = platform.lineage.record_file(body, by=sender.id)
    if json:
        frame.document(kept)
    else:
        frame.facts((("events", kept.received), ("new", kept.new), ("refused", len(kept.refused))))
    for warning in kept.warnings[:10]:
        frame.note(f"warning: {warning}")
    for each in kept.refused[:10]:
        frame.note(f"refused: event {each.index + 1}: {each.reason}")
    if kept.refused:
        raise typer.Exit(3)


@app.command()
def redraw(json: frame.Json = False) -> None:
    """Draw the graph anew from the raw events, which never change.

    For when a new release reads more out of events. Until it is done, everybody sees the graph as it was.

    Example: shuize lineage redraw
    """
    with frame.platform() as platform, frame.progress() as progress:
        count = platform.lineage.redraw(progress)
    if json:
        frame.document({"events": count})
    else:
        frame.line(f"the graph is drawn from {count:,} events")


def _when(as_of: str | None) -> str:
    return f" as of {as_of}" if as_of else ""


def _told(found: Level) -> str:
    """Return a level in one line."""
    if found.level is None:
        return ""
    if found.proved_by:
        return f"{found.level}, proved by release {found.proved_by}"
    from_afar = found.inherited == found.level and found.inherited != found.declared
    return f"{found.level} from {found.inherited_from}" if from_afar else str(found.level)


def _instant(said: str | None) -> datetime | None:
    from api import instants

    return None if said is None else instants.last_instant(said)

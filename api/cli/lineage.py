"""shuize lineage: show, impact, import."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import frame

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
        graph, at = platform.lineage.graph, _instant(as_of)
        if depth is None:
            walk = graph.closure(_node(node), direction, as_of=at, ever=ever)
        else:
            walk = graph.around(_node(node), direction, depth, as_of=at, ever=ever)
    if json:
        frame.document(walk)
        return
    if walk.is_cut:
        frame.note(f"there is more than the {len(walk.nodes):,} nodes shown")
    frame.rows(("distance", "node"), ((each.distance, each.id) for each in walk.nodes))


@app.command()
def impact(node: Node, as_of: AsOf = None, json: frame.Json = False) -> None:
    """Show who a change affects, down to grants and parties.

    Example: shuize lineage impact datasetField:shuize:dma-inflow:inflow_l_per_s
    """
    with frame.platform() as platform:
        affected = platform.impact.of(_node(node), as_of=_instant(as_of))
    if json:
        frame.document(affected)
        return
    lines: list[tuple[str, Any]] = [("column", each.id) for each in affected.fields]
    lines += [("dataset", each.id) for each in affected.datasets]
    lines += [("dataset, columns unknown", each.id) for each in affected.whole]
    lines += [("job", each.id) for each in affected.jobs]
    lines += [("release", f"{each.product} {each.version} ({each.state})") for each in affected.releases]
    lines += [
        ("grant", f"{each.id} of {each.product} to {each.party} until {each.not_after:%Y-%m-%d}")
        for each in affected.grants
    ]
    lines += [("party", each) for each in affected.parties]
    frame.rows(("what", "which"), lines)


@app.command("import")
def import_(
    file: Annotated[
        str, typer.Argument(help="An event, a JSON array of events, or one event a line; - reads stdin.")
    ],
    json: frame.Json = False,
) -> None:
    """Take in OpenLineage events from a file.

    The same event again changes nothing. With a bad one the exit code is 3; the others are kept.

    Example: shuize lineage import events.ndjson
    """
    from api.documents import UnreadableDocument

    try:
        body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise UnreadableDocument(f"{file} can't be read: {error.strerror}", hint="check the path") from error
    with frame.platform() as platform:
        kept = platform.lineage.record_file(body)
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


def _node(said: str) -> str:
    return said if ":" in said else f"dataset:shuize:{said}"


def _instant(said: str | None) -> datetime | None:
    from api import instants

    return None if said is None else instants.last_instant(said)

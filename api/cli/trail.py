"""shuize trail: the audit trail, and whether it and the rows it speaks of still agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from catalog.trail import TrailVerification

app = typer.Typer(name="trail", help="The audit trail, chained by hash.", no_args_is_help=True)


@app.command("list")
def list_(
    act: Annotated[str | None, typer.Option(help="Only this act, such as dataset-registered.")] = None,
    party: Annotated[str | None, typer.Option("--by", help="Only what this party did.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only of this kind: dataset, release, grant, …")] = None,
    subject: Annotated[str | None, typer.Option("--of", help="Only of this thing.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="From this day or instant on.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to this day or instant.")] = None,
    after: Annotated[
        int | None, typer.Option(min=0, help="Only entries after this number, the first ones.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")] = 100,
    json: frame.Json = False,
) -> None:
    """List what was done, by whom, when and on what.

    The newest entries, oldest first.

    Example: shuize trail list --by zhao-min --limit 20
    """
    from api.instants import first_instant, last_instant
    from catalog.trail import TrailFilter

    chosen = TrailFilter(
        act=act,
        by=party,
        subject_kind=kind,
        subject=subject,
        since=first_instant(since) if since else None,
        until=last_instant(until) if until else None,
        after=after,
        limit=limit,
    )
    with frame.platform() as platform:
        found = platform.trail.list(chosen)
    if json:
        frame.document(found)
        return
    frame.rows(
        ("number", "when (UTC)", "by", "act", "on", "detail"),
        (
            (
                e.sequence,
                f"{e.at:%Y-%m-%d %H:%M:%S}",
                e.by,
                e.act,
                f"{e.subject_kind} {e.subject}",
                ", ".join(f"{name} {value}" for name, value in e.detail.items() if value is not None),
            )
            for e in found
        ),
    )


@app.command()
def head(json: frame.Json = False) -> None:
    """Print the newest entry's number and digest. Note it elsewhere: it pins everything before it.

    Example: shuize trail head
    """
    with frame.platform() as platform:
        found = platform.trail.head()
    if json:
        frame.document(found)
    else:
        frame.line(str(found))


@app.command()
def verify(
    noted: Annotated[
        str | None,
        typer.Option(
            "--noted",
            "--head",
            help="A head noted elsewhere, NUMBER:DIGEST; the trail must still contain it.",
        ),
    ] = None,
    json: frame.Json = False,
) -> None:
    """Recompute the whole chain, and compare rows with it.

    Exit code 1 if entries are not consistent with each other, or rows (requests, revisions, documents in
    force, standards, versions, roles, assets) not with them. That none was cut off at the end, or all
    written anew, shows only against a head noted elsewhere.

    Example: shuize trail verify
    """
    from catalog.trail import parse_head

    expected = parse_head(noted) if noted else None
    with frame.platform() as platform:
        found = platform.trail.verify(expected)
    if json:
        frame.document(found)
    else:
        _tell(found, noted)
    if not found.holds:
        raise typer.Exit(1)


def _tell(found: TrailVerification, noted: str | None) -> None:
    """Print what was checked, and what was found."""
    from catalog.trail_rows import COMPARED

    if found.broken:
        frame.line("THE TRAIL IS NOT WHAT WAS WRITTEN")
    elif not found.holds:
        frame.line("ROWS ARE NOT WHAT THE TRAIL SAYS OF THEM")
    else:
        frame.line("the entries present are consistent with each other and with the rows compared")
    frame.facts([("entries that hold", f"{found.entries:,}"), ("head", str(found.head))])
    if found.broken:
        frame.facts([("breaks at", found.broken.sequence), ("because", found.broken.what)])
    elif noted:
        frame.facts([("noted head", "the trail still contains it")])
    else:
        frame.facts(
            [("noted head", "none given: only `--noted HEAD` shows that nothing was cut off or redone")]
        )
    if (rows := found.rows) is None:
        return
    frame.facts(
        [
            ("compared", f"{rows.compared:,} rows of {', '.join(COMPARED)}"),
            ("not comparable", f"{rows.without_digest:,}: their entries hold no digest of the document"),
            (
                "before the trail",
                f"{rows.before_trail:,}: dated earlier than the first entry, none names them",
            ),
            ("rows that differ", f"{rows.differing:,}"),
        ]
    )
    for each in rows.differences:
        entry = f" (entry {each.entry})" if each.entry else ""
        frame.line(f"  {each.table} {each.row}: {each.what}{entry}")

"""shuize evidence: files that show what was found and how it was mended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    pass

app = typer.Typer(name="evidence", help="Evidence 证据 to work orders, and its chain.", no_args_is_help=True)

Order = Annotated[int, typer.Argument(help="The work order's number.")]


@app.command()
def add(
    order: Order,
    file: Annotated[Path, typer.Argument(help="A photo, a PDF, a recording or a note (.txt, .md).")],
    taken_at: Annotated[
        str | None, typer.Option("--taken-at", help="When it was taken, with its UTC offset.")
    ] = None,
    place: Annotated[
        str | None, typer.Option("--at", help="Where: LATITUDE,LONGITUDE in degrees of WGS 84.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="What it shows.")] = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Add a file to a work order as evidence.

    Its content must be what its name says. Where a photo's own place and time are far from what is said
    here, that is kept with it and shown.

    Example: shuize evidence add 1 samples/note.txt --note "seen at the door" --as li-na
    """
    from api.cli.evidence_text import describe, place_of
    from api.instants import first_instant
    from catalog.evidence.models import claimed

    said: dict[str, object] = {"name": file.name, "note": note}
    if taken_at is not None:
        said["taken_at"] = first_instant(taken_at)
    if place is not None:
        said["latitude"], said["longitude"] = place_of(place)
    claim = claimed(said)
    with frame.platform() as platform:
        kept = platform.evidence.add(order, file, claim, by=frame.actor(platform, by))
    if json:
        frame.document(kept)
    else:
        describe(kept)


@app.command("list")
def list_(order: Order, json: frame.Json = False) -> None:
    """List the evidence to a work order.

    Example: shuize evidence list 1
    """
    from api.cli.evidence_text import marks

    with frame.platform() as platform:
        found = platform.evidence.list(order)
    if json:
        frame.document(found)
        return
    frame.rows(
        ("evidence", "kind", "name", "bytes", "added", "by", "marked"),
        (
            (e.citation, e.kind, e.name, f"{e.size_bytes:,}", e.added_at, e.added_by, "; ".join(marks(e)))
            for e in found
        ),
    )


@app.command()
def show(
    order: Order,
    number: Annotated[int, typer.Argument(help="The evidence's number in its order.")],
    json: frame.Json = False,
) -> None:
    """Show one evidence: the claim beside the photo.

    What was said of it, what its camera wrote into it, and how far the two are apart.

    Example: shuize evidence show 1 1
    """
    from api.cli.evidence_text import describe

    with frame.platform() as platform:
        found = platform.evidence.get(order, number)
    if json:
        frame.document(found)
    else:
        describe(found)


@app.command()
def export(
    order: Order,
    folder: Annotated[Path, typer.Argument(help="A folder to create; it must not exist.")],
    json: frame.Json = False,
) -> None:
    """Write a work order's evidence to a new folder.

    The files, SHA256SUMS for `sha256sum --check`, and records.json with the order's transitions.

    Example: shuize evidence export 1 out/evidence-1
    """
    with frame.platform() as platform:
        done = platform.evidence.export(order, folder)
    if json:
        frame.document({"folder": str(folder), "files": done})
    else:
        for name in done:
            frame.line(str(folder / name))


@app.command()
def verify(order: Order, json: frame.Json = False) -> None:
    """Recompute a work order's chain of evidence.

    Every file's digest from its bytes, every record's, and the order's transitions. Exit code 1 if anything
    does not hold.

    Example: shuize evidence verify 1
    """
    with frame.platform() as platform:
        found = platform.evidence.verify(order)
    if json:
        frame.document({**found.model_dump(mode="json"), "holds": found.holds})
    else:
        frame.facts(
            [
                ("work order", found.work_order),
                ("files", f"{found.files:,} of {found.size_bytes:,} bytes"),
                ("transitions", f"{found.acts:,}, head {found.head}"),
                ("holds", "yes" if found.holds else "no"),
            ]
        )
        for fault in found.faults:
            what = "the order's log" if fault.evidence is None else f"evidence {order}/{fault.evidence}"
            frame.line(f"{what}: {fault.what}")
    if not found.holds:
        raise typer.Exit(1)

"""shuize correction: what work orders mended becomes a new version of the dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from catalog.corrections import Correction

app = typer.Typer(name="correction", help="Corrections of datasets for work orders.", no_args_is_help=True)


@app.command()
def apply(
    dataset: Annotated[str, typer.Argument(help="The dataset's name.")],
    file: Annotated[
        Path, typer.Argument(help="CSV, Excel, Parquet or JSON: keys and changed fields, or all of it.")
    ],
    orders: Annotated[list[int], typer.Option("--order", help="The work order it is for; repeatable.")],
    reason: Annotated[str, typer.Option(help="What was mended, and how it is known.")],
    base: Annotated[
        int | None, typer.Option(help="The version that was looked at. Default: the newest.")
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="The file is the whole dataset, corrected.")] = False,
    beyond: Annotated[
        bool, typer.Option("--beyond", help="Let it change rows that no issue of the orders is about.")
    ] = False,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Make a new version of a dataset with corrected values.

    Each row of the file names a row by the dataset's key, or by its number in a column #row, and gives what
    fields are to be; a blank cell leaves a field as it is, <null> empties it. The version before stays.

    Example: shuize correction apply dma-inflow mended.csv --order 1 --reason "read again" --beyond --as li-na
    """
    from catalog.corrections import CorrectionDraft

    draft = CorrectionDraft(
        dataset=dataset, work_orders=tuple(orders), reason=reason, base=base, whole=whole, beyond=beyond
    )
    with frame.platform() as platform, frame.progress() as progress:
        acting = frame.actor(platform, by)
        done = platform.corrections.apply(draft, file, by=acting, progress=progress)
    if json:
        frame.document(done)
        return
    _describe(done.correction)
    frame.facts([("sha-256", done.version.digest)])


@app.command("list")
def list_(
    dataset: Annotated[str | None, typer.Option(help="Only of this dataset.")] = None,
    json: frame.Json = False,
) -> None:
    """List the corrections.

    Example: shuize correction list --dataset dma-inflow
    """
    with frame.platform() as platform:
        found = platform.corrections.list(dataset)
    if json:
        frame.document(found)
        return
    frame.rows(
        ("correction", "dataset", "versions", "orders", "cells", "added", "removed", "by", "applied"),
        (
            (
                c.id, c.dataset, f"{c.base} → {c.version}", ", ".join(map(str, c.work_orders)),
                f"{c.changed:,}", f"{c.added:,}", f"{c.removed:,}", c.applied_by, c.applied_at,
            )
            for c in found
        ),
    )  # fmt: skip


@app.command()
def show(
    correction: Annotated[int, typer.Argument(help="The correction's number.")],
    limit: frame.Limit = frame.FIRST,
    json: frame.Json = False,
) -> None:
    """Show one correction and the cells it changed.

    What a cell was stands as its SHA-256: the value itself is in the version before.

    Example: shuize correction show 1
    """
    with frame.platform() as platform:
        found = platform.corrections.get(correction)
        cells = platform.corrections.cells(found)
    shown = cells.slice(0, limit or None).to_pylist()
    if json:
        frame.document({"correction": found, "cells": shown})
        return
    _describe(found)
    frame.line("")
    frame.rows(cells.column_names, (tuple(cell.values()) for cell in shown))
    if len(shown) < len(cells):
        frame.note(f"these are {len(shown):,} of {len(cells):,}; see all: --limit 0")


def _describe(correction: Correction) -> None:
    frame.facts(
        [
            ("correction", correction.id),
            ("dataset", correction.dataset),
            ("versions", f"{correction.base} → {correction.version}"),
            ("for work orders", ", ".join(map(str, correction.work_orders))),
            ("reason", correction.reason),
            ("cells", f"{correction.changed:,} in {correction.rows:,} rows"),
            ("rows", f"{correction.added:,} added, {correction.removed:,} removed"),
            ("from", f"{correction.source_name}, sha-256 {correction.source_digest}"),
            ("applied", f"{correction.applied_at:%Y-%m-%d %H:%M} UTC by {correction.applied_by}"),
        ]
    )

"""The gate of a dataset at the command line: what it said of a load, and the dataset that holds rows back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from catalog.loading.loader import Loaded


def quarantine(
    name: Annotated[str, typer.Argument(help="The dataset's name.")], json: frame.Json = False
) -> None:
    """Print the document of what keeps the rows held back.

    It is a dataset of its own, to be registered: what fails at the gate becomes its versions.

    It has the same fields, and beside them which rules a row failed and where it stood in the file.

    Example: shuize dataset quarantine dma-inflow
    """
    from catalog.gates.holding import document
    from catalog.gates.models import Gate
    from products.samples.documents import text

    with frame.platform() as platform:
        dataset = platform.datasets.get(name).document
    said = document(dataset, dataset.gate or Gate())
    if json:
        frame.document(said)
    else:
        frame.line(text(said).rstrip())


def at_the_gate(loaded: Loaded) -> None:
    """Tell what failed at the gate and passed all the same, and what was held back."""
    report = loaded.gate
    if report is None:
        return
    frame.line(f"\ngate ({report.action}): {len(report.failed)} of {report.rules} rules failed")
    for each in report.failed:
        rows = f", first rows {', '.join(map(str, each.rows))}" if each.rows else ""
        frame.line(f"  {each.rule} ({each.severity}): {each.failing:,} of {each.judged:,} fail{rows}")
    for rule, reason in report.not_run:
        frame.line(f"  {rule} could not be run: {reason}")
    if loaded.held is not None:
        frame.line(
            f"held back: {loaded.held.row_count:,} rows, {loaded.held.dataset} version {loaded.held.number}"
        )

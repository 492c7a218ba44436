"""shuize inspection: a list somebody draws up becomes findings, and what came of each is counted."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from catalog.inspections import Inspection

app = typer.Typer(name="inspection", help="Custom inspections 自定义稽查.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The inspection's name.")]


class Severity(StrEnum):
    critical = "critical"
    major = "major"
    minor = "minor"


class Outcome(StrEnum):
    confirmed = "confirmed"
    refuted = "refuted"


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="A name for it.")],
    dataset: Annotated[str, typer.Option(help="The dataset whose objects are inspected.")],
    title: Annotated[str, typer.Option(help="What it is called.")],
    reason: Annotated[str, typer.Option(help="Why these are suspected.")],
    query: Annotated[
        str | None, typer.Option(help="One SELECT from rows, the newest version, with the dataset's key.")
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="CSV, Excel or Parquet with the dataset's key in every row.")
    ] = None,
    severity: Annotated[Severity, typer.Option(help="How bad it would be.")] = Severity.major,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Make findings and work orders of a list.

    The list is a query's or a sheet's. Besides the key it may have the columns organisation, a unit's code,
    and answerable, a party's id: they say whose each object is.

    Example: shuize inspection create first-hour --dataset dma-inflow --title "First hour" --reason "odd"
    --query "SELECT area, observed_at FROM rows LIMIT 1" --as li-na
    """
    from catalog.inspections.models import drafted

    draft = drafted(
        {"name": name, "dataset": dataset, "title": title, "reason": reason, "query": query,
         "severity": severity.value}
    )  # fmt: skip
    with frame.platform() as platform:
        made = platform.inspections.create(draft, sheet, by=frame.actor(platform, by))
    if json:
        frame.document(made)
    else:
        _describe(made)


@app.command("list")
def list_(json: frame.Json = False) -> None:
    """List the inspections.

    Example: shuize inspection list
    """
    with frame.platform() as platform:
        found = platform.inspections.list()
    if json:
        frame.document(found)
        return
    frame.rows(
        ("inspection", "dataset", "version", "objects", "title", "by", "created"),
        (
            (e.name, e.dataset, e.version, f"{e.objects:,}", e.title, e.created_by, e.created_at)
            for e in found
        ),
    )


@app.command()
def show(name: Name, json: frame.Json = False) -> None:
    """Show one inspection and what came of its objects.

    Example: shuize inspection show first-hour
    """
    with frame.platform() as platform:
        found, results = platform.inspections.get(name), platform.inspections.results(name)
    if json:
        frame.document({"inspection": found, "results": results})
        return
    _describe(found)
    if results:
        frame.line("")
        frame.rows(
            ("object", "outcome", "结果", "recovered", "by", "recorded", "note"),
            (
                (r.object, r.outcome, r.outcome.title_zh, r.recovered, r.recorded_by, r.recorded_at, r.note)
                for r in results
            ),
        )


@app.command()
def record(
    name: Name,
    key: Annotated[list[str], typer.Argument(help="The object's key, in the order of the dataset's key.")],
    outcome: Annotated[Outcome, typer.Option(help="Whether it was so.")],
    recovered: Annotated[str, typer.Option(help="What was recovered, in yuan.")] = "0",
    note: Annotated[str | None, typer.Option(help="What was found on the spot.")] = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Record what came of an object; the newest result counts.

    Example: shuize inspection record first-hour DMA-01 2020-12-31T23:00:00Z --outcome refuted --as li-na
    """
    from catalog.inspections.models import concluded

    draft = concluded({"outcome": outcome.value, "recovered": recovered, "note": note})
    with frame.platform() as platform:
        kept = platform.inspections.record(name, key, draft, by=frame.actor(platform, by))
    if json:
        frame.document(kept)
    else:
        frame.facts(
            [("object", kept.object), ("outcome", kept.outcome), ("recovered", f"{kept.recovered} 元")]
        )


@app.command()
def figures(name: Name, json: frame.Json = False) -> None:
    """Count what an inspection came to.

    Example: shuize inspection figures first-hour
    """
    with frame.platform() as platform:
        found = platform.inspections.figures(name)
    if json:
        frame.document(found)
        return
    frame.facts(
        [
            ("suspected 疑似", f"{found.suspected:,}"),
            ("verified 已核查", f"{found.verified:,}"),
            ("confirmed 属实", f"{found.confirmed:,}"),
            ("refuted 不属实", f"{found.refuted:,}"),
            ("recovered 追补", f"{found.recovered:,} 元"),
        ]
    )


def _describe(made: Inspection) -> None:
    frame.facts(
        [
            ("inspection", made.name),
            ("title", made.title),
            ("reason", made.reason),
            ("of", f"{made.dataset} version {made.version}"),
            ("listed by", made.query or f"{made.source_name}, sha-256 {made.source_digest}"),
            ("objects", f"{made.objects:,}, in {made.orders:,} new work orders"),
            ("rule", made.rule),
            ("created", f"{made.created_at:%Y-%m-%d %H:%M} UTC by {made.created_by}"),
        ]
    )

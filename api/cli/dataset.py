"""shuize dataset: register, load, check, list, show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli import frame

app = typer.Typer(name="dataset", help="Governed datasets and their versions.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The dataset's name.")]
Number = Annotated[int | None, typer.Option("--version", help="A version. Default: the newest.")]


@app.command()
def example(json: frame.Json = False) -> None:
    """Print a complete dataset document to begin with.

    Example: shuize dataset example
    """
    from products.samples.documents import INFLOW, text

    if json:
        frame.document(INFLOW)
    else:
        frame.line(text(INFLOW).rstrip())


@app.command()
def register(
    document: Annotated[Path, typer.Argument(help="YAML or JSON that describes the dataset; see `example`.")],
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Register a dataset.

    The document says what it is, who answers for it, and binds its fields to data elements.

    Example: shuize dataset register samples/inflow.dataset.yaml --as li-na
    """
    from api.documents import read_document
    from catalog.datasets import parse_draft

    draft = parse_draft(read_document(document), where=str(document))
    with frame.platform() as platform:
        dataset = platform.datasets.register(draft, by=frame.actor(platform, by))
    if json:
        frame.document(dataset)
    else:
        frame.facts([("registered", dataset.name), ("fields", len(draft.fields)), ("steward", draft.steward)])


@app.command()
def load(
    name: Name,
    file: Annotated[Path, typer.Argument(help="CSV, Parquet or Excel.")],
    by: frame.As = None,
    encoding: Annotated[
        str | None, typer.Option(help="Of a CSV file, where it can't be told: utf-8, gb18030, …")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Of an Excel file. Default: the first.")] = None,
    json: frame.Json = False,
) -> None:
    """Load a file as an immutable version. The same rows are the same version, whatever the file.

    Example: shuize dataset load dma-inflow samples/inflow.csv --as li-na
    """
    from catalog.readers import ReadOptions

    with frame.platform() as platform, frame.progress() as progress:
        loaded = platform.loader.load(
            name, file, by=frame.actor(platform, by), options=ReadOptions(encoding, sheet), progress=progress
        )
    if loaded.ignored_columns:
        frame.note(
            f"columns that the dataset does not have were left out: {', '.join(loaded.ignored_columns)}"
        )
    if json:
        frame.document({"version": loaded.version, "is_new": loaded.is_new})
        return
    version = loaded.version
    frame.facts(
        [
            ("dataset", name),
            ("version", version.number if loaded.is_new else f"{version.number} (there already)"),
            ("rows", f"{version.row_count:,}"),
            ("sha-256", version.digest),
        ],
    )
    _profile(version.profile)


@app.command()
def check(name: Name, version: Number = None, json: frame.Json = False) -> None:
    """Run the dataset's quality rules on a version. Exit code 1 when a rule fails.

    Example: shuize dataset check dma-inflow
    """
    with frame.platform() as platform, frame.progress() as progress:
        run = platform.quality.check(name, version, progress=progress)
    if json:
        frame.document(run)
    else:
        _report(run)
    if run.report.failed:
        raise typer.Exit(1)


@app.command("list")
def list_(json: frame.Json = False) -> None:
    """List all datasets.

    Example: shuize dataset list
    """
    with frame.platform() as platform:
        found = platform.datasets.list()
    if json:
        frame.document(found)
        return
    frame.rows(
        ("name", "title", "steward", "level", "versions"),
        ((d.name, d.draft.title, d.draft.steward, d.draft.security_level, d.versions) for d in found),
    )


@app.command()
def show(name: Name, version: Number = None, json: frame.Json = False) -> None:
    """Show a dataset and its versions.

    One version is shown with its profile and quality.

    Example: shuize dataset show dma-inflow
    """
    with frame.platform() as platform:
        dataset, versions = platform.datasets.get(name), platform.datasets.versions(name)
        chosen = platform.datasets.version(name, version) if versions or version else None
        run = platform.quality.latest(name, chosen.number) if chosen else None
    if json:
        frame.document({"dataset": dataset, "versions": versions, "quality": run})
        return
    draft = dataset.draft
    frame.facts(
        [
            ("dataset", draft.name),
            ("title", f"{draft.title} {draft.title_zh}"),
            ("description", draft.description),
            ("synthetic", "yes" if draft.synthetic else None),
            ("source", draft.source),
            ("licence", draft.licence),
            ("organisation", draft.organisation),
            ("owner", draft.owner),
            ("steward", draft.steward),
            ("security level", draft.security_level),
            ("updated", draft.update_frequency),
            ("registered", f"{dataset.registered_at:%Y-%m-%d %H:%M} UTC by {dataset.registered_by}"),
        ],
    )
    frame.line("")
    frame.rows(("field", "data element"), ((f.name, f.element) for f in draft.fields))
    for each in versions:
        frame.line(
            f"\nversion {each.number}: {each.row_count:,} rows, sha-256 {each.digest}, "
            f"from {each.source_name}, {each.loaded_at:%Y-%m-%d %H:%M} UTC by {each.loaded_by}"
        )
    if chosen:
        frame.line(f"\nprofile of version {chosen.number}")
        _profile(chosen.profile)
    if run:
        frame.line("")
        _report(run)


def _profile(profile: object) -> None:
    from catalog.datasets import FieldProfile

    assert isinstance(profile, tuple)
    fields: tuple[FieldProfile, ...] = profile
    frame.rows(
        ("field", "type", "missing", "distinct", "minimum", "maximum", "rounded"),
        (
            (f.name, f.type, f"{f.nulls:,}", f"{f.distinct:,}", f.minimum, f.maximum, f.rounded or "")
            for f in fields
        ),
    )


def _report(run: object) -> None:
    from catalog.quality import QualityRun

    assert isinstance(run, QualityRun)
    report = run.report
    frame.line(
        f"quality of {report.subject} version {report.version}, {run.ran_at:%Y-%m-%d %H:%M} UTC, "
        f"report {run.report_digest}"
    )
    frame.rows(
        ("", "rule", "indicator", "pass", "of", "fail", "tolerated"),
        (
            (
                "ok" if r.passed else "FAIL",
                r.rule,
                r.indicator,
                f"{r.passing:,}",
                f"{r.judged:,}",
                f"{r.failing:,}",
                f"{r.tolerance:.1%}" if r.tolerance else "",
            )
            for r in report.rules
        ),
    )
    for finding in run.findings:
        frame.line(
            f"finding {finding.id}: {finding.rule}, {finding.failing:,} rows, "
            f"{finding.detected_at:%Y-%m-%d}, for {finding.responsible}; "
            f"first: {'; '.join(finding.examples[:3])}"
        )

"""shuize rule: the quality rules of the library, to be found and read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli import frame

app = typer.Typer(name="rule", help="Quality rules: what must hold of the data.", no_args_is_help=True)


@app.command("list")
def list_(
    object_: Annotated[
        str | None, typer.Option("--object", help="Only rules about this object: customer, meter, bill, …")
    ] = None,
    line: Annotated[
        str | None, typer.Option(help="Only this line of defence: before, during or after field work.")
    ] = None,
    severity: Annotated[str | None, typer.Option(help="Only this one: critical, major or minor.")] = None,
    indicator: Annotated[
        str | None, typer.Option(help="Only this indicator or dimension of GB/T 36344: 0402, 04, …")
    ] = None,
    check: Annotated[str | None, typer.Option(help="Only this check: unique, equation, …")] = None,
    json: frame.Json = False,
) -> None:
    """List the quality rules that all filters let through.

    Each in its newest version, by number.

    Example: shuize rule list --object bill --severity critical
    """
    from api.cli.rule_text import chosen, object_of

    with frame.library() as library:
        found = chosen(
            library, object=object_, line=line, severity=severity, indicator=indicator, check=check
        )
    if json:
        frame.document(
            [{"digest": each.digest(), "object": object_of(each), **each.document()} for each in found]
        )
        return
    frame.rows(
        ("rule", "object", "line", "severity", "indicator", "check", "title", "名称"),
        (
            (
                r.citation,
                object_of(r),
                r.line_of_defence,
                r.severity,
                r.indicator,
                r.check,
                r.name_en,
                r.name_zh,
            )
            for r in found
        ),
    )
    frame.note(f"{len(found)} rules")


@app.command()
def show(
    rule: Annotated[str, typer.Argument(help="The id of a rule; its number will do: q14.")],
    version: Annotated[str | None, typer.Option(help="A version; the newest by default.")] = None,
    json: frame.Json = False,
) -> None:
    """Show what a rule means and how it is decided.

    Over which data elements and which rows, and with what parameters.

    Example: shuize rule show q14
    """
    from api.cli.rule_text import as_document, describe, the_rule

    with frame.library() as library:
        found = the_rule(library, rule, version)
        if json:
            frame.document(as_document(found, library))
        else:
            describe(found, library)


@app.command("test")
def try_(
    rule: Annotated[str, typer.Argument(help="The id of a rule, or a file with one rule as YAML.")],
    file: Annotated[
        Path | None,
        typer.Argument(help="CSV, Parquet or Excel file, read as one of the dataset. Default: its data."),
    ] = None,
    *,
    dataset: Annotated[
        str, typer.Option("--dataset", help="The dataset whose data, or kind of data, it is.")
    ],
    version: Annotated[
        int | None, typer.Option(help="A version of the dataset; the newest by default.")
    ] = None,
    json: frame.Json = False,
) -> None:
    """Try a rule on a dataset or on a file like it.

    Nothing is kept.

    Shows how much was judged (B), how much of it passes (A), and the first failures. Exit code 1 when the
    rule fails.

    Example: shuize rule test q43 --dataset dma-inflow
    """
    from api.cli.rule_text import tried, written_rule

    with frame.platform() as platform:
        meant, trials = written_rule(platform.library, rule), platform.quality.trials
        if file is None:
            trial = trials.on_version(meant, dataset, version)
        else:
            trial = trials.on_file(meant, file, dataset)
    if json:
        frame.document(trial)
    else:
        tried(trial)
    if not trial.passed:
        raise typer.Exit(1)

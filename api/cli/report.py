"""shuize report: figures of the stewardship loop by day, week and month; whether their copies are sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from catalog.figures import StewardshipReport

app = typer.Typer(
    name="report", help="Figures of quality and stewardship 数据质量与整改报表.", no_args_is_help=True
)

Org = Annotated[
    str | None, typer.Option(help="The unit, by path or code, with all below it. Default: all units.")
]
Day = Annotated[
    str | None, typer.Option("--date", help="A day of the period. Default: the last that is over.")
]
Html = Annotated[Path | None, typer.Option(help="Write the report as a page, for print too.")]
Excel = Annotated[Path | None, typer.Option(help="Write the report as an .xlsx workbook.")]


@app.command()
def daily(
    org: Org = None, date: Day = None, html: Html = None, excel: Excel = None, json: frame.Json = False
) -> None:
    """Report one day 日报.

    The report of a day that is over is the same whenever it is asked for.

    Example: shuize report daily --html daily.html --excel daily.xlsx
    """
    _report("daily", org, date, (html, excel), json)


@app.command()
def weekly(
    org: Org = None, date: Day = None, html: Html = None, excel: Excel = None, json: frame.Json = False
) -> None:
    """Report one week 周报, from Monday to Sunday.

    Example: shuize report weekly
    """
    _report("weekly", org, date, (html, excel), json)


@app.command()
def monthly(
    org: Org = None, date: Day = None, html: Html = None, excel: Excel = None, json: frame.Json = False
) -> None:
    """Report one month 月报.

    Example: shuize report monthly --excel monthly.xlsx
    """
    _report("monthly", org, date, (html, excel), json)


@app.command()
def verify(json: frame.Json = False) -> None:
    """Check the copies of the log that reports read.

    Each is made again from the log.

    Exit code 1 if one differs. `--json` says which.

    Example: shuize report verify
    """
    with frame.platform() as platform, frame.progress() as progress:
        progress("making the copies again")
        found = platform.figure_segments.verify()
    if json:
        frame.document(found)
    else:
        frame.rows(
            ("copy", "from", "until", "entries", "sha-256"),
            (
                (
                    "ok" if each.intact else "DIFFERS",
                    each.begins,
                    each.until,
                    f"{each.entries:,}",
                    each.digest,
                )
                for each in found
            ),
        )
    if not all(each.intact for each in found):
        raise typer.Exit(1)


def _report(
    kind: str, org: str | None, date: str | None, files: tuple[Path | None, Path | None], json: bool
) -> None:
    from api.instants import day
    from api.reports.page import page
    from api.reports.workbook import workbook
    from catalog.figures import PeriodKind

    html, excel = files
    with frame.platform() as platform:
        report = platform.figures.report(PeriodKind(kind), org, day(date) if date else None)
    if html is not None:
        html.write_text(page(report), "utf-8")
    if excel is not None:
        excel.write_bytes(workbook(report))
    if json:
        frame.document(report)
    elif html is None and excel is None:
        _text(report)
    else:
        frame.facts([("page", html), ("workbook", excel)])


def _text(report: StewardshipReport) -> None:
    from api.reports import wording

    frame.facts(
        [
            ("report", wording.heading(report)),
            ("unit", wording.unit(report)),
            ("period", wording.days(report)),
        ]
    )
    if not report.is_over:
        frame.note("the period is not over: these figures go on changing")
    frame.line("")
    frame.rows(
        ("figure", "", "value", "of"),
        (
            (
                each.title_zh,
                each.title,
                wording.value(report.figures.get(each.id), each.unit),
                wording.counted(report.figures.get(each.id), each),
            )
            for each in report.definitions
        ),
    )

"""shuize series: datasets that follow one another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from catalog.datasets.series import Series

app = typer.Typer(name="series", help="Series of datasets that follow one another.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(help="The series' name.")]


@app.command()
def add(
    name: _Name,
    title: Annotated[str, typer.Option(help="Its title in English.")],
    title_zh: Annotated[str, typer.Option(help="Its title in Chinese.")],
    description: Annotated[str, typer.Option(help="What its datasets have in common.")],
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Add a series. A dataset joins it by `series: NAME` in its document.

    Example: shuize series add inflow-by-year --title "Inflow by year" --title-zh 分年入流
    --description "One dataset a year." --as li-na
    """
    from catalog.datasets.series import parse_series

    said = {"name": name, "title": title, "title_zh": title_zh, "description": description}
    with frame.platform() as platform:
        added = platform.series.add(parse_series(said), by=frame.actor(platform, by))
    if json:
        frame.document(added)
    else:
        frame.facts(_told(added))


@app.command("list")
def list_(json: frame.Json = False) -> None:
    """List all series.

    Example: shuize series list
    """
    with frame.platform() as platform:
        found = platform.series.list()
    if json:
        frame.document(found)
    else:
        frame.rows(("series", "名称", "title"), ((each.name, each.title_zh, each.title) for each in found))


@app.command()
def show(name: _Name, json: frame.Json = False) -> None:
    """Show a series, and its datasets in their order.

    Example: shuize series show inflow-by-year
    """
    with frame.platform() as platform:
        series, members = platform.series.get(name), platform.series.members(name)
    if json:
        frame.document({"series": series, "datasets": members})
        return
    frame.facts(_told(series))
    frame.rows(("dataset", "from"), ((each.dataset, each.begins_on) for each in members))


def _told(series: Series) -> Iterator[tuple[str, str]]:
    yield "series", series.name
    yield "title", series.title
    yield "名称", series.title_zh
    yield "description", series.description
    yield "added", f"{series.added_at:%Y-%m-%d %H:%M} UTC by {series.added_by}"

"""The report as one HTML page: Chinese and English, for A4 and for a screen, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.reports import charts, wording
from api.reports.charts import Bar
from catalog.figures import Definition, Measures, StewardshipReport, Unit
from catalog.figures.models import AgeBand, Level

_TEMPLATE = "report.html"
_COLUMNS = (
    "opened", "closed", "on-time-rate", "first-pass-rate", "hours-to-close", "reopened-rate", "backlog",
    "backlog-issues", "overdue",
)  # fmt: skip
"""The figures that tables of units, people, rules and datasets show."""

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)


def page(report: StewardshipReport) -> str:
    """Return the page."""
    defined = {definition.id: definition for definition in report.definitions}
    return _PAGES.get_template(_TEMPLATE).render(
        report=report,
        wording=wording,
        defined=defined,
        columns=[defined[name] for name in _COLUMNS],
        trend=charts.trend("趋势 Trend", report.trend),
        ages=_ages(report.ages),
        rankings=[(level, _ranking(level, defined["on-time-rate"])) for level in report.levels],
    )


def style() -> str:
    """Return the page's template, whose style is the only one that a policy needs to allow."""
    return (Path(__file__).parent / _TEMPLATE).read_text("utf-8")


def _ages(bands: Sequence[AgeBand]) -> Markup:
    found = [Bar(wording.age(band), band.orders, f"{band.orders:,}") for band in bands]
    return charts.bars("在办工单的时长 Age of the backlog", found)


def _ranking(level: Level, definition: Definition) -> Markup:
    found = [
        Bar(unit.title or unit.path, _value(unit.figures, definition.id), _text(unit.figures, definition))
        for unit in level.units[:20]
    ]
    return charts.bars(f"{definition.title_zh} {definition.title}", found, most=100)


def _value(figures: Measures, figure: str) -> float | None:
    return figures[figure].value if figure in figures else None


def _text(figures: Measures, definition: Definition) -> str:
    return wording.value(figures.get(definition.id), Unit(definition.unit))

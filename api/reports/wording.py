"""How figures are written: numbers with their unit, names in both languages, what stands for nothing."""

from __future__ import annotations

from catalog.figures import Definition, Measure, PeriodKind, Unit
from catalog.figures.models import AgeBand, StewardshipReport

NOTHING = "–"
KINDS = {
    PeriodKind.DAILY: ("日报", "daily"),
    PeriodKind.WEEKLY: ("周报", "weekly"),
    PeriodKind.MONTHLY: ("月报", "monthly"),
}
SEVERITIES = {"critical": "严重", "major": "重要", "minor": "一般"}
UNITS_ZH = {Unit.PERCENT: "%", Unit.HOURS: "小时", Unit.ORDERS: "张", Unit.ISSUES: "个"}


def value(measure: Measure | None, unit: Unit) -> str:
    """Return a figure as people read it: 93.8 %, 1,204, 5.5 h; a dash where there is none."""
    if measure is None or measure.value is None:
        return NOTHING
    if unit is Unit.PERCENT:
        return f"{measure.value:.1f} %"
    return f"{measure.value:,.1f} h" if unit is Unit.HOURS else f"{measure.value:,.0f}"


def counted(measure: Measure | None, definition: Definition) -> str:
    """Return what a figure was made of: 15 of 16, or of 16 orders."""
    if measure is None or measure.denominator is None:
        return ""
    if definition.unit is Unit.PERCENT:
        return f"{measure.numerator:,} / {measure.denominator:,}"
    return f"n = {measure.denominator:,}"


def age(band: AgeBand) -> str:
    """Return a band of ages: 3–7 天 days."""
    if band.before_days is None:
        return f"≥ {band.from_days} 天 days"
    return f"{band.from_days}–{band.before_days} 天 days"


def severity(name: str) -> str:
    """Return a severity in both languages."""
    return f"{SEVERITIES[name]} {name}" if name in SEVERITIES else name


def unit(report: StewardshipReport) -> str:
    """Return the name of the unit that a report is of."""
    if not report.path:
        return "全部单位 All units"
    return f"{report.title} ({report.path})" if report.title else report.path


def heading(report: StewardshipReport) -> str:
    """Return the report's title."""
    zh, en = KINDS[report.period.kind]
    return f"数据质量整改{zh} Data quality and stewardship, {en}"


def days(report: StewardshipReport) -> str:
    """Return the period in words, with its time zone."""
    period = report.period
    spans = f"{period.first}" if period.first == period.last else f"{period.first} – {period.last}"
    label = "" if period.label == spans else f"{period.label}: "
    return f"{label}{spans} ({period.zone})"

"""A report of figures, as a document: what `--json` prints and the route answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from catalog.figures.definitions import Definition
from catalog.figures.periods import Period

FORMAT: Literal["shuize-stewardship-report/1"] = "shuize-stewardship-report/1"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Measure(_Frozen):
    """A figure's value, None where there is nothing to count, and for a rate what was counted over what.

    A median has as its denominator how many orders it is the median of.
    """

    value: float | None
    numerator: int | None = None
    denominator: int | None = None


Measures = dict[str, Measure]
"""By the id of the figure's definition."""


class UnitFigures(_Frozen):
    """The figures of a unit and all below it; its title is the one known at the period's end.

    Ranked by on-time rate, then first-pass rate, then fewest overdue; None without an on-time rate.
    """

    path: str
    title: str | None
    rank: int | None
    figures: Measures


class Level(_Frozen):
    """The units so many levels below the report's own, best first; `more` are left out."""

    depth: int
    units: tuple[UnitFigures, ...]
    more: int


class PersonFigures(_Frozen):
    """The workload of one responsible person; those with the most backlog first."""

    person: str
    figures: Measures


class Slice(_Frozen):
    """The figures of the orders that share a severity, a rule or a dataset."""

    name: str
    figures: Measures


class AgeBand(_Frozen):
    """How much of the backlog is at least `from_days` old, and younger than `before_days`."""

    from_days: int
    before_days: int | None
    orders: int
    issues: int


class OverdueOrder(_Frozen):
    """An order past its deadline, and the whole days since."""

    work_order: int
    dataset: str
    rule: str
    severity: str
    path: str
    responsible: str
    issues: int
    due_at: datetime
    days: int


class TrendPoint(_Frozen):
    """One of the periods up to this one: orders begun or begun again, ended, and left at its end."""

    label: str
    begun: int
    ended: int
    backlog: int


class DatasetQuality(_Frozen):
    """The newest check of a dataset up to the period's end."""

    dataset: str
    version: int
    checked_at: datetime
    report_digest: str
    figures: Measures


class StewardshipReport(_Frozen):
    """Figures of one period, of one unit and what stands below it. The same log gives the same document.

    They hold at the instant `until`: the period's end, or the present if the period is not over yet, and then
    they go on changing. `path` is empty for all units.
    """

    format: Literal["shuize-stewardship-report/1"] = FORMAT
    period: Period
    is_over: bool
    until: datetime
    path: str
    title: str | None
    figures: Measures
    levels: tuple[Level, ...]
    people: tuple[PersonFigures, ...]
    people_left_out: int
    ages: tuple[AgeBand, ...]
    trend: tuple[TrendPoint, ...]
    severities: tuple[Slice, ...]
    rules: tuple[Slice, ...]
    rules_left_out: int
    datasets: tuple[Slice, ...]
    overdue: tuple[OverdueOrder, ...]
    overdue_left_out: int
    quality: tuple[DatasetQuality, ...]
    definitions: tuple[Definition, ...]
    notes: tuple[str, str]

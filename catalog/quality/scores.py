"""Scores: a run's figures as percentages, by rule, by dimension of GB/T 36344, by unit, and over the runs.

- **rule**: A / B.
- **dimension** (the indicator's first two digits): the mean of its rules' scores, each weighted by how bad a
  failure is: critical 4, major 2, minor 1.
- **dataset**: the mean of its dimensions' scores, each counted once, so that many rules of one kind don't
  drown the few of another.
- **unit**: the same, from what was judged and failed of the unit's rows, and those of all below it.

What judged nothing (B = 0) has no score and counts nowhere. Percentages are rounded down to hundredths: 100
means that nothing failed. The weights are a convention; nobody measured them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Final

from pydantic import BaseModel, ConfigDict

from catalog.quality.reports import QualityReport, QualityRun, RuleResult
from standards.library import Library
from standards.rules import INDICATORS, Severity

WEIGHTS: Final[Mapping[Severity, int]] = {Severity.CRITICAL: 4, Severity.MAJOR: 2, Severity.MINOR: 1}
ODCS_DIMENSIONS: Final[Mapping[str, str]] = {
    "01": "conformity", "02": "completeness", "03": "accuracy", "04": "consistency", "05": "timeliness",
}  # fmt: skip
"""What the data contract standard calls a dimension; it has no word for accessibility, 06."""

_HUNDREDTH = Decimal("0.01")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class RuleScore(_Frozen):
    """The score of a rule, None if it judged nothing."""

    rule: str
    title_zh: str
    title_en: str
    dimension: str
    severity: Severity
    score: Decimal | None
    judged: int
    failing: int


class DimensionScore(_Frozen):
    """The score of a dimension; `odcs` is its name in data contracts."""

    dimension: str
    title_zh: str
    title_en: str
    odcs: str | None
    score: Decimal
    rules: int


class UnitScore(_Frozen):
    """The score of a unit of the organisation, with all below it."""

    path: str
    score: Decimal


class RunScore(_Frozen):
    """The score of one run; None if its rules judged nothing."""

    run: int
    version: int
    ran_at: datetime
    score: Decimal | None


class QualityScore(_Frozen):
    """The scores of a dataset's newest run; `trend` are its runs, oldest first, this one the last."""

    dataset: str
    version: int
    run: int
    ran_at: datetime
    score: Decimal | None
    dimensions: tuple[DimensionScore, ...]
    rules: tuple[RuleScore, ...]
    units: tuple[UnitScore, ...]
    trend: tuple[RunScore, ...]


def score_of(report: QualityReport) -> Decimal | None:
    """Return the score of the whole."""
    return _whole((each, each.judged, each.failing) for each in report.rules)


def dimensions_of(report: QualityReport, library: Library) -> tuple[DimensionScore, ...]:
    """Return the score of every dimension in which something was judged."""
    titles = {code.code: code for code in library.code_list(INDICATORS).codes}
    shares = _by_dimension((each, each.judged, each.failing) for each in report.rules)
    return tuple(
        DimensionScore(
            dimension=dimension,
            title_zh=titles[dimension].title_zh,
            title_en=titles[dimension].title_en or dimension,
            odcs=ODCS_DIMENSIONS.get(dimension),
            score=_percent(_mean(parts)),
            rules=len(parts),
        )
        for dimension, parts in sorted(shares.items())
    )


def scores(runs: tuple[QualityRun, ...], library: Library) -> QualityScore:
    """Return the scores of the last of some runs, with those before it as the trend."""
    newest = runs[-1]
    report = newest.report
    paths = sorted({path for each in report.rules for path in each.by_organisation})
    units = ((path, _whole(_of_unit(report, path))) for path in paths)
    return QualityScore(
        dataset=report.subject,
        version=report.version,
        run=newest.id,
        ran_at=newest.ran_at,
        score=score_of(report),
        dimensions=dimensions_of(report, library),
        rules=tuple(map(_rule, report.rules)),
        units=tuple(UnitScore(path=path, score=score) for path, score in units if score is not None),
        trend=tuple(map(_of_run, runs)),
    )


_Counted = Iterable[tuple[RuleResult, int, int]]
"""Rules with how much they judged, and how much of it failed."""


def _whole(counted: _Counted) -> Decimal | None:
    dimensions = [_mean(parts) for parts in _by_dimension(counted).values()]
    return _percent(sum(dimensions, Decimal(0)) / len(dimensions)) if dimensions else None


def _by_dimension(counted: _Counted) -> dict[str, list[tuple[Decimal, int]]]:
    """Return the share that passes and the weight of every rule that judged something."""
    found: dict[str, list[tuple[Decimal, int]]] = defaultdict(list)
    for result, judged, failing in counted:
        if judged:
            share = Decimal(judged - failing) / judged
            found[result.indicator[:2]].append((share, WEIGHTS[result.severity]))
    return found


def _of_unit(report: QualityReport, path: str) -> _Counted:
    for each in report.rules:
        if (count := each.by_organisation.get(path)) is not None:
            yield each, count.judged, count.failing


def _of_run(run: QualityRun) -> RunScore:
    return RunScore(run=run.id, version=run.report.version, ran_at=run.ran_at, score=score_of(run.report))


def _rule(result: RuleResult) -> RuleScore:
    share = Decimal(result.passing) / result.judged if result.judged else None
    return RuleScore(
        rule=result.rule,
        title_zh=result.title_zh,
        title_en=result.title_en,
        dimension=result.indicator[:2],
        severity=result.severity,
        score=None if share is None else _percent(share),
        judged=result.judged,
        failing=result.failing,
    )


def _mean(parts: list[tuple[Decimal, int]]) -> Decimal:
    return sum((share * weight for share, weight in parts), Decimal(0)) / sum(weight for _, weight in parts)


def _percent(share: Decimal) -> Decimal:
    return (share * 100).quantize(_HUNDREDTH, ROUND_DOWN)

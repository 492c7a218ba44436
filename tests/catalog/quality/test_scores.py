"""Scores: by rule, dimension, unit and run, by the formula that the module states."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.quality.checking import NeverChecked
from catalog.quality.reports import Count, QualityReport, RuleResult
from catalog.quality.scores import dimensions_of, score_of
from standards.rules import Severity
from tests.builders import Room, csv_text
from tests.catalog.quality.judging import LIBRARY


def a_result(indicator: str, passing: int, judged: int, severity: Severity = Severity.MAJOR) -> RuleResult:
    return RuleResult(
        rule=f"r{indicator}-{severity}", indicator=indicator, passing=passing, judged=judged,
        failing=judged - passing, tolerance=Decimal(0), passed=passing == judged, examples=(),
        severity=severity, by_organisation={"g/01": Count(judged=judged, failing=0)},
    )  # fmt: skip


def a_report(*results: RuleResult) -> QualityReport:
    return QualityReport(subject="x", version=1, digest=None, rows=10, rules=results)


def test_a_dimension_is_the_mean_of_its_rules_by_severity() -> None:
    report = a_report(
        a_result("0301", 10, 10, Severity.CRITICAL), a_result("0304", 5, 10, Severity.MAJOR),
        a_result("0302", 0, 10, Severity.MINOR),
    )  # fmt: skip
    (accuracy,) = dimensions_of(report, LIBRARY)
    assert accuracy.score == Decimal("71.42")  # (4 x 1 + 2 x 0.5 + 1 x 0) / 7, rounded down
    assert (accuracy.dimension, accuracy.odcs, accuracy.rules) == ("03", "accuracy", 3)


def test_the_whole_is_the_mean_of_the_dimensions_however_many_rules_each_has() -> None:
    many = [a_result("0301", 10, 10) for _ in range(9)]
    assert score_of(a_report(*many, a_result("0201", 5, 10))) == Decimal("75.00")


def test_what_judged_nothing_counts_nowhere() -> None:
    assert score_of(a_report(a_result("0301", 9, 10), a_result("0201", 0, 0))) == Decimal("90.00")
    assert score_of(a_report(a_result("0201", 0, 0))) is None


def test_a_hundred_means_that_nothing_failed() -> None:
    assert score_of(a_report(a_result("0301", 999_999, 1_000_000))) == Decimal("99.99")
    assert score_of(a_report(a_result("0301", 1, 1))) == Decimal("100.00")


def test_every_dimension_has_its_name_in_both_languages() -> None:
    found = dimensions_of(a_report(*(a_result(f"0{n}01", 1, 1) for n in range(1, 7))), LIBRARY)
    assert [each.odcs for each in found] == [
        "conformity", "completeness", "accuracy", "consistency", "timeliness", None,
    ]  # fmt: skip
    assert all(each.title_zh and each.title_en for each in found)


def test_a_dataset_has_the_scores_of_its_newest_check_and_their_trend(sqlite_room: Room) -> None:
    room = sqlite_room
    room.register()
    with pytest.raises(NeverChecked):
        room.quality.score("inflow")
    header = ["area", "at", "flow"]
    room.load(csv_text(header, [["DMA-01", "2021-03-28 09:00", "-1"]]))
    first = room.quality.check("inflow", by="alice")
    room.load(csv_text(header, [["DMA-01", "2021-03-28 09:00", "1"]]))
    room.clock.forward(days=1)
    second = room.quality.check("inflow", by="alice")
    found = room.quality.score("inflow")
    assert [point.run for point in found.trend] == [first.id, second.id]
    assert found.trend[0].score is not None
    assert found.trend[1].score is not None
    assert found.trend[0].score < found.trend[1].score == found.score
    assert (found.run, found.version) == (second.id, 2)
    assert {rule.rule: rule.score for rule in found.rules}["range(flow)"] == Decimal("100.00")
    assert [point.run for point in room.quality.score("inflow", runs=1).trend] == [second.id]

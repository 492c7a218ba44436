"""The rules that a dataset declares or its elements imply, on the engine that runs all rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.quality.bound import Column
from catalog.quality.declared import bound
from catalog.quality.evaluating import Surroundings, judge_table
from catalog.quality.reports import RuleResult
from catalog.quality.rules import CompletePeriod, Duplicates, Missing, Pattern, Permitted, Range, Rule, Step
from tests.catalog.quality.judging import LIBRARY, TODAY, an_element

KINDS = {
    pa.string(): "text",
    pa.int64(): "integer",
    pa.date32(): "date",
    pa.timestamp("us", tz="UTC"): "timestamp",
}


def results(rules: list[Rule], **columns: Any) -> list[RuleResult]:
    """Return what the rules say of a table with these columns."""
    table = pa.table(columns)
    known = {
        each.name: Column(each.name, an_element(each.name, KINDS.get(each.type, "decimal")))
        for each in table.schema
    }
    bound_rules = [bound(rule, known, LIBRARY) for rule in rules]
    return list(judge_table(table, bound_rules, Surroundings(LIBRARY, TODAY)))


def result(rule: Rule, **columns: Any) -> RuleResult:
    (only,) = results([rule], **columns)
    return only


def figures(rule: Rule, **columns: Any) -> tuple[int, int]:
    """Return A and B of the indicator A / B."""
    found = result(rule, **columns)
    assert found.failing == found.judged - found.passing
    return found.passing, found.judged


def instants(*texts: str | None) -> pa.Array:
    return pa.array([t and f"2021-01-01T{t}:00Z" for t in texts]).cast(pa.timestamp("us", tz="UTC"))


def test_missing_judges_every_row() -> None:
    found = result(Missing(field="a"), a=["x", None, "", None])
    assert (found.passing, found.judged, found.passed) == (1, 4, False)
    assert found.examples == ("row 2", "row 3", "row 4")
    assert found.indicator == "0201"


def test_a_range_is_inclusive_and_does_not_judge_null() -> None:
    rule = Range(field="a", minimum=Decimal(0), maximum=Decimal("2.5"))
    column = pa.array(
        [Decimal("0"), Decimal("2.5"), Decimal("-0.1"), Decimal("2.6"), None], pa.decimal128(5, 1)
    )
    assert figures(rule, a=column) == (2, 4)
    assert result(rule, a=column).examples == ("row 3, a -0.1", "row 4, a 2.6")
    assert figures(Range(field="a", minimum=Decimal("1E+2")), a=[99, 100, None]) == (1, 2)
    assert figures(Range(field="a", maximum=Decimal("-1")), a=[-1, 0]) == (1, 2)


def test_a_range_compares_exactly_beyond_what_a_double_holds() -> None:
    large = Decimal("99999999999999.999")
    column = pa.array([large, large - Decimal("0.001")], pa.decimal128(18, 3))
    assert figures(Range(field="a", maximum=large - Decimal("0.001")), a=column) == (1, 2)


def test_a_pattern_matches_the_whole_text_and_its_examples_show_no_value() -> None:
    found = result(Pattern(field="a", pattern="[0-9]{2}"), a=["12", "123", "a12", None, "", "12\n"])
    assert (found.passing, found.judged) == (1, 5)
    assert found.examples == ("row 2", "row 3", "row 5", "row 6")


def test_a_quote_in_a_pattern_is_only_a_character() -> None:
    assert figures(Pattern(field="a", pattern='it\'s|"x"'), a=["it's", '"x"', "its"]) == (2, 3)


def test_permitted_asks_the_code_list_at_one_level_or_at_all() -> None:
    codes = ["A", "01", "011", "0111", "9999", None]
    assert figures(Permitted(field="a", code_list="gbt4754"), a=codes) == (4, 5)
    assert figures(Permitted(field="a", code_list="gbt4754", level=2), a=codes) == (1, 5)
    assert result(Permitted(field="a", code_list="gbt4754"), a=codes).examples == ("row 5, a 9999",)


def test_permitted_reads_whole_numbers_as_codes() -> None:
    assert figures(Permitted(field="a", code_list="meter-calibre", level=2), a=[15, 20, 17, None]) == (2, 3)


def test_duplicates_count_all_but_the_first_of_a_key_and_null_is_a_value() -> None:
    found = result(
        Duplicates(fields=("a", "b")), a=["x", "x", None, None, "y", "x"], b=[1, 1, None, None, 1, 1]
    )
    assert (found.passing, found.judged) == (3, 6)
    assert found.examples == ("row 2, a x, b 1", "row 4, a null, b null", "row 6, a x, b 1")


def test_a_half_null_key_differs_from_a_whole_one() -> None:
    assert figures(Duplicates(fields=("a", "b")), a=["x", "x", None], b=[1, None, 1]) == (3, 3)


def test_a_complete_period_counts_series_times_steps() -> None:
    rule = CompletePeriod(time="at", step=Step.HOUR, by=("area",))
    areas = ["A", "A", "A", "B", "B", None]
    at = instants("00:00", "01:59", "01:00", "00:30", "03:00", "02:00")
    found = result(rule, area=areas, at=at)
    assert (found.passing, found.judged) == (5, 12)
    assert found.examples == (
        "area A, 2021-01-01T02:00:00Z has no row",
        "area A, 2021-01-01T03:00:00Z has no row",
        "area B, 2021-01-01T01:00:00Z has no row",
        "area B, 2021-01-01T02:00:00Z has no row",
        "area null, 2021-01-01T00:00:00Z has no row",
        "area null, 2021-01-01T01:00:00Z has no row",
        "area null, 2021-01-01T03:00:00Z has no row",
    )


def test_a_complete_period_without_series_is_one_series() -> None:
    found = result(CompletePeriod(time="at", step=Step.HOUR), at=instants("00:00", "02:00", "02:00"))
    assert (found.passing, found.judged) == (2, 3)
    assert found.examples == ("2021-01-01T01:00:00Z has no row",)


def test_a_complete_period_of_days_reads_dates_too() -> None:
    days = pa.array(["2021-02-27", "2021-03-01", None]).cast(pa.date32())
    found = result(CompletePeriod(time="day", step=Step.DAY), day=days)
    assert (found.passing, found.judged) == (2, 3)
    assert found.examples == ("2021-02-28 has no row",)


def test_rows_without_a_time_belong_to_no_step() -> None:
    rule = CompletePeriod(time="at", step=Step.HOUR, by=("area",))
    assert figures(rule, area=["A", "B"], at=instants("00:00", None)) == (1, 1)
    assert figures(rule, area=["A"], at=instants(None)) == (0, 0)


@pytest.mark.parametrize(
    "rule",
    [
        Missing(field="a"),
        Range(field="a", minimum=Decimal(0)),
        Permitted(field="a", code_list="meter-calibre"),
        Duplicates(fields=("a",)),
        CompletePeriod(time="at", step=Step.DAY, by=("a",)),
    ],
)
def test_a_table_without_rows_passes_every_rule(rule: Rule) -> None:
    found = result(rule, a=pa.array([], pa.int64()), at=instants())
    assert (found.passing, found.judged, found.passed, found.examples) == (0, 0, True, ())


@pytest.mark.parametrize(
    ("tolerance", "passed"), [("0", False), ("0.249", False), ("0.25", True), ("1", True)]
)
def test_a_rule_passes_up_to_and_including_its_tolerance(tolerance: str, passed: bool) -> None:
    found = result(Missing(field="a", tolerance=Decimal(tolerance)), a=["x", "y", "z", None])
    assert found.passed is passed
    assert found.failing == 1


def test_a_tolerance_is_compared_exactly() -> None:
    column = [None] * 3 + ["x"] * 7
    assert result(Missing(field="a", tolerance=Decimal("0.3")), a=column).passed
    assert not result(Missing(field="a", tolerance=Decimal("0.2999999999999999999")), a=column).passed


def test_the_first_ten_failures_are_shown() -> None:
    found = result(Missing(field="a"), a=["x"] + [None] * 200_000)
    assert found.examples == tuple(f"row {n}" for n in range(2, 12))


def test_fields_called_like_our_own_columns_are_no_trouble() -> None:
    names = [
        "n",
        "r",
        "v",
        "v0",
        "k0",
        "s0",
        "first",
        "slot",
        "org",
        "organisation",
        "failing",
        "f0",
        "b0",
        "j0",
    ]
    columns: dict[str, Any] = {name: [5, 5, None] for name in names}
    columns["at"] = instants("00:00", "01:00", "01:00")
    for name in names:
        assert result(Missing(field=name), **columns).examples == ("row 3",)
        assert result(Range(field=name, maximum=Decimal(4)), **columns).examples[0] == f"row 1, {name} 5"
        assert result(Duplicates(fields=(name,)), **columns).examples == (f"row 2, {name} 5",)
        period = CompletePeriod(time="at", step=Step.HOUR, by=(name,))
        assert result(period, **columns).examples == (f"{name} null, 2021-01-01T00:00:00Z has no row",)


KEYS = st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from([1, 2, None])), max_size=30)


@given(keys=KEYS)
def test_duplicates_agree_with_counting_in_python(keys: list[tuple[str | None, int | None]]) -> None:
    table = {
        "a": pa.array([k[0] for k in keys], pa.string()),
        "b": pa.array([k[1] for k in keys], pa.int64()),
    }
    assert figures(Duplicates(fields=("a", "b")), **table) == (len(set(keys)), len(keys))

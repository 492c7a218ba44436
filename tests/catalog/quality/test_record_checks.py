"""Checks of the values of one row together."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.quality.compiling.expression import MalformedExpression
from catalog.quality.compiling.records import MalformedSetting
from tests.catalog.quality.judging import failing, judged


def test_presence_of_several() -> None:
    rows = [[None, None], ["a", None], [None, "b"], ["a", "b"]]
    assert failing("any-present", "text text", rows) == [0]
    assert failing("all-or-none", "text text", rows) == [1, 2]


def test_an_equation_has_signs_and_a_tolerance() -> None:
    rows = [["10.00", "110", "100"], ["10.01", "110", "100"], [None, "1", "2"], ["-5", "0", "5"]]
    numbers = [[value and Decimal(value) for value in row] for row in rows]
    assert failing("equation", "decimal decimal decimal", numbers, signs="+ -") == [1]
    assert failing("equation", "decimal decimal decimal", numbers, signs="+ -", tolerance="0.01") == []
    assert failing("equation", "decimal decimal decimal", numbers, signs="+ -", null="fails") == [1, 2]


@pytest.mark.parametrize("signs", ["+", "+ - +", "+ x"])
def test_signs_go_with_the_terms(signs: str) -> None:
    with pytest.raises(MalformedSetting, match="don't go with 2 terms"):
        failing("equation", "decimal decimal decimal", [[1, 1, 1]], signs=signs)


def test_a_product_is_rounded_within_its_tolerance() -> None:
    rows = [
        [Decimal("10.05"), Decimal("3"), Decimal("3.35")],
        [Decimal("10.07"), Decimal("3"), Decimal("3.35")],
    ]
    assert failing("product-of", "decimal decimal decimal", rows) == [1]


def test_ordered_passes_over_what_is_missing() -> None:
    first, second, third = date(2021, 1, 1), date(2021, 2, 1), date(2021, 3, 1)
    rows = [
        [first, second, third],
        [first, None, third],
        [third, None, first],
        [None, None, None],
        [second, first, third],
    ]
    assert failing("ordered", "date date date", rows) == [2, 4]


def test_comparisons() -> None:
    assert failing("not-below", "decimal decimal", [[2, 1], [1, 1], [0, 1], [None, 1]]) == [2]
    assert failing("agrees", "text text", [["a", "a"], ["a", "A"], [None, "a"]]) == [1]
    assert failing(
        "agrees", "decimal integer", [[Decimal("1.5"), 1], [Decimal("1.6"), 1]], tolerance="0.5"
    ) == [1]
    assert failing("starts-with", "text text", [["0102", "01"], ["0202", "01"], ["0", "01"]]) == [1, 2]


def test_what_does_not_fit_beside_what() -> None:
    rows = [["8051", "11"], ["8051", "31"], ["2710", "11"], ["6210", "12"]]
    assert failing("fits", "text text", rows, excluded="8051: 11 12; 27: 11") == [0, 2]


def test_a_band_has_its_own_bounds_and_an_unknown_band_none() -> None:
    rows = [[Decimal(3), 15], [Decimal(4), 15], [Decimal(4), 20], [Decimal(99), 300]]
    found = judged("band-range", {"a": "decimal", "b": "integer"}, rows, bands="15: 0 3.1; 20: 0 5")
    assert list(found.rows) == [1]
    assert found.total.judged == 3


@pytest.mark.parametrize(
    ("check", "setting"),
    [("fits", "8051"), ("fits", ": 11"), ("band-range", "15: 0"), ("band-range", "15: a b")],
)
def test_a_setting_that_can_not_be_read_says_so(check: str, setting: str) -> None:
    name = "excluded" if check == "fits" else "bands"
    with pytest.raises(MalformedSetting) as caught:
        failing(check, "text text" if check == "fits" else "decimal text", [], **{name: setting})
    assert caught.value.hint


def test_days_between_moments_are_days_of_the_calendar() -> None:
    moment = datetime(2021, 3, 3, 1, tzinfo=UTC)
    rows = [[moment, date(2021, 3, 1)], [moment, date(2021, 2, 28)], [moment, date(2021, 3, 4)]]
    assert failing("within-days", "timestamp date", rows, days=2) == [1, 2]


def test_metres_between_points() -> None:
    here = [Decimal("123.4300"), Decimal("41.8000")]
    rows = [
        [*here, Decimal("123.4312"), Decimal("41.8000")],
        [*here, Decimal("123.4300"), Decimal("41.8020")],
    ]
    assert failing("distance", "decimal decimal decimal decimal", rows, most_m=100) == [1]  # 100 m and 223 m
    assert failing("distance", "decimal decimal decimal decimal", rows, most_m=99) == [0, 1]


def test_a_condition_says_which_rows_are_meant() -> None:
    rows = [["21", None], ["11", None], ["21", "x"]]
    found = judged("present", {"a": "text", "b": "text"}, rows, fields=["b"], null="fails")
    assert list(found.rows) == [0, 1]


def test_an_expression_is_a_condition_over_the_row() -> None:
    rows = [[5, 3], [3, 5], [None, 1]]
    assert failing("sql", "integer integer", rows, expression="a >= b") == [1]
    assert failing("sql", "integer integer", rows, expression="a >= b AND NOT (b BETWEEN 4 AND 9)") == [1]


def test_what_an_expression_can_not_decide_is_not_judged() -> None:
    found = judged("sql", {"a": "integer", "b": "integer"}, [[1, 0], [1, 1]], expression="a / b >= 1")
    assert (found.total.judged, found.total.failing) == (1, 0)  # one row divides by zero
    assert failing("sql", "integer integer", [[1, 0], [1, 1]], expression="a / b >= 1", null="fails") == [0]


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("a + b", "not a condition"),
        ("a", None),
        ("a >= c", "none of the fields"),
        ("a >= (SELECT max(b) FROM kept)", "reads more than the row"),
        ("a IN (SELECT 1)", "reads more than the row"),
        ("a >= 1; DROP TABLE kept", "not one expression"),
        ("EXISTS (SELECT 1)", "function exists"),
        ("max(a) > 1", "reads more than the row"),
        ("read_text('/etc/passwd') = 'x'", "function read_text"),
        ("getenv('HOME') = 'x'", "function getenv"),
        ("kept.a > 1", "none of the fields"),
        ("a > ", "is no SQL"),
        ("* = 1", None),
        ("row_number() OVER () > 1", "reads more than the row"),
    ],
)
def test_an_expression_that_is_more_or_less_than_that_is_refused(expression: str, why: str | None) -> None:
    if expression == "a":  # a truth value may be a field; here it is a number, which the engine would refuse
        return
    with pytest.raises(MalformedExpression) as caught:
        failing("sql", "integer integer", [[1, 1]], expression=expression)
    assert why is None or why in caught.value.message
    assert caught.value.hint


_COORDINATE = st.integers(-50, 50).map(lambda n: n / 10)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_COORDINATE, _COORDINATE), min_size=3, max_size=8, unique=True), st.data())
def test_points_lie_in_polygons_as_shapely_says(
    corners: list[tuple[float, float]], data: st.DataObject
) -> None:
    import shapely

    polygon = shapely.Polygon(corners)
    points = data.draw(st.lists(st.tuples(_COORDINATE, _COORDINATE), min_size=1, max_size=20)) + corners
    rows: list[list[Any]] = [[Decimal(str(x)), Decimal(str(y)), polygon.wkt] for x, y in points]
    found = judged("inside", {"a": "decimal", "b": "decimal", "c": "text"}, rows)
    if not polygon.is_valid:
        assert found.total.judged == 0
        return
    whole = shapely.transform(polygon, lambda xy: (xy * 10).round())  # exact where floating corners are not
    outside = [
        n for n, (x, y) in enumerate(points) if not whole.covers(shapely.Point(round(x * 10), round(y * 10)))
    ]
    assert list(found.rows) == outside


def test_holes_parts_and_geojson() -> None:
    ring = "(0 0, 4 0, 4 4, 0 4, 0 0)"
    hole = "(1 1, 3 1, 3 3, 1 3, 1 1)"
    far = "(10 10, 12 10, 12 12, 10 12, 10 10)"
    shapes = [f"POLYGON ({ring}, {hole})", f"MULTIPOLYGON (({ring}), ({far}))"]
    geojson = '{"type": "Polygon", "coordinates": [[[0,0],[4,0],[4,4],[0,4],[0,0]]]}'
    rows = [
        [2, 2, shapes[0]],
        [1, 2, shapes[0]],
        [11, 11, shapes[1]],
        [7, 7, shapes[1]],
        [2, 2, geojson],
        [5, 2, geojson],
    ]
    assert failing("inside", "decimal decimal text", rows) == [0, 3, 5]


def test_a_polygon_that_crosses_itself_decides_nothing_and_is_found() -> None:
    bow = "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"
    found = judged(
        "inside", {"a": "decimal", "b": "decimal", "c": "text"}, [[1, 1, bow], [1, 1, "POINT (1 1)"]]
    )
    assert found.total.judged == 0
    shapes = [[bow], ["POINT (1 1)"], ["nonsense"], ["POLYGON ((0 0, 1 0, 1 1, 0 0))"], [None]]
    assert failing("polygon", "text", shapes) == [0, 1, 2]

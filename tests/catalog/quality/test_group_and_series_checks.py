"""Checks of rows that belong together: by a key, in an order, or across datasets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.quality.bound import Column
from catalog.quality.compiling.sheet import Beside, Sheet
from catalog.quality.running import judge
from tests.catalog.quality.judging import (
    LIBRARY,
    TODAY,
    a_connection,
    a_rule,
    an_element,
    columns,
    failing,
    judged,
)

_KEYS = st.sampled_from([None, "a", "b", "c"])
_SMALL = st.integers(0, 3)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(_KEYS, _KEYS), min_size=1, max_size=30))
def test_all_but_the_first_of_equal_keys_fail(rows: list[tuple[Any, ...]]) -> None:
    seen: set[tuple[Any, ...]] = set()
    wanted = []
    for number, row in enumerate(rows):
        if None not in row and row in seen:
            wanted.append(number)
        seen.add(row)
    assert failing("unique", "text text", rows) == wanted


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(_KEYS, _KEYS), min_size=1, max_size=30))
def test_a_key_has_one_value(rows: list[tuple[Any, ...]]) -> None:
    values = pd.DataFrame(rows, columns=["k", "v"]).dropna().groupby("k")["v"].nunique()
    wanted = [n for n, (k, v) in enumerate(rows) if k is not None and v is not None and values[k] > 1]
    assert failing("one-value-per-key", "text text", rows) == wanted


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(_KEYS, _KEYS), min_size=1, max_size=30))
def test_a_value_is_shared_by_so_many(rows: list[tuple[Any, ...]]) -> None:
    holders = pd.DataFrame(rows, columns=["v", "h"]).dropna().groupby("v")["h"].nunique()
    wanted = [n for n, (v, h) in enumerate(rows) if v is not None and h is not None and holders[v] > 2]
    assert failing("shared-value", "text text", rows, most=2) == wanted


def test_near_duplicates_differ_in_what_people_write_differently() -> None:
    rows = [
        ["沈阳宏达食品有限公司", "南京街１２号"],
        ["沈阳宏达食品有限责任公司", "南京街12号"],
        ["沈阳 宏达食品", "南京街12-号"],
        ["沈阳宏达食品二店", "南京街12号"],
        [None, "南京街12号"],
        ["ＡＢＣ Co", "x"],
        ["abc（co）", "X"],
    ]
    assert failing("near-duplicate", "text text", rows) == [1, 2, 6]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 6), _SMALL, _SMALL), min_size=1, max_size=30))
def test_a_series_is_told_as_pandas_tells_it(rows: list[tuple[Any, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=["k", "o", "opening", "closing"])
    ordered = frame.sort_values(["k", "o"], kind="stable")
    before = ordered.groupby("k")["closing"].shift().reindex(frame.index)
    values = [[opening, closing, order, key] for key, order, opening, closing in rows]
    wanted = frame.index[before.notna() & (before != frame["opening"])]
    assert failing("continues", "integer integer integer text", values) == list(wanted)
    falling = frame.index[before.notna() & (before > frame["closing"])]
    series = [[closing, order, key] for key, order, _, closing in rows]
    assert failing("does-not-fall", "integer integer text", series) == list(falling)
    runs = ordered.groupby("k")["closing"].transform(
        lambda part: part.rolling(3).apply(lambda window: len(set(window)) == 1)
    )
    repeated = runs.reindex(frame.index)
    assert failing("repeated-value", "integer integer text", series, periods=3) == list(
        frame.index[repeated == 1]
    )
    zero = frame.index[(repeated == 1) & (frame["closing"] == 0)]
    assert failing("repeated-value", "integer integer text", series, periods=3, value="0") == list(zero)


def test_an_outlier_does_not_hide_itself() -> None:
    usual = [[Decimal(v), n, "m1"] for n, v in enumerate([10, 11, 12, 10, 11, 12, 11])]
    wild = [*usual, [Decimal(5000), 7, "m1"], [Decimal(5000), 0, "m2"]]
    assert failing("outlier", "decimal integer text", wild) == [7]
    assert failing("outlier", "decimal integer text", usual) == []
    steady = [[Decimal(10), n, "m1"] for n in range(8)] + [[Decimal(11), 8, "m1"]]
    assert failing("outlier", "decimal integer text", steady) == [8]
    assert failing("outlier", "decimal integer text", steady, least="2") == []


def test_the_square_of_a_large_value_has_room() -> None:
    usual = [[Decimal(v), n, "m1"] for n, v in enumerate([10, 11, 12, 10, 11, 12, 11])]
    assert failing(
        "outlier", "decimal integer text", [*usual, [Decimal("99999999999999.9999"), 7, "m1"]]
    ) == [7]


def test_the_other_rows_are_the_measure() -> None:
    rng = np.random.default_rng(1)
    values = [Decimal(int(v)) for v in rng.integers(0, 100, 40)] + [Decimal(400)]
    rows = [[value, n, "m"] for n, value in enumerate(values)]
    wanted = []
    numbers = np.array([float(v) for v in values])
    for n, value in enumerate(numbers):
        others = np.delete(numbers, n)
        if abs(value - others.mean()) > 2 * others.std():
            wanted.append(n)
    assert failing("outlier", "decimal integer text", rows, deviations="2") == wanted


def test_peers_are_those_of_the_class() -> None:
    rows = [[Decimal(n % 10), "11"] for n in range(200)] + [[Decimal(100), "11"], [Decimal(100), "31"]]
    assert failing("peer-outlier", "decimal text", rows) == [200]


def _beside(check: str, mine: list[list[Any]], theirs: list[list[Any]], **given: Any) -> list[int]:
    """Return the failing rows of (v, k) against another dataset's (v, k)."""
    with a_connection({"v": "decimal", "k": "text"}, mine) as connection:
        others = a_connection({"v": "decimal", "k": "text"}, theirs)
        schema = others.sql("SELECT v, k FROM kept").to_arrow_table()
        connection.register("other", schema)
        own, other = (
            columns({"v": "decimal", "k": "text"}),
            {
                name: Column(name, an_element(name, kind), "other")
                for name, kind in (("v", "decimal"), ("k", "text"))
            },
        )
        fields = {
            "reference": [own["k"], other["k"]],
            "referred-to": [own["k"], other["k"]],
            "agrees-with": [own["v"], own["k"], other["v"], other["k"]],
            "agrees": [own["v"], other["v"]],
        }[check]
        sheet = Sheet(LIBRARY, TODAY, {"other": Beside("other", (("k", own["k"]),))})
        (found,) = judge(connection, [a_rule(check, fields, **given)], sheet)
    return [int(row) for row in found.rows]


def test_what_is_referred_to_is_there() -> None:
    mine, theirs = [[1, "a"], [2, "b"], [3, None], [4, "a"]], [[9, "a"], [9, "a"], [9, None]]
    assert _beside("reference", mine, theirs) == [1]
    assert _beside("referred-to", mine, theirs) == [1]


def test_datasets_agree_by_key() -> None:
    mine = [[1, "a"], [2, "b"], [3, "c"], [4, "d"]]
    theirs = [[1, "a"], [5, "b"], [3, "c"], [4, "c"]]
    assert _beside("agrees-with", mine, theirs) == [1]  # c has two values, d is not there: undecided
    assert _beside("agrees-with", mine, theirs, null="fails") == [1, 2, 3]
    assert _beside("agrees", mine, theirs) == [1]


def test_counts_are_by_organisation() -> None:
    rows = [["x", "o1"], ["x", "o1"], ["y", "o2"], ["y", None], ["z", "o2"]]
    found = judged("unique", {"a": "text", "o": "text"}, rows, fields=["a"], organisation="o")
    assert {code: (t.judged, t.failing) for code, t in found.by_organisation.items()} == {
        "o1": (2, 1), "o2": (2, 0), None: (1, 1),
    }  # fmt: skip
    assert (found.total.judged, found.total.passing) == (5, 3)


@pytest.mark.parametrize("count", [1, 62, 63, 130])
def test_as_many_rules_as_there_are(count: int) -> None:
    names = columns({"a": "integer"})
    rules = [a_rule("range", [names["a"]], minimum=n % 3) for n in range(count)]
    named = [type(rule)(**(vars(rule) | {"id": f"r{n}"})) for n, rule in enumerate(rules)]
    with a_connection({"a": "integer"}, [[0], [1], [2]]) as connection:
        found = judge(connection, named, Sheet(LIBRARY, TODAY))
    assert [each.rule.id for each in found] == [f"r{n}" for n in range(count)]
    assert [each.total.failing for each in found] == [n % 3 for n in range(count)]
    assert [list(each.rows) for each in found] == [list(range(n % 3)) for n in range(count)]


def test_nothing_to_judge() -> None:
    found = judged("unique", {"a": "text"}, [])
    assert (found.total.judged, found.total.failing, len(found.rows)) == (0, 0, 0)


def test_a_series_of_periods_lacks_what_is_not_there() -> None:
    rows = [["A", "2021-01"], ["A", "2021-03"], ["B", "2021-02"], ["B", "2021-02"]]
    found = judged("complete-period", {"a": "text", "m": "text"}, rows, fields=["m", "a"], organisation="a")
    assert (found.total.judged, found.total.failing) == (6, 3)
    assert [absence.key for absence in found.absences] == [
        ("A", "2021-02"),
        ("B", "2021-01"),
        ("B", "2021-03"),
    ]

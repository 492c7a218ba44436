"""Sample sizes and intervals: against published tables, and against counting every draw there is."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.sampling.chances import SizeAndLimit, accepting, interval, smallest

ENDLESS = 10_000_000
"""A population so large that drawing from it is as good as putting back."""


@pytest.mark.parametrize(
    ("acceptable", "confidence", "sizes"),
    [
        ("0.05", "0.95", [59, 93, 124, 153, 181, 208]),  # Wilks' table for 95 %/95 %
        ("0.10", "0.90", [22, 38, 52, 65, 78, 91]),  # MIL-PRF-19500, LTPD 10
        ("0.05", "0.90", [45, 77, 105, 132, 158, 184]),  # MIL-PRF-19500, LTPD 5
        ("0.01", "0.95", [299]),
        ("0.01", "0.99", [459]),
    ],
)
def test_sizes_are_those_of_published_tables(acceptable: str, confidence: str, sizes: list[int]) -> None:
    limit, sure = Fraction(acceptable), Fraction(confidence)
    assert smallest(ENDLESS, limit, sure) == SizeAndLimit(sizes[0], 0)
    for wrong, size in enumerate(sizes):
        beyond = int(limit * ENDLESS) + 1
        assert accepting(ENDLESS, beyond, SizeAndLimit(size, wrong)) <= 1 - sure
        assert accepting(ENDLESS, beyond, SizeAndLimit(size - 1, wrong)) > 1 - sure


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.data())
def test_the_chance_is_that_of_counting_every_draw(population: int, data: st.DataObject) -> None:
    wrong, size = data.draw(st.integers(0, population)), data.draw(st.integers(1, population))
    most = data.draw(st.integers(0, size))
    draws = list(combinations([True] * wrong + [False] * (population - wrong), size))
    expected = Fraction(sum(sum(draw) <= most for draw in draws), len(draws))
    assert accepting(population, wrong, SizeAndLimit(size, most)) == expected


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 300), st.sampled_from(["0.02", "0.1", "0.3"]), st.sampled_from(["0.8", "0.95"]))
def test_the_plan_is_the_smallest_that_holds(population: int, acceptable: str, confidence: str) -> None:
    limit, sure = Fraction(acceptable), Fraction(confidence)
    plan = smallest(population, limit, sure)
    beyond = int(limit * population) + 1
    if plan.size == population:
        assert plan.most_wrong == beyond - 1
    else:
        assert accepting(population, beyond, plan) <= 1 - sure
    if 1 < plan.size < population:
        assert accepting(population, beyond, SizeAndLimit(plan.size - 1, plan.most_wrong)) > 1 - sure


def test_what_is_expected_to_be_wrong_is_mostly_accepted() -> None:
    plan = smallest(20_000, Fraction("0.05"), Fraction("0.95"), Fraction("0.02"))
    assert accepting(20_000, 400, plan) >= Fraction("0.9")
    assert accepting(20_000, 1_001, plan) <= Fraction("0.05")


@pytest.mark.parametrize(
    ("size", "wrong", "low", "high"),
    [
        (10, 0, "0", "0.3085"),
        (10, 1, "0.0025", "0.4450"),
        (10, 5, "0.1871", "0.8129"),
        (10, 10, "0.6915", "1"),
    ],
)
def test_the_interval_is_that_of_published_tables(size: int, wrong: int, low: str, high: str) -> None:
    found = interval(size, wrong, Fraction("0.95"))
    assert found.low.quantize(Decimal("0.0001")) == Decimal(low)
    assert found.high.quantize(Decimal("0.0001")) == Decimal(high)

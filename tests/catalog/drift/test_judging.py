"""The thresholds of drift, against figures that others published or that can be worked out by hand."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.drift import judging

COUNTS = st.lists(st.integers(0, 10_000), min_size=2, max_size=12).filter(any)


def test_the_index_is_the_sum_it_is_defined_as() -> None:
    before, after = (50, 30, 20), (20, 30, 50)
    by_hand = (0.2 - 0.5) * math.log(0.2 / 0.5) + (0.5 - 0.2) * math.log(0.5 / 0.2)
    assert judging.psi(before, after) == pytest.approx(by_hand)


@given(COUNTS)
def test_the_same_spread_has_the_index_zero(counts: list[int]) -> None:
    assert judging.psi(counts, counts) == 0


@given(st.data(), COUNTS)
def test_the_index_is_never_negative_and_has_no_direction(data: st.DataObject, counts: list[int]) -> None:
    other = data.draw(st.permutations(counts))
    assert judging.psi(counts, other) >= 0
    assert judging.psi(counts, other) == pytest.approx(judging.psi(other, counts))


@pytest.mark.parametrize(("freedom", "quantile"), [(1, 10.828), (4, 18.467), (9, 27.877), (50, 86.661)])
def test_chance_is_chi_square(freedom: int, quantile: float) -> None:
    """The quantiles 0.999 are those of the usual tables."""
    counts = [1_000] * (freedom + 1)
    total = sum(counts)
    assert judging.psi_by_chance(counts, counts) == pytest.approx(2 / total * quantile, rel=0.04)


def test_samples_of_one_population_seldom_exceed_chance() -> None:
    draw, beyond = Random(7), 0
    for _ in range(2_000):
        sides = []
        for _side in range(2):
            counts = [0] * 10
            for value in draw.choices(range(10), k=200):
                counts[value] += 1
            sides.append(counts)
        beyond += judging.psi(*sides) > judging.psi_by_chance(*sides)
    assert beyond <= 12  # one in a thousand: two, give or take


@pytest.mark.parametrize(
    ("before", "after", "drifts"),
    [
        ((100, 10_000), (200, 10_000), True),  # twice as many
        ((10, 10_000), (30, 10_000), False),  # of less than one in a hundred
        ((1, 20), (2, 20), False),  # chance
        ((0, 10_000), (10_000, 10_000), True),
        ((3_000, 10_000), (2_000, 10_000), True),  # fewer, which is a change too
        ((0, 10_000), (0, 10_000), False),
        ((10_000, 10_000), (10_000, 10_000), False),
    ],
)
def test_nulls_drift(before: tuple[int, int], after: tuple[int, int], drifts: bool) -> None:
    assert judging.nulls_drift(before, after) is drifts


@pytest.mark.parametrize(
    ("before", "after", "drifts"), [(100, 199, False), (100, 200, True), (100, 50, True), (100, 51, False)]
)
def test_rows_drift(before: int, after: int, drifts: bool) -> None:
    assert judging.rows_drift(before, after) is drifts

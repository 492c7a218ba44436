"""How many to look at, and what follows from what was found: exact, in whole numbers.

    a lot of N, D of them wrong; n drawn without putting back:   P(X <= c) = sum over k <= c of
                                                                 C(D, k) C(N - D, n - k) / C(N, n)

A plan (n, c) accepts a lot when at most c of n are wrong. It is the smallest whose chance of accepting a lot
with more than the acceptable share of wrong ones is at most 1 - confidence. Source: ISO 2859-2 (isolated
lots, limiting quality); for lots without end the same by the binomial distribution.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import comb, floor

MOST_WRONG = 1_000
"""The largest acceptance number that is looked for: what is nearer to the limit asks for a full count."""


@dataclass(frozen=True)
class SizeAndLimit:
    """Look at `size`; accept if at most `most_wrong` of them are wrong."""

    size: int
    most_wrong: int


@dataclass(frozen=True)
class Interval:
    """Between which shares the truth lies, with the confidence that was asked for."""

    low: Decimal
    high: Decimal


def accepting(population: int, wrong: int, plan: SizeAndLimit) -> Fraction:
    """Return the chance that a lot with so many wrong ones is accepted."""
    return Fraction(_ways(population, wrong, plan.size, plan.most_wrong), comb(population, plan.size))


def smallest(
    population: int, acceptable: Fraction, confidence: Fraction, expected: Fraction = Fraction(0),
    power: Fraction = Fraction(9, 10),
) -> SizeAndLimit:  # fmt: skip
    """Return the smallest plan: a lot beyond the acceptable share is accepted with 1 - confidence at most.

    If wrong ones are expected, the acceptance number is large enough for a lot with that share to be accepted
    with the chance `power` at least. A population that is too small for any plan is looked at whole.
    """
    beyond = floor(acceptable * population) + 1
    likely = floor(expected * population)
    size = 0
    for most_wrong in range(MOST_WRONG + 1):
        size = _size(population, beyond, most_wrong, 1 - confidence, size)
        if size >= population:
            break
        plan = SizeAndLimit(size, most_wrong)
        if accepting(population, likely, plan) >= power:
            return plan
    return SizeAndLimit(population, min(beyond - 1, population))


def interval(size: int, wrong: int, confidence: Fraction) -> Interval:
    """Return the interval of Clopper and Pearson, rounded outwards to six places.

    It holds for a draw from a population of any size; where much of a small one was drawn, it is wider than
    it need be.
    """
    tail = (1 - confidence) / 2
    low = 0 if wrong == 0 else _first(lambda share: 1 - _at_most(size, wrong - 1, share) > tail) - 1
    high = _PARTS if wrong == size else _first(lambda share: _at_most(size, wrong, share) <= tail)
    return Interval(Decimal(low) / _PARTS, Decimal(high) / _PARTS)


_PARTS = 1_000_000


def _first(holds: Callable[[int], bool]) -> int:
    """Return the least share, in millionths, from which on it holds."""
    return bisect_left(range(_PARTS), True, key=holds)


def _at_most(size: int, most: int, share: int) -> Fraction:
    """Return the chance of at most so many wrong ones among `size`, each wrong with a share in millionths."""
    term = total = (_PARTS - share) ** size
    for k in range(most):
        term = term * (size - k) * share // ((k + 1) * (_PARTS - share))
        total += term
    return Fraction(total, _PARTS**size)


def _size(population: int, beyond: int, most_wrong: int, risk: Fraction, before: int = 0) -> int:
    """Return the least size at which a lot with `beyond` wrong ones is accepted with the risk at most.

    `before` is that of the acceptance number before, which is smaller.
    """

    def holds(size: int) -> bool:
        ways = _ways(population, beyond, size, most_wrong)
        return ways * risk.denominator <= comb(population, size) * risk.numerator

    low = reach = max(before, most_wrong) + 1
    while reach < population and not holds(reach):  # ways to draw half of millions have millions of digits
        low, reach = reach + 1, reach + max(reach // 4, 1)
    return bisect_left(range(min(reach, population)), True, lo=min(low, reach, population), key=holds)


def _ways(population: int, wrong: int, size: int, most_wrong: int) -> int:
    """Return in how many ways `size` can be drawn with at most so many of the wrong ones."""
    right = population - wrong
    first = max(0, size - right)  # so many wrong ones at least
    term = comb(wrong, first) * comb(right, size - first)
    total = term if first <= most_wrong else 0
    for k in range(first, min(most_wrong, size, wrong)):
        term = term * (wrong - k) * (size - k) // ((k + 1) * (right - size + k + 1))
        total += term
    return total

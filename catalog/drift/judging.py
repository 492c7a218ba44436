"""When is a difference worth a warning? Every threshold of drift, with where it comes from.

A difference must be large enough to matter and too large for chance: a table of twenty rows differs from
the next one without anything having changed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

PSI_MODERATE: Final = 0.10
PSI_LARGE: Final = 0.25
"""Below 0.10 no change to speak of, up to 0.25 some, above a shift: a warning. Source: Siddiqi, Credit Risk
Scorecards (2006); the figures are common practice and have no other ground."""

ROWS_FACTOR: Final = 2.0
"""Half as many rows, or twice as many. Judgement."""
NULLS_MORE: Final = 0.05
"""Five points more, or less, of a hundred rows are null. Judgement."""
NULLS_FACTOR: Final = 2.0
"""Or twice as many, and of at least one row in a hundred. Judgement."""
NEW_SHARE: Final = 0.01
"""One row in a hundred has a value that was not there. Judgement."""
DISTINCT_MOVED: Final = 0.30
"""Text of many values: the different ones are thirty points more or less of a hundred rows, in tables of like
size, for the share falls as rows come. Judgement."""
TOP_MOVED: Final = 0.10
"""Ten points more, or fewer, of a hundred rows have the most frequent value. Judgement."""

_CHANCE_Z: Final = 3.0902
"""The normal quantile that chance exceeds once in a thousand."""


def psi(before: Sequence[int], after: Sequence[int]) -> float:
    """Return the population stability index: sum of (p - q) ln(p / q) over the bins.

    An empty bin is given half a value, or the index would be infinite.
    """
    one, other = _shares(before), _shares(after)
    return sum((p - q) * math.log(p / q) for p, q in zip(other, one, strict=True))


def psi_by_chance(before: Sequence[int], after: Sequence[int]) -> float:
    """Return what the index of two samples of one population exceeds once in a thousand.

    It is distributed as (1/n + 1/m) chi-square with bins - 1 degrees of freedom. Source: B. Yurdakul,
    Statistical Properties of Population Stability Index (2018).
    """
    freedom = max(len(before) - 1, 1)
    return (1 / sum(before) + 1 / sum(after)) * _chi_square(freedom)


def shares_differ(before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Tell whether chance would make shares (count, of) differ so less than once in a thousand."""
    (k, n), (j, m) = before, after
    pooled = (k + j) / (n + m)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return spread > 0 and abs(j / m - k / n) > _CHANCE_Z * spread


def nulls_drift(before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Tell whether nulls (count, of) became more or fewer than a warning needs."""
    old, new = before[0] / before[1], after[0] / after[1]
    many = abs(new - old) >= NULLS_MORE or (
        max(old, new) >= NEW_SHARE and max(old, new) >= NULLS_FACTOR * min(old, new)
    )
    return many and shares_differ(before, after)


def distinct_drift(before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Tell whether different values (count, of) became more or fewer than rows alone would have it."""
    moved = abs(after[0] / after[1] - before[0] / before[1]) >= DISTINCT_MOVED
    return moved and not rows_drift(before[1], after[1]) and shares_differ(before, after)


def top_drift(before: tuple[int, int], after: tuple[int, int]) -> bool:
    """Tell whether the most frequent value (count, of) became so much more or less frequent."""
    return abs(after[0] / after[1] - before[0] / before[1]) >= TOP_MOVED and shares_differ(before, after)


def rows_drift(before: int, after: int) -> bool:
    """Tell whether rows became so many more or fewer."""
    return max(before, after) >= ROWS_FACTOR * min(before, after)


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(max(count, 0.5) for count in counts)
    return [max(count, 0.5) / total for count in counts]


def _chi_square(freedom: int) -> float:
    """Return the quantile 0.999 of chi-square. Source: Wilson and Hilferty (1931), within 2 % from 1 on."""
    part = 2 / (9 * freedom)
    return freedom * (1 - part + _CHANCE_Z * math.sqrt(part)) ** 3

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.nearness import distance, tolerance

ID = st.text("abc1", max_size=8)


def _whole(one: str, other: str) -> int:
    """Optimal string alignment as the textbook has it."""
    table = {(i, 0): i for i in range(len(one) + 1)} | {(0, j): j for j in range(len(other) + 1)}
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            best = min(
                table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (one[i - 1] != other[j - 1])
            )
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                best = min(best, table[i - 2, j - 2] + 1)
            table[i, j] = best
    return table[len(one), len(other)]


@given(ID, ID, st.integers(1, 3))
def test_distance_is_the_textbook_s_up_to_the_limit(one: str, other: str, most: int) -> None:
    assert distance(one, other, most) == min(_whole(one, other), most + 1)


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("dmainflwo", "dmainflow", 1), ("91210100ma0p4k7x2u", "91210100ma0p4k7x2v", 1), ("abc", "abcdef", 3)],
)
def test_known_distances(one: str, other: str, edits: int) -> None:
    assert distance(one, other, 2) == min(edits, 3)


def test_short_identifiers_forgive_nothing() -> None:
    assert [tolerance("x" * n) for n in (1, 4, 5, 7, 8, 32)] == [0, 0, 1, 1, 2, 2]

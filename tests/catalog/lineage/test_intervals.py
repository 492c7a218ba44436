"""Edges in time: whatever the order in which moments become known, the same intervals come out."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from catalog.lineage.intervals import FOREVER, Timeline

MOMENTS = st.dictionaries(st.integers(0, 9), st.frozensets(st.sampled_from("abc")), max_size=8)


def intervals(timeline: Timeline[str]) -> dict[str, list[tuple[int, int]]]:
    return {
        key: sorted((each.start, each.end) for each in found)
        for key, found in timeline.intervals.items()
        if found
    }


def expected(moments: dict[int, frozenset[str]]) -> dict[str, list[tuple[int, int]]]:
    """Return the intervals by definition: a key holds from where it is said to where it is not."""
    found: dict[str, list[tuple[int, int]]] = {}
    times = sorted(moments)
    for time, following in itertools.pairwise([*times, FOREVER]):
        for key in moments[time]:
            mine = found.setdefault(key, [])
            if mine and mine[-1][1] == time:
                mine[-1] = (mine[-1][0], following)
            else:
                mine.append((time, following))
    return found


@given(MOMENTS, st.randoms())
def test_order_of_arrival_does_not_matter(moments: dict[int, frozenset[str]], random: object) -> None:
    arrivals = list(moments.items())
    random.shuffle(arrivals)  # type: ignore[attr-defined]
    timeline: Timeline[str] = Timeline()
    for time, keys in arrivals:
        timeline.observe(time, dict.fromkeys(keys))
    assert intervals(timeline) == expected(moments)


@given(MOMENTS, MOMENTS)
def test_what_one_moment_says_twice_adds_up(
    first: dict[int, frozenset[str]], second: dict[int, frozenset[str]]
) -> None:
    timeline: Timeline[str] = Timeline()
    for moments in (first, second):
        for time, keys in moments.items():
            timeline.observe(time, dict.fromkeys(keys))
    both = {time: first.get(time, frozenset()) | second.get(time, frozenset()) for time in first | second}
    assert intervals(timeline) == expected(both)


def test_how_is_what_was_said_last() -> None:
    timeline: Timeline[str] = Timeline()
    timeline.observe(5, {"a": "new"})
    timeline.observe(1, {"a": "old"})
    assert [(each.start, each.how) for each in timeline.intervals["a"]] == [(1, "new")]
    timeline.observe(6, {"a": "newest"})
    assert timeline.intervals["a"][0].how == "newest"

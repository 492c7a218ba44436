"""Edges in time: an owner says all its edges at certain moments, and each holds until it says otherwise.

The result does not depend on the order in which the moments become known: an event older than the newest
fills its place in the past and changes nothing that was said later.
"""

from __future__ import annotations

import bisect
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

FOREVER = 2**62
"""The end of what still holds."""

Key = TypeVar("Key", bound=Hashable)


@dataclass
class Interval:
    """From `start` until before `end`."""

    start: int
    end: int
    how: str | None


@dataclass
class Timeline(Generic[Key]):
    """The edges of one owner in time. `moments` are sorted; intervals of one key touch nowhere."""

    moments: list[int] = field(default_factory=list)
    intervals: dict[Key, list[Interval]] = field(default_factory=dict)

    def observe(self, at: int, edges: Mapping[Key, str | None]) -> None:
        """Take in that at this moment these were all the edges. What one moment says twice adds up."""
        place = bisect.bisect_left(self.moments, at)
        is_known = self.moments[place : place + 1] == [at]
        if not is_known:
            self.moments.insert(place, at)
        following = self.moments[place + 1] if place + 1 < len(self.moments) else FOREVER
        if not is_known:
            for key in self.intervals.keys() - edges.keys():
                self._absent(key, at, following)
        for key, how in edges.items():
            self._present(key, at, following, how)

    def _absent(self, key: Key, at: int, following: int) -> None:
        for each in self.intervals[key]:
            if each.start < at < each.end:
                if following < each.end:
                    self.intervals[key].append(Interval(following, each.end, each.how))
                each.end = at
                return

    def _present(self, key: Key, at: int, following: int, how: str | None) -> None:
        mine = self.intervals.setdefault(key, [])
        new = Interval(at, following, how)
        for each in mine:
            if each.start <= at < each.end:
                if each.end == following:
                    each.how = how  # nothing newer has been said of it
                return
        for each in list(mine):
            if each.end == new.start:
                new.start = each.start
                mine.remove(each)
            elif each.start == new.end:
                new.end, new.how = each.end, each.how
                mine.remove(each)
        mine.append(new)

"""The figures once more, written as plainly as can be: the oracle that the fold in SQL is compared with."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

OVER = ("closed", "rejected", "waived")


@dataclass(frozen=True)
class Entry:
    """An entry of the log, as far as figures look at it."""

    work_order: int
    number: int
    at: datetime
    before: str | None
    after: str
    path: str = "city/north/n1"
    responsible: str = "alice"
    dataset: str = "inflow"
    rule: str = "missing(area)"
    severity: str = "major"
    issues: int = 1
    due_at: datetime | None = None


class Order:
    """The entries of one order before an instant, in their order."""

    def __init__(self, entries: Sequence[Entry], begin: datetime, until: datetime) -> None:
        self.entries = sorted(entries, key=lambda entry: entry.number)
        self.begin, self.until = begin, until
        self.last = self.entries[-1]
        self.is_open = self.last.after not in OVER

    def times(self, *states: str, of: tuple[str, ...] | None = None) -> list[datetime]:
        """Return when the order came into a state, from one of some states if they are given."""
        return [
            e.at
            for e in self.entries
            if e.after in states and e.before != e.after and (of is None or e.before in of)
        ]

    @property
    def opened(self) -> bool:
        return self.entries[0].at >= self.begin

    @property
    def closed(self) -> bool:
        return self.last.after == "closed" and self.times("closed")[-1] >= self.begin

    @property
    def reopened(self) -> bool:
        return any(at >= self.begin for at in self.times("reopened", of=("closed",)))

    @property
    def due(self) -> bool:
        due_at = self.last.due_at
        is_in = due_at is not None and self.begin <= due_at < self.until
        return is_in and self.last.after not in ("rejected", "waived")

    @property
    def in_time(self) -> bool:
        assert self.last.due_at is not None
        return self.last.after == "closed" and self.times("closed")[-1] <= self.last.due_at

    @property
    def first_pass(self) -> bool:
        return len(self.times("submitted")) == 1 and not self.times("reopened", of=("closed",))

    @property
    def accepted(self) -> timedelta | None:
        """How long it took to accept, if that was in the period and holds."""
        steps = [e for e in self.entries if e.before != e.after and e.after in ("dispatched", "accepted")]
        if not steps or steps[-1].after != "accepted" or steps[-1].at < self.begin:
            return None
        return steps[-1].at - [e.at for e in steps if e.after == "dispatched"][-1]

    @property
    def begun(self) -> datetime:
        """When the present round began: with the first entry, or with the last reopening."""
        return max([self.entries[0].at, *self.times("reopened")])

    @property
    def overdue(self) -> bool:
        return self.is_open and self.last.due_at is not None and self.last.due_at < self.until


def orders(entries: Iterable[Entry], begin: datetime, until: datetime, path: str = "") -> list[Order]:
    """Return the orders that stand at a path or below it, as they are before an instant."""
    by_order: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.at < until:
            by_order.setdefault(entry.work_order, []).append(entry)
    found = [Order(each, begin, until) for each in by_order.values()]
    return [order for order in found if not path or f"{order.last.path}/".startswith(f"{path}/")]


def figures(some: Sequence[Order]) -> dict[str, float | None]:
    """Return the value of each figure that is made of the log."""

    def rate(numerator: int, denominator: int) -> float | None:
        return round(100 * numerator / denominator, 4) if denominator else None

    def median(times: Sequence[timedelta]) -> float | None:
        if not times:
            return None
        return round(statistics.median(t // timedelta(microseconds=1) for t in times) / 3_600_000_000, 4)

    closed = [o for o in some if o.closed]
    due = [o for o in some if o.due]
    backlog = [o for o in some if o.is_open]
    return {
        "opened": sum(o.opened for o in some),
        "closed": len(closed),
        "on-time-rate": rate(sum(o.in_time for o in due), len(due)),
        "first-pass-rate": rate(sum(o.first_pass for o in closed), len(closed)),
        "hours-to-accept": median([o.accepted for o in some if o.accepted is not None]),
        "hours-to-close": median([o.times("closed")[-1] - o.begun for o in closed]),
        "reopened-rate": rate(sum(o.reopened for o in some), sum(o.reopened or o.closed for o in some)),
        "backlog": len(backlog),
        "backlog-issues": sum(o.last.issues for o in backlog),
        "overdue": sum(o.overdue for o in backlog),
    }


def by(some: Sequence[Order], key: Callable[[Order], str | None]) -> dict[str, dict[str, float | None]]:
    """Return the figures of the orders that share a key, without those of no key and groups of nothing."""
    groups: dict[str, list[Order]] = {}
    for order in some:
        if (name := key(order)) is not None:
            groups.setdefault(name, []).append(order)
    counted = {name: figures(group) for name, group in groups.items()}
    return {
        name: found
        for name, found in counted.items()
        if any(found.values()) or found["hours-to-accept"] is not None
    }


def backlog(entries: Iterable[Entry], at: datetime, within: Iterable[int]) -> int:
    """Return how many of some orders were neither closed, rejected nor waived just before an instant."""
    wanted = set(within)
    return sum(o.is_open for o in orders(entries, at, at) if o.last.work_order in wanted)

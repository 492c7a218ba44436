"""Figures agree with a reference that is written plainly, over logs made by chance."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.engine import engine
from catalog.figures import AGE_BANDS, Calendar, Measures, PeriodKind, counting, folding
from catalog.figures.segments import Log, Segment, write_files
from tests.builders import NOON
from tests.catalog.figures import reference
from tests.catalog.figures.logs import PATHS, as_table, by_chance

DAYS = 45


def values(measures: Measures) -> dict[str, float | None]:
    return {name: measure.value for name, measure in measures.items()}


def grouped(found: dict[str, Measures]) -> dict[str, dict[str, float | None]]:
    return {name: values(measures) for name, measures in found.items()}


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(0, 25),
    kind=st.sampled_from(list(PeriodKind)),
    day=st.integers(-2, DAYS + 30),
    path=st.sampled_from(("", *PATHS)),
    cuts=st.lists(st.integers(1, 24 * (DAYS + 60)), max_size=3),
)
def test_figures_are_those_of_the_reference(
    seed: int, count: int, kind: PeriodKind, day: int, path: str, cuts: list[int]
) -> None:
    entries = by_chance(seed, count, begins=NOON, days=DAYS)
    calendar = Calendar()
    period = calendar.period(kind, (NOON + timedelta(days=day)).date())
    until = period.end
    orders = reference.orders(entries, period.begin, until, path)
    with TemporaryDirectory() as folder, engine() as connection:
        log = a_log(entries, cuts, Path(folder))
        folding.fold(connection, log, (period.begin, until), path)
        assert values(counting.total(connection)) == reference.figures(orders)
        for column in ("severity", "rule", "dataset", "responsible"):
            expected = reference.by(orders, lambda order, c=column: getattr(order.last, c))
            assert grouped(counting.by_column(connection, column)) == expected
        for depth in (1, 2, 3):
            expected = reference.by(orders, lambda order, d=depth: above(order.last.path, d))
            assert grouped(counting.by_level(connection, depth)) == expected
        assert [(a.orders, a.issues) for a in counting.ages(connection)] == ages(orders)
        listed = counting.overdue(connection, until, 1_000)
        late = sorted((o.last.due_at, o.last.work_order) for o in orders if o.overdue)
        assert [(o.due_at, o.work_order) for o in listed] == late
        assert [o.days for o in listed] == [(until - due).days for due, _ in late]
        periods = calendar.up_to(period, 5)
        points = folding.trend(connection, log, periods, until, path)
        here = {o.last.work_order for o in orders}
        assert [p.backlog for p in points] == [reference.backlog(entries, p.end, here) for p in periods]


def a_log(entries: list[reference.Entry], cuts: list[int], folder: Path) -> Log:
    """Return the log in segments that are cut at some hours, and the rest."""
    bounds = [NOON - timedelta(days=1), *(NOON + timedelta(hours=cut) for cut in sorted(set(cuts)))]
    segments = []
    for begins, until in pairwise(bounds):
        place = folder / until.isoformat()
        place.mkdir()
        files = write_files(as_table(e for e in entries if begins <= e.at < until), place)
        segments.append(Segment(begins, until, *files))
    return Log(tuple(segments), as_table(e for e in entries if e.at >= bounds[-1]))


def above(path: str, depth: int) -> str | None:
    """Return the unit of a depth that a path lies at or below."""
    parts = path.split("/")
    return "/".join(parts[:depth]) if len(parts) >= depth else None


def ages(orders: list[reference.Order]) -> list[tuple[int, int]]:
    found = []
    for first, before in AGE_BANDS:
        band = [
            order.last.issues
            for order in orders
            if order.is_open
            and order.until - order.begun >= timedelta(days=first)
            and (before is None or order.until - order.begun < timedelta(days=before))
        ]
        found.append((len(band), sum(band)))
    return found

"""Reports on both databases: from the log as it lies there, unchanged by whatever is written later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from catalog.figures import Calendar, Figures, NoSuchPeriod, PeriodKind, Segments, StewardshipReport
from catalog.organisation import Organisation, UnitNotFound, parse_units
from catalog.tables import LogSegmentRow
from tests.builders import NOON, Room
from tests.catalog.figures import reference
from tests.catalog.figures.logs import a_walk, by_chance, write

DAYS = 30
DONE = (
    "detected", "triaged", "dispatched", "accepted", "rectifying", "submitted", "rechecked", "reviewed",
    "closed",
)  # fmt: skip
TREE = [
    {"code": code, "kind": kind, "title": title, "parent": parent, "opened_on": "2020-01-01"}
    for code, kind, title, parent in (
        ("city", "group", "水务集团", None), ("north", "branch", "北区分公司", "city"),
        ("south", "branch", "南区分公司", "city"), ("n1", "office", "北一所", "north"),
    )
]  # fmt: skip
Read = Callable[..., StewardshipReport]


@pytest.fixture
def read(room: Room) -> Read:
    """Return what reads reports of a room whose copies are made of a few entries."""
    Organisation(room.database, room.clock).add(parse_units(TREE, where="a test"), by="alice")
    segments = Segments(room.database, room.store, room.clock, smallest=20, largest=100)
    return Figures(room.database, room.store, segments, Calendar(), room.clock).report


def values(report: StewardshipReport) -> dict[str, float | None]:
    return {name: measure.value for name, measure in report.figures.items()}


def copies(room: Room) -> int:
    with room.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(LogSegmentRow)) or 0


def test_figures_of_a_database_are_those_of_the_reference(room: Room, read: Read) -> None:
    entries = by_chance(7, 60, begins=NOON, days=DAYS)
    write(room.database, entries)
    for days in (40, DAYS + 60):
        room.clock.now = NOON + timedelta(days=days)
        for kind in PeriodKind:
            for path in ("", "city/north"):
                report = read(kind, path or None)
                period = report.period
                orders = reference.orders(entries, period.begin, period.end, path)
                assert values(report) == reference.figures(orders)
                assert report.is_over
    assert copies(room) > 1


def test_a_report_is_the_same_after_all_that_is_written_later(room: Room, read: Read) -> None:
    write(room.database, a_walk(1, DONE, NOON, hours=1) + a_walk(2, DONE[:4], NOON))
    room.clock.now = NOON + timedelta(days=1)
    before = read(PeriodKind.DAILY, "city/north", NOON.date())
    assert before.title == "北区分公司"
    assert values(before)["closed"] == 1
    later = replace(a_walk(2, DONE, NOON, hours=20)[4], path="city/south", responsible="bo")
    write(room.database, [later, *a_walk(3, DONE, room.clock.now, hours=1)])
    organisation = Organisation(room.database, room.clock)
    organisation.rename("north", "北区供水公司", by="alice", on=NOON.date())  # dated back into the day
    organisation.rename("n1", "北一营业所", by="alice")
    room.clock.forward(days=40)
    organisation.move("n1", "south", by="alice")
    assert read(PeriodKind.DAILY, "city/north", NOON.date()).model_dump_json() == before.model_dump_json()
    assert read(PeriodKind.MONTHLY, "city/north", NOON.date()).title == "北区供水公司"


def test_copies_are_dropped_when_an_entry_comes_too_late(room: Room, read: Read) -> None:
    entries = by_chance(3, 30, begins=NOON, days=5)
    write(room.database, entries)
    room.clock.forward(days=60)
    read(PeriodKind.DAILY)
    assert copies(room)
    late = a_walk(1_000, DONE, NOON + timedelta(hours=3))
    write(room.database, late)
    assert not copies(room)
    report = read(PeriodKind.MONTHLY, day=NOON.date())
    orders = reference.orders(entries + late, report.period.begin, report.period.end)
    assert values(report) == reference.figures(orders)
    assert copies(room)


def test_copies_verify_against_the_log_and_tell_a_changed_one(room: Room, read: Read) -> None:
    write(room.database, by_chance(5, 30, begins=NOON, days=5))
    room.clock.forward(days=60)
    read(PeriodKind.DAILY)
    segments = Segments(room.database, room.store, room.clock)
    assert all(check.intact for check in segments.verify())
    first = segments.verify()[0]
    place = next(room.folder.rglob(f"log-{first.digest}"))
    place.write_bytes(b"else")
    assert [check.intact for check in segments.verify()] == [False, *[True] * (copies(room) - 1)]


def test_copies_that_are_gone_are_made_again(room: Room, read: Read) -> None:
    write(room.database, by_chance(5, 30, begins=NOON, days=5))
    room.clock.forward(days=60)
    before = read(PeriodKind.MONTHLY, day=NOON.date())
    for place in room.folder.rglob("log-*"):
        place.unlink()
    assert read(PeriodKind.MONTHLY, day=NOON.date()) == before
    assert list(room.folder.rglob("log-*"))


def test_small_copies_are_joined(room: Room) -> None:
    segments = Segments(room.database, room.store, room.clock, smallest=9, largest=1_000)
    for order in range(1, 9):
        write(room.database, a_walk(order, DONE, NOON + timedelta(days=order)))
        room.clock.now = NOON + timedelta(days=order + 1)
        assert segments.seal() == 1
    assert copies(room) == 1
    assert segments.log(room.clock.now).rest.num_rows == 0


def test_a_period_that_is_not_over_says_so_and_one_to_come_is_refused(room: Room, read: Read) -> None:
    write(room.database, a_walk(1, DONE[:3], NOON - timedelta(hours=5)))
    report = read(PeriodKind.WEEKLY, day=NOON.date())
    assert not report.is_over
    assert report.until == NOON + timedelta(seconds=1)  # what is written in this second counts
    assert values(report)["backlog"] == 1
    with pytest.raises(NoSuchPeriod, match="2026-03-02 has not begun"):
        read(PeriodKind.DAILY, day=date(2026, 3, 2))
    with pytest.raises(NoSuchPeriod, match="outside"):
        read(PeriodKind.DAILY, day=date(1, 1, 1))


def test_a_unit_is_named_by_code_or_path_as_it_stood(room: Room, read: Read) -> None:
    room.clock.forward(days=2)
    assert read(PeriodKind.DAILY, "n1").path == "city/north/n1"
    with pytest.raises(UnitNotFound, match="no unit 'n9' at the end of 2026-03-02"):
        read(PeriodKind.DAILY, "n9")
    with pytest.raises(UnitNotFound, match="did not stand at south/n1"):
        read(PeriodKind.DAILY, "south/n1")
    with pytest.raises(UnitNotFound):
        read(PeriodKind.DAILY, "n1", date(2026, 2, 1))  # nobody had recorded it yet


def test_of_nothing_there_is_no_rate(read: Read) -> None:
    report = read(PeriodKind.DAILY)
    assert {name: value for name, value in values(report).items() if value is not None} == {
        "opened": 0, "closed": 0, "backlog": 0, "backlog-issues": 0, "overdue": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "label", "first", "last"),
    [
        (PeriodKind.DAILY, "2026-01-01", date(2026, 1, 1), date(2026, 1, 1)),
        (PeriodKind.WEEKLY, "2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        (PeriodKind.MONTHLY, "2026-01", date(2026, 1, 1), date(2026, 1, 31)),
    ],
)
def test_periods_are_whole_days_of_their_zone(kind: PeriodKind, label: str, first: date, last: date) -> None:
    period = Calendar(timezone(timedelta(hours=8), "+08:00")).period(kind, date(2026, 1, 1))
    assert (period.label, period.first, period.last) == (label, first, last)
    assert period.begin == datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(hours=8)
    assert period.end - period.begin == (last - first) + timedelta(days=1)


def test_the_last_whole_period_ends_before_now() -> None:
    calendar = Calendar()
    assert calendar.last_whole(PeriodKind.DAILY, NOON).label == "2026-02-28"
    assert calendar.last_whole(PeriodKind.WEEKLY, NOON).label == "2026-W08"
    assert [p.label for p in calendar.up_to(calendar.last_whole(PeriodKind.MONTHLY, NOON), 3)] == [
        "2025-12", "2026-01", "2026-02",
    ]  # fmt: skip


def test_who_closes_after_the_deadline_is_not_on_time(room: Room, read: Read) -> None:
    late, in_time = NOON + timedelta(hours=7), NOON + timedelta(hours=8)  # closing comes after eight hours
    write(room.database, a_walk(1, DONE, due_at=late) + a_walk(2, DONE, due_at=in_time))
    room.clock.forward(days=1)
    measure = read(PeriodKind.DAILY, day=NOON.date()).figures["on-time-rate"]
    assert (measure.numerator, measure.denominator) == (1, 2)

"""Make a report: fold the log up to the period's end, count, and join what is known of units and datasets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb

from catalog.database import Clock, Database
from catalog.engine import engine
from catalog.figures import arranging, counting, folding
from catalog.figures.checks import Checks, checks
from catalog.figures.definitions import DEFINITIONS, NOTES
from catalog.figures.models import Level, StewardshipReport
from catalog.figures.periods import Calendar, NoSuchPeriod, PeriodKind
from catalog.figures.segments import Segments
from catalog.figures.units import KnownUnits, known
from catalog.store import FolderStore

LEVELS = 3
"""Levels below the report's own: with it, the four of a utility."""
MOST_PEOPLE, MOST_RULES, MOST_OVERDUE = 100, 20, 200
_TREND = {PeriodKind.DAILY: 14, PeriodKind.WEEKLY: 12, PeriodKind.MONTHLY: 12}


class Figures:
    """The figures of the stewardship loop, made of the log of work orders and of the kept checks."""

    def __init__(
        self, database: Database, store: FolderStore, segments: Segments, calendar: Calendar, clock: Clock
    ) -> None:
        self._database = database
        self._segments = segments
        self._store = store
        self._calendar = calendar
        self._clock = clock

    def report(self, kind: PeriodKind, unit: str | None = None, day: date | None = None) -> StewardshipReport:
        """Return the report of a unit, named by its path or code, and all below it.

        Without a unit it is of all. The period is the one that the day lies in, without a day the newest that
        is over. The report of a period that is over never changes: nothing written later has a part in it.

        Raises UnitNotFound, NoSuchPeriod.
        """
        now = self._clock()
        period = self._calendar.last_whole(kind, now) if day is None else self._calendar.period(kind, day)
        if period.begin > now:
            raise NoSuchPeriod(f"{period.label} has not begun", hint="ask for a period that has")
        until = min(period.end, now + timedelta(seconds=1))  # clocks here tick in seconds
        with self._database.read() as session:
            units = known(session, period)
            path = units.require_path(unit) if unit else ""
            checked = checks(session, self._store, until, path)
        log = self._segments.log(until)
        with engine() as connection:
            folding.fold(connection, log, (period.begin, until), path)
            periods = self._calendar.up_to(period, _TREND[kind])
            trend = folding.trend(connection, log, periods, until, path)
            total = counting.total(connection)
            people = arranging.people(counting.by_column(connection, "responsible"))
            rules = arranging.slices(counting.by_column(connection, "rule"))
            overdue = counting.overdue(connection, until, MOST_OVERDUE)
            return StewardshipReport(
                period=period,
                is_over=until == period.end,
                until=until,
                path=path,
                title=units.title_at(path),
                figures=checked.total | total,
                levels=tuple(_levels(connection, units, path, checked)),
                people=people[:MOST_PEOPLE],
                people_left_out=len(people[MOST_PEOPLE:]),
                ages=counting.ages(connection),
                trend=trend,
                severities=arranging.severities(counting.by_column(connection, "severity")),
                rules=rules[:MOST_RULES],
                rules_left_out=len(rules[MOST_RULES:]),
                datasets=arranging.slices(counting.by_column(connection, "dataset")),
                overdue=overdue,
                overdue_left_out=int(arranging.number(total, "overdue")) - len(overdue),
                quality=checked.datasets,
                definitions=DEFINITIONS,
                notes=NOTES,
            )


def _levels(
    connection: duckdb.DuckDBPyConnection, units: KnownUnits, path: str, checked: Checks
) -> Iterator[Level]:
    """Yield the levels below the report's own that have any figures."""
    own = path.count("/") + 1 if path else 0
    for depth in range(1, LEVELS + 1):
        counted = counting.by_level(connection, own + depth)
        judged = checked.of_level(path, own + depth)
        found = {
            each: judged.get(each, {}) | counted.get(each, counting.NOTHING) for each in counted | judged
        }
        if not found:
            return
        yield arranging.level(depth, found, units)

"""Periods of a report: a day, an ISO week or a month of a named time zone, between two instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from standards.errors import InvalidInput

FIRST_YEAR, LAST_YEAR = 1970, 9990


class NoSuchPeriod(InvalidInput):
    """A period that has not begun, or lies outside of the calendar that figures are kept for."""

    code = "no-such-period"


class PeriodKind(StrEnum):
    """How long a report's period is: a day 日, an ISO week 周 from Monday, a month 月."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"

    @property
    def title_zh(self) -> str:
        return {"daily": "日报", "weekly": "周报", "monthly": "月报"}[self]


class Period(BaseModel):
    """The days from `first` to `last` of a time zone: the instants from `begin` to `end`, which is left out.

    `label` is 2026-11-21, 2026-W47 or 2026-11.
    """

    model_config = ConfigDict(frozen=True)

    kind: PeriodKind
    label: str
    first: date
    last: date
    zone: str
    begin: datetime
    end: datetime


class Calendar:
    """Periods in one time zone."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._zone = zone

    def period(self, kind: PeriodKind, day: date) -> Period:
        """Return the period that the day lies in. Raises NoSuchPeriod."""
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise NoSuchPeriod(
                f"{day} is outside of the years {FIRST_YEAR} to {LAST_YEAR}", hint="give a day of these years"
            )
        first, following, label = _days(kind, day)
        return Period(
            kind=kind,
            label=label,
            first=first,
            last=following - timedelta(days=1),
            zone=str(self._zone),
            begin=self._midnight(first),
            end=self._midnight(following),
        )

    def last_whole(self, kind: PeriodKind, now: datetime) -> Period:
        """Return the newest period that is over."""
        current = self.period(kind, now.astimezone(self._zone).date())
        return self.period(kind, current.first - timedelta(days=1))

    def up_to(self, period: Period, count: int) -> tuple[Period, ...]:
        """Return so many periods that follow one another, the last of them the given one."""
        found = [period]
        while len(found) < count and found[-1].first.year > FIRST_YEAR:
            found.append(self.period(period.kind, found[-1].first - timedelta(days=1)))
        return tuple(reversed(found))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self._zone).astimezone(UTC)


def _days(kind: PeriodKind, day: date) -> tuple[date, date, str]:
    """Return the period's first day, the day after its last, and its label."""
    match kind:
        case PeriodKind.DAILY:
            return day, day + timedelta(days=1), day.isoformat()
        case PeriodKind.WEEKLY:
            monday = day - timedelta(days=day.weekday())
            year, week, _ = day.isocalendar()
            return monday, monday + timedelta(days=7), f"{year}-W{week:02}"
        case PeriodKind.MONTHLY:
            first = day.replace(day=1)
            return first, (first + timedelta(days=31)).replace(day=1), f"{day:%Y-%m}"

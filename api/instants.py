"""Instants as people write them: a day, or a time with its UTC offset."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from standards.errors import InvalidInput

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class BadInstant(InvalidInput):
    """A text that names no day and no instant."""

    code = "bad-instant"


def first_instant(text: str) -> datetime:
    """Return the instant, or the first second of the day in UTC. Raises BadInstant."""
    return _instant(text, time.min)


def last_instant(text: str) -> datetime:
    """Return the instant, or the last second of the day in UTC. Raises BadInstant."""
    return _instant(text, time(23, 59, 59))


def ending(text: str, end: datetime) -> str | None:
    """Return when a plain day ends by this machine's clock, if that is another time than in UTC."""
    local = end.astimezone()
    if not _DAY.fullmatch(text) or local.utcoffset() == timedelta(0):
        return None
    return (
        f"{text} is a day in UTC and ends here at {local.isoformat(sep=' ')}; to end it elsewhere give the "
        f"instant: {datetime.combine(end.date(), end.time(), local.tzinfo).isoformat()}"
    )


def _instant(text: str, of_day: time) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInstant(
            f"{text!r} is neither a day nor an instant", hint="write 2027-06-30 or 2027-06-30T18:00:00+08:00"
        ) from error
    if _DAY.fullmatch(text):
        return datetime.combine(moment.date(), of_day, UTC)
    if moment.tzinfo is None:
        raise BadInstant(
            f"{text!r} does not say its UTC offset", hint="for example 2027-06-30T18:00:00+08:00"
        )
    return moment.astimezone(UTC).replace(microsecond=0)


def day(text: str) -> date:
    """Return the day. Raises BadInstant."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadInstant(f"{text!r} is no day", hint="write 2027-06-30")

"""Deadlines by severity, and how far up the tree an overdue order is told of.

Days are days of 24 hours from dispatch, nights and holidays too, as the figures count them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from catalog.stewardship.models import SEVERITIES
from standards.errors import InvalidInput

_PART = re.compile(r"\s*([a-z]+)\s*=\s*([0-9]{1,4})\s*")
_DEFAULT = {"critical": 3, "major": 10, "minor": 30}


class BadDeadlines(InvalidInput):
    """A text that was to say the days of each severity doesn't."""

    code = "bad-deadlines"


class DeadlinePast(InvalidInput):
    """A deadline that is not in the future."""

    code = "deadline-past"


@dataclass(frozen=True)
class Deadlines:
    """Days to close an order by its severity, and every how many days overdue it goes one level up."""

    days: Mapping[str, int] = field(default_factory=lambda: dict(_DEFAULT))
    escalate_every_days: int = 3

    def due(self, severity: str, now: datetime) -> datetime:
        """Return when an order that is dispatched now is due."""
        return now + timedelta(days=self.days[severity])

    def level(self, due_at: datetime, now: datetime) -> int:
        """Return how many levels up an order is to be told of: 1 as soon as it is overdue, 0 before."""
        late = now - due_at
        return 0 if late <= timedelta(0) else 1 + late // timedelta(days=self.escalate_every_days)


def parse(text: str) -> dict[str, int]:
    """Return the days that `critical=3,major=10,minor=30` says. Raises BadDeadlines."""
    parts = [_PART.fullmatch(part) for part in text.split(",")]
    days = {part[1]: int(part[2]) for part in parts if part}
    if len(parts) != len(SEVERITIES) or set(days) != set(SEVERITIES) or not all(days.values()):
        raise BadDeadlines(
            f"{text!r} does not say the days of each severity",
            hint="write all three, each at least 1: critical=3,major=10,minor=30",
        )
    return days


def require_future(due_at: datetime, now: datetime) -> datetime:
    """Return the deadline. Raises DeadlinePast."""
    if due_at <= now:
        raise DeadlinePast(
            f"the deadline {due_at:%Y-%m-%d %H:%M} UTC is not in the future", hint="give a later day"
        )
    return due_at

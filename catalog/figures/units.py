"""The organisation as it was known at the end of a period: what is recorded later changes no report."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.figures.periods import Period
from catalog.organisation import UnitNotFound
from catalog.tables import UnitStateRow


@dataclass(frozen=True)
class KnownUnits:
    """Every unit's path and title, by its code."""

    path: dict[str, str]
    title: dict[str, str]
    label: str

    def title_at(self, path: str) -> str | None:
        """Return the title of the unit that a path leads to, if it was known."""
        return self.title.get(path.rpartition("/")[2])

    def require_path(self, unit: str) -> str:
        """Return the path of a unit that is named by its code or its path. Raises UnitNotFound."""
        code = unit.rpartition("/")[2]
        path = self.path.get(code)
        if path is None:
            raise UnitNotFound(
                f"the organisation had no unit {code!r} at the end of {self.label}",
                hint="see: shuize organisation list; or ask for a later period",
            )
        if "/" in unit and unit != path:
            raise UnitNotFound(
                f"{code} did not stand at {unit} at the end of {self.label}", hint=f"it stood at {path}"
            )
        return path


def known(session: Session, period: Period) -> KnownUnits:
    """Return the units as they stood on the period's last day, so far as that was recorded by its end."""
    row = UnitStateRow
    recorded = sa.or_(row.recorded_at.is_(None), row.recorded_at < period.end)
    query = sa.select(row.unit, row.path, row.title).where(row.since <= period.last, recorded)
    path, title = {}, {}
    for code, its_path, its_title in session.execute(query.order_by(row.unit, row.number)):
        path[code], title[code] = its_path, its_title  # a later state replaces an earlier one
    return KnownUnits(path, title, period.label)

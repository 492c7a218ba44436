"""Who answers for what was found: 谁普查谁负责, then who holds a role at the unit or up the tree.

    the person named in the row, if still with the utility
    else, at the unit and then at each above it: the role the rule names, the owner, the steward
    else the dataset's steward or owner, else the organisation it belongs to

Everything is loaded once for a day: a million findings are assigned without another look at the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.answering import MEMBERS
from catalog.organisation.rows import present
from catalog.roles import Role, SubjectKind, holders
from catalog.tables import DatasetRow, PartyRow, RoleRow, UnitRow, UnitStateRow

_ANSWERING = (Role.OWNER.value, Role.STEWARD.value)


@dataclass(frozen=True)
class Place:
    """A unit of the organisation and its path from the top; None and "" where there is no such unit."""

    unit: str | None
    path: str


@dataclass(frozen=True)
class _Unit:
    path: str
    merged_into: str | None
    is_closed: bool


@dataclass(frozen=True)
class Assignment:
    """What the organisation and the roles say on a day, for the findings of one dataset."""

    units: Mapping[str, _Unit]
    roles: Mapping[tuple[str, str], str]
    people: frozenset[str]
    last: str
    home: Place

    def place(self, code: str | None) -> Place:
        """Return where a unit's work goes: to itself, what it was merged into, or the nearest above it.

        What names no unit of the tree belongs to the unit of the dataset's organisation.
        """
        seen = set[str]()
        while code is not None and code in self.units and code not in seen:
            seen.add(code)
            unit = self.units[code]
            if not unit.is_closed:
                return Place(code, unit.path)
            code = unit.merged_into or next(iter(_above(unit.path)), None)
        return self.home

    def responsible(self, place: Place, named: str | None = None, role: str | None = None) -> str:
        """Return who answers at a place; `named` stands in the row, `role` in the rule."""
        for said in (named, named and named.lower()):
            if said in self.people:
                return str(said)
        asked = tuple(dict.fromkeys(each for each in (role, *_ANSWERING) if each))
        for unit in (*((place.unit,) if place.unit else ()), *_above(place.path)):
            for each in asked:
                if (unit, each) in self.roles:
                    return self.roles[unit, each]
        return self.last

    def is_there(self, party: str) -> bool:
        """Tell whether a party of the utility is there on the day."""
        return party in self.people


def assignment(session: Session, dataset: str, on: date) -> Assignment:
    """Return the assignment of a dataset's findings on a day."""
    row = session.get_one(DatasetRow, dataset)
    there = sa.or_(PartyRow.left_on.is_(None), PartyRow.left_on >= on)
    people = session.scalars(sa.select(PartyRow.id).where(PartyRow.kind.in_(MEMBERS), there))
    query = sa.select(
        UnitRow.code, UnitRow.party, UnitRow.merged_into, UnitRow.closed_on, UnitStateRow.path
    ).join(UnitStateRow, sa.and_(UnitStateRow.unit == UnitRow.code, present()))
    units, home = dict[str, _Unit](), Place(None, "")
    for code, party, merged_into, closed_on, path in session.execute(query):
        is_closed = closed_on is not None and closed_on <= on
        units[code] = _Unit(path, merged_into, is_closed)
        if party == row.organisation and not is_closed:
            home = Place(code, path)
    members = frozenset(people)
    return Assignment(units, _roles(session, on, members), members, _last(session, row, on), home)


def _roles(session: Session, on: date, people: frozenset[str]) -> dict[tuple[str, str], str]:
    """Return the holder of each role at each unit: of several, who was given it first."""
    held = (RoleRow.valid_from <= on, sa.or_(RoleRow.valid_until.is_(None), RoleRow.valid_until >= on))
    query = sa.select(RoleRow).where(RoleRow.subject_kind == SubjectKind.UNIT.value, *held)
    found: dict[tuple[str, str], str] = {}
    for row in session.scalars(query.order_by(RoleRow.id)):
        if row.party in people:
            found.setdefault((row.subject, row.role), row.party)
    return found


def _last(session: Session, row: DatasetRow, on: date) -> str:
    """Return who answers where nobody nearer does."""
    for role in (Role.STEWARD, Role.OWNER):
        if found := holders(session, role, SubjectKind.DATASET, row.name, on):
            return found[0].party
    return row.organisation


def _above(path: str) -> Iterator[str]:
    """Yield the units above the last of a path, the nearest first."""
    yield from path.split("/")[-2::-1]

"""Whose a row is: the unit of the organisation it belongs to, and who surveyed or read what it says.

A unit is found by the data element that names it, in the row or in a row it refers to: the meter book before
the office, the office before the branch. 谁普查谁负责: who recorded a thing answers for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.organisation.rows import held
from catalog.organisation.units import UnitKind
from catalog.quality.binding import Shape, nearest
from catalog.quality.bound import Column
from catalog.quality.compiling.sheet import Beside, Sheet
from catalog.quality.judgement import Tally
from catalog.tables import UnitRow, UnitStateRow
from standards.library import Library

BOOK, UNIT = "meter_book.number", "organisation.code"
BRANCHES = ("customer.branch", "meter_book.branch")
READERS = ("customer.surveyed_by", "reading.reader", "meter_book.reader")
"""Who recorded what a row says, as staff numbers: a party's id in capital letters."""
_SHOWN = (UnitKind.GROUP, UnitKind.BRANCH, UnitKind.OFFICE)


@dataclass(frozen=True)
class Owned:
    """The fields that say whose a row is: of each part the first that has a value."""

    organisation: tuple[Column, ...] = ()
    answerable: tuple[Column, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """All of them."""
        return self.organisation + self.answerable

    def where(self, holds: Callable[[Column], bool]) -> Owned:
        """Return this with the fields for which a condition holds."""
        return Owned(tuple(filter(holds, self.organisation)), tuple(filter(holds, self.answerable)))

    def unit(self, sheet: Sheet) -> str:
        """Return the SQL of the unit's code."""
        return _first(self.organisation, sheet)

    def party(self, sheet: Sheet) -> str:
        """Return the SQL of the party's id."""
        return f"lower({_first(self.answerable, sheet)})"


def owned_by(shape: Shape, others: Sequence[Shape], library: Library) -> tuple[Owned, dict[str, Beside]]:
    """Return the fields that say whose the rows of a dataset are, and how those elsewhere are reached."""
    units = _elements_of_units(library)
    beside: dict[str, Beside] = {}
    found = []
    for elements in (units, READERS):
        mine = tuple(_own(shape, element, library) for element in elements if element in shape.fields)
        if not mine:
            column, led = nearest(shape, others, elements, library)
            beside |= led
            mine = () if column is None else (column,)
        found.append(mine)
    return Owned(*found), beside


def by_path(tallies: Mapping[str | None, Tally], session: Session, on: date) -> dict[str, Tally]:
    """Return the tallies of group, branches and offices by path: each with all that stands below it."""
    states = session.execute(
        sa.select(UnitStateRow.unit, UnitStateRow.path, UnitRow.kind)
        .join(UnitRow, UnitRow.code == UnitStateRow.unit)
        .where(held(on))
    ).all()
    shown = {row.path for row in states if row.kind in _SHOWN}
    path_of = {row.unit: row.path for row in states}
    judged: dict[str, int] = defaultdict(int)
    failing: dict[str, int] = defaultdict(int)
    for unit, tally in tallies.items():
        for path in _upwards(path_of.get(unit or "", "")):
            if path in shown:
                judged[path] += tally.judged
                failing[path] += tally.failing
    return {path: Tally(judged[path], failing[path]) for path in sorted(judged)}


def _upwards(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _elements_of_units(library: Library) -> tuple[str, ...]:
    """Return the elements that name a unit, the lowest units first."""
    refer = defaultdict(list)
    for element in library.elements():
        if element.refers_to in (BOOK, UNIT):
            refer[element.refers_to].append(element.id)
    return (BOOK, *refer[BOOK], UNIT, *refer[UNIT], *BRANCHES)


def _own(shape: Shape, element: str, library: Library) -> Column:
    return Column(shape.fields[element], library.element(element))


def _first(columns: Sequence[Column], sheet: Sheet) -> str:
    values = [sheet.sql(column) for column in columns]
    return (
        values[0]
        if len(values) == 1
        else f"coalesce({', '.join(values)})"
        if values
        else "CAST(NULL AS VARCHAR)"
    )

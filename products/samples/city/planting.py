"""Who gets which defect: decided once for the whole city, then carried out block by block.

Nobody gets two, so a defect can't hide another. Those that only few can have are given out first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from products.samples.city.chance import Whole
from products.samples.city.defects import IN_BLOCKS, IN_REGISTERS, Defect
from products.samples.city.draft import Draft
from products.samples.city.parts import Block, City
from products.samples.city.traits import Marks, marks

LEAST = 3
"""How many defects of each rule there are at least, where there are customers who can have them."""

_STRIDE = 250_000


@dataclass(frozen=True)
class Plan:
    """The customers of each defect, by index, in rising order."""

    victims: Mapping[str, Whole]

    def plant(self, draft: Draft, last: int) -> None:
        """Plant what falls into a block of customers, the last of them before `last`."""
        first = draft.first
        for defect in IN_BLOCKS:
            everybody = self.victims[defect.rule]
            here = everybody[np.searchsorted(everybody, first) : np.searchsorted(everybody, last)] - first
            whole = here[: len(here) // defect.size * defect.size]  # a group lies in one block
            if len(whole):
                defect.plant(draft, whole)


def plan(city: City, rate: float) -> Plan:
    """Return who gets which defect: that share of all customers for each rule, and at least `LEAST`."""
    if rate == 0:
        return Plan({defect.rule: np.empty(0, np.int64) for defect in IN_BLOCKS})
    known = _marks(city)
    free = city.chance.bits("planting", np.arange(city.customers)).argsort(kind="stable")
    wanted = max(LEAST, round(rate * city.customers))
    found: dict[str, Whole] = {}
    for defect in _scarce_first(known):
        fits = (known[free] & np.uint32(defect.needs)) == np.uint32(defect.needs)
        chosen = np.flatnonzero(fits)[: wanted * defect.size]
        found[defect.rule] = np.sort(free[chosen])
        free = np.delete(free, chosen)
    return Plan(found)


def plant_registers(draft: Draft, rate: float) -> None:
    """Plant the defects of the small registers, each in rows that no other one is in."""
    if rate == 0:
        return
    sizes = {name: len(sheet.table) for name, sheet in draft.sheets.items()}
    books = sizes["meter-books"]
    each = max(LEAST, round(rate * books))
    order = draft.city.chance.bits("planting/books", np.arange(books)).argsort(kind="stable")
    for number, defect in enumerate(IN_REGISTERS):
        if defect.size > 1:
            places = np.resize(order, defect.size)
        else:
            places = np.resize(order[number * each :], each) if len(order) > number * each else order[:0]
        defect.plant(draft, np.sort(places))


def _marks(city: City) -> Marks:
    parts = [
        marks(Block(city, np.arange(first, min(first + _STRIDE, city.customers))))
        for first in range(0, city.customers, _STRIDE)
    ]
    return np.concatenate(parts)


def _scarce_first(known: Marks) -> Sequence[Defect]:
    fitting = {
        needs: int(((known & np.uint32(needs)) == np.uint32(needs)).sum())
        for needs in {d.needs for d in IN_BLOCKS}
    }
    return sorted(IN_BLOCKS, key=lambda defect: fitting[defect.needs])

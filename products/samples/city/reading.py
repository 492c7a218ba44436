"""Monthly readings of active cards: season, estimates, exchanged meters, registers that start again.

A month's volume is the usual one of the customer, times the season, give or take five per cent. In the
month of an exchange there are two more readings: the last of the old meter and the first of the new. An
estimate meets what was used. Not modelled: leaks, vacancy, holidays, growth, estimates that the next
reading corrects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from products.samples.city.chance import Whole
from products.samples.city.columns import (
    Mask,
    constant,
    days,
    decimals,
    digits,
    fixed_text,
    instants,
    joined,
    number_text,
    where,
)
from products.samples.city.columns import words as taken
from products.samples.city.metering import register_digits
from products.samples.city.parts import MONTHS, Block, day
from products.samples.city.tree import readers

FIELDS: Final = (
    ("account_no", "reading.account_number"), ("meter_no", "reading.meter_number"),
    ("book_no", "reading.book_number"), ("cycle", "reading.cycle"), ("reading_type", "reading.type"),
    ("read_on", "reading.read_on"), ("previous_on", "reading.previous_on"),
    ("register_m3", "reading.register_m3"), ("previous_m3", "reading.previous_m3"),
    ("volume_m3", "reading.volume_m3"), ("is_estimated", "reading.is_estimated"),
    ("is_rollover", "reading.is_rollover"), ("remote_m3", "reading.remote_m3"), ("reader", "reading.reader"),
    ("longitude", "reading.longitude"), ("latitude", "reading.latitude"), ("picture", "reading.picture"),
    ("remark", "reading.remark"), ("received_at", "reading.received_at"),
    ("synthetic", "dataset.is_synthetic"),
)  # fmt: skip

SEASON: Final = (900, 870, 930, 970, 1030, 1090, 1150, 1160, 1070, 1000, 940, 910)
"""Thousandths of the usual volume from January to December. Nobody measured them."""

TYPES: Final = ("11", "12", "13", "14", "21", "22", "23", "31", "32")
VISIT, SENT, PICTURE, TOLD, NO_ACCESS, STOPPED, LOST, LAST, FIRST = range(9)
_BY_HAND: Final = ((VISIT, 900), (PICTURE, 50), (TOLD, 20), (NO_ACCESS, 25), (STOPPED, 5))
_BY_WIRE: Final = ((SENT, 945), (VISIT, 45), (LOST, 10))
_REMARKS: Final = ("无法入户", "表停", "远传失联")
_LEAST_REGISTER: Final = 2_000_000
_METRE: Final = 9  # millionths of a degree


@dataclass(frozen=True)
class Months:
    """Readings of active customers, twelve of each in turn: (customers, months) made flat."""

    block: Block
    of: Whole
    """Places in the block of those that are read."""
    volume: Whole
    """Litres of each month: (customers, months)."""


def months(block: Block) -> Months:
    """Return what active customers used, month by month; no two months running have one volume."""
    of = np.flatnonzero(block.is_active)
    cells = (block.rows[of][:, None] * MONTHS + np.arange(MONTHS)).ravel()
    season = np.array([SEASON[month - 1] for _, month in block.city.months], np.int64)
    noise = block.chance.between(950, 1050, "volume", cells).reshape(-1, MONTHS)
    volume = block.usual_litres[of][:, None] * season * noise // 1_000_000
    return Months(block, of, volume - volume % MONTHS + np.arange(MONTHS))


def owners(said: Months) -> Whole:
    """Return the customer, by place in the block, of each reading."""
    return np.repeat(said.of, np.where(said.block.is_swapped[said.of], MONTHS + 2, MONTHS))


def readings(said: Months) -> pa.Table:
    """Return the readings, a customer's twelve one after another, and those of exchanges in their places."""
    block, of = said.block, said.of
    each = _Each.of_months(said)
    table = _table(block, each)
    swaps = np.flatnonzero(block.is_swapped[of])
    if not len(swaps):
        return table
    place = swaps * MONTHS + block.swap_month[of[swaps]]
    extra = pa.concat_tables([_table(block, each.last(place)), _table(block, each.first(place))])
    order = np.argsort(
        np.concatenate([np.arange(len(each.owner)) * 3 + 2, place * 3, place * 3 + 1]), kind="stable"
    )
    return pa.concat_tables([table, extra]).combine_chunks().take(pa.array(order))


@dataclass(frozen=True)
class _Each:
    """One row for each reading, as numbers."""

    owner: Whole
    cycle: Whole
    kind: Whole
    read_on: Whole
    previous_on: Whole
    register: Whole
    previous: Whole
    volume: Whole
    is_former: Mask
    is_rollover: Mask
    closing: Whole
    """What the old meter showed at the exchange, and how much of the month's volume it measured."""
    before_swap: Whole
    opened: Whole

    @classmethod
    def of_months(cls, said: Months) -> _Each:
        block, of, volume = said.block, said.of, said.volume
        chance, count = block.chance, len(of)
        cycle = np.tile(np.arange(MONTHS), count)
        owner = np.repeat(of, MONTHS)
        cells = block.rows[owner] * MONTHS + cycle
        first = np.array([day(*month, 1) for month in block.city.months], np.int64)
        read_on = first[cycle] + block.reading_day[owner] - 1
        before = np.append(_month_before(block), first)[cycle] + block.reading_day[owner] - 1
        modulus = 10 ** register_digits(block)[of] * 1_000
        start = (
            chance.below(1_000_000, "register", block.rows[of]) * (modulus // 1_000_000) // 2
            + _LEAST_REGISTER
        )
        start = np.where(block.is_rolling[of], modulus - volume.sum(axis=1) // 2, start)
        swap = np.where(block.is_swapped[of], block.swap_month[of], MONTHS)
        at = np.arange(MONTHS)[None, :]
        old_part = np.where(at == swap[:, None], volume // 8, 0)
        run = np.cumsum(volume, axis=1)
        until = np.where(at < swap[:, None], run, 0).max(axis=1) + old_part.sum(axis=1)
        since = run - until[:, None]
        total = np.where(at < swap[:, None], start[:, None] + run, since)
        opening = np.where(
            at < swap[:, None], total - volume, np.where(at == swap[:, None], 0, total - volume)
        )
        own = np.where(at == swap[:, None], volume - old_part, volume)
        register, previous = total % modulus[:, None], opening % modulus[:, None]
        remote = block.is_remote[owner]
        kind = np.where(
            remote,
            np.array([k for k, _ in _BY_WIRE])[chance.pick([w for _, w in _BY_WIRE], "kind/wire", cells)],
            np.array([k for k, _ in _BY_HAND])[chance.pick([w for _, w in _BY_HAND], "kind/hand", cells)],
        )
        at_swap = (at == swap[:, None]).ravel()
        swap_day = block.swap_day[owner]
        return cls(
            owner, cycle, kind, read_on, np.where(at_swap, swap_day, before),
            register.ravel(), previous.ravel(), own.ravel(),
            (at < swap[:, None]).ravel() & block.is_swapped[owner], (register < previous).ravel(),
            np.repeat((start + until) % modulus, MONTHS), old_part.ravel(), before,
        )  # fmt: skip

    def last(self, place: Whole) -> _Each:
        """Return the last readings of the meters that were exchanged in these rows' months."""
        some = self._at(place)
        former = (some["closing"] - some["before_swap"]) % 10_000_000_000
        some |= {
            "kind": np.full(len(place), LAST), "read_on": some["previous_on"], "previous_on": some["opened"],
            "register": some["closing"], "previous": former, "volume": some["before_swap"],
            "is_former": np.ones(len(place), bool), "is_rollover": some["closing"] < some["before_swap"],
        }  # fmt: skip
        return _Each(**some)

    def first(self, place: Whole) -> _Each:
        """Return the first readings of the meters that were put in."""
        some = self._at(place)
        nothing = np.zeros(len(place), np.int64)
        some |= {
            "kind": np.full(len(place), FIRST), "read_on": some["previous_on"], "register": nothing,
            "previous": nothing, "volume": nothing, "is_rollover": nothing.astype(bool),
        }  # fmt: skip
        return _Each(**some)

    def _at(self, place: Whole) -> dict[str, np.ndarray]:
        return {name: column[place] for name, column in vars(self).items()}


def _month_before(block: Block) -> int:
    year, month = block.city.months[0]
    return day(year - (month == 1), (month - 2) % 12 + 1, 1)


def _table(block: Block, each: _Each) -> pa.Table:
    owner, cycle, kind = pa.array(each.owner), each.cycle, each.kind
    cells = block.rows[each.owner] * MONTHS + cycle
    at_meter = (kind == VISIT) | (kind == PICTURE)
    estimated = (kind >= NO_ACCESS) & (kind <= LOST)
    places = [axis[each.owner] for axis in block.place]
    aside = [block.chance.between(-5, 5, f"device/{n}", cells) * _METRE for n in range(2)]
    remote = block.is_remote[each.owner] & ~each.is_former & (kind != LOST) & (kind < LAST)
    late = block.chance.below(36 * 3_600, "received", cells)
    cycles = [f"{year}-{month:02}" for year, month in block.city.months]
    meter = np.where(each.is_former, each.owner + block.count, each.owner)
    numbers = pa.concat_arrays([block.meter_no, block.former_meter_no])
    pictures = joined("p", fixed_text(digits(cells, 9)), ".jpg") if at_meter.any() else number_text(cells)
    remarks = taken(_REMARKS, np.clip(kind - NO_ACCESS, 0, 2))
    return pa.table(
        {
            "account_no": block.account_no.take(owner),
            "meter_no": numbers.take(pa.array(meter)),
            "book_no": block.book_no.take(owner),
            "cycle": taken(cycles, cycle),
            "reading_type": taken(TYPES, kind),
            "read_on": days(each.read_on),
            "previous_on": days(each.previous_on),
            "register_m3": decimals(each.register, 18, 3),
            "previous_m3": decimals(each.previous, 18, 3),
            "volume_m3": decimals(each.volume, 18, 3),
            "is_estimated": pa.array(estimated),
            "is_rollover": pa.array(each.is_rollover),
            "remote_m3": where(remote, decimals(each.register, 18, 3)),
            "reader": where(at_meter, readers(block.city).take(pa.array(block.book[each.owner]))),
            "longitude": where(at_meter, decimals(places[0] + aside[0], 10, 6)),
            "latitude": where(at_meter, decimals(places[1] + aside[1], 9, 6)),
            "picture": where(kind == PICTURE, pictures),
            "remark": where(estimated, remarks),
            "received_at": instants(each.read_on * 86_400 + 36_000 + late),
            "synthetic": constant(True, pa.bool_(), len(each.owner)),
        }
    )

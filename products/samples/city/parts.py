"""What is drawn once about each customer and asked for by every table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa

from products.samples.city.chance import Chance, Whole
from products.samples.city.codes import with_check_digit
from products.samples.city.columns import Digits, Mask, digits, fixed_text
from products.samples.city.layout import Layout
from products.samples.trades import trades

AS_OF: Final = date(2026, 11, 6)
"""The day on which the city is seen; the twelve months before its month are read and billed."""

MONTHS: Final = 12
EPOCH: Final = date(1970, 1, 1).toordinal()

# Nobody measured these shares.
ORGANISATIONS_IN_THOUSAND: Final = 50
REMOTE_IN_THOUSAND: Final = 400
SWAPPED_IN_THOUSAND: Final = 20
ROLLING_IN_THOUSAND: Final = 2
STATUSES: Final = (("21", 945), ("22", 24), ("23", 8), ("31", 16), ("11", 7))
ACTIVE, SUSPENDED, CUT_OFF, CLOSED, AWAITED = range(5)
CALIBRES: Final = (15, 20, 25, 40, 50, 80, 100, 150)
PERMANENT_FLOW: Final = (
    2_500,
    4_000,
    6_300,
    16_000,
    25_000,
    63_000,
    100_000,
    250_000,
)  # Q3 in l/h, GB/T 778.1

VOLUME_RANGE: Final = {"11": (4_000, 17_000), "13": (90_000, 900_000), "21": (30_000, 2_400_000),
                       "22": (8_000, 320_000), "23": (40_000, 800_000), "24": (60_000, 900_000),
                       "25": (90_000, 900_000), "31": (200_000, 1_500_000), "32": (60_000, 400_000),
                       "35": (200_000, 2_000_000)}  # fmt: skip
"""Litres a month that customers of a tariff class use, least and most. Nobody measured them."""

_LEAST_FOR_CALIBRE = np.array([0, 15_000, 40_000, 90_000, 200_000, 500_000, 1_100_000, 1_900_000], np.int64)


@dataclass(frozen=True)
class City:
    """A seed and a number of customers: everything else follows."""

    seed: int
    customers: int
    as_of: date = AS_OF

    @cached_property
    def today(self) -> int:
        """The day on which the city is seen, in days since 1970."""
        return self.as_of.toordinal() - EPOCH

    @cached_property
    def months(self) -> tuple[tuple[int, int], ...]:
        """Year and month of each month that is read, the latest last."""
        last = self.as_of.year * 12 + self.as_of.month - 2
        return tuple((at // 12, at % 12 + 1) for at in range(last - MONTHS + 1, last + 1))

    @cached_property
    def chance(self) -> Chance:
        """The draws."""
        return Chance(self.seed)

    @cached_property
    def layout(self) -> Layout:
        """Where everything is."""
        return Layout(self.customers, self.chance)


@dataclass(frozen=True)
class Block:
    """Some customers one after another, by index."""

    city: City
    rows: Whole

    @property
    def chance(self) -> Chance:
        return self.city.chance

    @property
    def count(self) -> int:
        return len(self.rows)

    @cached_property
    def _place(self) -> tuple[Whole, Whole, Whole]:
        return self.city.layout.book_of(self.rows)

    @property
    def branch(self) -> Whole:
        return self._place[0]

    @property
    def book(self) -> Whole:
        return self._place[1]

    @property
    def position(self) -> Whole:
        """Place in the book, from 0."""
        return self._place[2]

    @cached_property
    def district(self) -> Whole:
        return self.city.layout.book_district[self.book]

    @cached_property
    def is_organisation(self) -> Mask:
        return self.chance.below(1000, "is-organisation", self.rows) < ORGANISATIONS_IN_THOUSAND

    @cached_property
    def trade(self) -> Whole:
        """The trade of an organisation; drawn for everybody."""
        return self.chance.pick([trade.weight for trade in trades()], "trade", self.rows)

    @cached_property
    def tariff(self) -> Whole:
        """Place in `TARIFFS`."""
        of_trades = np.array([TARIFFS.index(trade.tariff_class) for trade in trades()], np.int64)
        return np.where(self.is_organisation, of_trades[self.trade], 0)

    @cached_property
    def status(self) -> Whole:
        """Place in `STATUSES`."""
        return self.chance.pick([weight for _, weight in STATUSES], "status", self.rows)

    @cached_property
    def is_active(self) -> Mask:
        return np.asarray(self.status == ACTIVE)

    @cached_property
    def is_remote(self) -> Mask:
        return self.chance.below(1000, "is-remote", self.rows) < REMOTE_IN_THOUSAND

    @cached_property
    def is_swapped(self) -> Mask:
        """Whether the meter was exchanged within the twelve months."""
        return (self.chance.below(1000, "is-swapped", self.rows) < SWAPPED_IN_THOUSAND) & self.is_active

    @cached_property
    def usual_litres(self) -> Whole:
        """Litres in a usual month: even over the range of the class, with more small ones."""
        low = np.array([VOLUME_RANGE[code][0] for code in TARIFFS], np.int64)[self.tariff]
        high = np.array([VOLUME_RANGE[code][1] for code in TARIFFS], np.int64)[self.tariff]
        one = self.chance.below(1000, "usual/1", self.rows)
        two = self.chance.below(1000, "usual/2", self.rows)
        return low + (high - low) * one * np.where(self.is_organisation, two, 1000) // 1_000_000

    @cached_property
    def calibre(self) -> Whole:
        """Place in `CALIBRES`."""
        return np.searchsorted(_LEAST_FOR_CALIBRE, self.usual_litres, side="right") - 1

    @cached_property
    def customer_digits(self) -> Digits:
        start = self.city.layout.branch_start[self.branch]
        return with_check_digit(np.hstack([digits(self.branch + 1, 2), digits(self.rows - start + 1, 8)]))

    @cached_property
    def account_digits(self) -> Digits:
        """The number of the customer's only card: the customer's, and 01."""
        return np.hstack([self.customer_digits, np.tile(np.frombuffer(b"01", np.uint8), (self.count, 1))])

    def meter_digits(self, *, former: bool = False) -> Digits:
        """The number of the meter, or of the one before it."""
        maker = self.chance.below(5, "maker", self.rows) + 1
        year = np.full(self.count, 2015) if former else self.made_in
        serial = self.rows + 1 + (5_000_000 if former else 0)
        return with_check_digit(np.hstack([digits(maker, 4), digits(year, 4), digits(serial, 7)]))

    @cached_property
    def is_rolling(self) -> Mask:
        """Whether the register starts again at zero within the twelve months."""
        return (self.chance.below(1000, "is-rolling", self.rows) < ROLLING_IN_THOUSAND) & ~self.is_swapped

    @cached_property
    def reading_day(self) -> Whole:
        """The day of the month on which the book is read: late, so that an exchange comes before it."""
        return self.chance.between(16, 28, "reading-day", self.book)

    @cached_property
    def swap_month(self) -> Whole:
        """The place, among the twelve months, of the month in which a swapped meter was exchanged."""
        return self.chance.between(1, MONTHS - 2, "swap-month", self.rows)

    @cached_property
    def swap_day(self) -> Whole:
        """The day of the exchange, for those that had one."""
        first = np.array([day(*month, 1) for month in self.city.months], np.int64)
        return first[self.swap_month] + self.chance.between(1, 4, "swap-day", self.rows)

    @cached_property
    def installed_on(self) -> Whole:
        usual = self.city.today - self.chance.between(400, 1_900, "installed", self.rows)
        return np.where(self.is_swapped, self.swap_day, usual)

    @cached_property
    def made_in(self) -> Whole:
        return self.installed_on.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970

    @cached_property
    def place(self) -> tuple[Whole, Whole]:
        """Longitude and latitude in millionths of a degree."""
        return self.city.layout.places(self.rows, self.book, "place")

    @cached_property
    def customer_no(self) -> pa.Array:
        return fixed_text(self.customer_digits)

    @cached_property
    def account_no(self) -> pa.Array:
        return fixed_text(self.account_digits)

    @cached_property
    def meter_no(self) -> pa.Array:
        return fixed_text(self.meter_digits())

    @cached_property
    def former_meter_no(self) -> pa.Array:
        return fixed_text(self.meter_digits(former=True))

    @cached_property
    def book_no(self) -> pa.Array:
        return fixed_text(self.city.layout.book_numbers[self.book])


TARIFFS: Final = tuple(VOLUME_RANGE)
"""The tariff classes that occur."""


def day(year: int, month: int, number: int) -> int:
    """Return a date as days since 1970."""
    return date(year, month, number).toordinal() - EPOCH

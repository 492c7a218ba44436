"""The tariff: what a cubic metre costs, by class of use and tier.

Made up, of the order that northern cities charge. Not modelled: several versions in time, surcharges,
discounts for low incomes.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from products.samples.city.chance import Whole
from products.samples.city.columns import constant, days, decimals, where
from products.samples.city.parts import TARIFFS, City

SEWAGE_PRICE: Final = 9_500  # ten-thousandths of a yuan for a cubic metre
RESOURCE_PRICE: Final = 3_000
TIER_ENDS: Final = (180_000, 300_000)  # litres of a calendar year, of a household
HOUSEHOLD_PRICES: Final = (20_500, 30_750, 61_500)
_PRICES: Final = {"13": 21_000, "21": 32_000, "22": 34_000, "23": 32_000, "24": 34_000, "25": 30_000,
                  "31": 155_000, "32": 155_000, "35": 120_000}  # fmt: skip


FORMER: Final = "11-0"
"""A line of the tariff before this one, which applies no more."""


class Line(NamedTuple):
    """One price: of a class and tier, from a lower to an upper bound in litres of the year."""

    code: str
    tariff_class: str
    tier: int
    water_price: int
    lower: int
    upper: int | None


def lines() -> tuple[Line, ...]:
    """Return the lines of the tariff."""
    ends = (0, *TIER_ENDS, None)
    household = (
        Line(f"11-{tier + 1}", "11", tier + 1, price, ends[tier] or 0, ends[tier + 1])
        for tier, price in enumerate(HOUSEHOLD_PRICES)
    )
    former = Line(FORMER, "11", 1, HOUSEHOLD_PRICES[0], 0, None)
    return (
        *household,
        *(Line(f"{code}-1", code, 1, price, 0, None) for code, price in _PRICES.items()),
        former,
    )


def first_prices() -> Whole:
    """Return the water price of the first tier of each of `TARIFFS`."""
    first = {line.tariff_class: line.water_price for line in lines() if line.tier == 1}
    return np.array([first[code] for code in TARIFFS], np.int64)


FIELDS: Final = (
    ("price_code", "tariff.code"), ("tariff_class", "tariff.class"), ("tier", "tariff.tier"),
    ("price_yuan_per_m3", "tariff.price_yuan_per_m3"),
    ("water_price_yuan_per_m3", "tariff.water_price_yuan_per_m3"), ("from_m3", "tariff.from_m3"),
    ("to_m3", "tariff.to_m3"), ("valid_from", "tariff.valid_from"), ("valid_to", "tariff.valid_to"),
    ("synthetic", "dataset.is_synthetic"),
)  # fmt: skip


def table(city: City) -> pa.Table:
    """Return the tariff: `FIELDS`."""
    said = lines()
    water = np.array([line.water_price for line in said], np.int64)
    is_former = np.array([line.code == FORMER for line in said])
    upper = pa.array([None if line.upper is None else line.upper for line in said], pa.int64())
    ends = decimals(np.asarray(upper.fill_null(0)), 12, 3)
    return pa.table(
        {
            "price_code": [line.code for line in said],
            "tariff_class": [line.tariff_class for line in said],
            "tier": pa.array([line.tier for line in said], pa.int64()),
            "price_yuan_per_m3": decimals(water + SEWAGE_PRICE + RESOURCE_PRICE, 8, 4),
            "water_price_yuan_per_m3": decimals(water, 8, 4),
            "from_m3": decimals(np.array([line.lower for line in said], np.int64), 12, 3),
            "to_m3": pa.array(
                [None if line.upper is None else end for line, end in zip(said, ends, strict=True)]
            ),
            "valid_from": days(np.where(is_former, city.today - 6_000, city.today - 3_000)),
            "valid_to": where(is_former, days(np.full(len(said), city.today - 3_001))),
            "synthetic": constant(True, pa.bool_(), len(said)),
        }
    )

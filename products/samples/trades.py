"""The trades of the synthetic register: how common each is, how it is named, and how much water it uses.

`trades.csv` is made up by this project from everyday knowledge of a northern Chinese city; only the codes are
those of GB/T 4754-2017 and of the bundled tariff classes. `names` are alternatives parted by `|`: either
whole templates with braces, or trade words that stand between a brand and a legal form. `registered_as` is
the first two characters of the unified social credit code (GB 32100): 91 company, 92 individual business,
12 institution, 11 government, 31 law firm, 51 and 52 social organisations, 55 residents' committee, 71 place
of worship.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

_TABLE = Path(__file__).with_name("trades.csv")


class Trade(NamedTuple):
    """One kind of customer. Annual volume is log-normal: `median_m3`, and `sigma` of its logarithm."""

    industry_code: str
    weight: int
    registered_as: str
    names: tuple[str, ...]
    median_m3: float
    sigma: float
    tariff_class: str


@cache
def trades() -> tuple[Trade, ...]:
    """Return the trades, in the order of their industry codes."""
    with _TABLE.open(encoding="utf-8", newline="") as stream:
        return tuple(
            Trade(
                industry_code=row["industry_code"],
                weight=int(row["weight"]),
                registered_as=row["registered_as"],
                names=tuple(row["names"].split("|")),
                median_m3=float(row["median_m3"]),
                sigma=float(row["sigma"]),
                tariff_class=row["tariff_class"],
            )
            for row in csv.DictReader(stream)
        )

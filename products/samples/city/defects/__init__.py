"""Defects that are planted in a synthetic city, one function or line for each rule of the library.

`ABSENT` says of each rule without one why. A defect that can't help breaking other rules names them too, so
that the list of planted defects is the whole truth about the city.
"""

from __future__ import annotations

from typing import Final

from products.samples.city.defects import bill, card, customer, meter, reading, register
from products.samples.city.defects.registry import Defect

__all__ = ["ABSENT", "IN_BLOCKS", "IN_REGISTERS", "Defect"]

IN_BLOCKS: Final[tuple[Defect, ...]] = tuple(
    each for room in (customer, card, meter, reading, bill) for each in room.DEFECTS.known
)
"""Those at customers and what belongs to them."""

IN_REGISTERS: Final[tuple[Defect, ...]] = tuple(register.DEFECTS.known)
"""Those in the small registers."""

_STATISTICAL = "statistical: what it finds is worth a look, and not by itself wrong"
_WHOLE = "speaks of a dataset as a whole or of the catalog's entry, not of rows"
_ELSEWHERE = "speaks of products and assets, which the catalog keeps and a city has not"

ABSENT: Final[dict[str, str]] = {
    "q34-volume-outlier": _STATISTICAL,
    "q166-volume-peer-outlier": _STATISTICAL,
    "q203-billed-as-read-by-cycle": "twelve sums over the whole city: one defect would condemn a month",
    "q174-readings-recent": _WHOLE,
    "q42-every-month-there": "speaks of series by month, which a city's registers are not",
    **dict.fromkeys(
        (
            "q43-dictionary-complete", "q44-schema-as-registered", "q216-dataset-fresh",
            "q217-dataset-retrievable", "q218-dataset-classified", "q219-dataset-answered-for",
        ),
        _WHOLE,
    ),
    **dict.fromkeys(
        (
            "q45-product-retrievable", "q46-licence-valid", "q207-product-version-unique",
            "q208-product-digest-unique", "q209-product-has-provider", "q210-no-direct-identifiers-delivered",
            "q211-delivery-fits-level", "q212-product-title-length", "q213-product-updates",
            "q214-licence-after-publication", "q215-product-one-provider", "q220-asset-number-unique",
            "q221-asset-has-source", "q222-asset-carrying-amount", "q223-asset-rights-in-force",
            "q224-asset-dates-in-order", "q225-asset-amortised-within-cost", "q226-asset-near-duplicate",
        ),
        _ELSEWHERE,
    ),
}  # fmt: skip
"""The rules that no defect is planted for, and why."""

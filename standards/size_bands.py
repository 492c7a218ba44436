"""The bounds of the size bands: what turns an annual volume into a code of the code list `size-band`."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from standards.code_lists import Code, CodeList
from standards.errors import InvalidInput

LEVEL: Final = 2
"""The level of the code list whose codes are bounds; level 1 gathers them into small, medium and large."""


class SizeBand(NamedTuple):
    """One band: `at_least_m3 <= volume < below_m3`, without an upper bound for None."""

    code: str
    at_least_m3: Decimal
    below_m3: Decimal | None


class MalformedSizeBands(InvalidInput):
    """The bands of a code list leave a gap, overlap, or don't start at zero and end open."""

    code = "malformed-size-bands"


def size_bands(code_list: CodeList) -> tuple[SizeBand, ...]:
    """Return the bands from the smallest to the largest; together they hold every volume from zero on.

    A code reads `LOWER-UPPER` or `LOWER-`, in m3 a year. Raises MalformedSizeBands.
    """
    bands = tuple(sorted(map(_band, code_list.at_level(LEVEL)), key=lambda band: band.at_least_m3))
    edges = [Decimal(0), *(band.below_m3 for band in bands)]
    if not bands or edges != [*(band.at_least_m3 for band in bands), None]:
        raise MalformedSizeBands(
            f"the bands of {code_list.id} {code_list.version} leave a gap or overlap",
            hint="start at 0, start each band where the one before ends, and leave the last one open",
        )
    return bands


def band_of(volume_m3: Decimal, bands: tuple[SizeBand, ...]) -> str:
    """Return the code of the band that holds the volume. Raises InvalidInput below zero and for no number."""
    if not volume_m3.is_finite() or volume_m3 < 0:
        raise InvalidInput(f"{volume_m3} is no annual volume", hint="give m3 a year, zero or more")
    return next(band.code for band in bands if band.below_m3 is None or volume_m3 < band.below_m3)


def _band(entry: Code) -> SizeBand:
    lower, dash, upper = entry.code.partition("-")
    if not (dash and lower.isdecimal() and (not upper or upper.isdecimal())):
        raise MalformedSizeBands(
            f"{entry.code!r} gives no bounds", hint="write 200-1000, or 200000- for the last band"
        )
    return SizeBand(entry.code, Decimal(lower), Decimal(upper) if upper else None)

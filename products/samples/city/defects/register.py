"""Defects of the small registers: meter books, districts and the tariff.

Where a defect would keep other rules from deciding about the customers of a book, it is at a book that is
put in.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from products.samples.city.chance import Whole
from products.samples.city.columns import days, digits, fixed_text, joined
from products.samples.city.defects.registry import Defects
from products.samples.city.draft import Draft
from products.samples.city.traits import Trait

DEFECTS = Defects()
_BOOKS, _TARIFF = "meter-books", "tariff"
_CROSSED: Final = "POLYGON ((120 40, 121 41, 121 40, 120 41, 120 40))"
_MOST_BOOKS: Final = 40


def _set(rule: str, how: str, **columns: Any) -> None:
    """Register a defect that sets cells of a book."""
    DEFECTS.cells(rule, _BOOKS, Trait.NONE, how, **columns)


def _add(rule: str, dataset: str, how: str, *also: str, size: int = 1, **columns: Any) -> None:
    """Register a defect that is a row put in; a function is asked for its values by the rows it is like."""

    def plant(draft: Draft, places: Whole) -> None:
        places = places % len(draft.sheets[dataset].table)
        values = {n: value(draft, places) if callable(value) else value for n, value in columns.items()}
        draft.fails(dataset, draft.add(dataset, places, **values), [rule, *also], how)

    DEFECTS.by(rule, Trait.NONE, size)(plant)


def _numbered(first: int) -> Any:
    """Return what makes unused numbers of books: of the book's office, from a sequence on."""

    def values(draft: Draft, places: Whole) -> pa.Array:
        office = fixed_text(draft.city.layout.book_numbers[places][:, :4])
        return joined(office, fixed_text(digits(first + np.arange(len(places)), 4)))

    return values


def _codes(start: str) -> Any:
    return lambda draft, places: joined(start, fixed_text(digits(np.arange(len(places)), 2)))


_EMPTY = "q144-book-has-cards"
_add(
    "q136-book-number-form", _BOOKS, "a letter in it", _EMPTY, "q138-book-of-its-office", book_no=_codes("X")
)
_add("q137-book-number-unique", _BOOKS, "the number again")
_add(_EMPTY, _BOOKS, "no cards", book_no=_numbered(9_000))
_add(
    "q143-reader-not-overloaded",
    _BOOKS,
    "more books than a reader can read",
    _EMPTY,
    size=_MOST_BOOKS + 1,
    book_no=_numbered(9_100),
    reader="R9999999",
)
_set("q139-office-of-its-branch", "another branch", branch="99")
_add("q141-book-has-reader", _BOOKS, "no reader", _EMPTY, book_no=_numbered(9_200), reader=None)
_add(
    "q142-book-polygon-sound", _BOOKS, "it crosses itself", _EMPTY, book_no=_numbered(9_300), polygon=_CROSSED
)
_set("q145-book-cycle", "read twice a year", cycle_months=6)
_set("q146-book-reading-day", "the 31st", reading_day=31)
_set("q147-book-area-exists", "an area that is none", area_code="DMA-99999")
_set("q148-book-centre-in-fence", "far off", longitude=100, latitude=30)
_set("q149-book-not-too-large", "two thousand meters", meter_count=2_000)

_add(
    "q85-district-polygon-sound",
    "districts",
    "it crosses itself",
    district_code=_codes("2198"),
    polygon=_CROSSED,
)
_add(
    "q108-price-code-unique",
    _TARIFF,
    "the code again",
    valid_to=None,
    valid_from=lambda d, r: days(d.city.today - 2_000 + np.arange(len(r))),
)
_add("q109-tariff-line-unique", _TARIFF, "the class, tier and day again", price_code=_codes("D-"))
_add(
    "q110-tariff-dates-in-order",
    _TARIFF,
    "ends before it begins",
    price_code=_codes("E-"),
    valid_from=lambda d, r: days(d.city.today - 1_000 + np.arange(len(r))),
    valid_to=lambda d, r: days(np.full(len(r), d.city.today - 1_500)),
)
_add(
    "q111-tier-bounds-in-order",
    _TARIFF,
    "ends below its beginning",
    price_code=_codes("F-"),
    valid_to=None,
    from_m3=500,
    to_m3=100,
    valid_from=lambda d, r: days(d.city.today - 500 + np.arange(len(r))),
)
_add(
    "q112-price-positive",
    _TARIFF,
    "for nothing",
    price_code=_codes("G-"),
    valid_to=None,
    price_yuan_per_m3=0,
    valid_from=lambda d, r: days(d.city.today - 200 + np.arange(len(r))),
)


@DEFECTS.by("q138-book-of-its-office")
def _other_office(draft: Draft, places: Whole) -> None:
    """The other office is of the same branch, so that only the number is wrong."""
    own = draft.city.layout.book_numbers[places][:, :4].copy()
    own[:, 3] = np.where(own[:, 3] == ord("1"), ord("2"), ord("1"))
    draft.change(_BOOKS, places, office=fixed_text(own))
    draft.fails(_BOOKS, places, ["q138-book-of-its-office"], "the branch's other office")


@DEFECTS.by("q140-book-office-exists")
def _no_office(draft: Draft, places: Whole) -> None:
    own = draft.city.layout.book_numbers[places][:, :4].copy()
    own[:, 2:] = ord("9")
    draft.change(_BOOKS, places, office=fixed_text(own))
    rules = ["q140-book-office-exists", "q138-book-of-its-office"]
    draft.fails(_BOOKS, places, rules, "an office that is none")

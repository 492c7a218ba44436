"""What a wrong value is made of; each returns a function that is asked for the values of some rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from products.samples.city.chance import Whole
from products.samples.city.columns import days, decimals
from products.samples.city.draft import Draft

Values = Callable[[Draft, Whole], pa.Array]


def other_last(dataset: str, column: str) -> Values:
    """The value with another last character."""

    def values(draft: Draft, rows: Whole) -> pa.Array:
        text = draft.values(dataset, column, rows)
        other = pc.if_else(pc.equal(pc.utf8_slice_codeunits(text, -1), "7"), "8", "7")
        return pc.binary_join_element_wise(pc.utf8_slice_codeunits(text, 0, -1), other, "")

    return values


def suffixed(dataset: str, column: str, end: str) -> Values:
    """The value with something at its end."""
    return lambda draft, rows: pc.binary_join_element_wise(draft.values(dataset, column, rows), end, "")


def after_today(by: int) -> Values:
    """A day so many days after the city's."""
    return lambda draft, rows: days(np.full(len(rows), draft.city.today + by))


def later(dataset: str, column: str, by: int) -> Values:
    """A day so many days after another one of the row."""
    return lambda draft, rows: days(draft.numbers(dataset, column, rows) + by)


def more(dataset: str, column: str, by: int) -> Values:
    """A decimal with so much added, in units of its last place."""

    def values(draft: Draft, rows: Whole) -> pa.Array:
        kind = draft.sheets[dataset].table.schema.field(column).type
        return decimals(draft.numbers(dataset, column, rows) + by, kind.precision, kind.scale)

    return values


def of(dataset: str, column: str) -> Values:
    """Another value of the row."""
    return lambda draft, rows: draft.values(dataset, column, rows)


def with_own(dataset: str, before: str | None, column: str, number: str) -> Values:
    """A text, or the value of a column, with the row's number after it in Chinese numerals: nobody else's."""

    def values(draft: Draft, rows: Whole) -> pa.Array:
        said = draft.values(dataset, number, rows)
        for digit, numeral in enumerate("零一二三四五六七八九"):
            said = pc.replace_substring(said, str(digit), numeral)
        start = draft.values(dataset, column, rows) if before is None else pa.repeat(before, len(rows))
        return pc.binary_join_element_wise(start, said, "")

    return values

"""Arrow columns made of whole numbers and word lists, without a Python object for each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from products.samples.city.chance import Whole

Digits = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def digits(numbers: Whole, length: int) -> Digits:
    """Return the ASCII digits of numbers, zero-filled: one row each."""
    out = np.empty((len(numbers), length), np.uint8)
    left = numbers.copy()
    for place in range(length - 1, -1, -1):
        left, digit = np.divmod(left, 10)
        out[:, place] = digit + 48
    return out


def fixed_text(characters: Digits) -> pa.Array:
    """Return texts of one length from their ASCII codes."""
    count, width = characters.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    data = np.ascontiguousarray(characters)
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def number_text(numbers: Whole) -> pa.Array:
    """Return numbers as texts, without zeros before them."""
    return pc.cast(pa.array(numbers), pa.string())


def words(known: Sequence[str], places: Whole) -> pa.Array:
    """Return the words at the places of a list."""
    return pa.array(known, pa.string()).take(pa.array(places))


def joined(*parts: pa.Array | str) -> pa.Array:
    """Return texts put together of parts; a plain text is in all of them."""
    count = next(len(part) for part in parts if not isinstance(part, str))
    arrays = [pa.repeat(part, count) if isinstance(part, str) else part for part in parts]
    return pc.binary_join_element_wise(*arrays, "")


def decimals(numbers: Whole, precision: int, scale: int) -> pa.Array:
    """Return exact decimals from whole numbers of the last place."""
    halves = np.empty((len(numbers), 2), np.int64)
    halves[:, 0], halves[:, 1] = numbers, numbers >> 63
    return pa.Array.from_buffers(pa.decimal128(precision, scale), len(numbers), [None, pa.py_buffer(halves)])


def days(numbers: Whole) -> pa.Array:
    """Return dates from days since 1970."""
    return pa.array(numbers.astype(np.int32)).cast(pa.date32())


def instants(seconds: Whole) -> pa.Array:
    """Return instants of UTC from seconds since 1970."""
    return pa.array(seconds * 1_000_000).cast(pa.timestamp("us", tz="UTC"))


def where(mask: Mask, column: pa.Array) -> pa.Array:
    """Return a column with nothing where the mask is false."""
    return pc.if_else(pa.array(mask), column, pa.scalar(None, column.type))


def constant(value: Any, kind: pa.DataType, count: int) -> pa.Array:
    """Return one value again and again."""
    return pa.repeat(pa.scalar(value, kind), count)

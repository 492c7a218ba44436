"""Pseudo-random numbers from (seed, stream, row): any row by itself, on any thread, in any order.

The mixer is SplitMix64 (Steele, Lea, Flood 2014) over whole numbers, so that every machine draws the same.
Good enough to make up data; nothing here is secret.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Rows = NDArray[Any]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


class Chance:
    """The draws of one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def bits(self, stream: str, rows: Rows) -> NDArray[np.uint64]:
        """Return 64 bits for each row."""
        key = hashlib.sha256(f"{self._seed}/{stream}".encode()).digest()[:8]
        state = rows.astype(np.uint64) * _GOLDEN + np.uint64(int.from_bytes(key, "little"))
        state = (state ^ (state >> np.uint64(30))) * _FIRST
        state = (state ^ (state >> np.uint64(27))) * _SECOND
        return state ^ (state >> np.uint64(31))

    def below(self, bound: int | Rows, stream: str, rows: Rows) -> Whole:
        """Return whole numbers from 0 to below a bound of at most 2^31, one for each row."""
        high = self.bits(stream, rows) >> np.uint64(33)
        return ((high * np.asarray(bound, np.uint64)) >> np.uint64(31)).astype(np.int64)

    def between(self, first: int, last: int, stream: str, rows: Rows) -> Whole:
        """Return whole numbers between two bounds, both included."""
        return self.below(last - first + 1, stream, rows) + first

    def pick(self, weights: Sequence[int], stream: str, rows: Rows) -> Whole:
        """Return places in a list of whole-number weights."""
        bounds = np.cumsum(np.asarray(weights, np.int64))
        return np.searchsorted(bounds, self.below(int(bounds[-1]), stream, rows), side="right").astype(
            np.int64
        )

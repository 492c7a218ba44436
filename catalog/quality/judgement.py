"""What a rule found in one version of a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from catalog.quality.bound import BoundRule

Rows = NDArray[np.int64]

NO_ROWS: Rows = np.empty(0, np.int64)


@dataclass(frozen=True)
class Tally:
    """How much a rule judged, and how much of it failed."""

    judged: int
    failing: int

    @property
    def passing(self) -> int:
        """A of the indicator A / B; B is `judged`."""
        return self.judged - self.failing


@dataclass(frozen=True)
class Absence:
    """What fails and is no row: a step without one, a key whose sums differ, the dataset as a whole.

    `key` identifies it, empty for the dataset; `said` is what is wrong with it, in words.
    """

    key: tuple[str | None, ...]
    organisation: str | None
    said: str


@dataclass(frozen=True)
class Judgement:
    """What one rule found: in all, by organisation code (None: rows without one), and what failed.

    `rows` are the failing rows' numbers from 0, in their order; `absences` is what fails and is no row.
    """

    rule: BoundRule
    total: Tally
    by_organisation: Mapping[str | None, Tally]
    rows: Rows = field(default_factory=lambda: NO_ROWS)
    absences: tuple[Absence, ...] = ()

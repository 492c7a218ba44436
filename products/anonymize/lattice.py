"""The search: which level of each hierarchy loses least and still leaves no class below k."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import lcm, prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from products.anonymize.combinations import Combinations
from products.anonymize.errors import LatticeTooLarge, PrivacyRefused
from products.anonymize.hierarchies import Hierarchy, Level

MAX_NODES: Final = 20_000
"""The most combinations of levels a search looks at; Adult with nine quasi-identifiers has 12,960."""

_KEY_LIMIT: Final = 2**62  # class keys are 64-bit integers
_TALLY_LIMIT: Final = 2**20  # up to so many possible classes counting in an array beats sorting


@dataclass(frozen=True)
class Outcome:
    """What one node (a level for each hierarchy) makes of the table.

    `kept` has shape (combinations,). `losses` are one for each hierarchy, each from 0 (nothing lost) to 1;
    `loss` is their mean. `smallest_class` and `classes` speak of the rows kept.
    """

    levels: tuple[int, ...]
    kept: NDArray[np.bool_]
    suppressed: int
    classes: int
    smallest_class: int | None
    losses: tuple[Fraction, ...]

    @property
    def loss(self) -> Fraction:
        return sum(self.losses, Fraction(0)) / len(self.losses)


def search(
    combinations: Combinations, hierarchies: Sequence[Hierarchy], *, k: int, most_suppressed: int
) -> Outcome:
    """Return the node of least loss whose classes below k hold at most `most_suppressed` rows, not all rows.

    The loss of a row in one attribute is (leaves under its label - 1) / (domain - 1), that is 0 for the
    value itself and 1 for a label that says nothing, and 1 when the row is suppressed; an attribute's loss
    is the mean over rows, the total the mean over attributes. It is ARX's Loss with the arithmetic mean and
    a generalization/suppression factor of 0.5 (a normalised certainty penalty). Exact, in whole numbers.
    Ties go to the fewest suppressed rows, then to the lowest levels in the order of the fields.

    Every node is a candidate. Those that can't win are passed over: nodes whose generalization alone loses
    more than the best found, and nodes below one that failed (going down only splits classes).

    Raises LatticeTooLarge, and PrivacyRefused when not even the most general node does.
    """
    lattice = _Lattice(combinations, hierarchies, k)
    _refuse_unattainable(lattice, most_suppressed)
    best: Outcome | None = None
    bounds, nodes = _by_bound(lattice)
    open_nodes = _OpenNodes(lattice, nodes, most_suppressed)
    for at, bound in enumerate(bounds):
        if best is not None and bound > best.loss:
            break
        if open_nodes.holds(at):
            outcome = lattice.outcome(_levels(nodes[at]))
            if best is None or _rank(outcome) < _rank(best):
                best = outcome
    assert best is not None  # the most general node was found to be permitted
    return best


class _Lattice:
    """Figures of any node over the combinations of one table."""

    def __init__(self, combinations: Combinations, hierarchies: Sequence[Hierarchy], k: int) -> None:
        heights = [len(hierarchy.levels) for hierarchy in hierarchies]
        if prod(heights) > MAX_NODES:
            raise LatticeTooLarge(
                f"the hierarchies offer {prod(heights):,} combinations of levels, and at most {MAX_NODES:,} "
                "are searched: " + ", ".join(f"{each.field} {len(each.levels)}" for each in hierarchies),
                hint="declare fewer levels, or drop a quasi-identifier",
            )
        self.hierarchies = hierarchies
        self.heights = heights
        self.top = tuple(height - 1 for height in heights)
        self.k = k
        self.rows = combinations.rows
        self._codes = combinations.codes
        self._counts = combinations.counts
        self._spans = [max(hierarchy.domain - 1, 1) for hierarchy in hierarchies]

    def classes(self, node: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return each combination's class, shape (combinations,), and the rows of each class.

        Class numbers have gaps: a class of 0 rows is none.
        """
        key, span = np.zeros(len(self._counts), np.int64), 1
        for at, level in self._chosen(node):
            if span * len(level.labels) > _KEY_LIMIT:
                key, span = _renumbered(key)
            key = key * len(level.labels) + level.of_value[self._codes[:, at]]
            span *= len(level.labels)
        if span > max(4 * len(key), _TALLY_LIMIT):
            key, span = _renumbered(key)
        rows = np.bincount(key, weights=self._counts, minlength=span)  # doubles: exact up to 2^53 rows
        return key, rows.astype(np.int64)

    def suppressed(self, node: tuple[int, ...]) -> int:
        """Return how many rows stand in classes below k."""
        _, rows = self.classes(node)
        return int(rows[rows < self.k].sum())

    def outcome(self, node: tuple[int, ...]) -> Outcome:
        key, rows = self.classes(node)
        large = rows >= self.k
        kept = large[key]
        suppressed = self.rows - int(rows[large].sum())
        return Outcome(
            levels=node,
            kept=kept,
            suppressed=suppressed,
            classes=int(large.sum()),
            smallest_class=int(rows[large].min()) if large.any() else None,
            losses=tuple(self._loss(at, level, kept, suppressed) for at, level in self._chosen(node)),
        )

    def unavoidable(self, at: int, level: Level) -> Fraction:
        """Return the attribute's loss at the level if nothing is suppressed, which costs no less."""
        return self._loss(at, level, np.ones(len(self._counts), np.bool_), 0)

    def _loss(self, at: int, level: Level, kept: NDArray[np.bool_], suppressed: int) -> Fraction:
        if self.rows == 0:
            return Fraction(0)
        labels = level.of_value[self._codes[kept, at]]
        lost = int((self._counts[kept] * (level.leaves[labels] - 1)).sum())
        return Fraction(lost, self._spans[at] * self.rows) + Fraction(suppressed, self.rows)

    def _chosen(self, node: tuple[int, ...]) -> list[tuple[int, Level]]:
        return [(at, self.hierarchies[at].levels[level]) for at, level in enumerate(node)]


class _OpenNodes:
    """Which nodes are permitted, found out with few groupings: a failed node rules out all below it.

    Before a node is grouped, one half-way up from it is: if that fails, a whole region is ruled out at once.
    """

    def __init__(self, lattice: _Lattice, nodes: NDArray[np.int32], most_suppressed: int) -> None:
        self._lattice = lattice
        self._nodes = nodes
        self._most_suppressed = most_suppressed
        self._number = {_levels(node): at for at, node in enumerate(nodes)}
        self._ruled_out = np.zeros(len(nodes), np.bool_)
        self._permitted = np.zeros(len(nodes), np.bool_)

    def holds(self, at: int) -> bool:
        """Return whether the node leaves no more rows in classes below k than may be suppressed."""
        if self._ruled_out[at]:
            return False
        half_way = (self._nodes[at] + np.array(self._lattice.top, np.int32) + 1) // 2
        return self._tried(self._number[_levels(half_way)]) and self._tried(at)

    def _tried(self, at: int) -> bool:
        if self._permitted[at] or self._ruled_out[at]:
            return bool(self._permitted[at])
        node = self._nodes[at]
        suppressed = self._lattice.suppressed(_levels(node))
        if _permitted(suppressed, self._lattice.rows, self._most_suppressed):
            self._permitted |= (self._nodes >= node).all(axis=1)
            return True
        self._ruled_out |= (self._nodes <= node).all(axis=1)
        return False


def _levels(node: NDArray[np.int32]) -> tuple[int, ...]:
    return tuple(int(level) for level in node)


def _by_bound(lattice: _Lattice) -> tuple[list[Fraction], NDArray[np.int32]]:
    """Return lower bounds of the loss, rising, and the nodes in this order, shape (nodes, hierarchies)."""
    terms = [
        [lattice.unavoidable(at, level) for level in hierarchy.levels]
        for at, hierarchy in enumerate(lattice.hierarchies)
    ]
    common = lcm(*(term.denominator for each in terms for term in each))
    whole = [[int(term * common) for term in each] for each in terms]  # integers add and sort faster
    nodes = sorted(
        (sum(each[level] for each, level in zip(whole, node, strict=True)), node)
        for node in product(*(range(height) for height in lattice.heights))
    )
    bounds = [Fraction(bound, common * len(terms)) for bound, _ in nodes]
    return bounds, np.array([node for _, node in nodes], np.int32)


def _renumbered(key: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Return the keys numbered from 0 without gaps, and how many there are."""
    distinct, numbered = np.unique(key, return_inverse=True)
    return numbered.astype(np.int64), len(distinct)


def _refuse_unattainable(lattice: _Lattice, most_suppressed: int) -> None:
    """Raises PrivacyRefused when the most general node fails: going up only merges classes."""
    below = lattice.suppressed(lattice.top)
    if not _permitted(below, lattice.rows, most_suppressed):
        _, sizes = lattice.classes(lattice.top)
        smallest = int(sizes[sizes > 0].min())
        raise PrivacyRefused(
            f"no choice of levels makes every class {lattice.k} rows or more: at the most general levels the "
            f"smallest class has {smallest}, and {below} of {lattice.rows} rows stand in classes below "
            f"{lattice.k} where at most {most_suppressed} may be suppressed",
            hint="declare coarser levels (a star on top), drop a quasi-identifier, raise the suppression "
            "limit, or choose a narrower release model",
            k=lattice.k,
            smallest_class=smallest,
            rows_below_k=below,
            rows=lattice.rows,
        )


def _permitted(suppressed: int, rows: int, most_suppressed: int) -> bool:
    """A table with nobody left in it is no result, whatever the limit; an empty one has nobody to protect."""
    return suppressed <= most_suppressed and (suppressed < rows or rows == 0)


def _rank(outcome: Outcome) -> tuple[Fraction, int, tuple[int, ...]]:
    return outcome.loss, outcome.suppressed, outcome.levels

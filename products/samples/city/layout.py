"""How the city is cut up: branches, offices, meter books, districts, and which customers are where.

Customers are numbered branch by branch and book by book, so that a customer's index says it all. A district
is a rectangle, its books are the cells of a grid in it whose inner corners are moved a little: convex,
without gaps. Not modelled: streets, rivers, density.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from products.samples.city.chance import Chance, Whole
from products.samples.city.columns import Digits, digits
from products.samples.customers import DISTRICTS

# Nobody measured these: they make a city of the right order of magnitude.
BRANCHES: Final = ("和平", "沈河", "大东", "皇姑", "铁西", "苏家屯", "浑南", "沈北", "于洪", "远郊")
CUSTOMERS_AN_OFFICE: Final = 40_000
LARGEST_BOOK: Final = 200
SMALLEST_BOOK: Final = 40
BOOKS_WANTED: Final = 75
BOOKS_A_COMMUNITY: Final = 5
COMMUNITIES_A_STATION: Final = 4

_WEST, _SOUTH, _WIDTH, _HEIGHT = 122_900_000, 41_400_000, 1_200_000, 1_000_000  # millionths of a degree
_ROWS: Final = (4, 4, 5)  # districts from south to north
_JITTER: Final = 20  # per cent of a cell: below 25 every cell stays convex


@dataclass(frozen=True)
class Box:
    """A rectangle in millionths of a degree."""

    west: int
    south: int
    east: int
    north: int


class Layout:
    """The city of so many customers."""

    def __init__(self, customers: int, chance: Chance) -> None:
        self.customers = customers
        self._chance = chance
        weights = np.array([d.weight for d in DISTRICTS], np.int64)
        share = np.append(weights[:9], weights[9:].sum())
        ends = np.cumsum(share) * customers // share.sum()
        self.branch_start: Whole = np.append(0, ends)
        self.book_size = max(SMALLEST_BOOK, min(LARGEST_BOOK, customers // BOOKS_WANTED))
        per_branch = -(-np.diff(self.branch_start) // self.book_size)
        self.book_start: Whole = np.append(0, np.cumsum(per_branch))
        self.books = int(self.book_start[-1])
        self.book_branch: Whole = np.repeat(np.arange(len(share)), per_branch)
        local = np.arange(self.books) - self.book_start[self.book_branch]
        offices = np.maximum(2, -(-np.diff(self.branch_start) // CUSTOMERS_AN_OFFICE))
        per_office = np.maximum(1, -(-per_branch // offices))
        self.book_office: Whole = local // per_office[self.book_branch]
        self.book_sequence: Whole = local % per_office[self.book_branch] + 1
        self.book_district: Whole = self._districts(local, per_branch)

    def _districts(self, local: Whole, per_branch: Whole) -> Whole:
        """The last branch serves the four outer districts."""
        last = local * 4 // np.maximum(1, per_branch[self.book_branch])
        return np.where(self.book_branch == 9, 9 + last, self.book_branch)

    @cached_property
    def book_numbers(self) -> Digits:
        """The number of each book: branch, office, sequence."""
        return np.hstack(
            [digits(self.book_branch + 1, 2), digits(self.book_office + 1, 2), digits(self.book_sequence, 4)]
        )

    @cached_property
    def offices(self) -> list[tuple[int, int]]:
        """Every office that has books: branch and office, from 0."""
        return sorted(set(zip(self.book_branch.tolist(), self.book_office.tolist(), strict=True)))

    def book_of(self, customers: Whole) -> tuple[Whole, Whole, Whole]:
        """Return the branch, the book and the place in the book of customers, all from 0."""
        branch = np.searchsorted(self.branch_start, customers, side="right") - 1
        local = customers - self.branch_start[branch]
        return branch, self.book_start[branch] + local // self.book_size, local % self.book_size

    def box(self, district: int) -> Box:
        """Return the rectangle of a district."""
        row = 0
        while district >= sum(_ROWS[: row + 1]):
            row += 1
        column, columns = district - sum(_ROWS[:row]), _ROWS[row]
        south, north = (_SOUTH + _HEIGHT * edge // len(_ROWS) for edge in (row, row + 1))
        west, east = (_WEST + _WIDTH * edge // columns for edge in (column, column + 1))
        return Box(west, south, east, north)

    @cached_property
    def book_corners(self) -> Whole:
        """The corners of each book's polygon: (books, 4, 2), longitude and latitude, against the clock."""
        corners = np.zeros((self.books, 4, 2), np.int64)
        for district in range(len(DISTRICTS)):
            here = np.flatnonzero(self.book_district == district)
            if len(here):
                lattice, side = self._lattice(district, len(here))
                row, column = np.divmod(np.arange(len(here)), side)
                for place, (down, right) in enumerate(((0, 0), (0, 1), (1, 1), (1, 0))):
                    corners[here, place] = lattice[row + down, column + right]
        return corners

    def _lattice(self, district: int, books: int) -> tuple[Whole, int]:
        side = math.isqrt(books - 1) + 1
        box = self.box(district)
        x = box.west + (box.east - box.west) * np.arange(side + 1) // side
        y = box.south + (box.north - box.south) * np.arange(side + 1) // side
        lattice = np.empty((side + 1, side + 1, 2), np.int64)
        lattice[:, :, 0], lattice[:, :, 1] = x[None, :], y[:, None]
        inner = np.arange(lattice[1:-1, 1:-1, 0].size)
        for axis, size in ((0, (box.east - box.west) // side), (1, (box.north - box.south) // side)):
            most = size * _JITTER // 100
            moved = self._chance.between(-most, most, f"lattice/{district}/{axis}", inner)
            lattice[1:-1, 1:-1, axis] += moved.reshape(side - 1, side - 1)
        return lattice, side

    def places(self, customers: Whole, book: Whole, stream: str) -> tuple[Whole, Whole]:
        """Return a longitude and a latitude for each customer, well inside the polygon of the book."""
        u = self._chance.between(100, 900, f"{stream}/u", customers)[:, None]
        v = self._chance.between(100, 900, f"{stream}/v", customers)[:, None]
        a, b, c, d = (self.book_corners[book, corner] for corner in range(4))
        south, north = a * (1000 - u) + b * u, d * (1000 - u) + c * u
        found = (south * (1000 - v) + north * v) // 1_000_000
        return found[:, 0], found[:, 1]


def polygon(corners: Whole) -> str:
    """Return a polygon as WKT, from its corners in millionths of a degree."""
    points = [f"{x / 1e6:.6f} {y / 1e6:.6f}" for x, y in [*corners.tolist(), corners[0].tolist()]]
    return f"POLYGON (({', '.join(points)}))"


def rectangle(box: Box) -> str:
    """Return a rectangle as WKT."""
    return polygon(
        np.array(
            [(box.west, box.south), (box.east, box.south), (box.east, box.north), (box.west, box.north)],
            np.int64,
        )
    )

"""Tables while defects are planted: cells are changed, rows put in and taken out, each written down.

Rows are told by their places in the clean table. What was planted is said in places of the finished one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from products.samples.city.chance import Whole
from products.samples.city.columns import fixed_text
from products.samples.city.parts import City
from products.samples.city.tree import readers

PLANTED = pa.schema(
    [
        ("rule", pa.string()),
        ("dataset", pa.string()),
        ("row", pa.int64()),
        ("key", pa.string()),
        ("how", pa.string()),
    ]
)
"""A row of the list of planted defects. `row` counts from 0 and is null where what fails is no row."""


@dataclass
class Sheet:
    """One table. `owner` is the customer of each row, by place in the block, in rising order."""

    table: pa.Table
    owner: Whole
    key: tuple[str, ...]
    cells: dict[str, list[tuple[Whole, pa.Array]]] = field(default_factory=lambda: defaultdict(list))
    dropped: list[Whole] = field(default_factory=list)
    added: list[tuple[Whole, pa.Table]] = field(default_factory=list)

    @property
    def count_with_added(self) -> int:
        return len(self.table) + sum(len(after) for after, _ in self.added)


@dataclass
class _Said:
    rule: str
    dataset: str
    rows: Whole
    how: str
    keys: pa.Array | None = None


@dataclass
class Draft:
    """The tables of one block, or the small registers of the city, and what was planted in them."""

    city: City
    sheets: Mapping[str, Sheet]
    first: int = 0
    """The index of the block's first customer."""
    said: list[_Said] = field(default_factory=list)

    def rows(self, dataset: str, owners: Whole, place: Whole | int = 0) -> Whole:
        """Return a row of each owner: the first, or the one at a place from 0."""
        first: Whole = np.searchsorted(self.sheets[dataset].owner, owners)
        return first + place

    def values(self, dataset: str, column: str, rows: Whole) -> pa.Array:
        """Return clean values."""
        return self.sheets[dataset].table[column].take(pa.array(rows)).combine_chunks()

    def numbers(self, dataset: str, column: str, rows: Whole) -> Whole:
        """Return clean decimals as whole numbers of the last place, days as days since 1970."""
        found = self.values(dataset, column, rows)
        if pa.types.is_decimal(found.type):
            halves: Whole = np.frombuffer(found.buffers()[1], np.int64)
            return halves[found.offset * 2 : (found.offset + len(found)) * 2 : 2]
        whole = found.cast(pa.int32()) if pa.types.is_date(found.type) else found
        numbers: Whole = whole.cast(pa.int64()).to_numpy(zero_copy_only=False)
        return numbers

    def book_readers(self, books: pa.Array) -> pa.Array:
        """Return the readers of books by their numbers."""
        return readers(self.city).take(self._books(books))

    def corners(self, books: pa.Array) -> Whole:
        """Return the corners of the polygons of books by their numbers."""
        found: Whole = self.city.layout.book_corners[self._books(books).to_numpy()]
        return found

    def _books(self, books: pa.Array) -> pa.Array:
        return pc.index_in(books, fixed_text(self.city.layout.book_numbers))

    def change(self, dataset: str, rows: Whole, **columns: Any) -> None:
        """Set cells: to one value, or to one for each row."""
        sheet = self.sheets[dataset]
        for name, value in columns.items():
            sheet.cells[name].append((rows, _column(value, sheet.table.schema.field(name).type, len(rows))))

    def add(self, dataset: str, like: Whole, **columns: Any) -> Whole:
        """Put a copy behind each row, with other values in some columns; return the places of the copies."""
        sheet = self.sheets[dataset]
        copies = sheet.table.take(pa.array(like))
        for name, value in columns.items():
            place = copies.schema.get_field_index(name)
            copies = copies.set_column(place, name, _column(value, copies.schema.field(name).type, len(like)))
        first = sheet.count_with_added
        sheet.added.append((like, copies))
        return np.arange(first, first + len(like))

    def drop(self, dataset: str, rows: Whole) -> None:
        """Take rows out."""
        self.sheets[dataset].dropped.append(rows)

    def fails(self, dataset: str, rows: Whole, rules: Sequence[str], how: str) -> None:
        """Write down that rows fail rules."""
        self.said += [_Said(rule, dataset, rows, how) for rule in rules]

    def lacks(self, dataset: str, keys: pa.Array, rules: Sequence[str], how: str) -> None:
        """Write down that something fails rules that is no row: its key."""
        self.said += [_Said(rule, dataset, np.empty(0, np.int64), how, keys) for rule in rules]

    def finished(self, dataset: str, first_row: int) -> tuple[pa.Table, pa.Table]:
        """Return a table as it is to be written, and what was planted in it: `PLANTED`."""
        sheet = self.sheets[dataset]
        table, place = _built(sheet)
        parts = [
            _written(said, table, place, sheet.key, first_row)
            for said in self.said
            if said.dataset == dataset
        ]
        return table, pa.concat_tables(parts) if parts else PLANTED.empty_table()


def _built(sheet: Sheet) -> tuple[pa.Table, Whole]:
    """Return the table with all changes, and where each of its former rows and of the copies is now."""
    table = sheet.table
    for name, changes in sheet.cells.items():
        at = table.schema.get_field_index(name)
        rows = np.concatenate([rows for rows, _ in changes])[::-1]
        values = pa.concat_arrays([values for _, values in changes])
        changed, last = np.unique(rows, return_index=True)  # what was said last holds
        mask = np.zeros(len(table), bool)
        mask[changed] = True
        wanted = values.take(pa.array(len(rows) - 1 - last))
        column = pc.replace_with_mask(table[name].combine_chunks(), pa.array(mask), wanted)
        table = table.set_column(at, table.schema.field(at), column)
    count = sheet.count_with_added
    if not sheet.added and not sheet.dropped:
        return table, np.arange(count)
    behind = np.concatenate([np.arange(len(table)), *(after for after, _ in sheet.added)])
    keep = np.ones(count, bool)
    for rows in sheet.dropped:
        keep[rows] = False
    order = np.argsort(behind, kind="stable")
    order = order[keep[order]]
    place = np.full(count, -1, np.int64)
    place[order] = np.arange(len(order))
    whole = pa.concat_tables([table, *(copies for _, copies in sheet.added)])
    return whole.take(pa.array(order)), place


def _written(said: _Said, table: pa.Table, place: Whole, key: tuple[str, ...], first_row: int) -> pa.Table:
    now = place[said.rows]
    keys = said.keys if said.keys is not None else key_texts(table.take(pa.array(now)), key)
    rows = pa.array(now + first_row) if said.keys is None else pa.nulls(len(keys), pa.int64())
    said_of = [pa.repeat(pa.scalar(text), len(keys)) for text in (said.rule, said.dataset, said.how)]
    return pa.Table.from_arrays([said_of[0], said_of[1], rows, keys, said_of[2]], schema=PLANTED)


def key_texts(table: pa.Table, key: tuple[str, ...]) -> pa.Array:
    """Return each row's key as one text, its parts with a bar between."""
    parts = [pc.fill_null(table[name].cast(pa.string()), "").combine_chunks() for name in key]
    return pc.binary_join_element_wise(*parts, "|")


def _column(value: Any, kind: pa.DataType, count: int) -> pa.Array:
    if isinstance(value, pa.ChunkedArray):
        value = value.combine_chunks()
    if isinstance(value, pa.Array):
        return value.cast(kind)
    if value is not None and pa.types.is_decimal(kind):
        value = Decimal(value)
    return pa.repeat(pa.scalar(value, kind), count)

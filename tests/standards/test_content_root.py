from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.engine import engine
from catalog.table_types import texts
from standards import merkle
from standards.content_root import content_root, row_bytes

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
ROW = st.lists(st.none() | TEXT, max_size=6)


@given(ROW)
@example(["\x00\x07\b\t\n\x0b\f\r\x1b\x7f\x80\u2028\u2029\ufeff\uffff", '"\\/', "𠀀😀", "中", None, ""])
def test_the_bytes_of_a_row_are_its_canonical_json(row: list[str | None]) -> None:
    assert row_bytes(row) == rfc8785.dumps(row)


@given(st.lists(ROW, max_size=20))
def test_the_root_is_the_merkle_root_over_the_rows(rows: list[list[str | None]]) -> None:
    expected = merkle.root([merkle.leaf_hash(rfc8785.dumps(row)) for row in rows])
    assert content_root(rows) == content_root(map(tuple, rows)) == expected.hex()


def test_the_root_of_a_known_table_stays_what_it_is() -> None:
    rows = [["A", "2021-01", "1.50"], ["B", "2021-01", None]]
    assert row_bytes(rows[1]) == b'["B","2021-01",null]'
    assert content_root(rows) == "bde7f43a1eb431af39705d0c439c06395dfe8c4a354076a5d97bd58f239036a9"
    assert content_root([]) == merkle.EMPTY_ROOT.hex()


@given(rows=st.lists(ROW, min_size=1, max_size=8), place=st.data())
def test_any_change_of_any_value_changes_the_root(rows: list[list[str | None]], place: st.DataObject) -> None:
    index = place.draw(st.integers(0, len(rows) - 1))
    other = place.draw(ROW.filter(lambda row: row != rows[index]))
    assert content_root([*rows[:index], other, *rows[index + 1 :]]) != content_root(rows)


def test_missing_and_empty_text_and_where_cells_end_are_told_apart() -> None:
    rows: list[list[str | None]] = [["a", None], ["a", ""], ["a"], ["a,"], ['a","'], [None], []]
    assert len({content_root([row]) for row in rows}) == len(rows)


def _pieces(table: pa.Table, size: int) -> Iterator[pa.Table]:
    for start in range(0, table.num_rows, size):
        yield table.slice(start, size)


@pytest.mark.parametrize("size", [1_000, 4_096, 65_536, 65_537, 150_000])
def test_the_root_of_a_table_does_not_depend_on_how_it_is_cut(size: int) -> None:
    with engine() as connection:
        table = connection.sql(
            "SELECT 'area ' || n % 7 AS area, (n * 1.25)::DECIMAL(12, 2) AS flow, n % 3 = 0 AS flag, "
            "DATE '2021-01-01' + (n % 400)::INTEGER AS day FROM range(150_000) AS t(n)"
        ).to_arrow_table()
    whole = content_root(row for chunk in texts(table) for row in chunk)
    cut = content_root(row for piece in _pieces(table, size) for chunk in texts(piece) for row in chunk)
    assert cut == whole
    rechunked = pa.concat_tables([piece.combine_chunks() for piece in _pieces(table, size)])
    assert content_root(row for chunk in texts(rechunked) for row in chunk) == whole

"""Rows by value and by page: no value is taken for none, and no part for the whole."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from products.row_filters import BadQuery
from products.row_queries import MAX_ROWS, RowQuery, TooManyRows, selected

INSTANT = datetime(2021, 3, 28, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a field of every type that a release may have, and a row of nothing."""
    columns = {
        "text": pa.array(["744", None]),
        "whole": pa.array([744, None], pa.int64()),
        "number": pa.array([Decimal("-0.500"), None], pa.decimal128(38, 3)),
        "truth": pa.array([True, None]),
        "day": pa.array([date(2021, 3, 28), None]),
        "instant": pa.array([INSTANT, None], pa.timestamp("us", tz="UTC")),
        "zero": pa.array([Decimal("0"), None], pa.decimal128(4, 0)),
    }
    path = tmp_path_factory.mktemp("rows") / "mixed.parquet"
    pq.write_table(pa.table(columns), path)
    return path


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with one row more than an answer holds."""
    path = tmp_path_factory.mktemp("rows") / "many.parquet"
    numbers = pa.array(range(MAX_ROWS + 1), pa.int32())
    pq.write_table(pa.table({"number": numbers}), path)
    return path


@pytest.mark.parametrize(
    ("name", "value", "count"),
    [
        ("text", "744", 1), ("text", "0744", 0), ("text", "", 0),
        ("whole", "744", 1), ("whole", "+0744", 1), ("whole", "-744", 0), ("whole", "9" * 99, 0),
        ("number", "-0.5", 1), ("number", "-0.5000", 1), ("number", "-00.5", 1),
        ("number", "0.5", 0), ("number", "9" * 60, 0), ("zero", "-0", 1), ("zero", "0.000", 1),
        ("truth", "true", 1), ("truth", "false", 0),
        ("day", "2021-03-28", 1), ("day", "2021-03-29", 0),
        ("instant", "2021-03-28T01:00:00Z", 1), ("instant", "2021-03-28 01:00Z", 1),
        ("instant", "2021-03-28T02:00:00.000+01:00", 1), ("instant", "2021-03-28T01:00:00.000001Z", 0),
    ],
)  # fmt: skip
def test_a_filter_finds_a_value_however_it_is_written(mixed: Path, name: str, value: str, count: int) -> None:
    found = selected(RowQuery(where={name: value}), mixed)
    assert (found.table.num_rows, found.total) == (count, count)


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        *(("whole", value, "whole number") for value in ("", "x", "1.0", "1e3", " 1", "٣", "1_0", "9" * 101)),
        *(
            ("number", value, "at most 3 decimals such as 12.000")
            for value in ("", "abc", "1.0001", ".5", "NaN")
        ),
        *(("zero", value, "at most 0 decimals such as 12") for value in ("0.5", "1e3", "Infinity")),
        *(("truth", value, "true or false") for value in ("", "True", "1")),
        *(("day", value, "a day such as") for value in ("2021-3-28", "2021-02-29", "20210328")),
        ("instant", "2021-03-28T01:00:00", "an instant such as 2021-03-28T01:00:00Z"),
        ("instant", "2021-03-28T02:00:00 01:00", "an instant"),
        ("instant", "0001-01-01T00:00:00+01:00", "an instant"),
        ("instant", "2021-03-28T01:00:00.1234567Z", "an instant"),
    ],
)
def test_a_value_that_the_field_can_not_have_is_refused_with_its_form(
    mixed: Path, name: str, value: str, form: str
) -> None:
    with pytest.raises(BadQuery) as caught:
        selected(RowQuery(where={name: value, "text": "x"}), mixed)
    (fault,) = caught.value.faults
    assert (fault.pointer, fault.detail) == (f"/query/{name}", caught.value.message)
    assert form in fault.detail
    assert caught.value.hint


def test_all_wrong_values_are_named_at_once(mixed: Path) -> None:
    with pytest.raises(BadQuery) as caught:
        selected(RowQuery(where={"whole": "x", "day": "y", "text": "z"}), mixed)
    assert [fault.pointer for fault in caught.value.faults] == ["/query/whole", "/query/day"]


def test_without_a_limit_an_answer_is_whole_or_refused(many: Path) -> None:
    with pytest.raises(TooManyRows, match="1,000,001 rows fit") as caught:
        selected(RowQuery(), many)
    assert f"limit={MAX_ROWS}" in (caught.value.hint or "")
    assert selected(RowQuery(offset=1), many).table.num_rows == MAX_ROWS
    assert selected(RowQuery(where={"number": "1000000"}), many).table.num_rows == 1
    page = selected(RowQuery(limit=MAX_ROWS), many)
    assert (page.table.num_rows, page.total) == (MAX_ROWS, MAX_ROWS + 1)


def test_a_page_says_how_many_there_are_in_all(many: Path) -> None:
    for offset, count in ((0, 3), (999_999, 2), (1_000_001, 0), (2**53, 0)):
        found = selected(RowQuery(limit=3, offset=offset), many)
        assert (found.table.num_rows, found.total) == (count, 1_000_001)
        assert found.table["number"].to_pylist() == list(range(offset, offset + count))

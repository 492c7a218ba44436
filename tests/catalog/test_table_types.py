from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from catalog.engine import engine
from catalog.table_types import ROWS_AT_A_TIME, arrow_type, sql_type, text_form, texts
from standards.data_elements import DataElement
from standards.library import Library


@pytest.mark.parametrize("element", Library.load().elements(), ids=lambda element: element.id)
def test_every_bundled_element_has_one_type_in_arrow_and_in_the_engine(element: DataElement) -> None:
    with engine() as connection:
        table = connection.sql(f"SELECT CAST(NULL AS {sql_type(element)}) AS v").to_arrow_table()
    assert table.schema.field("v").type == arrow_type(element)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (" a ", pa.string(), " a "),
        (-7, pa.int64(), "-7"),
        (Decimal("1.5"), pa.decimal128(12, 5), "1.50000"),
        (Decimal("-0.00001"), pa.decimal128(12, 5), "-0.00001"),
        (Decimal("9" * 38), pa.decimal128(38, 0), "9" * 38),
        (True, pa.bool_(), "true"),
        (dt.date(2021, 3, 8), pa.date32(), "2021-03-08"),
        (dt.datetime(2021, 3, 28, 1), pa.timestamp("us", "UTC"), "2021-03-28T01:00:00Z"),
        (dt.datetime(2021, 3, 28, 1, 0, 0, 500), pa.timestamp("us", "UTC"), "2021-03-28T01:00:00.000500Z"),
        (
            dt.datetime(1969, 12, 31, 23, 59, 59, 999999),
            pa.timestamp("us", "UTC"),
            "1969-12-31T23:59:59.999999Z",
        ),
    ],
)
def test_every_value_has_one_text_form(value: object, kind: pa.DataType, text: str) -> None:
    table = pa.table({"v": pa.array([value, None], kind)})
    assert list(texts(table)) == [[(text,), (None,)]]


def test_the_text_form_of_an_instant_does_not_depend_on_the_sessions_zone() -> None:
    table = pa.table({"v": pa.array([dt.datetime(2021, 3, 28, 1)], pa.timestamp("us", "Asia/Shanghai"))})
    with engine() as connection:
        connection.execute("SET TimeZone = 'America/New_York'")
        connection.register("source", table)
        form = text_form("v", table.schema.field("v").type)
        assert connection.execute(f"SELECT {form} FROM source").fetchall() == [("2021-03-28T01:00:00Z",)]


def test_texts_come_in_order_and_in_chunks_whatever_a_column_is_called() -> None:
    count = 2 * ROWS_AT_A_TIME + 5
    table = pa.table({"source": pa.array(range(count)), 'a "b"': pa.array(range(count))})
    chunks = list(texts(table))
    assert max(map(len, chunks)) <= ROWS_AT_A_TIME
    assert [row for chunk in chunks for row in chunk] == [(str(n), str(n)) for n in range(count)]


def test_two_readers_may_be_half_way_at_once() -> None:
    first = texts(pa.table({"v": list(range(200_000))}))
    second = texts(pa.table({"v": ["a"]}))
    assert next(first)[0] == ("0",)
    assert next(second) == [("a",)]
    assert sum(map(len, first)) == 200_000 - ROWS_AT_A_TIME

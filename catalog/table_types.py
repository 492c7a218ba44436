"""How a data element's type looks in Arrow, in SQL and as text.

One text form per value: it stands in the CSV, in the API's answers and under the content root.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

import pyarrow as pa

from catalog.engine import quoted
from standards.data_elements import DataElement, DataType

ROWS_AT_A_TIME = 65_536


def arrow_type(element: DataElement) -> pa.DataType:
    """Return the Arrow type of a field bound to the element; a timestamp is microseconds in UTC."""
    match element.type:
        case DataType.TEXT:
            return pa.string()
        case DataType.INTEGER:
            return pa.int64()
        case DataType.DECIMAL:
            return pa.decimal128(element.precision or 38, element.scale or 0)
        case DataType.BOOLEAN:
            return pa.bool_()
        case DataType.DATE:
            return pa.date32()
        case DataType.TIMESTAMP:
            return pa.timestamp("us", tz="UTC")


def sql_type(element: DataElement) -> str:
    """Return the DuckDB type of a field bound to the element."""
    plain = {
        DataType.TEXT: "VARCHAR",
        DataType.INTEGER: "BIGINT",
        DataType.BOOLEAN: "BOOLEAN",
        DataType.DATE: "DATE",
        DataType.TIMESTAMP: "TIMESTAMPTZ",
    }
    if element.type is DataType.DECIMAL:
        return f"DECIMAL({element.precision}, {element.scale})"
    return plain[element.type]


def text_form(name: str, kind: pa.DataType) -> str:
    """Return the SQL that writes column `name` as text: 1.50, true, 2021-03-28, 2021-03-28T01:00:00Z."""
    column = quoted(name)
    if pa.types.is_timestamp(kind):
        whole = f"strftime({column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S')"
        part = f"strftime({column} AT TIME ZONE 'UTC', '.%f')"
        return f"{whole} || CASE {part} WHEN '.000000' THEN '' ELSE {part} END || 'Z'"
    return f"CAST({column} AS VARCHAR)"


def texts(table: pa.Table) -> Iterator[list[tuple[str | None, ...]]]:
    """Yield the table's rows as tuples of text forms, in order, in chunks."""
    from catalog.engine import engine

    columns = ", ".join(text_form(field.name, field.type) for field in table.schema)
    with engine() as connection:
        connection.register("source", table)
        for batch in connection.sql(f"SELECT {columns} FROM source").to_arrow_reader(ROWS_AT_A_TIME):
            yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def text_rows(table: pa.Table) -> Iterator[tuple[str | None, ...]]:
    """Yield the table's rows as tuples of text forms, in order."""
    for chunk in texts(table):
        yield from chunk


def write_csv(stream: TextIO, table: pa.Table) -> None:
    """Write the table as the CSV that releases hold and the API answers with; nothing stands for null."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.column_names)
    writer.writerows(text_rows(table))

"""A version written again with some of its cells changed: in order, in parts, past no Python value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from catalog import parquet
from catalog.corrections.locating import TOUCHED
from catalog.corrections.sheets import Sheet
from catalog.engine import quoted
from catalog.table_types import ROWS_AT_A_TIME


@dataclass(frozen=True)
class Patch:
    """What cells of one field become: the rows from 0, ascending, and beside them the values."""

    rows: np.typing.NDArray[np.int64]
    values: pa.Array

    def within(self, first: int, count: int) -> Patch:
        """Return the part that falls into `count` rows from `first`, its rows counted from there."""
        begin, end = np.searchsorted(self.rows, (first, first + count))
        return Patch(self.rows[begin:end] - first, self.values.slice(begin, end - begin))

    def on(self, column: pa.Array) -> pa.Array:
        """Return the column with these values in their places."""
        if not len(self.rows):
            return column
        places = np.arange(len(column))
        places[self.rows] = len(column) + np.arange(len(self.rows))
        return pa.concat_arrays([column, self.values]).take(pa.array(places))


def patches(connection: duckdb.DuckDBPyConnection, sheet: Sheet, schema: pa.Schema) -> dict[str, Patch]:
    """Return the cells that the located sheet changes, by field."""
    found = {}
    for name in sheet.fields:
        table = connection.sql(
            f'SELECT "#row" - 1 AS place, {quoted(f"is:{name}")} AS value FROM {TOUCHED} '
            f"WHERE {is_changed(name)} ORDER BY place"
        ).to_arrow_table()
        values = table["value"].cast(schema.field(name).type).combine_chunks()
        if len(values):
            found[name] = Patch(table["place"].to_numpy().astype(np.int64), _one_array(values))
    return found


def is_changed(name: str) -> str:
    """Return the SQL that tells whether a located row changes a field."""
    return f"({quoted(f'says:{name}')} AND {quoted(f'is:{name}')} IS DISTINCT FROM {quoted(f'was:{name}')})"


def write(base: Path, target: Path, changed: Mapping[str, Patch]) -> int:
    """Write the version at `base` with the patches, and return how many rows it has."""
    with pq.ParquetFile(base) as file:
        return parquet.write(target, file.schema_arrow, _patched(file, changed))


def _patched(file: pq.ParquetFile, changed: Mapping[str, Patch]) -> Iterator[pa.RecordBatch]:
    first = 0
    for batch in file.iter_batches(ROWS_AT_A_TIME):
        for name, patch in changed.items():
            place = batch.schema.get_field_index(name)
            column = patch.within(first, batch.num_rows).on(batch.column(place))
            batch = batch.set_column(place, batch.schema.field(place), column)
        yield batch
        first += batch.num_rows


def _one_array(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.concat_arrays(values.chunks)

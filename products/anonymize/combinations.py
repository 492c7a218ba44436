"""The table's distinct combinations of quasi-identifiers with their counts: all the search ever looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from products.anonymize.errors import UnfitField


@dataclass(frozen=True)
class Column:
    """A field as distinct values (null among them as None) and, for each row, an index into these."""

    field: str
    values: tuple[object, ...]
    codes: NDArray[np.int32]


@dataclass(frozen=True)
class Combinations:
    """Distinct combinations, sorted: `codes` has shape (combinations, fields), `counts` (combinations,)."""

    codes: NDArray[np.int32]
    counts: NDArray[np.int64]

    @property
    def rows(self) -> int:
        return int(self.counts.sum())


def encode(field: str, column: pa.ChunkedArray) -> Column:
    """Return the column as values and codes. Raises UnfitField for types that hold no single value."""
    if not _holds_single_values(column.type):
        raise UnfitField(
            f"field {field!r} of type {column.type} can't be a quasi-identifier",
            hint="make it text, a number, a date or a boolean, or drop it",
        )
    if pa.types.is_decimal32(column.type) or pa.types.is_decimal64(column.type):
        column = column.cast(
            pa.decimal128(column.type.precision, column.type.scale)
        )  # Arrow encodes only these
    encoded = column.dictionary_encode().unify_dictionaries()
    if encoded.num_chunks == 0:
        return Column(field, (), np.empty(0, np.int32))
    values: list[object] = encoded.chunk(0).dictionary.to_pylist()
    chunks = [chunk.indices.fill_null(len(values)).to_numpy() for chunk in encoded.chunks]
    if column.null_count:
        values.append(None)
    return Column(field, tuple(values), np.concatenate(chunks).astype(np.int32, copy=False))


def collapse(columns: Sequence[Column], *, threads: int | None = None) -> Combinations:
    """Return the combinations of at least one column; the same for any number of threads."""
    names = ", ".join(f"c{at}" for at in range(len(columns)))
    with _session(threads) as session:
        session.register("coded", _coded(columns))
        found = session.sql(
            f"SELECT {names}, count(*) AS n FROM coded GROUP BY {names} ORDER BY {names}"
        ).to_arrow_table()
    codes = [found.column(at).to_numpy() for at in range(len(columns))]
    return Combinations(np.column_stack(codes), found.column("n").to_numpy())


def rows_within(columns: Sequence[Column], combinations: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return a mask of shape (rows,): whether the row has one of the combinations (n, fields) given."""
    mask = np.zeros(len(columns[0].codes), np.bool_)
    names = ", ".join(f"c{at}" for at in range(len(columns)))
    wanted = pa.table({f"c{at}": combinations[:, at] for at in range(len(columns))})
    rows = pa.array(np.arange(len(mask), dtype=np.int64))
    with _session(None) as session:
        session.register("coded", _coded(columns).append_column("row", rows))
        session.register("wanted", wanted)
        found = session.sql(f"SELECT row FROM coded SEMI JOIN wanted USING ({names})").to_arrow_table()
    mask[found.column("row").to_numpy()] = True
    return mask


def _coded(columns: Sequence[Column]) -> pa.Table:
    return pa.table({f"c{at}": column.codes for at, column in enumerate(columns)})


def _session(threads: int | None) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={} if threads is None else {"threads": threads})


def _holds_single_values(of_type: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(of_type)
        or pa.types.is_large_string(of_type)
        or pa.types.is_integer(of_type)
        or pa.types.is_float32(of_type)
        or pa.types.is_float64(of_type)
        or pa.types.is_decimal(of_type)
        or pa.types.is_date32(of_type)
        or pa.types.is_timestamp(of_type)
        or pa.types.is_boolean(of_type)
    )

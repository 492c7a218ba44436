"""The findings of a run: every failing object of every rule that did not pass, as one Parquet object.

An object is called by the key of its row, as canonical JSON: `["U0001"]`; of what is not there, by the key
that is missing; a dataset as a whole is `[]`; in a dataset without a key a row is `["#12"]`, counted from 1.
Rows that share a key are one object, found once by each rule, in the first of its rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import duckdb
import numpy as np
import pyarrow as pa

from catalog.engine import quoted
from catalog.quality.compiling.sheet import ROW, ROWS, Sheet
from catalog.quality.judgement import Judgement, Rows
from catalog.quality.units import Owned
from catalog.table_types import text_form

SCHEMA = pa.schema(
    [
        ("rule", pa.string()),
        ("object", pa.string()),
        ("row", pa.int64()),
        ("organisation", pa.string()),
        ("answerable", pa.string()),
    ]
)
"""`row` counts from 1 and is null for what is no row; `answerable` is a party's id."""

_FAILING = "failing_rows"


def failing_objects(
    connection: duckdb.DuckDBPyConnection, judgements: Sequence[Judgement], key: Sequence[str],
    owned: Owned, sheet: Sheet,
) -> Iterator[pa.RecordBatch]:  # fmt: skip
    """Yield what the judgements found, rule by rule in their order and row by row, as `SCHEMA`."""
    parts = [judgement.rows for judgement in judgements if len(judgement.rows)]
    if parts:
        every = np.unique(np.concatenate(parts))
        rows = _named(connection, every, key, owned, sheet)
        codes = rows["object"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    for judgement in judgements:
        if len(judgement.rows):
            yield _of_rows(judgement, rows, every, codes)
        if judgement.absences:
            yield _of_absences(judgement)


def object_name(values: Sequence[str | None]) -> str:
    """Return what an object is called whose key has these values."""
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))


def _named(
    connection: duckdb.DuckDBPyConnection, rows: Rows, key: Sequence[str], owned: Owned, sheet: Sheet
) -> pa.Table:
    """Return the rows, in their order, with what each is called and whose it is."""
    connection.register(_FAILING, pa.table({"r": rows}))
    unit, party = owned.unit(sheet), owned.party(sheet)
    columns = "".join(f", {ROWS}.{quoted(name)} AS c{place}" for place, name in enumerate(key))
    inner = (
        f"SELECT {ROWS}.{ROW} AS r, {unit} AS organisation, {party} AS answerable{columns} "
        f"FROM {ROWS} {sheet.joined(unit, party)} WHERE {ROWS}.{ROW} IN (SELECT r FROM {_FAILING})"
    )
    types = connection.sql(f"SELECT * FROM ({inner}) LIMIT 0").to_arrow_table().schema
    texts = [text_form(f"c{place}", types.field(f"c{place}").type) for place in range(len(key))]
    name = f"to_json([{', '.join(texts)}])" if key else "'[\"#' || (r + 1) || '\"]'"
    query = (
        f"SELECT r, CAST({name} AS VARCHAR) AS object, CAST(organisation AS VARCHAR) AS organisation, "
        f"CAST(answerable AS VARCHAR) AS answerable FROM ({inner}) ORDER BY r"
    )
    return connection.sql(query).to_arrow_table()


def _of_rows(judgement: Judgement, rows: pa.Table, every: Rows, codes: Rows) -> pa.RecordBatch:
    places = np.searchsorted(every, judgement.rows)
    _, firsts = np.unique(codes[places], return_index=True)
    kept = rows.take(pa.array(places[np.sort(firsts)])).combine_chunks()
    (batch,) = kept.to_batches() or [pa.RecordBatch.from_pylist([], kept.schema)]
    return pa.record_batch(
        [
            pa.array([judgement.rule.id] * batch.num_rows, pa.string()),
            batch["object"],
            pa.array(batch["r"].to_numpy(zero_copy_only=False) + 1, pa.int64()),
            batch["organisation"],
            batch["answerable"],
        ],
        schema=SCHEMA,
    )


def _of_absences(judgement: Judgement) -> pa.RecordBatch:
    count = len(judgement.absences)
    nothing = pa.nulls(count, pa.string())
    return pa.record_batch(
        [
            pa.array([judgement.rule.id] * count, pa.string()),
            pa.array([object_name(each.key) for each in judgement.absences], pa.string()),
            pa.nulls(count, pa.int64()),
            pa.array([each.organisation for each in judgement.absences], pa.string()),
            nothing,
        ],
        schema=SCHEMA,
    )

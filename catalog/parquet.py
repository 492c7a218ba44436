"""Parquet whose bytes depend on nothing but the rows: same rows, same file, on every machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP_ROWS = 131_072


def write(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """Write the batches in their order and return the number of rows.

    Row groups are cut by row count, never by how batches arrived; no time, host or path is written.
    The writer's own version is part of the bytes, so it is pinned and named in manifests.
    """
    rows = 0
    with pq.ParquetWriter(
        path, schema.remove_metadata(), compression="zstd", compression_level=3, version="2.6",
        store_schema=False, write_page_index=False, use_dictionary=True,
    ) as writer:  # fmt: skip
        for group in _row_groups(schema, batches):
            writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
            rows += group.num_rows
    return rows


def write_table(path: Path, table: pa.Table) -> int:
    """Write one table; see `write`."""
    return write(path, table.schema, table.to_batches())


def _row_groups(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        waiting.append(batch)
        count += batch.num_rows
        while count >= ROW_GROUP_ROWS:
            table = pa.Table.from_batches(waiting, schema)
            yield _solid(table.slice(0, ROW_GROUP_ROWS))
            rest = table.slice(ROW_GROUP_ROWS)
            waiting, count = rest.to_batches(), rest.num_rows
    if count:
        yield _solid(pa.Table.from_batches(waiting, schema))


def _solid(table: pa.Table) -> pa.Table:
    """Return the table in one chunk per column, so that page boundaries can't follow the batches."""
    return table.combine_chunks()

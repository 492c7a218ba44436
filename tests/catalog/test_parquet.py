from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog import parquet
from catalog.engine import engine

ROWS = 2 * parquet.ROW_GROUP_ROWS + 12_345


@pytest.fixture(scope="module")
def table() -> pa.Table:
    """Two full row groups and a part of a third: text, numbers, instants and nulls."""
    with engine() as connection:
        return connection.sql(
            f"""SELECT 'area ' || n % 977 AS area, n * 3.25::DECIMAL(12, 5) AS flow,
            to_timestamp(n * 3600) AS at, CASE WHEN n % 7 > 0 THEN md5(n::VARCHAR) END AS code
            FROM range({ROWS}) AS t(n)"""
        ).to_arrow_table()


def _digest(path: Path, table: pa.Table, batches: Iterator[pa.RecordBatch] | list[pa.RecordBatch]) -> str:
    assert parquet.write(path, table.schema, batches) == ROWS
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _cut(table: pa.Table, sizes: list[int]) -> Iterator[pa.RecordBatch]:
    start, turn = 0, 0
    while start < table.num_rows:
        yield from table.slice(start, sizes[turn % len(sizes)]).combine_chunks().to_batches()
        start, turn = start + sizes[turn % len(sizes)], turn + 1


@pytest.mark.parametrize("sizes", [[1000], [65_536], [7, 50_001], [parquet.ROW_GROUP_ROWS], [ROWS]])
def test_the_bytes_do_not_depend_on_how_the_rows_arrive(
    tmp_path: Path, table: pa.Table, sizes: list[int]
) -> None:
    whole = _digest(tmp_path / "whole", table, table.combine_chunks().to_batches())
    assert _digest(tmp_path / "cut", table, _cut(table, sizes)) == whole


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_bytes_do_not_depend_on_the_engines_threads(
    tmp_path: Path, table: pa.Table, threads: int
) -> None:
    pq.write_table(table, tmp_path / "source.parquet", row_group_size=10_000)
    with engine() as connection:
        connection.execute(f"SET threads = {threads}")
        query = f"SELECT * FROM read_parquet('{tmp_path / 'source.parquet'}')"
        reader = connection.sql(query).to_arrow_reader(65_536)
        written = _digest(tmp_path / "target", table, (batch.cast(table.schema) for batch in reader))
    assert written == _digest(tmp_path / "whole", table, table.to_batches())


def test_row_groups_are_cut_by_count_and_hold_no_trace_of_the_writer(tmp_path: Path, table: pa.Table) -> None:
    marked = table.replace_schema_metadata({"made on": "this machine"})
    parquet.write_table(tmp_path / "t", marked)
    file = pq.ParquetFile(tmp_path / "t")
    groups = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert groups == [parquet.ROW_GROUP_ROWS, parquet.ROW_GROUP_ROWS, 12_345]
    assert file.metadata.metadata is None
    assert file.read().equals(table)


def test_a_table_without_rows_is_a_file_with_a_schema(tmp_path: Path, table: pa.Table) -> None:
    assert parquet.write_table(tmp_path / "t", table.slice(0, 0)) == 0
    assert pq.read_schema(tmp_path / "t").names == table.schema.names

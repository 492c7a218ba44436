"""A whole corrected file beside the version it corrects: which cells differ, which rows came and went."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from catalog.corrections.cells import CELLS, create, object_sql
from catalog.engine import literal, quoted, read_parquet
from catalog.table_types import text_form


def compare(
    connection: duckdb.DuckDBPyConnection, base: Path, corrected: Path, schema: pa.Schema, key: Sequence[str]
) -> None:
    """Make the table `cells` of two Parquet files of one schema.

    Rows belong together by key; where a key stands several times, by which of them they are; without a key,
    by their number.
    """
    kinds = {field.name: field.type for field in schema}
    same = " AND ".join(
        f"b.{quoted(name)} IS NOT DISTINCT FROM c.{quoted(name)}" for name in (*key, "#which")
    )
    values = [name for name in schema.names if name not in key]
    differs = " OR ".join(f"b.{quoted(name)} IS DISTINCT FROM c.{quoted(name)}" for name in values) or "false"
    pairs = ", ".join(
        f"b.{quoted(name)} AS {quoted(f'was:{name}')}, c.{quoted(name)} AS {quoted(f'is:{name}')}"
        for name in schema.names
    )
    connection.execute(
        f'CREATE TEMP TABLE pairs AS SELECT b."#row" AS "#was", c."#row" AS "#is", {pairs} '
        f"FROM ({_numbered(base, key)}) b FULL OUTER JOIN ({_numbered(corrected, key)}) c ON {same} "
        f'WHERE b."#row" IS NULL OR c."#row" IS NULL OR {differs}'
    )
    create(connection)
    was, now = (
        object_sql([(f"{side}:{name}", kinds[name]) for name in key], quoted(f"#{side}"))
        for side in ("was", "is")
    )
    for name in values:
        old, new = quoted(f"was:{name}"), quoted(f"is:{name}")
        old_text, new_text = text_form(f"was:{name}", kinds[name]), text_form(f"is:{name}", kinds[name])
        connection.execute(
            f"INSERT INTO {CELLS} SELECT {was}, \"#was\", 'changed', {literal(name)}, sha256({old_text}), "
            f'{new_text} FROM pairs WHERE "#was" IS NOT NULL AND "#is" IS NOT NULL '
            f"AND {old} IS DISTINCT FROM {new}"
        )
    connection.execute(
        f"INSERT INTO {CELLS} SELECT {was}, \"#was\", 'removed', NULL, NULL, NULL FROM pairs "
        'WHERE "#is" IS NULL'
    )
    connection.execute(
        f"INSERT INTO {CELLS} SELECT {now}, \"#is\", 'added', NULL, NULL, NULL FROM pairs "
        'WHERE "#was" IS NULL'
    )


def _numbered(path: Path, key: Sequence[str]) -> str:
    numbered = f'SELECT *, file_row_number + 1 AS "#row" FROM {read_parquet(path)}'
    if not key:
        return f'SELECT *, "#row" AS "#which" FROM ({numbered})'
    of_key = ", ".join(map(quoted, key))
    which = f'row_number() OVER (PARTITION BY {of_key} ORDER BY "#row")'
    return f'SELECT *, {which} AS "#which" FROM ({numbered})'

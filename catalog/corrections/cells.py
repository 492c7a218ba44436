"""The list of a correction's changed cells, as an object that an auditor reads beside the two versions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from catalog import parquet
from catalog.corrections.locating import TOUCHED
from catalog.corrections.models import Counts
from catalog.corrections.patching import is_changed
from catalog.corrections.sheets import Sheet
from catalog.engine import literal, one_row, quoted
from catalog.table_types import ROWS_AT_A_TIME, text_form

CELLS = "cells"
SCHEMA = pa.schema(
    [
        ("object", pa.string()),
        ("row", pa.int64()),
        ("change", pa.string()),
        ("field", pa.string()),
        ("old_sha256", pa.string()),
        ("new", pa.string()),
    ]
)
"""`object` is the row's key as findings write it; `row` its number in the base version, of an added row in
the new one. Of an added or a removed row there is one line, without field and values."""


def of_sheet(
    connection: duckdb.DuckDBPyConnection, sheet: Sheet, schema: pa.Schema, key: Sequence[str]
) -> None:
    """Make the table `cells` from the located sheet."""
    kind = {field.name: field.type for field in schema}
    object_ = object_sql([(f"was:{name}", kind[name]) for name in key])
    create(connection)
    for name in sheet.fields:
        was, now = text_form(f"was:{name}", kind[name]), text_form(f"is:{name}", kind[name])
        connection.execute(
            f"INSERT INTO {CELLS} SELECT {object_}, \"#row\", 'changed', {literal(name)}, "
            f"sha256({was}), {now} FROM {TOUCHED} WHERE {is_changed(name)}"
        )


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `cells`, empty."""
    columns = ", ".join(f"{quoted(f.name)} {'BIGINT' if f.name == 'row' else 'VARCHAR'}" for f in SCHEMA)
    connection.execute(f"CREATE TEMP TABLE {CELLS} ({columns})")


def object_sql(key: Sequence[tuple[str, pa.DataType]], row: str = '"#row"') -> str:
    """Return the SQL of a row's name in findings: its key's values as canonical JSON, or its number."""
    if not key:
        return f"'[\"#' || {row} || '\"]'"
    return f"CAST(to_json([{', '.join(text_form(name, kind) for name, kind in key)}]) AS VARCHAR)"


def counts(connection: duckdb.DuckDBPyConnection) -> Counts:
    """Return how much the cells come to."""
    changed, rows, added, removed = one_row(
        connection,
        f"SELECT count(*) FILTER (change = 'changed'), count(DISTINCT row) FILTER (change = 'changed'), "
        f"count(*) FILTER (change = 'added'), count(*) FILTER (change = 'removed') FROM {CELLS}",
    )
    return Counts(changed=changed, rows=rows, added=added, removed=removed)


def write(connection: duckdb.DuckDBPyConnection, target: Path) -> int:
    """Write the list: by row, then by field; what was added comes last."""
    ordered = connection.sql(
        f"SELECT {', '.join(map(quoted, SCHEMA.names))} FROM {CELLS} "
        f"ORDER BY change = 'added', row, object, field"
    )
    batches = (batch.cast(SCHEMA) for batch in ordered.to_arrow_reader(ROWS_AT_A_TIME))
    return parquet.write(target, SCHEMA, batches)

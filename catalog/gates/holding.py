"""Quarantine: rows that fail leave the version and become one of a dataset beside it, with their reasons."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from catalog import parquet
from catalog.datasets.models import DatasetDraft
from catalog.engine import quoted, read_parquet
from catalog.gates.models import Gate
from catalog.table_types import ROWS_AT_A_TIME
from standards.errors import Conflict

RULES_FIELD, ROW_FIELD = "gate_rules", "gate_row"
RULES_ELEMENT, ROW_ELEMENT = "quarantine.rules", "quarantine.row"


class QuarantineNotReady(Conflict):
    """The dataset that is to hold back rows is not registered, or has other fields."""

    code = "quarantine-not-ready"


def document(dataset: DatasetDraft, gate: Gate) -> dict[str, Any]:
    """Return the document of the dataset that holds back the rows of another, for people to register."""
    said = dataset.model_dump(mode="json", exclude={"gate", "contract", "series", "rules", "key"})
    fields = [{k: v for k, v in each.items() if k in ("name", "element")} for each in said["fields"]]
    fields += [
        {"name": RULES_FIELD, "element": RULES_ELEMENT},
        {"name": ROW_FIELD, "element": ROW_ELEMENT},
    ]
    kept = {name: value for name, value in said.items() if value is not None}
    return kept | {
        "name": gate.held_in(dataset.name),
        "title": f"Held back from: {dataset.title}",
        "title_zh": f"隔离:{dataset.title_zh}",
        "description": f"Rows of {dataset.name} that failed a rule at the gate, with the rules they failed.",
        "fields": fields,
    }


def require_ready(dataset: DatasetDraft, holder: DatasetDraft) -> None:
    """Raise QuarantineNotReady unless a dataset can hold back the rows of another."""
    wanted = {field.name: field.element for field in dataset.fields}
    wanted |= {RULES_FIELD: RULES_ELEMENT, ROW_FIELD: ROW_ELEMENT}
    present = {field.name: field.element for field in holder.fields}
    if list(present.items()) != list(wanted.items()):
        differing = sorted({name for name, _ in wanted.items() ^ present.items()}) or ["their order"]
        raise QuarantineNotReady(
            f"{holder.name} can't hold back rows of {dataset.name}: they differ in {', '.join(differing)}",
            hint=f"change {holder.name} to what this prints: shuize dataset quarantine {dataset.name}",
        )


@dataclass(frozen=True)
class Parted:
    """Rows in two files, each in the order of the source: those that pass, and those that don't."""

    passing: Path
    passing_rows: int
    held: Path
    held_rows: int


def part(connection: duckdb.DuckDBPyConnection, source: Path, failing: pa.Table, scratch: Path) -> Parted:
    """Return the rows of a Parquet file in two: `failing` names rows from 0, each with a rule it fails."""
    schema = pq.read_schema(source)
    connection.register("failing_rows", failing)
    connection.execute(
        'CREATE TEMP TABLE held_rows AS SELECT row AS "#row", '
        """string_agg(rule, ' ' ORDER BY rule) AS "#rules" FROM failing_rows GROUP BY row"""
    )
    fields = ", ".join(quoted(name) for name in schema.names)
    rows = f'SELECT *, file_row_number AS "#row" FROM {read_parquet(source)}'
    passing = f'SELECT {fields} FROM ({rows}) ANTI JOIN held_rows USING ("#row") ORDER BY "#row"'
    held = (
        f'SELECT {fields}, "#rules", "#row" + 1 FROM ({rows}) JOIN held_rows USING ("#row") ORDER BY "#row"'
    )
    longer = schema.append(pa.field(RULES_FIELD, pa.string())).append(pa.field(ROW_FIELD, pa.int64()))
    counts = [
        _write(connection, query, names, scratch / name)
        for query, names, name in ((passing, schema, "passing.parquet"), (held, longer, "held.parquet"))
    ]
    return Parted(scratch / "passing.parquet", counts[0], scratch / "held.parquet", counts[1])


def _write(connection: duckdb.DuckDBPyConnection, query: str, schema: pa.Schema, target: Path) -> int:
    batches = connection.sql(query).to_arrow_reader(ROWS_AT_A_TIME)
    return parquet.write(
        target, schema, (batch.rename_columns(schema.names).cast(schema) for batch in batches)
    )

"""Queries over the rows of a release, and the forms of their answers."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.engine import engine, literal, quoted, read_parquet
from catalog.releases.models import Release
from catalog.table_types import text_form, text_rows, write_csv
from standards.errors import InvalidInput

MAX_ROWS = 1_000_000


class BadQuery(InvalidInput):
    """A query that names fields the product lacks, or asks for more rows than one answer holds."""

    code = "bad-query"


class Format(StrEnum):
    """The format of an answer."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.JSON: "application/json",
    Format.PARQUET: "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class RowQuery:
    """Which rows: equality on the text form of fields, columns, a page; in the release's order."""

    version: int | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    limit: int = MAX_ROWS
    offset: int = 0
    format: Format = Format.CSV

    def text(self) -> str:
        """Return the query as canonical text, for the receipt."""
        parts = {"where": dict(sorted(self.where.items())), "columns": list(self.columns)}
        page = {"limit": self.limit, "offset": self.offset, "format": self.format.value}
        return json.dumps(parts | page, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def selected(query: RowQuery, path: Path) -> pa.Table:
    """Return the rows of a Parquet file that the query asks for. Raises BadQuery."""
    with engine() as connection:
        sql = _sql(query, pq.read_schema(path), read_parquet(path))
        return connection.sql(sql).to_arrow_table()


def _sql(query: RowQuery, schema: pa.Schema, source: str) -> str:
    unknown = sorted({*query.where, *query.columns} - set(schema.names))
    if unknown:
        raise BadQuery(
            f"the product has no field {', '.join(unknown)}", hint="its fields: " + ", ".join(schema.names)
        )
    if len(set(query.columns)) < len(query.columns):
        raise BadQuery("a column is asked for twice", hint="name each column once")
    if not 1 <= query.limit <= MAX_ROWS or query.offset < 0:
        raise BadQuery(
            f"limit lies between 1 and {MAX_ROWS:,}, offset is 0 or more",
            hint="ask page by page with limit and offset",
        )
    columns = ", ".join(map(quoted, query.columns)) or "*"
    filters = [
        f"{text_form(name, schema.field(name).type)} = {literal(value)}"
        for name, value in query.where.items()
    ]
    where = f"WHERE {' AND '.join(filters)} " if filters else ""
    return f"SELECT {columns} FROM {source} {where}LIMIT {query.limit} OFFSET {query.offset}"


def rendered(table: pa.Table, form: Format, release: Release) -> bytes:
    """Return the rows in a form; JSON names the release, and its numbers keep every digit."""
    if form is Format.PARQUET:
        sink = io.BytesIO()
        pq.write_table(table, sink)
        return sink.getvalue()
    if form is Format.CSV:
        out = io.StringIO()
        write_csv(out, table)
        return out.getvalue().encode()
    head = {"product": release.product, "version": release.version, "manifest": release.manifest_digest}
    rows = ",".join(_json_row(table.schema, row) for row in text_rows(table))
    return f'{{"release":{json.dumps(head)},"rows":[{rows}]}}'.encode()


_BARE = (pa.types.is_integer, pa.types.is_decimal, pa.types.is_boolean)


def _json_row(schema: pa.Schema, row: tuple[str | None, ...]) -> str:
    """Return a row as a JSON object; numbers keep every digit of their text form."""
    parts = []
    for field_, text in zip(schema, row, strict=True):
        bare = any(is_bare(field_.type) for is_bare in _BARE)
        value = "null" if text is None else text if bare else json.dumps(text, ensure_ascii=False)
        parts.append(f"{json.dumps(field_.name)}:{value}")
    return "{" + ",".join(parts) + "}"

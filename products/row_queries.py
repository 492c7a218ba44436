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

from catalog.engine import engine, one_row, quoted, read_parquet
from catalog.releases.models import Release
from catalog.table_types import text_rows, write_csv
from products.row_filters import BadQuery, conditions
from standards.errors import InvalidInput

MAX_ROWS = 1_000_000


class TooManyRows(InvalidInput):
    """More rows fit the query than one answer holds, and it does not say which part is wanted."""

    code = "too-many-rows"


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
    """Which rows: fields with one value each, columns, a page; in the release's order. No limit means all."""

    version: int | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    limit: int | None = None
    offset: int = 0
    format: Format = Format.CSV

    def text(self) -> str:
        """Return the query as canonical text, for the receipt."""
        parts = {"where": dict(sorted(self.where.items())), "columns": list(self.columns)}
        page = {"limit": self.limit, "offset": self.offset, "format": self.format.value}
        return json.dumps(parts | page, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Selection:
    """The rows of one answer, and how many fit the filters in all."""

    table: pa.Table
    total: int


def selected(query: RowQuery, path: Path) -> Selection:
    """Return the rows of a Parquet file that the query asks for. Raises BadQuery, TooManyRows."""
    schema, source = pq.read_schema(path), read_parquet(path)
    _require_sense(query, schema)
    filters = conditions(query.where, schema)
    rows = f"FROM {source} " + (f"WHERE {' AND '.join(filters)} " if filters else "")
    columns = ", ".join(map(quoted, query.columns)) or "*"
    with engine() as connection:
        (total,) = one_row(connection, f"SELECT count(*) {rows}")
        if query.limit is None and total - query.offset > MAX_ROWS:
            raise TooManyRows(
                f"{total:,} rows fit, and one answer holds {MAX_ROWS:,}",
                hint=f"ask page by page: limit={MAX_ROWS}, then as the header Link says; "
                "or for a whole file: /products/PRODUCT/releases/VERSION/files/PRODUCT.parquet",
            )
        page = f"LIMIT {query.limit or MAX_ROWS} OFFSET {query.offset}"
        return Selection(connection.sql(f"SELECT {columns} {rows}{page}").to_arrow_table(), total)


def _require_sense(query: RowQuery, schema: pa.Schema) -> None:
    unknown = sorted({*query.where, *query.columns} - set(schema.names))
    if unknown:
        raise BadQuery(
            f"the product has no field {', '.join(map(repr, unknown))}",
            hint="its fields: " + ", ".join(schema.names),
        )
    if len(set(query.columns)) < len(query.columns):
        raise BadQuery("a column is asked for twice", hint="name each column once")
    if (query.limit is not None and not 1 <= query.limit <= MAX_ROWS) or query.offset < 0:
        raise BadQuery(
            f"limit lies between 1 and {MAX_ROWS:,}, offset is 0 or more",
            hint="ask page by page with limit and offset",
        )


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

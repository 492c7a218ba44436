"""Which rows of a version are to be inspected: those of a confined query, or those that a sheet names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from catalog.engine import confine, literal, one_row, quoted, read_parquet
from catalog.inspections.models import MalformedInspection
from catalog.loading import columns, readers
from catalog.loading.columns import SHOWN_FAULTS, Column
from catalog.loading.readers import ReadOptions
from catalog.quality.compiling import functions
from catalog.stewardship.found import SCHEMA
from catalog.table_types import text_form
from standards.errors import Fault

ROWS, ROW = "rows", "#row"
_LISTED = "listed"
_NAMED = ("organisation", "answerable")
_HINT = "write one SELECT from rows, with the dataset's key, such as: SELECT customer_no FROM rows WHERE …"
_FORBIDDEN = (exp.Command, exp.DDL, exp.DML, exp.Placeholder, exp.Parameter, exp.Into)


def from_query(connection: duckdb.DuckDBPyConnection, query: str, rows: Path, key: Sequence[str]) -> None:
    """Make the table `listed` of what a query over the view `rows` selects.

    It is read by a parser and refused if it is no single SELECT or names another table or an unknown
    function, and the connection can read nothing but the version's file from here on. Raises
    MalformedInspection.
    """
    _require_confined(query)
    connection.execute(
        f'CREATE VIEW {ROWS} AS SELECT *, file_row_number + 1 AS "{ROW}" FROM {read_parquet(rows)}'
    )
    confine(connection, [rows])
    try:
        connection.execute(f"CREATE TABLE selected AS {query}")
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise MalformedInspection(
            f"the query failed: {str(error).splitlines()[0]}", hint=f"mend the query; {_HINT}"
        ) from error
    _list(connection, "selected", _of(connection, "selected"), key, "the query")


def from_sheet(
    connection: duckdb.DuckDBPyConnection, path: Path, fields: Sequence[Column], key: Sequence[str],
    scratch: Path,
) -> None:  # fmt: skip
    """Make the table `listed` of the keys that a sheet holds, in columns of the fields' names.

    Raises UnreadableFile, MalformedInspection, WrongType.
    """
    source = readers.open_source(connection, path, ReadOptions(), scratch)
    wanted = [each for each in fields if each.field.name in key]
    named = [
        Column(each.field.model_copy(update={"column": each.field.name}), each.element)
        if each.field.name in source.columns
        else each
        for each in wanted
    ]
    parts = [f"{c.value} AS {quoted(c.field.name)}" for c in named if c.field.source_column in source.columns]
    parts += [quoted(name) for name in _NAMED if name in source.columns]
    if ROW in source.columns:
        parts.append(f"TRY_CAST(trim({quoted(ROW)}) AS BIGINT) AS {quoted(ROW)}")
    there = [c for c in named if c.field.source_column in source.columns]
    columns.require_usable(source, there, path)
    if there:
        columns.require_types(connection, source, there, path)
    if parts:
        connection.execute(f"CREATE TEMP TABLE selected AS SELECT {', '.join(parts)} FROM {source.sql}")
    _list(connection, "selected", _of(connection, "selected") if parts else (), key, str(path))


def findings(
    connection: duckdb.DuckDBPyConnection, rows: Path, schema: pa.Schema, key: Sequence[str], rule: str
) -> pa.Table:
    """Return the listed objects as findings of the rule, each once. Raises MalformedInspection."""
    kinds = {field.name: field.type for field in schema}
    names = _naming(connection, key)
    same = " AND ".join(f"l.{quoted(name)} = b.{quoted(name)}" for name in names)
    numbered = f'SELECT *, file_row_number + 1 AS "{ROW}" FROM {read_parquet(rows)}'
    texts = ", ".join(text_form(f"b_{name}", kinds[name]) for name in key)
    object_ = f"CAST(to_json([{texts}]) AS VARCHAR)" if key else "'[\"#' || row || '\"]'"
    own = ", ".join(f"b.{quoted(name)} AS {quoted(f'b_{name}')}" for name in key)
    connection.execute(
        f'CREATE TEMP TABLE joined AS SELECT l."#entry", l.organisation, l.answerable, b."{ROW}" AS row'
        f"{', ' + own if own else ''} FROM {_LISTED} l LEFT JOIN ({numbered}) b ON {same}"
    )
    _require_known(connection)
    found = connection.sql(
        f"SELECT {literal(rule)} AS rule, object, min(row) AS row, min(organisation) AS organisation, "
        f"min(answerable) AS answerable FROM (SELECT *, {object_} AS object FROM joined) "
        "GROUP BY object ORDER BY object"
    ).to_arrow_table()
    return found.select(SCHEMA.names).cast(SCHEMA)


def _require_confined(query: str) -> None:
    try:
        trees = sqlglot.parse(query, read="duckdb")
    except SqlglotError as error:
        raise MalformedInspection(f"the query is no SQL: {str(error).splitlines()[0]}", hint=_HINT) from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise MalformedInspection("the query is not one SELECT", hint=_HINT)
    own = {cte.alias for cte in trees[0].find_all(exp.CTE)}
    for node in trees[0].walk():
        if isinstance(node, _FORBIDDEN):
            raise MalformedInspection(f"the query does more than select: {node.sql('duckdb')}", hint=_HINT)
        if isinstance(node, exp.Table) and (node.name not in {ROWS, *own} or node.db or node.catalog):
            raise MalformedInspection(f"the query reads {node.sql('duckdb')}, not rows", hint=_HINT)
        if isinstance(node, exp.Func) and not functions.is_known(node):
            raise MalformedInspection(f"the query uses the function {functions.name(node)}", hint=_HINT)


def _of(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[str, ...]:
    return tuple(row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall())


def _list(
    connection: duckdb.DuckDBPyConnection, table: str, given: Sequence[str], key: Sequence[str], where: str
) -> None:
    names = (ROW,) if ROW in given else tuple(key)
    if not names or not set(names) <= set(given):
        wanted = ", ".join(key) if key else ROW
        raise MalformedInspection(
            f"{where} does not say which rows are meant: it lacks {wanted}",
            hint=f"give the dataset's key in every row, or the row's number, from 1, in a column {ROW}",
        )
    parts = [quoted(name) for name in names]
    parts += [f"CAST({name if name in given else 'NULL'} AS VARCHAR) AS {name}" for name in _NAMED]
    connection.execute(
        f'CREATE TABLE {_LISTED} AS SELECT row_number() OVER () AS "#entry", {", ".join(parts)} FROM {table}'
    )


def _naming(connection: duckdb.DuckDBPyConnection, key: Sequence[str]) -> tuple[str, ...]:
    return (ROW,) if ROW in _of(connection, _LISTED) else tuple(key)


def _require_known(connection: duckdb.DuckDBPyConnection) -> None:
    (unknown,) = one_row(connection, "SELECT count(*) FROM joined WHERE row IS NULL")
    if unknown:
        found = connection.execute(
            f'SELECT "#entry" FROM joined WHERE row IS NULL ORDER BY 1 LIMIT {SHOWN_FAULTS}'
        ).fetchall()
        raise MalformedInspection(
            f"{unknown:,} of the listed objects {'are' if unknown > 1 else 'is'} not in the dataset",
            hint="mend or take out what is listed there",
            faults=[Fault(f"entry {entry}", "the dataset has no such row") for (entry,) in found],
        )

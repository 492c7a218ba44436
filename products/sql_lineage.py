"""Column lineage read from a recipe's own SQL, so that it can't drift from what is executed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage

from standards.errors import InvalidInput


class UntraceableQuery(InvalidInput):
    """A recipe's SQL can't be read column by column."""

    code = "untraceable-query"


@dataclass(frozen=True, order=True)
class Column:
    """A column of an input table."""

    table: str
    name: str


@dataclass(frozen=True)
class ColumnLineage:
    """`direct`: for each output, the columns its values are computed from. `shaping`: all columns that
    decide which rows there are (filters, joins, groups), whatever the output."""

    direct: dict[str, tuple[Column, ...]]
    shaping: tuple[Column, ...]

    def after(self, earlier: ColumnLineage) -> ColumnLineage:
        """Return the lineage through both queries, where this one reads what `earlier` made."""
        direct = {
            name: tuple(sorted({c for column in columns for c in earlier.direct[column.name]}))
            for name, columns in self.direct.items()
        }
        shaping = {c for column in self.shaping for c in earlier.direct[column.name]}
        return ColumnLineage(direct, tuple(sorted(shaping | set(earlier.shaping))))


def trace(sql: str, outputs: tuple[str, ...], tables: Mapping[str, Mapping[str, str]]) -> ColumnLineage:
    """Return the lineage of each output column of a query over `tables` (name → column → SQL type).

    Raises UntraceableQuery.
    """
    try:
        query = sqlglot.parse_one(sql, dialect="duckdb")
        direct = {name: _leaves(name, query, tables) for name in outputs}
    except (SqlglotError, ValueError) as error:
        raise UntraceableQuery(f"the lineage of a recipe's SQL can't be read: {error}") from error
    return ColumnLineage(direct, _shaping(query, tables))


def _leaves(output: str, query: exp.Expr, tables: Mapping[str, Mapping[str, str]]) -> tuple[Column, ...]:
    schema = {table: dict(columns) for table, columns in tables.items()}
    root = lineage(output, query.copy(), schema=schema, dialect="duckdb")
    found = set()
    for node in root.walk():
        if isinstance(node.source, exp.Table) and node.source.name in tables:
            column = node.name.rpartition(".")[2]
            if column in tables[node.source.name]:
                found.add(Column(node.source.name, column))
    return tuple(sorted(found))


def _shaping(query: exp.Expr, tables: Mapping[str, Mapping[str, str]]) -> tuple[Column, ...]:
    """Return the input columns named in a filter, join or group, by their name alone.

    A name that two inputs share counts for both: indirect lineage may say too much, never too little.
    """
    clauses = query.find_all(exp.Where, exp.Join, exp.Group, exp.Having, exp.Distinct)
    names = {column.name for clause in clauses for column in clause.find_all(exp.Column)}
    names |= {part.name for join in query.find_all(exp.Join) for part in join.args.get("using") or ()}
    return tuple(sorted(Column(t, c) for t, columns in tables.items() for c in columns if c in names))

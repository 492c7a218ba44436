"""Column lineage read from a recipe's own SQL, so that it can't drift from what is executed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
        raise UntraceableQuery(
            f"the lineage of a recipe's SQL can't be read: {error}",
            hint="write it as one SELECT (WITH is fine) that names every column it makes",
        ) from error
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
    """Return the input columns that decide which rows there are, found by their names alone.

    A name is followed through every alias it goes by, and one that two inputs share counts for both:
    indirect lineage may say too much, never too little.
    """
    made_of = _made_of(query)
    waiting = {name for part in _row_makers(query) for name in _names(part)}
    names: set[str] = set()
    while waiting:
        name = waiting.pop()
        names.add(name)
        waiting |= made_of.get(name, set()) - names
    found = [Column(t, c) for t, columns in tables.items() for c in columns if {"*", c.lower()} & names]
    return tuple(sorted(found))


def _row_makers(query: exp.Expr) -> Iterator[exp.Expr]:
    """Yield every part of the query that adds, drops, joins or merges rows."""
    yield from query.find_all(exp.Where, exp.Group, exp.Having, exp.Qualify, exp.Distinct)
    for join in query.find_all(exp.Join):
        natural = exp.Star() if join.args.get("method") == "NATURAL" else None
        yield from filter(None, (join.args.get("on"), natural, *(join.args.get("using") or ())))
    for select in query.find_all(exp.Select):
        group, order = select.args.get("group"), select.args.get("order")
        merges = isinstance(select.parent, exp.SetOperation) and select.parent.args.get("distinct")
        by_place = group is not None and (group.args.get("all") or group.find(exp.Literal))
        if select.args.get("distinct") or merges or by_place:
            yield from select.expressions
        if order is not None and (select.args.get("limit") or select.args.get("offset")):
            yield order


def _made_of(query: exp.Expr) -> dict[str, set[str]]:
    """Return, for each name the query gives to an expression, the names in that expression."""
    made_of: dict[str, set[str]] = {}
    for alias in query.find_all(exp.Alias):
        made_of.setdefault(alias.alias.lower(), set()).update(_names(alias.this))
    for renamed in query.find_all(exp.TableAlias):
        for column in renamed.columns:
            made_of.setdefault(column.name.lower(), set()).update(_names(renamed.parent))
    return made_of


def _names(part: exp.Expr | None) -> set[str]:
    """Return the column names in a part of a query, in lower case; `*` stands for all."""
    if part is None:
        return set()
    if isinstance(part, exp.Identifier):
        return {part.name.lower()}
    stars = {"*" for star in part.find_all(exp.Star) if not isinstance(star.parent, exp.Count)}
    return {column.name.lower() for column in part.find_all(exp.Column)} | stars

"""The figures that two Parquet files are compared by, from the query engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from catalog.engine import one_row, quoted, read_parquet
from catalog.table_types import text_form

BINS: Final = 10
"""Deciles of the older version, as the population stability index is used to."""
FEW: Final = 50
"""A field of at most so many values is compared value by value,"""
OFTEN: Final = 5
"""if each stands so often on average; a value that stands more seldom is no bin of its own. Source: Cochran's
rule for the cells of a chi-square test."""
SHOWN: Final = 5


@dataclass(frozen=True)
class Column:
    """A column of one file."""

    path: Path
    name: str
    type: pa.DataType

    @property
    def is_number(self) -> bool:
        return bool(pa.types.is_integer(self.type) or pa.types.is_decimal(self.type))

    @property
    def is_text(self) -> bool:
        return bool(pa.types.is_string(self.type))

    @property
    def is_time(self) -> bool:
        return bool(pa.types.is_timestamp(self.type) or pa.types.is_date(self.type))


@dataclass(frozen=True)
class Figures:
    """How many rows and nulls, how many different values, and the extremes in text form."""

    rows: int
    nulls: int
    distinct: int
    minimum: str | None
    maximum: str | None


@dataclass(frozen=True)
class Spread:
    """How many values of each bin the older and the newer version have; the same bins in the same order.

    `new` and `gone` are values of only one of them, where a field is compared value by value.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    by_value: bool = False
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    new_count: int = 0


def figures(connection: duckdb.DuckDBPyConnection, column: Column) -> Figures:
    """Return the figures of a column, counted exactly."""
    name = quoted(column.name)
    found = one_row(
        connection,
        f"SELECT n, n - there, kinds, {text_form('low', column.type)}, {text_form('high', column.type)} "
        f"FROM (SELECT count(*) AS n, count({name}) AS there, count(DISTINCT {name}) AS kinds, "
        f"min({name}) AS low, max({name}) AS high FROM {read_parquet(column.path)})",
    )
    return Figures(*found)


def most_frequent(connection: duckdb.DuckDBPyConnection, column: Column) -> int:
    """Return in how many rows the most frequent value of a column stands."""
    name = quoted(column.name)
    counted = f"SELECT count({name}) AS n FROM {read_parquet(column.path)} GROUP BY {name}"
    found: int = one_row(connection, f"SELECT coalesce(max(n), 0) FROM ({counted})")[0]
    return found


def spread(connection: duckdb.DuckDBPyConnection, before: Column, after: Column, old: Figures) -> Spread:
    """Return how the values of a field are spread in both versions.

    Of at most FEW values in the older version, each is a bin, and what is new another. Numbers of more
    values fall between the deciles of the older version. Text of more values has no order that means
    anything: its FEW most frequent values are bins, and all others one.
    """
    repeats = old.distinct <= FEW and old.rows - old.nulls >= OFTEN * old.distinct
    if before.is_number and not repeats:
        return _by_deciles(connection, before, after)
    return _by_values(connection, before, after, complete=repeats)


def _by_deciles(connection: duckdb.DuckDBPyConnection, before: Column, after: Column) -> Spread:
    name = quoted(before.name)
    steps = ", ".join(str(step / BINS) for step in range(1, BINS))
    value = f"CAST({name} AS DOUBLE)"
    (found,) = one_row(
        connection, f"SELECT quantile_disc({value}, [{steps}]) FROM {read_parquet(before.path)}"
    )
    edges = sorted(set(found))
    return Spread(_binned(connection, before, edges), _binned(connection, after, edges))


def _binned(connection: duckdb.DuckDBPyConnection, column: Column, edges: Sequence[float]) -> tuple[int, ...]:
    value = f"CAST({quoted(column.name)} AS DOUBLE)"
    bounds = [None, *edges, None]
    conditions = []
    for low, high in pairwise(bounds):
        parts = [f"{value} > {low!r}::DOUBLE"] if low is not None else []
        parts += [f"{value} <= {high!r}::DOUBLE"] if high is not None else []
        conditions.append(" AND ".join(parts))
    columns = ", ".join(f"count(*) FILTER ({condition})" for condition in conditions)
    return one_row(connection, f"SELECT {columns} FROM {read_parquet(column.path)}")


def _by_values(
    connection: duckdb.DuckDBPyConnection, before: Column, after: Column, *, complete: bool
) -> Spread:
    name = quoted(before.name)
    counted = "SELECT {name} AS v, count(*) AS n FROM {file} WHERE {name} IS NOT NULL GROUP BY v"
    old = counted.format(name=name, file=read_parquet(before.path))
    new = counted.format(name=name, file=read_parquet(after.path))
    bins = connection.execute(
        f"WITH old AS ({old}), new AS ({new}), "
        f"top AS (SELECT v, n FROM old WHERE n >= {1 if complete else OFTEN} ORDER BY n DESC, v LIMIT {FEW}) "
        "SELECT top.n, coalesce(new.n, 0) FROM top LEFT JOIN new ON new.v = top.v ORDER BY top.n DESC, top.v"
    ).fetchall()
    totals = [one_row(connection, f"SELECT coalesce(sum(n), 0)::BIGINT FROM ({q})")[0] for q in (old, new)]
    rest = [totals[side] - sum(row[side] for row in bins) for side in (0, 1)]
    if any(rest):
        bins.append(tuple(rest))
    columns = list(zip(*bins, strict=True)) or [(), ()]
    if not complete:
        return Spread(columns[0], columns[1])
    said = text_form("v", before.type)
    added, gone = (_only_in(connection, one, other, said) for one, other in ((new, old), (old, new)))
    return Spread(columns[0], columns[1], by_value=True, new=added, gone=gone, new_count=rest[1])


def _only_in(connection: duckdb.DuckDBPyConnection, one: str, other: str, said: str) -> tuple[str, ...]:
    """Return the most frequent values of one side that the other side does not have, in text form."""
    rows: list[tuple[Any, ...]] = connection.execute(
        f"SELECT {said} FROM ({one}) WHERE v NOT IN (SELECT v FROM ({other})) "
        f"ORDER BY n DESC, v LIMIT {SHOWN}"
    ).fetchall()
    return tuple(row[0] for row in rows)

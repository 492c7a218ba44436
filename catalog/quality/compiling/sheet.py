"""The sheet on which a rule set is written down: the row's columns, and what is joined to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from catalog.engine import quoted
from catalog.quality.bound import BoundRule, Column
from catalog.quality.compiling.expressions import conditions
from standards.library import Library

ROWS = "judged_rows"
"""The view of the dataset that is judged; `"#row"` counts its rows from 0."""

Ask = Callable[[str], list[tuple[Any, ...]]]
"""Runs a query and returns its rows."""

ROW = '"#row"'


@dataclass(frozen=True)
class Beside:
    """Another dataset: its view, and by which of its fields and ours a row of ours finds one of its rows."""

    view: str
    on: tuple[tuple[str, Column], ...]
    """Pairs (their field, the field that holds its value: ours, or of a dataset that is found before)."""


@dataclass(frozen=True)
class Test:
    """How a rule judges a row. SQL that is true, false, or null where it can't be decided.

    `needs` are the expressions that have to have a value for `passes` to mean anything; what their absence
    means is the rule's to say.
    """

    passes: str
    needs: tuple[str, ...] = ()


@dataclass
class Sheet:
    """What the rules of one set ask for. The same request is met once."""

    library: Library
    today: date
    beside: dict[str, Beside] = field(default_factory=dict)
    joins: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Callable[[Ask], pa.Table]] = field(default_factory=dict)

    def sql(self, column: Column) -> str:
        """Return the SQL of a field's value in the present row, joining the dataset it is from."""
        if column.dataset is None:
            return f"{ROWS}.{quoted(column.name)}"
        other = self.beside[column.dataset]
        keys = [quoted(theirs) for theirs, _ in other.on]
        names = ", ".join(f"{key} AS k{place}" for place, key in enumerate(keys))
        # one row a key, whatever the other dataset holds twice
        value = quoted(column.name)
        query = (
            f"SELECT {names}, min({value}) AS v FROM {other.view} "
            f"WHERE {' AND '.join(f'{key} IS NOT NULL' for key in keys)} GROUP BY {', '.join(keys)}"
        )
        alias = self.join(query, [self.sql(ours) for _, ours in other.on])
        return f"{alias}.v"

    def join(self, query: str, on: Sequence[str], *, missing_is_a_value: bool = False) -> str:
        """Join a table with unique keys `k0`, `k1` … to the row and return its alias."""
        equals = "IS NOT DISTINCT FROM" if missing_is_a_value else "="
        for alias, clause in self.joins.items():
            if clause == _clause(alias, query, on, equals):
                return alias
        alias = f"j{len(self.joins)}"
        self.joins[alias] = _clause(alias, query, on, equals)
        return alias

    def joined(self, *texts: str) -> str:
        """Return the joins that some SQL needs, and those that they need, in the order they were asked for.

        A subquery must have all of its own: what it lacks it would take from the query around it.
        """
        wanted = {alias for alias in self.joins for text in texts if f"{alias}." in text}
        while more := {a for a in self.joins for w in wanted if f"{a}." in _on(self.joins[w])} - wanted:
            wanted |= more
        return " ".join(clause for alias, clause in self.joins.items() if alias in wanted)

    def table(self, name: str, build: Callable[[Ask], pa.Table]) -> str:
        """Return the name of a table that is made before the scan of what the engine answers to a query."""
        while name in self.tables:
            name += "_"
        self.tables[name] = build
        return name

    def applies(self, rule: BoundRule) -> str:
        """Return the SQL that says whether a rule speaks of the row: its conditions, or `true`."""
        return conditions([(condition, self.sql(column), column) for condition, column in rule.where])

    def is_there(self, columns: Sequence[Column]) -> tuple[str, ...]:
        """Return the columns' SQL, as what a test needs."""
        return tuple(self.sql(column) for column in columns)


def _on(clause: str) -> str:
    return clause.rsplit(" ON ", 1)[1]


def _clause(alias: str, query: str, on: Sequence[str], equals: str) -> str:
    pairs = " AND ".join(f"{alias}.k{place} {equals} {value}" for place, value in enumerate(on))
    return f"LEFT JOIN ({query}) AS {alias} ON {pairs}"

"""Each rule as two statements: one that counts, one that names the first failing rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch

from catalog.engine import literal, quoted
from catalog.quality.rules import (
    CompletePeriod,
    Duplicates,
    Missing,
    Pattern,
    Permitted,
    Range,
    Rule,
)
from standards.library import Library

SHOWN_EXAMPLES = 10


@dataclass(frozen=True)
class Table:
    """What rules are judged on: a table expression, and the columns whose values no report may show."""

    sql: str
    secret: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RuleQuery:
    """`counts` answers one row (passing, judged); `examples` answers texts, at most SHOWN_EXAMPLES.

    Names of our own begin with a hash sign, which no field's name can hold.
    """

    counts: str
    examples: str


def of(rule: Rule, table: Table, library: Library) -> RuleQuery:
    """Return the rule's statements over a table."""
    return _compile(rule, table, library)


@singledispatch
def _compile(rule: Rule, table: Table, library: Library) -> RuleQuery:
    raise TypeError(f"no SQL for {type(rule).__name__}")


@_compile.register
def _missing(rule: Missing, table: Table, library: Library) -> RuleQuery:
    column = quoted(rule.field)
    return _per_row(table, judged="true", passing=f"{column} IS NOT NULL", shown=[])


@_compile.register
def _range(rule: Range, table: Table, library: Library) -> RuleQuery:
    column = quoted(rule.field)
    bounds = []
    if rule.minimum is not None:
        bounds.append(f"{column} >= {rule.minimum:f}")  # never with an exponent: that would be a DOUBLE
    if rule.maximum is not None:
        bounds.append(f"{column} <= {rule.maximum:f}")
    return _per_row(table, judged=f"{column} IS NOT NULL", passing=" AND ".join(bounds), shown=[rule.field])


@_compile.register
def _pattern(rule: Pattern, table: Table, library: Library) -> RuleQuery:
    column = quoted(rule.field)
    return _per_row(
        table,
        judged=f"{column} IS NOT NULL",
        passing=f"regexp_full_match({column}, {literal(rule.pattern)})",
        shown=[],
    )


@_compile.register
def _permitted(rule: Permitted, table: Table, library: Library) -> RuleQuery:
    column = quoted(rule.field)
    codes = library.code_list(rule.code_list).codes
    listed = ", ".join(literal(c.code) for c in codes if rule.level in (None, c.level))
    return _per_row(
        table,
        judged=f"{column} IS NOT NULL",
        passing=f"CAST({column} AS VARCHAR) IN ({listed})",
        shown=[rule.field],
    )


@_compile.register
def _duplicates(rule: Duplicates, table: Table, library: Library) -> RuleQuery:
    key = ", ".join(map(quoted, rule.fields))
    groups = (
        f'SELECT {key}, count(*) AS "#times", min("#row") AS "#first" FROM {_numbered(table)} GROUP BY {key}'
    )
    shown = (
        f"""{_shown(rule.fields, table)} || ' stands ' || "#times" || ' times, first in row ' || "#first" """
    )
    return RuleQuery(
        counts=f'SELECT count(*), coalesce(sum("#times"), 0)::BIGINT FROM ({groups})',
        examples=f"""SELECT {shown}FROM ({groups}) WHERE "#times" > 1 """
        f"""ORDER BY "#first" LIMIT {SHOWN_EXAMPLES}""",
    )


@_compile.register
def _complete_period(rule: CompletePeriod, table: Table, library: Library) -> RuleQuery:
    time, step = quoted(rule.time), rule.step.value
    series = ", ".join(map(quoted, rule.by)) or '"#all"'
    parts = f"""
        WITH kept AS (
            SELECT {series}, date_trunc('{step}', {time}) AS "#slot", min("#row") AS "#row"
            FROM (SELECT *, 1 AS "#all" FROM {_numbered(table)}) WHERE {time} IS NOT NULL GROUP BY ALL
        ), present AS (
            SELECT {series}, "#slot", min("#row") OVER (PARTITION BY {series}) AS "#first" FROM kept
        ), series AS (
            SELECT DISTINCT {series}, "#first" FROM present
        ), slots AS (
            SELECT unnest(generate_series(min("#slot"), max("#slot"), INTERVAL 1 {step})) AS "#slot"
            FROM present
        ), missing AS (
            SELECT {series}, "#first", "#slot" FROM series, slots
            EXCEPT SELECT {series}, "#first", "#slot" FROM present
        )"""
    shown = f"{_shown(rule.by, table)} || ' (first in row ' || \"#first\" || '), '" if rule.by else "''"
    return RuleQuery(
        counts=f"{parts} SELECT (SELECT count(*) FROM present), "
        "(SELECT count(*) FROM series) * (SELECT count(*) FROM slots)",
        examples=f"{parts} SELECT {shown} || \"#slot\" || ' has no row' FROM missing "
        f'ORDER BY "#first", "#slot" LIMIT {SHOWN_EXAMPLES}',
    )


def _per_row(table: Table, *, judged: str, passing: str, shown: list[str]) -> RuleQuery:
    text = f" || ', ' || {_shown(shown, table)}" if shown else ""
    return RuleQuery(
        counts=f"SELECT count(*) FILTER (({judged}) AND ({passing})), count(*) FILTER ({judged}) "
        f"FROM {table.sql}",
        examples=f"""SELECT 'row ' || "#row"{text} FROM {_numbered(table)} """
        f"""WHERE ({judged}) AND NOT ({passing}) ORDER BY "#row" LIMIT {SHOWN_EXAMPLES}""",
    )


def _numbered(table: Table) -> str:
    return f'(SELECT *, row_number() OVER () AS "#row" FROM {table.sql})'


def _shown(fields: Sequence[str], table: Table) -> str:
    """Return the SQL that shows the fields' values; of a secret one, only that it has a value or none."""
    parts = []
    for name in fields:
        value = f"CAST({quoted(name)} AS VARCHAR)"
        if name in table.secret:
            value = f"CASE WHEN {quoted(name)} IS NOT NULL THEN '(hidden)' END"
        parts.append(f"{literal(name + ' ')} || coalesce({value}, 'null')")
    return " || ', ' || ".join(parts)

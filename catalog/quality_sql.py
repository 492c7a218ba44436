"""Each rule as two statements: one that counts, one that names the first failing rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

from catalog.engine import literal, quoted
from catalog.quality_rules import (
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
class RuleQuery:
    """`counts` answers one row (passing, judged); `examples` answers texts, at most SHOWN_EXAMPLES."""

    counts: str
    examples: str


def of(rule: Rule, table: str, library: Library) -> RuleQuery:
    """Return the rule's statements over a table expression."""
    return _compile(rule, table, library)


@singledispatch
def _compile(rule: Rule, table: str, library: Library) -> RuleQuery:
    raise TypeError(f"no SQL for {type(rule).__name__}")


@_compile.register
def _missing(rule: Missing, table: str, library: Library) -> RuleQuery:
    column = quoted(rule.field)
    return _per_row(table, judged="true", passing=f"{column} IS NOT NULL", shown=[])


@_compile.register
def _range(rule: Range, table: str, library: Library) -> RuleQuery:
    column = quoted(rule.field)
    bounds = []
    if rule.minimum is not None:
        bounds.append(f"{column} >= {rule.minimum}")
    if rule.maximum is not None:
        bounds.append(f"{column} <= {rule.maximum}")
    return _per_row(table, judged=f"{column} IS NOT NULL", passing=" AND ".join(bounds), shown=[rule.field])


@_compile.register
def _pattern(rule: Pattern, table: str, library: Library) -> RuleQuery:
    column = quoted(rule.field)
    return _per_row(
        table,
        judged=f"{column} IS NOT NULL",
        passing=f"regexp_full_match({column}, {literal(rule.pattern)})",
        shown=[],
    )


@_compile.register
def _permitted(rule: Permitted, table: str, library: Library) -> RuleQuery:
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
def _duplicates(rule: Duplicates, table: str, library: Library) -> RuleQuery:
    key = ", ".join(map(quoted, rule.fields))
    groups = f"SELECT {key}, count(*) AS times FROM {table} GROUP BY ALL"
    return RuleQuery(
        counts=f"SELECT count(*), coalesce(sum(times), 0)::BIGINT FROM ({groups})",
        examples=f"SELECT {_shown(list(rule.fields))} || ' stands ' || times || ' times' "
        f"FROM ({groups}) WHERE times > 1 ORDER BY ALL LIMIT {SHOWN_EXAMPLES}",
    )


@_compile.register
def _complete_period(rule: CompletePeriod, table: str, library: Library) -> RuleQuery:
    time, step = quoted(rule.time), rule.step.value
    series = ", ".join(map(quoted, rule.by)) or "'all' AS series"
    names = ", ".join(map(quoted, rule.by)) or "series"
    parts = f"""
        WITH present AS (
            SELECT DISTINCT {series}, date_trunc('{step}', {time}) AS slot
            FROM {table} WHERE {time} IS NOT NULL
        ), expected AS (
            SELECT {names}, slot FROM (SELECT DISTINCT {names} FROM present), (
                SELECT unnest(generate_series(min(slot), max(slot), INTERVAL 1 {step})) AS slot FROM present
            )
        )"""
    shown = _shown([*rule.by, "slot"])
    return RuleQuery(
        counts=f"{parts} SELECT (SELECT count(*) FROM present), (SELECT count(*) FROM expected)",
        examples=f"{parts} SELECT {shown} || ' has no row' FROM (FROM expected EXCEPT FROM present) "
        f"ORDER BY {names}, slot LIMIT {SHOWN_EXAMPLES}",
    )


def _per_row(table: str, *, judged: str, passing: str, shown: list[str]) -> RuleQuery:
    text = f" || ', ' || {_shown(shown)}" if shown else ""
    return RuleQuery(
        counts=f"SELECT count(*) FILTER (({judged}) AND ({passing})), count(*) FILTER ({judged}) "
        f"FROM {table}",
        examples=f"SELECT 'row ' || n{text} FROM (SELECT *, row_number() OVER () AS n FROM {table}) "
        f"WHERE ({judged}) AND NOT ({passing}) ORDER BY n LIMIT {SHOWN_EXAMPLES}",
    )


def _shown(fields: list[str]) -> str:
    parts = [f"{literal(name + ' ')} || coalesce(CAST({quoted(name)} AS VARCHAR), 'null')" for name in fields]
    return " || ', ' || ".join(parts)

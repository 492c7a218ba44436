"""Run rules over rows that are there, and put what they found into results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from catalog.engine import engine, read_parquet
from catalog.quality.bound import BoundRule
from catalog.quality.compiling.kinds import COMPILERS
from catalog.quality.compiling.sheet import ROWS, Beside, Sheet
from catalog.quality.examples import examples
from catalog.quality.judgement import Judgement
from catalog.quality.reports import Count, RuleResult
from catalog.quality.rulebook import LeftOut, view_name
from catalog.quality.running import judge, view_of
from catalog.quality.units import Owned
from standards.errors import ShuizeError
from standards.library import Library


@dataclass(frozen=True)
class Surroundings:
    """What rules are run with: the standards, the day, the datasets beside, and whose a row is."""

    library: Library
    today: date
    beside: Mapping[str, Beside] = field(default_factory=dict)
    owned: Owned = field(default_factory=Owned)

    def sheet(self) -> Sheet:
        """Return a sheet on which nothing is written yet."""
        return Sheet(self.library, self.today, dict(self.beside))


Judged = tuple[list[Judgement], list[LeftOut]]


def open_rows(connection: duckdb.DuckDBPyConnection, version: Path, beside: Mapping[str, Path]) -> None:
    """Let rules see a version's rows, and those of the versions of other datasets by the datasets' names."""
    connection.execute(view_of(read_parquet(version)))
    for name, path in beside.items():
        connection.execute(f"CREATE VIEW {view_name(name)} AS SELECT * FROM {read_parquet(path)}")


def judge_each(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[BoundRule], around: Surroundings
) -> Judged:
    """Return what the rules found, in their order, and those that can't be run, with the reason."""
    able, left_out = [], []
    for rule in rules:
        try:
            if rule.check in COMPILERS:
                COMPILERS[rule.check](rule, around.sheet())
            able.append(rule)
        except ShuizeError as error:
            left_out.append(LeftOut(rule.id, error.message))
    found, more = _judged(connection, able, around)
    return found, left_out + more


def judge_table(table: pa.Table, rules: Sequence[BoundRule], around: Surroundings) -> tuple[RuleResult, ...]:
    """Return every rule's result on a table in memory. Raises EngineFailed for a rule that can't be run."""
    numbered = table.append_column("#row", pa.array(np.arange(table.num_rows)))
    with engine() as connection:
        connection.register(ROWS, numbered)
        judgements = judge(connection, rules, around.sheet())
        shown = examples(connection, judgements, ())
    return tuple(result_of(each, shown[each.rule.id]) for each in judgements)


def result_of(
    judgement: Judgement, shown: tuple[str, ...], *, version: str = "",
    by_organisation: Mapping[str, Count] | None = None,
) -> RuleResult:  # fmt: skip
    """Return what one rule found, as reports say it."""
    rule, total = judgement.rule, judgement.total
    return RuleResult(
        rule=rule.id,
        indicator=rule.indicator,
        passing=total.passing,
        judged=total.judged,
        failing=total.failing,
        tolerance=rule.tolerance,
        passed=passed(judgement),
        examples=shown,
        version=version,
        digest=rule.digest,
        title_zh=rule.title_zh,
        title_en=rule.title_en,
        severity=rule.severity,
        line=rule.line,
        owner=rule.owner,
        by_organisation=by_organisation or {},
    )


def passed(judgement: Judgement) -> bool:
    """Say whether no more failed than the rule tolerates."""
    return Decimal(judgement.total.failing) <= judgement.rule.tolerance * judgement.total.judged


def _judged(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[BoundRule], around: Surroundings
) -> Judged:
    """Judge all rules at once; if the rows stop one (a number too large for it), find which by halving."""
    sheet = around.sheet()
    try:
        return list(judge(connection, rules, sheet, around.owned.unit(sheet))), []
    except (duckdb.DataError, duckdb.ProgrammingError) as error:
        if len(rules) == 1:
            return [], [LeftOut(rules[0].id, str(error).splitlines()[0])]
    half = len(rules) // 2
    first, second = (_judged(connection, part, around) for part in (rules[:half], rules[half:]))
    return first[0] + second[0], first[1] + second[1]

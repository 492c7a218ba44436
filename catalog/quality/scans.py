"""A rule set as few scans: every row gets two masks, which rules judge it and which it fails.

    SELECT organisation, failed, judged, count(*), list(row) …  GROUP BY organisation, failed, judged

Nearly all rows share one pair of masks, so the groups are few, and only failing rows are listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.quality.bound import BoundRule
from catalog.quality.compiling.kinds import COMPILERS
from catalog.quality.compiling.sheet import ROW, ROWS, Sheet, Test
from standards.rules import NullMeaning

BITS = 62
"""How many rules one mask holds: a BIGINT without its sign, and one to spare."""


@dataclass(frozen=True)
class Scan:
    """One statement and the rules it judges, in the order of their bits, `BITS` to a mask.

    Its rows are: organisation, the masks of what failed, those of what was judged, how many rows, and the
    numbers of those that failed anything (null where none did).
    """

    rules: tuple[BoundRule, ...]
    sql: str
    masks: int


def scans(rules: Sequence[BoundRule], sheet: Sheet, organisation: str = "NULL") -> tuple[Scan, ...]:
    """Return the scans that judge the rules: one for what windows need, one for all the rest.

    A window holds whole rows in memory, so that scan reads no more columns than it must.
    """
    sorted_out: tuple[list[tuple[BoundRule, Test]], ...] = ([], [])
    for rule, test in tests_of(rules, sheet):
        sorted_out[" OVER (" in test.passes].append((rule, test))
    return tuple(_scan(part, sheet, organisation) for part in sorted_out if part)


Tests = Sequence[tuple[BoundRule, Test]]


def tests_of(rules: Sequence[BoundRule], sheet: Sheet) -> Tests:
    """Return each rule with how it judges a row."""
    return [(rule, COMPILERS[rule.check](rule, sheet)) for rule in rules]


def looks_beside(rule: BoundRule, test: Test, sheet: Sheet) -> bool:
    """Say whether a rule's verdict needs more than the row's own columns."""
    return bool(sheet.joined(_verdict(rule, test, sheet)))


def verdicts(tests: Tests, sheet: Sheet, organisation: str = "NULL") -> str:
    """Return the statement of every rule's verdict on every row: organisation, row, a verdict each."""
    said = [f"{_verdict(rule, test, sheet)} AS v{n}" for n, (rule, test) in enumerate(tests)]
    judging = f"SELECT {', '.join((f'{organisation} AS organisation', ROW, *said))} FROM {ROWS}"
    return f"{judging} {sheet.joined(judging)}"


def _scan(tests: Tests, sheet: Sheet, organisation: str) -> Scan:
    judged = verdicts(tests, sheet, organisation)
    words = [range(start, min(start + BITS, len(tests))) for start in range(0, len(tests), BITS)]
    masks = [f"{_mask('NOT v{}', word)} AS f{place}" for place, word in enumerate(words)]
    masks += [f"{_mask('v{} IS NOT NULL', word)} AS b{place}" for place, word in enumerate(words)]
    masked = f"SELECT organisation, {ROW}, {', '.join(masks)} FROM ({judged})"
    names = ", ".join(
        [f"f{place}" for place in range(len(words))] + [f"b{place}" for place in range(len(words))]
    )
    failed = " OR ".join(f"f{place} <> 0" for place in range(len(words)))
    return Scan(
        tuple(rule for rule, _ in tests),
        f"SELECT organisation, {names}, count(*) AS n, list({ROW}) FILTER (WHERE {failed}) AS failing "
        f"FROM ({masked}) GROUP BY organisation, {names}",
        len(words),
    )


def _verdict(rule: BoundRule, test: Test, sheet: Sheet) -> str:
    """Return the SQL of a verdict: true for a row that passes, false for one that fails, null for neither."""
    there = " AND ".join(f"{value} IS NOT NULL" for value in test.needs) or "true"
    match rule.null_means:
        case NullMeaning.FAILS:
            passes = f"coalesce({there} AND {test.passes}, false)"
        case NullMeaning.PASSES:
            passes = f"coalesce({test.passes}, true)"
        case NullMeaning.SKIPPED:
            passes = f"CASE WHEN {there} THEN {test.passes} END"
    return f"CASE WHEN {sheet.applies(rule)} THEN {passes} END"


def _mask(condition: str, word: Sequence[int]) -> str:
    bits = (
        f"CASE WHEN {condition.format(number)} THEN {1 << place} ELSE 0 END"
        for place, number in enumerate(word)
    )
    return f"CAST({' + '.join(bits)} AS BIGINT)"

"""Checks of what many rows come to: sums that reconcile with another dataset's, the newest day of all."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from catalog.engine import quoted
from catalog.quality.bound import BoundRule, Column
from catalog.quality.compiling.expressions import decimal
from catalog.quality.compiling.sheet import ROWS, Ask, Sheet
from catalog.quality.judgement import Absence, Judgement, Tally
from standards.checks.kinds import number
from standards.rules import NullMeaning


def judge_sums(rule: BoundRule, sheet: Sheet, ask: Ask, organisation: str = "NULL") -> Judgement:
    """Return B = the keys of both datasets, A = those whose sums are the same within the rule's share.

    Sums are exact decimals. A missing value adds nothing; rows without a key are not looked at.
    """
    key, applies = sheet.sql(rule.one("key")), sheet.applies(rule)
    mine = (
        f"SELECT {key} AS k, sum({_exact(sheet.sql(rule.one('value')))}) AS v, min({organisation}) AS o "
        f"FROM {ROWS} {sheet.joined(key, applies, sheet.sql(rule.one('value')), organisation)} "
        f"WHERE {key} IS NOT NULL AND {applies} GROUP BY 1"
    )
    other_key, other = rule.one("other_key"), rule.one("other_value")
    theirs = (
        f"SELECT {quoted(other_key.name)} AS k, sum({_exact(quoted(other.name))}) AS v "
        f"FROM {_view(other, sheet)} WHERE {quoted(other_key.name)} IS NOT NULL GROUP BY 1"
    )
    share = decimal(number(rule.settings["share"]))
    same = "m.k IS NOT NULL AND t.k IS NOT NULL AND abs(coalesce(m.v, 0) - coalesce(t.v, 0)) <= "
    same += f"abs(coalesce(t.v, 0)) * {share}"
    compared = (
        f"SELECT coalesce(m.k, t.k) AS k, m.v AS mine, t.v AS theirs, m.o AS o, m.k IS NULL AS no_mine, "
        f"t.k IS NULL AS no_theirs, {same} AS passes "
        f"FROM ({mine}) AS m FULL JOIN ({theirs}) AS t ON m.k = t.k"
    )
    counted = ask(f"SELECT o, count(*), count(*) FILTER (WHERE NOT passes) FROM ({compared}) GROUP BY o")
    by_organisation = {unit: Tally(judged, failing) for unit, judged, failing in counted}
    total = Tally(sum(row[1] for row in counted), sum(row[2] for row in counted))
    failing = ask(
        f"SELECT CAST(k AS VARCHAR), mine, theirs, o, no_mine, no_theirs FROM ({compared}) "
        "WHERE NOT passes ORDER BY k"
    )
    where = other.dataset or "the same dataset"
    absences = tuple(Absence((k,), unit, _differ(a, b, lacks, where)) for k, a, b, unit, *lacks in failing)
    return Judgement(rule, total, by_organisation, absences=absences)


def judge_newest(rule: BoundRule, sheet: Sheet, ask: Ask, organisation: str = "NULL") -> Judgement:
    """Return B = 1, A = 1 if the newest day lies at most so many days before the day of the run."""
    value, applies = sheet.sql(rule.one("value")), sheet.applies(rule)
    ((newest,),) = ask(
        f"SELECT max(CAST({value} AS DATE)) FROM {ROWS} {sheet.joined(value, applies)} WHERE {applies}"
    )
    if newest is None and rule.null_means is NullMeaning.SKIPPED:
        return Judgement(rule, Tally(0, 0), {})
    days = int(rule.settings["days"])
    if newest is None and rule.null_means is NullMeaning.FAILS:
        said = f"{rule.one('value').name} has no value in any row"
    elif newest is not None and newest < sheet.today - timedelta(days=days):
        said = f"the newest {rule.one('value').name} is {newest}, more than {days} days before {sheet.today}"
    else:
        return Judgement(rule, Tally(1, 0), {None: Tally(1, 0)})
    return Judgement(rule, Tally(1, 1), {None: Tally(1, 1)}, absences=(Absence((), None, said),))


def _differ(mine: Decimal | None, theirs: Decimal | None, lacks: list[bool], where: str) -> str:
    no_mine, no_theirs = lacks
    if no_mine:
        return f"is only in {where}"
    if no_theirs:
        return f"is not in {where}"
    return f"comes to {mine or 0:f}, and to {theirs or 0:f} in {where}"


def _exact(value: str) -> str:
    return f"CAST({value} AS DECIMAL(28, 6))"


def _view(column: Column, sheet: Sheet) -> str:
    return ROWS if column.dataset is None else sheet.beside[column.dataset].view

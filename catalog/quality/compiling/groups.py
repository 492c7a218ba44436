"""Checks of all rows that share a key, in SQL: failing groups are found first and joined to their rows."""

from __future__ import annotations

from catalog.engine import literal
from catalog.quality.bound import BoundRule
from catalog.quality.compiling.expressions import decimal
from catalog.quality.compiling.sheet import ROW, ROWS, Sheet, Test
from standards.checks.kinds import number

LEGAL_FORMS = "(股份有限公司|有限责任公司|有限公司|公司|工厂|厂|店|部)$"
"""What stands at the end of an organisation's name and says only what it is by law."""

_WIDE = (
    "０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ"
    "ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ"
)
_NARROW = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DROPPED = r"[-\s　－—_·.,，。、;；:：'\"“”‘’()（）\[\]【】<>《》/\\#＃]"


def unique(rule: BoundRule, sheet: Sheet) -> Test:
    """Of equal keys all but the first fail; one with a missing part is none, unless the rule says it is."""
    values = sheet.is_there(rule.several("key"))
    needs = () if rule.settings.get("missing-is-a-value") else values
    return _first_of_its_key(rule, sheet, values, needs)


def near_duplicate(rule: BoundRule, sheet: Sheet) -> Test:
    columns = (rule.one("value"), *rule.several("others"))
    values = sheet.is_there(columns)
    return _first_of_its_key(rule, sheet, tuple(map(normal, values)), values)


def one_value_per_key(rule: BoundRule, sheet: Sheet) -> Test:
    key, value = sheet.sql(rule.one("key")), sheet.sql(rule.one("value"))
    several = f"min({value}) <> max({value})"
    query = f"SELECT {key} AS k0 {_from(rule, sheet, (key, value))} GROUP BY {key} HAVING {several}"
    alias = sheet.join(query, [key])
    return Test(f"{alias}.k0 IS NULL", (key, value))


def shared_value(rule: BoundRule, sheet: Sheet) -> Test:
    value, holder = sheet.sql(rule.one("value")), sheet.sql(rule.one("holder"))
    most = rule.settings["most"]
    query = (
        f"SELECT {value} AS k0 {_from(rule, sheet, (value, holder))} GROUP BY {value} "
        f"HAVING count(*) > {most} AND count(DISTINCT {holder}) > {most}"
    )
    alias = sheet.join(query, [value])
    return Test(f"{alias}.k0 IS NULL", (value, holder))


def peer_outlier(rule: BoundRule, sheet: Sheet) -> Test:
    """The percentile is taken over counted values, so that it is exact and needs no long lists."""
    column = rule.one("value")
    value, group = sheet.sql(column), sheet.sql(rule.one("class"))
    counted = (
        f"SELECT {group} AS g, {value} AS v, count(*) AS n {_from(rule, sheet, (value, group))} GROUP BY 1, 2"
    )
    running = (
        "SELECT g, v, sum(n) OVER (PARTITION BY g ORDER BY v) AS upto, "
        f"sum(n) OVER (PARTITION BY g) AS whole FROM ({counted})"
    )
    query = (
        f"SELECT g AS k0, min(CASE WHEN upto * 100 >= whole * 99 THEN v END) AS bound, max(whole) AS whole "
        f"FROM ({running}) GROUP BY g HAVING max(whole) >= {rule.settings['rows']}"
    )
    alias = sheet.join(query, [group])
    times = decimal(number(rule.settings["times"]))
    return Test(f"{value} <= {alias}.bound * {times}", (value, group, f"{alias}.bound"))


def outlier(rule: BoundRule, sheet: Sheet) -> Test:
    """A row is compared with the mean and the standard deviation of the other rows of its series.

    Leaving the row itself out keeps one large value from hiding itself. Sums are exact decimals, so that the
    verdict does not depend on the order in which rows come; DuckDB multiplies two numbers of up to 18 digits
    within 18 digits, hence the wider one.
    """
    column = rule.one("value")
    value, key = sheet.sql(column), sheet.sql(rule.one("key"))
    exact, wide = f"CAST({value} AS DECIMAL(18, 4))", f"CAST({value} AS DECIMAL(19, 4))"
    query = (
        f"SELECT {key} AS k0, count(*) AS n, CAST(sum({exact}) AS DOUBLE) AS s, "
        f"CAST(sum({wide} * {exact}) AS DOUBLE) AS q {_from(rule, sheet, (value, key))} GROUP BY {key} "
        f"HAVING count(*) >= {rule.settings['rows']}"
    )
    alias = sheet.join(query, [key])
    here, n = f"CAST({value} AS DOUBLE)", f"({alias}.n - 1)"
    mean = f"(({alias}.s - {here}) / {n})"
    variance = f"greatest(({alias}.q - {here} * {here}) / {n} - {mean} * {mean}, 0)"
    times = number(rule.settings["deviations"])
    off = f"abs({here} - {mean})"
    least = decimal(number(rule.settings["least"]))
    near = f"{off} * {off} <= {decimal(times * times)} * {variance}"
    return Test(f"({off} <= {least} OR {near})", (value, key, f"{alias}.n"))


def normal(text: str) -> str:
    """Return the SQL of a text without what people write differently and mean the same."""
    narrow = (
        f"CASE WHEN regexp_matches({text}, '[０-９Ａ-Ｚａ-ｚ]') "
        f"THEN translate({text}, {literal(_WIDE)}, {literal(_NARROW)}) ELSE {text} END"
    )
    bare = f"regexp_replace(lower({narrow}), {literal(_DROPPED)}, '', 'g')"
    return f"regexp_replace({bare}, {literal(LEGAL_FORMS)}, '')"


def _first_of_its_key(rule: BoundRule, sheet: Sheet, keys: tuple[str, ...], needs: tuple[str, ...]) -> Test:
    names = ", ".join(f"{key} AS k{place}" for place, key in enumerate(keys))
    query = (
        f"SELECT {names}, min({ROW}) AS first {_from(rule, sheet, needs)} "
        f"GROUP BY {', '.join(keys)} HAVING count(*) > 1"
    )
    alias = sheet.join(query, keys, missing_is_a_value=not needs)
    return Test(f"coalesce({alias}.first = {ROW}, true)", needs)


def _from(rule: BoundRule, sheet: Sheet, needs: tuple[str, ...]) -> str:
    """Return FROM and WHERE over the rows the rule speaks of, with the joins its own columns need."""
    there = " AND ".join(f"{value} IS NOT NULL" for value in needs) or "true"
    applies = sheet.applies(rule)
    return f"FROM {ROWS} {sheet.joined(applies, *needs)} WHERE {there} AND {applies}"

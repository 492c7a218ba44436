"""Checks of the values of one row together, in SQL."""

from __future__ import annotations

import math

from catalog.engine import literal
from catalog.quality.bound import BoundRule, Column
from catalog.quality.compiling import expression, polygons
from catalog.quality.compiling.expressions import as_text, decimal, listed
from catalog.quality.compiling.sheet import Sheet, Test
from standards.checks.kinds import NUMBERS, number
from standards.errors import InvalidInput

_METRES_A_DEGREE = "111319.49079327357"
"""One degree of latitude on a sphere of the radius of WGS 84's semi-major axis, 6,378,137 m."""


class MalformedSetting(InvalidInput):
    """A rule's parameter can't be read."""

    code = "malformed-rule-setting"


def any_present(rule: BoundRule, sheet: Sheet) -> Test:
    there = (f"{value} IS NOT NULL" for value in sheet.is_there(_all(rule)))
    return Test(f"({' OR '.join(there)})")


def all_or_none(rule: BoundRule, sheet: Sheet) -> Test:
    values = sheet.is_there(_all(rule))
    there = " + ".join(f"CASE WHEN {value} IS NULL THEN 0 ELSE 1 END" for value in values)
    return Test(f"({there}) IN (0, {len(values)})")


def equation(rule: BoundRule, sheet: Sheet) -> Test:
    total, terms = sheet.sql(rule.one("total")), sheet.is_there(rule.several("terms"))
    signs = str(rule.settings.get("signs", "+ " * len(terms))).split()
    if len(signs) != len(terms) or not set(signs) <= {"+", "-"}:
        raise MalformedSetting(
            f"rule {rule.id}: signs {' '.join(signs)!r} don't go with {len(terms)} terms",
            hint="give one + or - for each term, with blanks between",
        )
    summed = " ".join(f"{sign} {term}" for sign, term in zip(signs, terms, strict=True))
    off = f"abs({total} - (0 {summed}))"
    return Test(f"{off} <= {decimal(number(rule.settings['tolerance']))}", (total, *terms))


def product_of(rule: BoundRule, sheet: Sheet) -> Test:
    result, factor, other = (sheet.sql(rule.one(role)) for role in ("result", "factor", "other"))
    off = f"abs({result} - {factor} * {other})"
    return Test(f"{off} <= {decimal(number(rule.settings['tolerance']))}", (result, factor, other))


def ordered(rule: BoundRule, sheet: Sheet) -> Test:
    """A value that is missing is passed over: its neighbours are compared with each other."""
    values = sheet.is_there((rule.one("first"), *rule.several("later")))
    steps = [
        f"coalesce({before} <= {after}, true)"
        for place, after in enumerate(values)
        for before in values[:place]
    ]
    return Test(" AND ".join(steps), ())


def not_below(rule: BoundRule, sheet: Sheet) -> Test:
    value, other = sheet.sql(rule.one("value")), sheet.sql(rule.one("other"))
    return Test(f"{value} >= {other}", (value, other))


def agrees(rule: BoundRule, sheet: Sheet) -> Test:
    one, other = rule.one("value"), rule.one("other")
    return same(sheet.sql(one), sheet.sql(other), one, other, rule)


def same(value: str, compared: str, one: Column, other: Column, rule: BoundRule) -> Test:
    """Return the test that two values are the same, numbers within the rule's tolerance."""
    if one.element.type in NUMBERS and other.element.type in NUMBERS:
        off = f"abs({value} - {compared})"
        return Test(f"{off} <= {decimal(number(rule.settings['tolerance']))}", (value, compared))
    return Test(f"{as_text(value, one)} = {as_text(compared, other)}", (value, compared))


def starts_with(rule: BoundRule, sheet: Sheet) -> Test:
    value, prefix = sheet.sql(rule.one("value")), sheet.sql(rule.one("prefix"))
    return Test(f"substr({value}, 1, length({prefix})) = {prefix}", (value, prefix))


def fits(rule: BoundRule, sheet: Sheet) -> Test:
    value, other = sheet.sql(rule.one("value")), sheet.sql(rule.one("other"))
    excluded = []
    for code, others in _bands(rule, "excluded"):
        starts = f"substr({value}, 1, {len(code)}) = {literal(code)}"
        excluded.append(f"({starts} AND {other} IN ({listed(others)}))")
    return Test(f"NOT ({' OR '.join(excluded)})", (value, other))


def band_range(rule: BoundRule, sheet: Sheet) -> Test:
    column = rule.one("band")
    value, band = sheet.sql(rule.one("value")), as_text(sheet.sql(column), column)
    cases = []
    for name, bounds in _bands(rule, "bands"):
        try:
            low, high = (decimal(number(bound)) for bound in bounds)
        except (ValueError, ArithmeticError) as error:
            raise MalformedSetting(
                f"rule {rule.id}: band {name!r} has no two numbers",
                hint="write a band, its minimum and its maximum: 15: 0 3.1; 20: 0 5",
            ) from error
        cases.append(f"WHEN {band} = {literal(name)} THEN {value} BETWEEN {low} AND {high}")
    return Test(f"CASE {' '.join(cases)} ELSE NULL END", (value, band))


def within_days(rule: BoundRule, sheet: Sheet) -> Test:
    later, earlier = sheet.sql(rule.one("later")), sheet.sql(rule.one("earlier"))
    days = f"datediff('day', CAST({earlier} AS DATE), CAST({later} AS DATE))"
    return Test(f"{days} BETWEEN 0 AND {rule.settings['days']}", (later, earlier))


def distance(rule: BoundRule, sheet: Sheet) -> Test:
    """Over the short distances that are asked about a plane through both points will do."""
    names = ("longitude", "latitude", "other_longitude", "other_latitude")
    values = tuple(sheet.sql(rule.one(name)) for name in names)
    x1, y1, x2, y2 = (f"CAST({value} AS DOUBLE)" for value in values)
    north = f"(({y1} - {y2}) * {_METRES_A_DEGREE})"
    east = f"(({x1} - {x2}) * cos(({y1} + {y2}) / 2 * {math.pi / 180!r}) * {_METRES_A_DEGREE})"
    most = number(rule.settings["most-m"])
    return Test(f"{north} * {north} + {east} * {east} <= {decimal(most * most)}", values)


def inside(rule: BoundRule, sheet: Sheet) -> Test:
    return polygons.inside(rule, sheet)


def sql(rule: BoundRule, sheet: Sheet) -> Test:
    own = {column.name: sheet.sql(column) for column in _all(rule) if column.dataset is None}
    columns = own | {column.element.id: sheet.sql(column) for column in _all(rule)}
    said = expression.parsed(str(rule.settings["expression"]), columns, rule.id)
    return Test(f"({said})", (f"({said})",))


def _all(rule: BoundRule) -> tuple[Column, ...]:
    return (rule.one("value"), *rule.several("others"))


def _bands(rule: BoundRule, setting: str) -> list[tuple[str, list[str]]]:
    """Return a setting of the form `NAME: WORD WORD; NAME: WORD` as names and words."""
    found = []
    for part in str(rule.settings[setting]).split(";"):
        name, colon, rest = part.partition(":")
        if not colon or not name.strip() or not rest.split():
            raise MalformedSetting(
                f"rule {rule.id}: {part.strip()!r} of {setting} has no name, colon and words",
                hint="write, for example: 8051: 11 12; 8052: 11",
            )
        found.append((name.strip(), rest.split()))
    return found

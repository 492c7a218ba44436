"""Checks against another dataset, in SQL: what is referred to is joined to the row."""

from __future__ import annotations

from catalog.engine import quoted
from catalog.quality.bound import BoundRule, Column
from catalog.quality.compiling.records import same
from catalog.quality.compiling.sheet import ROWS, Sheet, Test


def reference(rule: BoundRule, sheet: Sheet) -> Test:
    return _stands_in(rule, sheet, rule.one("referred"))


def referred_to(rule: BoundRule, sheet: Sheet) -> Test:
    return _stands_in(rule, sheet, rule.one("referring"))


def agrees_with(rule: BoundRule, sheet: Sheet) -> Test:
    """A key with several values in the other dataset agrees with none of them."""
    one, key = rule.one("value"), sheet.sql(rule.one("key"))
    other, other_key = rule.one("other_value"), rule.one("other_key")
    query = (
        f"SELECT {quoted(other_key.name)} AS k0, min({quoted(other.name)}) AS v FROM {_view(other, sheet)} "
        f"WHERE {quoted(other_key.name)} IS NOT NULL GROUP BY 1 "
        f"HAVING min({quoted(other.name)}) = max({quoted(other.name)})"
    )
    alias = sheet.join(query, [key])
    return same(sheet.sql(one), f"{alias}.v", one, other, rule)


def _stands_in(rule: BoundRule, sheet: Sheet, other: Column) -> Test:
    value, name = sheet.sql(rule.one("value")), quoted(other.name)
    query = f"SELECT DISTINCT {name} AS k0 FROM {_view(other, sheet)} WHERE {name} IS NOT NULL"
    alias = sheet.join(query, [value])
    return Test(f"{alias}.k0 IS NOT NULL", (value,))


def _view(column: Column, sheet: Sheet) -> str:
    return ROWS if column.dataset is None else sheet.beside[column.dataset].view

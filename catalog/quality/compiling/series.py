"""Checks of the rows of one meter or account in their order, in SQL: window functions over one sort."""

from __future__ import annotations

from catalog.quality.bound import BoundRule
from catalog.quality.compiling.expressions import decimal
from catalog.quality.compiling.sheet import ROW, Sheet, Test
from standards.checks.kinds import number


def continues(rule: BoundRule, sheet: Sheet) -> Test:
    opening, closing = sheet.sql(rule.one("opening")), sheet.sql(rule.one("closing"))
    before = f"lag({closing}) OVER {_series(rule, sheet)}"
    off = f"abs({opening} - {before})"
    return Test(f"{off} <= {decimal(number(rule.settings['tolerance']))}", (opening, before))


def does_not_fall(rule: BoundRule, sheet: Sheet) -> Test:
    value = sheet.sql(rule.one("value"))
    before = f"lag({value}) OVER {_series(rule, sheet)}"
    return Test(f"{value} >= {before}", (value, before))


def repeated_value(rule: BoundRule, sheet: Sheet) -> Test:
    value, series = sheet.sql(rule.one("value")), _series(rule, sheet)
    earlier = [f"lag({value}, {steps}) OVER {series}" for steps in range(1, int(rule.settings["periods"]))]
    same = [f"{each} = {value}" for each in earlier]
    if "value" in rule.settings:
        same.append(f"{value} = {decimal(number(rule.settings['value']))}")
    return Test(f"NOT coalesce({' AND '.join(same)}, false)", (value,))


def _series(rule: BoundRule, sheet: Sheet) -> str:
    """Return the window; rows of one time stand in the order of the file, so that every run sees the same."""
    key, order = sheet.sql(rule.one("key")), sheet.sql(rule.one("order"))
    return f"(PARTITION BY {key} ORDER BY {order}, {ROW})"

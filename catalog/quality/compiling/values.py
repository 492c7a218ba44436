"""Checks of one value by itself, in SQL."""

from __future__ import annotations

import re
from datetime import date, timedelta

from catalog.engine import literal
from catalog.quality.bound import BoundRule
from catalog.quality.compiling import check_characters
from catalog.quality.compiling.expressions import as_text, decimal, listed
from catalog.quality.compiling.sheet import Sheet, Test
from standards.checks.kinds import number
from standards.code_lists import CodeList
from standards.coding_rules import Segment, SegmentKind
from standards.data_elements import DataType

ADDRESS_PARTS = {
    "road": "[路街巷弄道胡同里大]",
    "number": "[0-9０-９一二三四五六七八九十百]+号",
    "building": "[0-9A-Za-z０-９一二三四五六七八九十甲乙丙丁东南西北]+(栋|幢|座|号楼|楼|#)",
    "unit": "[0-9A-Za-z０-９一二三四五六七八九十甲乙丙丁]+(单元|门)",
    "room": "[0-9A-Za-z０-９]+(室|户|房)",
}
"""What each part of an address looks like, by name."""


def present(rule: BoundRule, sheet: Sheet) -> Test:
    column = rule.one("value")
    value = sheet.sql(column)
    passes = f"{value} IS NOT NULL"
    if column.element.type is DataType.TEXT:
        passes += f" AND trim({value}) <> ''"
        if words := str(rule.settings.get("placeholders", "")).split():
            passes += f" AND trim({value}) NOT IN ({listed(words)})"
    return Test(f"coalesce({passes}, false)")


def absent(rule: BoundRule, sheet: Sheet) -> Test:
    return Test(f"{sheet.sql(rule.one('value'))} IS NULL")


def pattern(rule: BoundRule, sheet: Sheet) -> Test:
    column = rule.one("value")
    wanted = str(rule.settings.get("pattern") or column.element.pattern or ".*")
    return _of_value(rule, sheet, f"regexp_full_match({{}}, {literal(wanted)})")


def not_pattern(rule: BoundRule, sheet: Sheet) -> Test:
    return _of_value(rule, sheet, f"NOT regexp_matches({{}}, {literal(str(rule.settings['pattern']))})")


def length(rule: BoundRule, sheet: Sheet) -> Test:
    return _of_value(rule, sheet, _bounds(rule, "length({})"))


def in_range(rule: BoundRule, sheet: Sheet) -> Test:
    return _of_value(rule, sheet, _bounds(rule, "{}"))


def coding_rule(rule: BoundRule, sheet: Sheet) -> Test:
    """Form first, then days, then the check characters: the dear part is computed for few."""
    rule_id, _, version = str(rule.settings["rule"]).partition("@")
    document = sheet.library.coding_rule(rule_id, version or None)
    text = sheet.sql(rule.one("value"))
    form, later, place = "", [], 1
    for segment in document.segments:
        here = f"substr({text}, {place}, {segment.length})"
        form += _form(segment)
        if segment.form == "YYYYMMDD":
            later.append(check_characters.day(here))
        if segment.algorithm is not None:
            later.append(f"{here} = {check_characters.check_character(text, place - 1, segment.algorithm)}")
        place += segment.length
    formed = f"regexp_full_match({text}, {literal(form)})"
    return Test(f"CASE WHEN {formed} THEN {' AND '.join(later) or 'true'} ELSE false END", (text,))


def credit_code(rule: BoundRule, sheet: Sheet) -> Test:
    value = sheet.sql(rule.one("value"))
    return Test(check_characters.credit_code(value), (value,))


def resident_id(rule: BoundRule, sheet: Sheet) -> Test:
    value = sheet.sql(rule.one("value"))
    return Test(check_characters.resident_id(value), (value,))


def bank_card(rule: BoundRule, sheet: Sheet) -> Test:
    value = sheet.sql(rule.one("value"))
    return Test(check_characters.bank_card(value), (value,))


def masked(rule: BoundRule, sheet: Sheet) -> Test:
    hidden = "length({0}) - length(replace({0}, '*', ''))"
    return _of_value(rule, sheet, f"{hidden} >= {rule.settings['least']}")


def code_list(rule: BoundRule, sheet: Sheet) -> Test:
    codes, level = _codes(rule, sheet), rule.settings.get("level")
    known = [c.code for c in codes.codes if level in (None, c.level)]
    return _of_value(rule, sheet, f"{{}} IN ({listed(known)})")


def code_level(rule: BoundRule, sheet: Sheet) -> Test:
    deep = [c.code for c in _codes(rule, sheet).codes if c.level >= int(rule.settings["level"])]
    return _of_value(rule, sheet, f"{{}} IN ({listed(deep)})")


def not_past(rule: BoundRule, sheet: Sheet) -> Test:
    first = sheet.today - timedelta(days=int(rule.settings["days"]))
    return _of_day(rule, sheet, f">= {_day(first)}")


def not_future(rule: BoundRule, sheet: Sheet) -> Test:
    last = sheet.today + timedelta(days=int(rule.settings["days"]))
    return _of_day(rule, sheet, f"<= {_day(last)}")


def not_before(rule: BoundRule, sheet: Sheet) -> Test:
    return _of_day(rule, sheet, f">= {_day(date.fromisoformat(str(rule.settings['day'])))}")


def address_parts(rule: BoundRule, sheet: Sheet) -> Test:
    wanted = (ADDRESS_PARTS[part] for part in str(rule.settings["parts"]).split())
    return _of_value(rule, sheet, " AND ".join(f"regexp_matches({{0}}, {literal(p)})" for p in wanted))


def _of_value(rule: BoundRule, sheet: Sheet, template: str) -> Test:
    """Return the test of a template in which braces stand for the value, as text where codes are texts."""
    column = rule.one("value")
    value = sheet.sql(column)
    text = value if rule.check == "range" else as_text(value, column)
    filled = template.replace("{0}", text).replace("{}", text)
    return Test(filled, (value,))


def _of_day(rule: BoundRule, sheet: Sheet, bound: str) -> Test:
    value = sheet.sql(rule.one("value"))
    return Test(f"CAST({value} AS DATE) {bound}", (value,))


def _bounds(rule: BoundRule, what: str) -> str:
    found = []
    for name, sign in (("minimum", ">="), ("maximum", "<=")):
        if name in rule.settings:
            found.append(f"{what} {sign} {decimal(number(rule.settings[name]))}")
    return " AND ".join(found) or "true"


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"


def _codes(rule: BoundRule, sheet: Sheet) -> CodeList:
    list_id, _, version = str(rule.settings["list"]).partition("@")
    return sheet.library.code_list(list_id, version or None)


def _form(segment: Segment) -> str:
    """Return the regular expression of a segment's form."""
    match segment.kind:
        case SegmentKind.FIXED:
            return re.escape(str(segment.text))
        case SegmentKind.CODE:
            return "(" + "|".join(map(re.escape, segment.codes)) + ")"
        case SegmentKind.DATE:
            return {"YYYY": "[0-9]{4}", "YYYYMM": "[0-9]{4}(0[1-9]|1[0-2])"}.get(
                str(segment.form), "[0-9]{8}"
            )
    return f"[{segment.characters}]{{{segment.length}}}"

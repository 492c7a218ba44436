"""Checks of the values of one row together, its own and those of the rows it refers to."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from standards.checks.kinds import (
    DAYS,
    NUMBERS,
    TEXTS,
    CheckFamily,
    CheckKind,
    Parameter,
    ParameterForm,
    Role,
)

_RECORD = CheckFamily.RECORD

KINDS: Final = (
    CheckKind(
        "any-present",
        _RECORD,
        "至少一项非空",
        "any present",
        "At least one of the fields has a value.",
        (Role("value"), Role("others", several=True)),
    ),
    CheckKind(
        "all-or-none",
        _RECORD,
        "同有同无",
        "all or none",
        "All of the fields have a value, or none has.",
        (Role("value"), Role("others", several=True)),
    ),
    CheckKind(
        "equation",
        _RECORD,
        "勾稽关系",
        "equation",
        "The total is the sum of the terms, each with its sign, within a tolerance.",
        (Role("total", NUMBERS), Role("terms", NUMBERS, several=True)),
        (
            Parameter("signs", ParameterForm.WORDS, optional=True),
            Parameter("tolerance", ParameterForm.NUMBER, default="0", least=Decimal(0)),
        ),
    ),
    CheckKind(
        "product-of",
        _RECORD,
        "乘积关系",
        "product of",
        "The result is one factor times the other, within a tolerance.",
        (Role("result", NUMBERS), Role("factor", NUMBERS), Role("other", NUMBERS)),
        (Parameter("tolerance", ParameterForm.NUMBER, default="0.01", least=Decimal(0)),),
    ),
    CheckKind(
        "ordered",
        _RECORD,
        "先后顺序",
        "ordered",
        "Those of the fields that have a value do not fall from left to right.",
        (Role("first"), Role("later", several=True)),
    ),
    CheckKind(
        "not-below",
        _RECORD,
        "不低于",
        "not below",
        "The first number is not below the second one.",
        (Role("value", NUMBERS), Role("other", NUMBERS)),
    ),
    CheckKind(
        "agrees",
        _RECORD,
        "一致",
        "agrees",
        "Both values are the same; numbers within a tolerance.",
        (Role("value"), Role("other")),
        (Parameter("tolerance", ParameterForm.NUMBER, default="0", least=Decimal(0)),),
    ),
    CheckKind(
        "starts-with",
        _RECORD,
        "前缀一致",
        "starts with",
        "The text begins with the other text.",
        (Role("value", TEXTS), Role("prefix", TEXTS)),
    ),
    CheckKind(
        "fits",
        _RECORD,
        "组合合理",
        "fits",
        "The value is not among those that are excluded beside the other value: `8051: 11 12`, one pair a "
        "word and its list, joined by semicolons; a code stands for those below it.",
        (Role("value", TEXTS), Role("other", TEXTS)),
        (Parameter("excluded", ParameterForm.TEXT),),
    ),
    CheckKind(
        "band-range",
        _RECORD,
        "分档值域",
        "range by band",
        "The number lies within the bounds of its band: `15: 0 3.1; 20: 0 5`, band, minimum and maximum.",
        (Role("value", NUMBERS), Role("band")),
        (Parameter("bands", ParameterForm.TEXT),),
    ),
    CheckKind(
        "within-days",
        _RECORD,
        "时限",
        "within days",
        "The later moment comes at most so many days after the earlier one.",
        (Role("later", DAYS), Role("earlier", DAYS)),
        (Parameter("days", ParameterForm.WHOLE, least=Decimal(0)),),
    ),
    CheckKind(
        "distance",
        _RECORD,
        "距离",
        "distance",
        "Two points of WGS 84 or GCJ-02, both of one system, lie at most so many metres apart.",
        (
            Role("longitude", NUMBERS),
            Role("latitude", NUMBERS),
            Role("other_longitude", NUMBERS),
            Role("other_latitude", NUMBERS),
        ),
        (Parameter("most-m", ParameterForm.NUMBER, least=Decimal(0)),),
    ),
    CheckKind(
        "inside",
        _RECORD,
        "地理围栏",
        "inside",
        "The point lies inside the polygon (WKT or GeoJSON text) of the row, its border included.",
        (Role("longitude", NUMBERS), Role("latitude", NUMBERS), Role("polygon", TEXTS)),
    ),
    CheckKind(
        "sql",
        _RECORD,
        "SQL表达式",
        "SQL expression",
        "An SQL expression over the row's fields, named as the scope names them, is true.",
        (Role("value"), Role("others", several=True, optional=True)),
        (Parameter("expression", ParameterForm.TEXT),),
    ),
)

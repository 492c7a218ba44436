"""Checks of the rows of one meter or account in their order."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from standards.checks.kinds import NUMBERS, CheckFamily, CheckKind, Parameter, ParameterForm, Role

_SERIES = CheckFamily.SERIES

KINDS: Final = (
    CheckKind(
        "continues",
        _SERIES,
        "首尾衔接",
        "continues",
        "The opening value is the closing value of the row before it in the series.",
        (Role("opening", NUMBERS), Role("closing", NUMBERS), Role("order"), Role("key")),
        (Parameter("tolerance", ParameterForm.NUMBER, default="0", least=Decimal(0)),),
    ),
    CheckKind(
        "does-not-fall",
        _SERIES,
        "不回退",
        "does not fall",
        "The value is not below that of the row before it in the series.",
        (Role("value", NUMBERS), Role("order"), Role("key")),
    ),
    CheckKind(
        "repeated-value",
        _SERIES,
        "连续相同",
        "repeated value",
        "The value, or one given value, does not stand in so many rows of the series on end; from the row "
        "that makes it so many, the rows fail.",
        (Role("value", NUMBERS), Role("order"), Role("key")),
        (
            Parameter("periods", ParameterForm.WHOLE, least=Decimal(2)),
            Parameter("value", ParameterForm.NUMBER, optional=True),
        ),
    ),
    CheckKind(
        "outlier",
        _SERIES,
        "历史离群",
        "outlier against history",
        "The value is within so many standard deviations of the mean of the other rows of its series, or "
        "within a least distance of it; a series shorter than so many rows is not judged.",
        (Role("value", NUMBERS), Role("order"), Role("key")),
        (
            Parameter("deviations", ParameterForm.NUMBER, default="4", least=Decimal(1)),
            Parameter("rows", ParameterForm.WHOLE, default=6, least=Decimal(3)),
            Parameter("least", ParameterForm.NUMBER, default="0", least=Decimal(0)),
        ),
    ),
    CheckKind(
        "peer-outlier",
        _SERIES,
        "同类离群",
        "outlier against peers",
        "The value is at most so many times the 99th percentile of its class; a class of fewer rows than "
        "asked for is not judged.",
        (Role("value", NUMBERS), Role("class")),
        (
            Parameter("times", ParameterForm.NUMBER, default="3", least=Decimal(1)),
            Parameter("rows", ParameterForm.WHOLE, default=30, least=Decimal(1)),
        ),
    ),
)

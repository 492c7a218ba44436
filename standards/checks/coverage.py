"""Checks of what ought to be there: in this dataset, or in another one."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from standards.checks.kinds import DAYS, NUMBERS, CheckFamily, CheckKind, Parameter, ParameterForm, Role

_COVERAGE = CheckFamily.COVERAGE

KINDS: Final = (
    CheckKind(
        "reference",
        _COVERAGE,
        "外键存在",
        "reference",
        "The value stands in the field it refers to, in the dataset that holds it.",
        (Role("value"), Role("referred", elsewhere=True)),
    ),
    CheckKind(
        "referred-to",
        _COVERAGE,
        "应有对应",
        "referred to",
        "Some row of the other dataset refers to this one.",
        (Role("value"), Role("referring", elsewhere=True)),
    ),
    CheckKind(
        "complete-period",
        _COVERAGE,
        "周期完整",
        "complete period",
        "Every series has a row at every step between the first and the last time of the dataset.",
        (Role("time"), Role("series", several=True, optional=True)),
        (Parameter("step", ParameterForm.TEXT, default="month"),),
    ),
    CheckKind(
        "agrees-with",
        _COVERAGE,
        "跨库一致",
        "agrees with another dataset",
        "The value is that of the other dataset's row with the same key; numbers within a tolerance.",
        (Role("value"), Role("key"), Role("other_value", elsewhere=True), Role("other_key", elsewhere=True)),
        (Parameter("tolerance", ParameterForm.NUMBER, default="0", least=Decimal(0)),),
    ),
    CheckKind(
        "reconciles",
        _COVERAGE,
        "对账",
        "reconciles",
        "Per key, the sums of both datasets are the same within a share of the other's; a key that only one "
        "has fails.",
        (
            Role("value", NUMBERS),
            Role("key"),
            Role("other_value", NUMBERS, elsewhere=True),
            Role("other_key", elsewhere=True),
        ),
        (Parameter("share", ParameterForm.NUMBER, default="0", least=Decimal(0)),),
    ),
    CheckKind(
        "recent",
        _COVERAGE,
        "数据新鲜",
        "recent",
        "The newest day of the dataset is at most so many days before the day of the run.",
        (Role("value", DAYS),),
        (Parameter("days", ParameterForm.WHOLE, least=Decimal(0)),),
    ),
)

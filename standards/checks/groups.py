"""Checks of all rows that share a key."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from standards.checks.kinds import TEXTS, CheckFamily, CheckKind, Parameter, ParameterForm, Role

_GROUP = CheckFamily.GROUP

KINDS: Final = (
    CheckKind(
        "unique",
        _GROUP,
        "唯一",
        "unique",
        "The key stands once; of several rows with one key all but the first fail. A key with a missing part "
        "is none, unless missing is a value like another.",
        (Role("key", several=True),),
        (Parameter("missing-is-a-value", ParameterForm.MARK, default=False),),
    ),
    CheckKind(
        "one-value-per-key",
        _GROUP,
        "一键一值",
        "one value per key",
        "All rows of a key have one value; if they have several, all of them fail.",
        (Role("key"), Role("value")),
    ),
    CheckKind(
        "shared-value",
        _GROUP,
        "共用",
        "shared value",
        "A value belongs to at most so many holders; if to more, all its rows fail.",
        (Role("value"), Role("holder")),
        (Parameter("most", ParameterForm.WHOLE, least=Decimal(1)),),
    ),
    CheckKind(
        "near-duplicate",
        _GROUP,
        "疑似重复",
        "near duplicate",
        "No earlier row is the same once width, case, blanks, punctuation and legal forms are set aside.",
        (Role("value", TEXTS), Role("others", TEXTS, several=True, optional=True)),
    ),
)

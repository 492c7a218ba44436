"""Rules as documents: what must hold of the data, how bad it is if it does not, and who is to see to it.

A document says what is meant: a kind of check (`standards/checks`), the data elements it looks at, and the
rows it speaks of (`standards/conditions`). The engine that carries it out is in `catalog/quality`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from standards.checks import KINDS, CheckKind
from standards.checks.settings import text_faults
from standards.conditions import MalformedCondition, parse
from standards.documents import (
    Document,
    ElementId,
    Kind,
    RegistrationStatus,
    Slug,
    Text,
    refuse,
    validity_faults,
)
from standards.errors import Fault, InvalidInput

INDICATORS = "gbt36344"
"""The code list of the quality indicators that rules name."""


class ContradictoryRule(InvalidInput):
    """The parts of a rule exclude one another; `faults` names each part."""

    code = "contradictory-rule"


class Severity(StrEnum):
    """What a failure means: the data can't be used, must be mended, or should be looked at."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class LineOfDefence(StrEnum):
    """Where the rule stands among the three lines of defence 三道防线: before, during or after field work."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


class NullMeaning(StrEnum):
    """What a missing value is to the rule: a failure, no failure, or not looked at (it leaves A and B)."""

    FAILS = "fails"
    PASSES = "passes"
    SKIPPED = "skipped"


Parameter = bool | int | Text
"""A parameter: a mark, a whole number, or a text. Fractions are texts, so that 0.1 stays 0.1."""


class Rule(Document):
    """One rule. `check` is how it is decided, `scope` the data elements it looks at in the check's order.

    The first element tells whose rows are judged; those of other object classes are found by the references
    between elements. `where` keeps the rule to some rows. A check of whole datasets needs no scope, and then
    speaks of every dataset. `parameters` are what a utility may set; `owner` is the role that answers for
    findings.
    """

    kind: ClassVar[Kind] = Kind.RULE

    id: Slug
    name_zh: Text
    name_en: Text
    definition_zh: Text
    definition: Text
    indicator: Annotated[str, Field(pattern=r"^[0-9]{4}$")]
    severity: Severity
    line_of_defence: LineOfDefence
    scope: tuple[ElementId, ...] = ()
    where: Text | None = None
    check: Slug
    parameters: dict[Slug, Parameter] = Field(default_factory=dict)
    null_means: NullMeaning
    owner: Slug
    valid_from: date
    valid_to: date | None = None
    status: RegistrationStatus = RegistrationStatus.STANDARD

    @property
    def check_kind(self) -> CheckKind:
        """The kind of check."""
        return KINDS[self.check]

    @property
    def elements(self) -> tuple[str, ...]:
        """Every data element the rule looks at, those of its condition last."""
        asked = (each.field for each in parse(self.where)) if self.where else ()
        return tuple(dict.fromkeys((*self.scope, *asked)))

    @model_validator(mode="after")
    def _makes_sense(self) -> Rule:
        faults = [
            *validity_faults(self.valid_from, self.valid_to),
            *_check_faults(self),
            *_condition_faults(self.where),
        ]
        if self.indicator == "0201" and self.null_means is not NullMeaning.FAILS:
            faults.append(Fault("/null_means", "completeness of elements is about null: it must fail"))
        refuse(
            ContradictoryRule,
            f"rule {self.id} {self.version}",
            faults,
            hint="shuize rule show shows a rule that holds together, and what its check takes",
        )
        return self


def _check_faults(rule: Rule) -> Iterator[Fault]:
    kind = KINDS.get(rule.check)
    if kind is None:
        near = difflib.get_close_matches(rule.check, KINDS, n=3, cutoff=0.5)
        known = f"nearest: {', '.join(near)}" if near else f"the checks are {', '.join(sorted(KINDS))}"
        yield Fault("/check", f"there is no check {rule.check!r}; {known}")
        return
    yield from kind.count_faults(len(rule.scope))
    faults = list(kind.setting_faults(rule.parameters))
    yield from faults or text_faults(kind, rule.parameters, rule.scope)
    for part in _sides(kind, rule.scope):
        for element in sorted({each for each in part if part.count(each) > 1}):
            yield Fault("/scope", f"{element} stands twice in the scope")


def _sides(kind: CheckKind, scope: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the elements of the rows that are judged, and those of the other dataset: both may have one."""
    here: list[str] = []
    elsewhere: list[str] = []
    for role in kind.roles:
        (elsewhere if role.elsewhere else here).extend(kind.assigned(scope).get(role.name, ()))
    return here, elsewhere


def _condition_faults(where: str | None) -> Iterator[Fault]:
    if where is None:
        return
    try:
        parse(where)
    except MalformedCondition as error:
        yield Fault("/where", f"{error.message}; {error.hint}")

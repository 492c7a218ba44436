"""Rules as documents: what must hold of the data, how bad it is if it does not, and who is to see to it.

A document says what is meant; the engine that runs it is in `catalog/`, which reads `check` and `parameters`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

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
    """One rule. `scope` are the data elements it speaks of; `check` is how it is decided, as a word.

    `parameters` are what a utility may set; `owner` is the role that answers for findings.
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
    scope: Annotated[tuple[ElementId, ...], Field(min_length=1)]
    check: Slug
    parameters: dict[Slug, Parameter] = Field(default_factory=dict)
    null_means: NullMeaning
    owner: Slug
    valid_from: date
    valid_to: date | None = None
    status: RegistrationStatus = RegistrationStatus.STANDARD

    @model_validator(mode="after")
    def _makes_sense(self) -> Rule:
        faults = list(validity_faults(self.valid_from, self.valid_to))
        if len(set(self.scope)) != len(self.scope):
            faults.append(Fault("/scope", "a data element stands twice in the scope"))
        if self.indicator == "0201" and self.null_means is not NullMeaning.FAILS:
            faults.append(Fault("/null_means", "completeness of elements is about null: it must fail"))
        refuse(
            ContradictoryRule,
            f"rule {self.id} {self.version}",
            faults,
            hint="name each data element once, and say what null means",
        )
        return self

"""What is said of single records: which rules they pass, which they fail, which can't be decided here."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from standards.errors import InvalidInput
from standards.rules import LineOfDefence, Severity

MOST_RECORDS = 1_000
"""How many records are checked at once: a form sends one, a field app what it gathered; a file is loaded."""

Value = bool | int | float | str | None
Record = Annotated[dict[str, Value], Field(description="Values by field; a field left out is missing.")]


class UnknownField(InvalidInput):
    """A record has fields that its dataset has not."""

    code = "unknown-field"


class UnreadableValue(InvalidInput):
    """A record holds a text that is none: a NUL, or half of a character."""

    code = "unreadable-value"


class TooManyRecords(InvalidInput):
    """More records, or none, than are checked at once."""

    code = "too-many-records"


class Answer(StrEnum):
    """What a rule says of a record. It does not apply where its condition isn't met or a value is missing."""

    PASSED = "passed"
    FAILED = "failed"
    DOES_NOT_APPLY = "does-not-apply"
    UNDECIDABLE = "undecidable"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class RuleAsked(_Frozen):
    """A rule that was asked; `undecidable` says why it can't be decided of one record, None if it can."""

    rule: str
    title_zh: str
    title_en: str
    severity: Severity
    line: LineOfDefence
    indicator: str
    fields: tuple[str, ...]
    undecidable: str | None = None


class RuleLeftOut(_Frozen):
    """A rule that speaks of the dataset and can't be run on it at all, and why."""

    rule: str
    reason: str


class WrongValue(_Frozen):
    """A value that is none of its field's type; rules that look at the field can't be decided."""

    field: str
    expected: str


class RecordChecked(_Frozen):
    """One record, counted from 1 as it was sent, and every rule's answer by the rule's id."""

    record: int
    passed: bool
    wrong: tuple[WrongValue, ...]
    answers: Mapping[str, Answer]


class RecordsChecked(_Frozen):
    """What the rules of a dataset, in one revision of its document, say of some records."""

    dataset: str
    revision: int
    rules: tuple[RuleAsked, ...]
    left_out: tuple[RuleLeftOut, ...]
    records: tuple[RecordChecked, ...]

    @property
    def passed(self) -> bool:
        """Whether no record failed a rule or holds a wrong value; what is undecidable is no failure."""
        return all(record.passed for record in self.records)

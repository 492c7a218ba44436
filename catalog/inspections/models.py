"""What an inspection is to be, what came of each object on its list, and what it all comes to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from standards.digests import Digest
from standards.errors import Conflict, InvalidInput, NotFound
from standards.faults import of_validation
from standards.rules import Severity

RULE = "inspection:"
"""What the rule of an inspection's findings begins with; its name follows."""
Words = Annotated[str, Field(min_length=1, max_length=2000)]


class InspectionExists(Conflict):
    """The inspection's name is taken."""

    code = "inspection-exists"


class InspectionNotFound(NotFound):
    """No inspection has this name."""

    code = "inspection-not-found"


class NotInspected(NotFound):
    """The object is not on the inspection's list."""

    code = "not-inspected"


class MalformedInspection(InvalidInput):
    """A query, a sheet or a result that can't be one of an inspection."""

    code = "malformed-inspection"


class NothingToInspect(Conflict):
    """The query or the sheet lists nothing."""

    code = "nothing-to-inspect"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InspectionDraft(_Frozen):
    """An inspection to be made: `query` is SQL, or None where a sheet lists the objects."""

    name: str
    dataset: str
    title: Words
    reason: Words
    severity: Severity = Severity.MAJOR
    query: str | None = Field(None, max_length=20_000)


class Inspection(InspectionDraft):
    """An inspection as it was made: over which version, with how many objects, listed in `findings`."""

    version: int
    source_name: str | None
    source_digest: Digest | None
    findings: Digest
    objects: int
    orders: int
    created_by: str
    created_at: datetime

    @property
    def rule(self) -> str:
        """The rule that its findings break."""
        return RULE + self.name


class Outcome(StrEnum):
    """What was found on the spot."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"

    @property
    def title_zh(self) -> str:
        """What it is called in Chinese."""
        return {"confirmed": "属实", "refuted": "不属实"}[self.value]


class ResultDraft(_Frozen):
    """What came of one object. `recovered` is an amount in yuan, of what was confirmed."""

    outcome: Outcome
    recovered: Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)] = Decimal(0)
    note: str | None = Field(None, max_length=2000)

    @model_validator(mode="after")
    def _recovers_what_is_so(self) -> ResultDraft:
        if self.outcome is Outcome.REFUTED and self.recovered:
            raise ValueError("nothing is recovered of what was refuted")
        return self


class Result(ResultDraft):
    """A result as it was recorded; the newest of an object counts."""

    inspection: str
    number: int
    object: str
    recorded_by: str
    recorded_at: datetime


class Figures(_Frozen):
    """What an inspection came to: objects suspected, looked at, confirmed, refuted; yuan recovered."""

    suspected: int
    verified: int
    confirmed: int
    refuted: int
    recovered: Decimal


def drafted(said: dict[str, object]) -> InspectionDraft:
    """Return an inspection in parts as they were given. Raises MalformedInspection."""
    with _telling("the inspection"):
        return InspectionDraft.model_validate(said)


def concluded(said: dict[str, object]) -> ResultDraft:
    """Return a result in parts as they were given. Raises MalformedInspection."""
    with _telling("the result"):
        return ResultDraft.model_validate(said)


@contextmanager
def _telling(what: str) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        raise MalformedInspection(
            f"{what} can't be so", hint="mend what is named; amounts are yuan with two decimals at most",
            faults=of_validation(error),
        ) from error  # fmt: skip

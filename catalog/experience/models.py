"""An entry of the experience library, and what is wrong with one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from standards.errors import Conflict, InvalidInput, NotFound
from standards.faults import of_validation
from standards.texts import unprintable

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class MalformedExperience(InvalidInput):
    """An entry of the experience library that can't be kept as described; the faults name the places."""

    code = "malformed-experience"


class ExperienceNotFound(NotFound):
    """The experience library has no such entry."""

    code = "experience-not-found"


class NothingLearnt(Conflict):
    """A work order that is not closed has nothing to teach yet."""

    code = "nothing-learnt"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExperienceDraft(_Frozen):
    """What was learnt. `rule` is a rule's id, or `inspection:NAME`; `orders` are where it was learnt."""

    id: str
    rule: Line
    title_zh: Line
    title_en: Line
    problem_zh: Words
    problem_en: Words
    cause_zh: Words
    cause_en: Words
    fix_zh: Words
    fix_en: Words
    orders: tuple[int, ...] = ()


class Experience(ExperienceDraft):
    """An entry as it is kept."""

    version: int
    written_by: str
    written_at: datetime


def parse_experience(document: object, *, where: str) -> ExperienceDraft:
    """Return the entry described by a parsed document. Raises MalformedExperience with every fault."""
    try:
        draft = ExperienceDraft.model_validate(document)
    except ValidationError as error:
        raise MalformedExperience(
            f"{where} does not describe an experience",
            hint="`shuize experience propose ORDER` writes one to begin with",
            faults=of_validation(error),
        ) from error
    if faults := list(unprintable(document)):
        raise MalformedExperience(
            f"{where} holds control characters", hint="mend the places listed", faults=faults
        )
    return draft

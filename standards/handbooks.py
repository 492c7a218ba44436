"""Handbooks: what a utility calls a standard, a few short chapters over the documents that make it up."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from standards.documents import (
    Citation,
    Document,
    Kind,
    Part,
    RegistrationStatus,
    Slug,
    Text,
    refuse,
    validity_faults,
)
from standards.errors import Fault, InvalidInput


class MalformedHandbook(InvalidInput):
    """A handbook contradicts itself; `faults` names the chapters."""

    code = "malformed-handbook"


class Chapter(Part):
    """A chapter: some sentences, and the documents it speaks of, each at one version."""

    title_zh: Text
    title_en: Text
    text_zh: Text
    text_en: Text
    members: tuple[Citation, ...] = ()


class Handbook(Document):
    """One of the standards of a utility, to be read by a newcomer from top to bottom."""

    kind: ClassVar[Kind] = Kind.HANDBOOK

    id: Slug
    title_zh: Text
    title_en: Text
    summary_zh: Text
    summary_en: Text
    chapters: Annotated[tuple[Chapter, ...], Field(min_length=1)]
    source: Text | None = None
    valid_from: date
    valid_to: date | None = None
    status: RegistrationStatus = RegistrationStatus.STANDARD

    @model_validator(mode="after")
    def _is_consistent(self) -> Handbook:
        faults = list(validity_faults(self.valid_from, self.valid_to))
        for member, times in Counter(self.members).items():
            if times > 1:
                faults.append(Fault("/chapters", f"{member} is a member {times} times"))
        refuse(
            MalformedHandbook,
            f"handbook {self.id} {self.version}",
            faults,
            hint="name each document in one chapter",
        )
        return self

    @property
    def members(self) -> tuple[str, ...]:
        """Every document the handbook is made of, in its order."""
        return tuple(member for chapter in self.chapters for member in chapter.members)

"""Lifecycle rules: how long data is kept, when it moves to the archive, and when it is destroyed."""

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


class ContradictoryLifecycleRule(InvalidInput):
    """The parts of a lifecycle rule exclude one another; `faults` names each part."""

    code = "contradictory-lifecycle-rule"


class Disposal(StrEnum):
    """What becomes of data whose time has come: it is destroyed, made anonymous, or a person decides."""

    DESTROY = "destroy"
    ANONYMIZE = "anonymize"
    REVIEW = "review"


class LifecycleRule(Document):
    """How long the values of `scope` are kept, counted in months from `starts_at`, which names an event.

    They move to the archive after `archive_after_months` and leave it after `keep_months`; None is for good.
    """

    kind: ClassVar[Kind] = Kind.LIFECYCLE_RULE

    id: Slug
    name_zh: Text
    name_en: Text
    definition_zh: Text
    definition: Text
    scope: Annotated[tuple[ElementId, ...], Field(min_length=1)]
    starts_at: Slug
    archive_after_months: Annotated[int, Field(ge=0)] | None = None
    keep_months: Annotated[int, Field(ge=1)] | None = None
    disposal: Disposal | None = None
    basis: Text
    owner: Slug
    valid_from: date
    valid_to: date | None = None
    status: RegistrationStatus = RegistrationStatus.STANDARD

    @model_validator(mode="after")
    def _makes_sense(self) -> LifecycleRule:
        faults = list(validity_faults(self.valid_from, self.valid_to))
        keep, archive = self.keep_months, self.archive_after_months
        if keep is not None and archive is not None and archive > keep:
            faults.append(
                Fault("/archive_after_months", f"archived after {archive} months, kept for {keep} only")
            )
        if (keep is None) != (self.disposal is None):
            faults.append(Fault("/disposal", "keep_months and disposal go together"))
        refuse(
            ContradictoryLifecycleRule,
            f"lifecycle rule {self.id} {self.version}",
            faults,
            hint="archive before the end of keeping, and say what happens then",
        )
        return self

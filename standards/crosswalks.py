"""Crosswalks: which code of one list answers to which code of another, and how well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
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


class MalformedCrosswalk(InvalidInput):
    """A crosswalk contradicts itself; `faults` names every mapping that is wrong."""

    code = "malformed-crosswalk"


class Relation(StrEnum):
    """How the target stands to the source. Source: SKOS mapping properties.

    Exact: both mean the same. Broader: the target covers the source and more. Narrower: the target is a part
    of the source. Related: they overlap, and neither covers the other.
    """

    EXACT = "exact"
    BROADER = "broader"
    NARROWER = "narrower"
    RELATED = "related"


class Mapping(Part):
    """One source code, one target code, and how they relate."""

    source: Text
    target: Text
    relation: Relation
    note: Text | None = None


class Crosswalk(Document):
    """The mappings between two code lists at fixed versions, in the order of the source."""

    kind: ClassVar[Kind] = Kind.CROSSWALK

    id: Slug
    title_zh: Text
    title_en: Text
    source: Text
    source_list: Citation
    target_list: Citation
    valid_from: date
    valid_to: date | None = None
    status: RegistrationStatus = RegistrationStatus.STANDARD
    mappings: Annotated[tuple[Mapping, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_consistent(self) -> Crosswalk:
        refuse(
            MalformedCrosswalk,
            f"crosswalk {self.id} {self.version}",
            [*validity_faults(self.valid_from, self.valid_to), *_faults(self.mappings)],
            hint="give a pair of codes once; what is exact or broader covers its source alone",
        )
        return self

    def targets(self, code: str) -> tuple[Mapping, ...]:
        """Return what `code` of the source list maps to, in order; nothing if it maps to nothing."""
        return tuple(each for each in self.mappings if each.source == code)

    def sources(self, code: str) -> tuple[Mapping, ...]:
        """Return what maps to `code` of the target list, in order."""
        return tuple(each for each in self.mappings if each.target == code)


def _faults(mappings: tuple[Mapping, ...]) -> Iterator[Fault]:
    for (source, target), times in Counter((each.source, each.target) for each in mappings).items():
        if times > 1:
            yield Fault(f"/mappings/{source}", f"{source!r} to {target!r} is given {times} times")
    targets: dict[str, set[str]] = {}
    for each in mappings:
        targets.setdefault(each.source, set()).add(each.target)
    for each in mappings:
        covers = each.relation in (Relation.EXACT, Relation.BROADER)
        if covers and len(targets[each.source]) > 1:
            yield Fault(
                f"/mappings/{each.source}",
                f"{each.source!r} has {each.target!r} as {each.relation} and other targets besides",
            )

"""What every standard is: a frozen document of one kind, with id, version, validity, status and digest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from standards import digests
from standards.digests import Digest
from standards.errors import Fault, InvalidInput

_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}


def _printable(text: str) -> str:
    """Texts survive YAML, CSV and a spreadsheet cell: one line, no control characters, no outer blanks."""
    if not text or text != text.strip():
        raise ValueError("text must not be empty, nor begin or end with blanks")
    for character in text:
        if unicodedata.category(character) in _UNPRINTABLE or character in "\ufffe\uffff":
            raise ValueError(f"text holds the unprintable character {character!r}; give one line")
    return text


Text = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_printable)]
"""One line of text."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=64)]
"""The id of every standard but a data element: `gbt4754`, `customer-number-rule`."""

ElementId = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", max_length=128)
]
"""Object class, dot, property: `customer.name`. The dot sets it apart from every other id."""

Version = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._+-]*$", max_length=32)]
"""A version, written so that it can stand in a file name and a URL: `2017`, `1.0`, `2026-07`."""

Citation = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._-]*@[0-9A-Za-z][0-9A-Za-z._+-]*$")]
"""A standard at one version, as a text: `gbt4754@2017`."""


class Kind(StrEnum):
    """The kinds of standards. The value is the word people type; files and sheets use its plural."""

    CODE_LIST = "code-list"
    CROSSWALK = "crosswalk"
    DATA_ELEMENT = "data-element"
    CODING_RULE = "coding-rule"
    INDICATOR = "indicator"
    RULE = "rule"
    LIFECYCLE_RULE = "lifecycle-rule"
    HANDBOOK = "handbook"

    @property
    def folder(self) -> str:
        """The folder, and the sheet of a workbook, that holds this kind."""
        return f"{self.value.replace('-', '_')}s"


class RegistrationStatus(StrEnum):
    """How far a standard has come: anyone may propose a candidate, a standard binds everyone."""

    CANDIDATE = "candidate"
    RECORDED = "recorded"
    QUALIFIED = "qualified"
    STANDARD = "standard"
    RETIRED = "retired"


UNPUBLISHED: Final = (RegistrationStatus.CANDIDATE, RegistrationStatus.RETIRED)
"""Versions with such a status are not what is meant where no version is named."""


class StandardRef(BaseModel):
    """How a dataset or a manifest cites a standard: the digest pins the text that (id, version) stood for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    version: str
    digest: Annotated[Digest, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Part(BaseModel):
    """A part of a standard."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Document(BaseModel):
    """A published version of a standard. It never changes; its digest is what datasets and manifests cite.

    What every kind has: `kind`, `id`, `version`, titles, `status`, and from when to when it is valid.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[Kind]

    id: str
    version: Version

    @property
    def titles(self) -> tuple[str, str]:
        """The Chinese and the English title."""
        named = self.__dict__
        return named.get("title_zh") or named["name_zh"], named.get("title_en") or named["name_en"]

    @property
    def valid(self) -> tuple[date | None, date | None]:
        """The first and the last day on which it is in force; None where that is not said."""
        return self.__dict__.get("valid_from"), self.__dict__.get("valid_to")

    @property
    def registration(self) -> RegistrationStatus:
        """The registration status."""
        status: RegistrationStatus = self.__dict__["status"]
        return status

    def document(self) -> dict[str, Any]:
        """Return the canonical document: what the digest is taken of.

        Absent values and values that are the model's default are left out, so that a later optional field
        changes no digest. The kind is not in it: ids of two kinds are never the same.
        """
        return self.model_dump(mode="json", exclude_none=True, exclude_defaults=True)

    def digest(self) -> Digest:
        """Return the digest of the canonical document."""
        return digests.of_document(self.document())

    def reference(self) -> StandardRef:
        """Return how to cite this version."""
        return StandardRef(id=self.id, version=self.version, digest=self.digest())

    @property
    def citation(self) -> str:
        """`id@version`, as one standard names another."""
        return f"{self.id}@{self.version}"

    def is_in_force(self, day: date) -> bool:
        """Say whether the document is valid on a day."""
        first, last = self.valid
        return (first is None or first <= day) and (last is None or day <= last)


def validity_faults(first: date | None, last: date | None, pointer: str = "") -> Iterator[Fault]:
    """Yield a fault if the last day of something stands before its first."""
    if first is not None and last is not None and last < first:
        yield Fault(f"{pointer}/valid_to", f"valid_to {last} stands before valid_from {first}")


def refuse(error: type[InvalidInput], what: str, faults: list[Fault], hint: str) -> None:
    """Raise `error` naming every fault, the first three in its message, if there are any."""
    if faults:
        more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
        raise error(
            f"{what} contradicts itself: " + "; ".join(fault.detail for fault in faults[:3]) + more,
            hint=hint,
            faults=faults,
        )


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Return what versions are ordered by: numbers as numbers, so 1.10 stands after 1.9."""
    parts = re.findall(r"[0-9]+|[A-Za-z]+", version)
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)

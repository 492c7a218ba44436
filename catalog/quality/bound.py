"""A rule bound to the fields of a dataset: what the engine compiles and a report names.

Its document says all that decides what it finds, with the versions of the standards it rests on: a rule that
is read back from it finds the same, whatever the library and the dataset have come to be since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from standards import digests
from standards.checks import KINDS, CheckKind
from standards.checks.kinds import Setting
from standards.conditions import Condition, parse, written
from standards.data_elements import DataElement
from standards.digests import Digest
from standards.documents import StandardRef
from standards.library import Library
from standards.rules import LineOfDefence, NullMeaning, Severity


@dataclass(frozen=True)
class Column:
    """A field, of the dataset that is judged or of another one that is looked at beside it."""

    name: str
    element: DataElement
    dataset: str | None = None

    def document(self) -> dict[str, Any]:
        """Return the column as plain JSON values; the element is cited at its version."""
        said = {"name": self.name, "element": self.element.citation}
        return said if self.dataset is None else {**said, "dataset": self.dataset}


@dataclass(frozen=True)
class BoundRule:
    """One rule as it is run: the check, the fields of its roles, its settings, and which rows it speaks of.

    `standard` is the library's rule it came from, None for one that a dataset declares or its elements imply.
    `owner` is the role that answers for what it finds, None where nobody but the dataset's steward does.
    """

    id: str
    check: str
    fields: Mapping[str, tuple[Column, ...]]
    indicator: str
    settings: Mapping[str, Setting] = field(default_factory=dict)
    where: tuple[tuple[Condition, Column], ...] = ()
    null_means: NullMeaning = NullMeaning.SKIPPED
    tolerance: Decimal = Decimal(0)
    severity: Severity = Severity.MAJOR
    line: LineOfDefence = LineOfDefence.BEFORE
    title_zh: str = ""
    title_en: str = ""
    standard: StandardRef | None = None
    definition: str = ""
    owner: str | None = None

    @property
    def kind(self) -> CheckKind:
        """The kind of check."""
        return KINDS[self.check]

    def one(self, role: str) -> Column:
        """Return the field of a role that has one."""
        (column,) = self.fields[role]
        return column

    def several(self, role: str) -> tuple[Column, ...]:
        """Return the fields of a role that may have several or none."""
        return self.fields.get(role, ())

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every field the rule looks at, in the order of the roles, those of its conditions last."""
        mine = tuple(column for part in self.fields.values() for column in part)
        return mine + tuple(column for _, column in self.where)

    def document(self) -> dict[str, Any]:
        """Return the rule as plain JSON values; `read_rule` reads it back."""
        return {
            "id": self.id,
            "check": self.check,
            "fields": {role: [each.document() for each in part] for role, part in self.fields.items()},
            "indicator": self.indicator,
            "settings": dict(self.settings),
            "where": [{"condition": written((said,)), "field": of.document()} for said, of in self.where],
            "null_means": self.null_means.value,
            "tolerance": str(self.tolerance),
            "severity": self.severity.value,
            "line": self.line.value,
            "title_zh": self.title_zh,
            "title_en": self.title_en,
            "standard": self.standard.model_dump(mode="json") if self.standard else None,
            "definition": self.definition,
            "owner": self.owner,
        }

    @cached_property
    def digest(self) -> Digest:
        """The digest of the document: two rules that have the same one are one rule."""
        return digests.of_document(self.document())


def read_rule(document: Mapping[str, Any], library: Library) -> BoundRule:
    """Return the rule that wrote the document. Raises UnknownStandard for an element that is gone."""
    said = dict(document)
    standard = said.pop("standard")
    return BoundRule(
        **said
        | {
            "fields": {
                role: tuple(read_column(each, library) for each in part)
                for role, part in said["fields"].items()
            },
            "where": tuple(
                (parse(each["condition"])[0], read_column(each["field"], library)) for each in said["where"]
            ),
            "null_means": NullMeaning(said["null_means"]),
            "tolerance": Decimal(said["tolerance"]),
            "severity": Severity(said["severity"]),
            "line": LineOfDefence(said["line"]),
            "standard": StandardRef.model_validate(standard) if standard else None,
        }
    )


def read_column(document: Mapping[str, str], library: Library) -> Column:
    """Return the column that wrote the document."""
    element_id, _, version = document["element"].partition("@")
    return Column(document["name"], library.element(element_id, version), document.get("dataset"))

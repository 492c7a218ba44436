"""A rule bound to the fields of a dataset: what the engine compiles and a report names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from standards.checks import KINDS, CheckKind
from standards.checks.kinds import Setting
from standards.conditions import Condition
from standards.data_elements import DataElement
from standards.documents import StandardRef
from standards.rules import LineOfDefence, NullMeaning, Severity


@dataclass(frozen=True)
class Column:
    """A field, of the dataset that is judged or of another one that is looked at beside it."""

    name: str
    element: DataElement
    dataset: str | None = None


@dataclass(frozen=True)
class BoundRule:
    """One rule as it is run: the check, the fields of its roles, its settings, and which rows it speaks of.

    `standard` is the library's rule it came from, None for one that a dataset declares or its elements imply.
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

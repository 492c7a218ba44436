"""Quality rules as documents. Each says what it counts: `A` of `B` in the indicator X = A / B.

Source of the indicators: GB/T 36344-2018, by number.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from standards.data_elements import DataElement
from standards.library import Library

Share = Annotated[Decimal, Field(ge=0, le=1)]


class Step(StrEnum):
    """The interval at which a series is due."""

    HOUR = "hour"
    DAY = "day"


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    tolerance: Share = Decimal(0)
    """The share of failures that is still accepted, 0 to 1."""

    @property
    def id(self) -> str:
        """The rule's name within its dataset."""
        raise NotImplementedError

    def mentions(self) -> tuple[str, ...]:
        """Return the fields the rule speaks of."""
        raise NotImplementedError


class Missing(_Rule):
    """A value is there. B = rows, A = rows whose value is not null."""

    rule: Literal["missing"] = "missing"
    indicator: Literal["0201"] = "0201"
    field: str

    @property
    def id(self) -> str:
        """`missing(field)`."""
        return f"missing({self.field})"

    def mentions(self) -> tuple[str, ...]:
        """Return the field."""
        return (self.field,)


class Range(_Rule):
    """A number lies within inclusive bounds. B = non-null values, A = those within; null is not judged."""

    rule: Literal["range"] = "range"
    indicator: Literal["0301"] = "0301"
    field: str
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Range:
        if self.minimum is None and self.maximum is None:
            raise ValueError("a range needs a minimum or a maximum")
        return self

    @property
    def id(self) -> str:
        """`range(field)`."""
        return f"range({self.field})"

    def mentions(self) -> tuple[str, ...]:
        """Return the field."""
        return (self.field,)


class Pattern(_Rule):
    """A text matches a whole regular expression. B = non-null values; null is not judged."""

    rule: Literal["pattern"] = "pattern"
    indicator: Literal["0302"] = "0302"
    field: str
    pattern: str

    @property
    def id(self) -> str:
        """`pattern(field)`."""
        return f"pattern({self.field})"

    def mentions(self) -> tuple[str, ...]:
        """Return the field."""
        return (self.field,)


class Permitted(_Rule):
    """A value is a code of a list, at one level if given. B = non-null values; null is not judged."""

    rule: Literal["permitted"] = "permitted"
    indicator: Literal["0105"] = "0105"
    field: str
    code_list: str
    level: int | None = None

    @property
    def id(self) -> str:
        """`permitted(field)`."""
        return f"permitted({self.field})"

    def mentions(self) -> tuple[str, ...]:
        """Return the field."""
        return (self.field,)


class Duplicates(_Rule):
    """A key stands once. B = rows, A = rows that are the first of their key; null counts as a value."""

    rule: Literal["duplicates"] = "duplicates"
    indicator: Literal["0304"] = "0304"
    fields: Annotated[tuple[str, ...], Field(min_length=1)]

    @property
    def id(self) -> str:
        """`duplicates(fields)`."""
        return f"duplicates({', '.join(self.fields)})"

    def mentions(self) -> tuple[str, ...]:
        """Return the key."""
        return self.fields


class CompletePeriod(_Rule):
    """Every series has a row at every step between the dataset's first and last time.

    B = series x steps, A = steps that have a row. Rows off the step count for the step they fall in.
    """

    rule: Literal["complete-period"] = "complete-period"
    indicator: Literal["0501"] = "0501"
    time: str
    step: Step
    by: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """`complete-period(time, by)`."""
        return f"complete-period({', '.join((self.time, *self.by))})"

    def mentions(self) -> tuple[str, ...]:
        """Return time and series fields."""
        return (self.time, *self.by)


Rule = Annotated[
    Missing | Range | Pattern | Permitted | Duplicates | CompletePeriod, Field(discriminator="rule")
]


def implied(
    fields: dict[str, str], *, required: set[str], key: tuple[str, ...], library: Library
) -> list[Rule]:
    """Return the rules that follow from field → element bindings, required fields and the key alone."""
    rules: list[Rule] = [Missing(field=name) for name in fields if name in required]
    for name, element_id in fields.items():
        rules += _of_element(name, library.element(element_id))
    if key:
        rules.append(Duplicates(fields=key))
    return rules


def merged(implied_rules: list[Rule], declared: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Return both, a declared rule standing in for the implied one of the same id."""
    return tuple({rule.id: rule for rule in (*implied_rules, *declared)}.values())


def _of_element(name: str, element: DataElement) -> list[Rule]:
    rules: list[Rule] = []
    if element.minimum is not None or element.maximum is not None:
        rules.append(Range(field=name, minimum=element.minimum, maximum=element.maximum))
    if element.pattern is not None:
        rules.append(Pattern(field=name, pattern=element.pattern))
    if element.code_list is not None:
        rules.append(Permitted(field=name, code_list=element.code_list, level=element.code_level))
    return rules

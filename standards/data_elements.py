"""Data elements (ISO/IEC 11179): what one field means, whatever table it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from standards.code_lists import CodeListId
from standards.documents import (
    Document,
    ElementId,
    Kind,
    RegistrationStatus,
    Text,
    refuse,
    validity_faults,
)
from standards.errors import Fault, InvalidInput
from standards.security import SecurityLevel

__all__ = ["DataElement", "DataElementId", "DataType", "IdentifierKind", "RegistrationStatus"]

DataElementId = ElementId


class ContradictoryDataElement(InvalidInput):
    """The parts of a data element exclude one another; `faults` names each part."""

    code = "contradictory-data-element"


class DataType(StrEnum):
    """The values a field can hold. Decimals are exact; a timestamp is an instant, kept in UTC."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"


class IdentifierKind(StrEnum):
    """What a value tells about whom it belongs to.

    Direct: it names one person or organisation by itself. Quasi: it narrows the choice when joined with
    others. Sensitive: it identifies nobody, and is the thing that must not become known about somebody.
    """

    DIRECT = "direct"
    QUASI = "quasi"
    SENSITIVE = "sensitive"
    NONE = "none"


_NUMBERS = (DataType.INTEGER, DataType.DECIMAL)


class DataElement(Document):
    """The meaning and the permitted values of one field.

    `unit` is UCUM-like text (`m3`, `L/s`, `%`, `h`) and None for a plain number. `pattern` must match the
    whole value. `minimum` and `maximum` are inclusive. `code_level` keeps a value to one level of its
    code list; without it every code of the list is permitted. `refers_to` is the data element of another
    object's key whose values stand here: a foreign key. `synonyms` are other names under which columns of
    source systems carry it.
    """

    kind: ClassVar[Kind] = Kind.DATA_ELEMENT

    id: DataElementId
    name_zh: Text
    name_en: Text
    definition: Text
    definition_zh: Text | None = None
    object_class: Text
    property: Text
    type: DataType
    precision: Annotated[int, Field(ge=1, le=38)] | None = None
    scale: Annotated[int, Field(ge=0)] | None = None
    max_length: Annotated[int, Field(ge=1)] | None = None
    unit: Text | None = None
    code_list: CodeListId | None = None
    code_level: Annotated[int, Field(ge=1)] | None = None
    pattern: Text | None = None
    refers_to: ElementId | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    security_level: SecurityLevel
    identifier_kind: IdentifierKind
    status: RegistrationStatus
    valid_from: date | None = None
    valid_to: date | None = None
    synonyms: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _makes_sense(self) -> DataElement:
        faults = [
            *_type_faults(self),
            *_number_faults(self),
            *_value_domain_faults(self),
            *_reference_faults(self),
            *_protection_faults(self),
            *validity_faults(self.valid_from, self.valid_to),
        ]
        refuse(
            ContradictoryDataElement,
            f"data element {self.id}",
            faults,
            hint="change the type, or drop the part that does not belong to it",
        )
        return self


def value_domain(element: DataElement) -> Literal["enumerated", "described"]:
    """Return whether the permitted values are listed one by one, or described by type, bounds and form."""
    return "enumerated" if element.code_list or element.type is DataType.BOOLEAN else "described"


def representation(element: DataElement) -> str:
    """Return the representation term of ISO/IEC 11179, which follows from type, unit and value domain."""
    if element.code_list is not None:
        return "code"
    if element.type is DataType.TEXT:
        return "identifier" if element.pattern else "text"
    if element.type in _NUMBERS:
        return "measure" if element.unit else "count" if element.type is DataType.INTEGER else "number"
    return {DataType.BOOLEAN: "mark", DataType.DATE: "date"}.get(element.type, "date and time")


def _type_faults(element: DataElement) -> Iterator[Fault]:
    owners = (
        ("precision", (DataType.DECIMAL,)),
        ("scale", (DataType.DECIMAL,)),
        ("max_length", (DataType.TEXT,)),
        ("pattern", (DataType.TEXT,)),
        ("unit", _NUMBERS),
        ("minimum", _NUMBERS),
        ("maximum", _NUMBERS),
        ("code_list", (DataType.TEXT, DataType.INTEGER)),
    )
    for part, types in owners:
        if getattr(element, part) is not None and element.type not in types:
            yield Fault(f"/{part}", f"{part} does not go with type {element.type}")


def _number_faults(element: DataElement) -> Iterator[Fault]:
    if element.type is DataType.DECIMAL:
        if element.precision is None or element.scale is None:
            yield Fault("/precision", "a decimal needs precision and scale")
        elif element.scale > element.precision:
            yield Fault("/scale", f"scale {element.scale} exceeds precision {element.precision}")
    for part, bound in (("minimum", element.minimum), ("maximum", element.maximum)):
        if bound is None:
            continue
        if not bound.is_finite():
            yield Fault(f"/{part}", f"{part} {bound} is no number")
        elif bound != round(bound, element.scale or 0):
            yield Fault(f"/{part}", f"{part} {bound} has more decimals than the type")
    low, high = element.minimum, element.maximum
    if low is not None and high is not None and low.is_finite() and high.is_finite() and low > high:
        yield Fault("/minimum", f"minimum {low} exceeds maximum {high}")


def _value_domain_faults(element: DataElement) -> Iterator[Fault]:
    if element.code_level is not None and element.code_list is None:
        yield Fault("/code_level", "code_level needs a code_list")
    if element.code_list is not None:
        for part in ("pattern", "minimum", "maximum"):
            if getattr(element, part) is not None:
                yield Fault(
                    f"/{part}", f"{part} stands beside code_list, which already says what is permitted"
                )
    if element.pattern is not None:
        try:
            re.compile(element.pattern)
        except re.error as error:
            yield Fault("/pattern", f"pattern is no regular expression: {error}")


def _reference_faults(element: DataElement) -> Iterator[Fault]:
    if element.refers_to == element.id:
        yield Fault("/refers_to", "a data element can't refer to itself")


def _protection_faults(element: DataElement) -> Iterator[Fault]:
    guarded = element.identifier_kind in (IdentifierKind.DIRECT, IdentifierKind.SENSITIVE)
    if guarded and element.security_level is SecurityLevel.GENERAL_1:
        yield Fault(
            "/security_level",
            f"a {element.identifier_kind} identifier can't be general-1, the level of data that harms nobody",
        )

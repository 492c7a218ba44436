"""What a kind of check is: its roles, its parameters, and whether a rule's scope and settings fit them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from standards.data_elements import DataElement, DataType
from standards.errors import Fault

NUMBERS = (DataType.INTEGER, DataType.DECIMAL)
DAYS = (DataType.DATE, DataType.TIMESTAMP)
TEXTS = (DataType.TEXT,)
CODES = (DataType.TEXT, DataType.INTEGER)

Setting = bool | int | str
"""A parameter's value in a document: a mark, a whole number, or a text; fractions are texts."""


class CheckFamily(StrEnum):
    """What has to be looked at to decide."""

    VALUE = "value"
    RECORD = "record"
    GROUP = "group"
    SERIES = "series"
    COVERAGE = "coverage"
    DATASET = "dataset"


class ParameterForm(StrEnum):
    """How a parameter is written."""

    TEXT = "text"
    WORDS = "words"
    WHOLE = "whole number"
    NUMBER = "number"
    MARK = "true or false"


@dataclass(frozen=True)
class Role:
    """A field's part in a check. A role that takes `several` fields is the last one.

    A field `elsewhere` belongs to another dataset, or to other rows of this one.
    """

    name: str
    types: tuple[DataType, ...] = ()
    several: bool = False
    optional: bool = False
    elsewhere: bool = False


@dataclass(frozen=True)
class Parameter:
    """What a utility may set. Without a default it must be given, unless `optional`."""

    name: str
    form: ParameterForm
    default: Setting | None = None
    optional: bool = False
    least: Decimal | None = None


@dataclass(frozen=True)
class CheckKind:
    """One way of deciding. `meaning` says what passes."""

    name: str
    family: CheckFamily
    title_zh: str
    title_en: str
    meaning: str
    roles: tuple[Role, ...]
    parameters: tuple[Parameter, ...] = ()

    def assigned(self, fields: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the fields of each role, a role without one left out; `scope_faults` has found none."""
        given: dict[str, tuple[str, ...]] = {}
        for place, role in enumerate(self.roles):
            part = tuple(fields[place:]) if role.several else tuple(fields[place : place + 1])
            if part:
                given[role.name] = part
        return given

    def settings(self, given: Mapping[str, Setting]) -> dict[str, Setting]:
        """Return every parameter that has a value: as given, else its default."""
        defaults = {p.name: p.default for p in self.parameters if p.default is not None}
        return {**defaults, **given}

    def count_faults(self, count: int) -> Iterator[Fault]:
        """Yield a fault if the check does not look at so many fields."""
        least = sum(not role.optional for role in self.roles)
        most = None if any(role.several for role in self.roles) else len(self.roles)
        if count < least or (most is not None and count > most):
            roles = ", ".join(
                f"{role.name}{' …' if role.several else ''}{'?' if role.optional else ''}"
                for role in self.roles
            )
            yield Fault("/scope", f"{self.name} looks at ({roles}), and the scope names {count}")

    def scope_faults(self, elements: Sequence[DataElement]) -> Iterator[Fault]:
        """Yield what keeps these elements from being looked at by this check."""
        miscounted = list(self.count_faults(len(elements)))
        if miscounted:
            yield from miscounted
            return
        for place, element in enumerate(elements):
            role = self.roles[min(place, len(self.roles) - 1)]
            if role.types and element.type not in role.types:
                wanted = " or ".join(role.types)
                yield Fault(
                    f"/scope/{place}",
                    f"{role.name} of {self.name} is {wanted}, and {element.id} is {element.type}",
                )

    def setting_faults(self, given: Mapping[str, Setting]) -> Iterator[Fault]:
        """Yield what is wrong with the parameters."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                listed = ", ".join(known) or "none"
                yield Fault(f"/parameters/{name}", f"{self.name} has no parameter {name!r}; it has: {listed}")
        for parameter in self.parameters:
            pointer = f"/parameters/{parameter.name}"
            if parameter.name not in given:
                if parameter.default is None and not parameter.optional:
                    yield Fault(pointer, f"{self.name} needs {parameter.name}, a {parameter.form}")
            elif wrong := _wrong(parameter, given[parameter.name]):
                yield Fault(pointer, wrong)


def number(setting: Setting) -> Decimal:
    """Return a parameter's number."""
    return Decimal(str(setting))


def _wrong(parameter: Parameter, value: Setting) -> str | None:
    match parameter.form:
        case ParameterForm.MARK:
            return None if isinstance(value, bool) else f"{value!r} is not true or false"
        case ParameterForm.TEXT | ParameterForm.WORDS:
            return None if isinstance(value, str) and value.split() else f"{value!r} is no {parameter.form}"
    if isinstance(value, bool):
        return f"{value!r} is no {parameter.form}"
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return f"{value!r} is no {parameter.form}"
    if not amount.is_finite() or (parameter.form is ParameterForm.WHOLE and amount != int(amount)):
        return f"{value!r} is no {parameter.form}"
    if parameter.least is not None and amount < parameter.least:
        return f"{value} is less than {parameter.least}"
    return None

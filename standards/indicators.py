"""Indicators: figures that a utility reports, each with one formula, unit, dimensions and period."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from standards.documents import (
    Document,
    ElementId,
    Kind,
    Part,
    RegistrationStatus,
    Slug,
    Text,
    refuse,
    validity_faults,
)
from standards.errors import Fault, InvalidInput


class ContradictoryIndicator(InvalidInput):
    """The parts of an indicator exclude one another; `faults` names each part."""

    code = "contradictory-indicator"


class Period(StrEnum):
    """What a figure is reported for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class IndicatorInput(Part):
    """A quantity of the formula: the values of a data element, or another indicator, under a symbol."""

    symbol: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
    meaning_zh: Text
    meaning_en: Text
    element: ElementId | None = None
    indicator: Slug | None = None


class Indicator(Document):
    """A figure. `formula` speaks of the symbols of `inputs`, of numbers, and of sum, mean, count, min, max.

    `dimensions` are the data elements by which it is broken down; `unit` is None for a plain number.
    """

    kind: ClassVar[Kind] = Kind.INDICATOR

    id: Slug
    name_zh: Text
    name_en: Text
    definition_zh: Text
    definition: Text
    formula: Text
    inputs: Annotated[tuple[IndicatorInput, ...], Field(min_length=1)]
    unit: Text | None = None
    dimensions: tuple[ElementId, ...] = ()
    periods: Annotated[tuple[Period, ...], Field(min_length=1)]
    source: Text | None = None
    valid_from: date
    valid_to: date | None = None
    status: RegistrationStatus = RegistrationStatus.STANDARD

    @model_validator(mode="after")
    def _makes_sense(self) -> Indicator:
        refuse(
            ContradictoryIndicator,
            f"indicator {self.id} {self.version}",
            [*validity_faults(self.valid_from, self.valid_to), *_faults(self)],
            hint="give every symbol of the formula one input, and every input a data element or an indicator",
        )
        return self


_FUNCTIONS = {"sum", "mean", "count", "min", "max"}


def symbols(formula: str) -> tuple[str, ...]:
    """Return the symbols that a formula speaks of, once each, in order."""
    words = re.findall(r"[A-Za-z][A-Za-z0-9_]*", formula)
    return tuple(dict.fromkeys(word for word in words if word not in _FUNCTIONS))


def _faults(indicator: Indicator) -> Iterator[Fault]:
    given = Counter(each.symbol for each in indicator.inputs)
    for symbol, times in given.items():
        if times > 1:
            yield Fault(f"/inputs/{symbol}", f"the symbol {symbol!r} is given {times} times")
    spoken = symbols(indicator.formula)
    for symbol in spoken:
        if symbol not in given:
            yield Fault("/formula", f"the formula's symbol {symbol!r} is no input")
    for place, each in enumerate(indicator.inputs):
        if each.symbol not in spoken:
            yield Fault(f"/inputs/{place}", f"the formula does not speak of {each.symbol!r}")
        if (each.element is None) == (each.indicator is None):
            yield Fault(
                f"/inputs/{place}",
                f"the input {each.symbol!r} needs a data element or an indicator, not both",
            )
        if each.indicator == indicator.id:
            yield Fault(f"/inputs/{place}", f"{indicator.id} is computed from itself")

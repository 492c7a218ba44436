"""Filters over rows: a field has the value that was asked for. Numbers and instants compare by value.

A text that no value of the field can have is refused, and not answered with no rows: that would look like an
answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa

from catalog.engine import literal
from catalog.table_types import text_form
from standards.errors import Fault, InvalidInput

_MOST_DIGITS = 100
_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    _DAY.pattern + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


class BadQuery(InvalidInput):
    """A query that does not fit the product: its fields, their values, or the size of an answer."""

    code = "bad-query"


def conditions(where: Mapping[str, str], schema: pa.Schema) -> list[str]:
    """Return the SQL of each filter; the fields exist. Raises BadQuery, naming every value that can't be."""
    found, faults = [], []
    for name, asked in where.items():
        kind = schema.field(name).type
        try:
            found.append(f"{text_form(name, kind)} = {literal(in_text_form(asked, kind))}")
        except (ValueError, OverflowError):
            faults.append(Fault(f"/query/{name}", f"{name} is {form(kind)}, not {asked[:40]!r}"))
    if faults:
        raise BadQuery(
            "; ".join(fault.detail for fault in faults),
            hint="give a value as it stands in the CSV file; write + as %2B in an address",
            faults=faults,
        )
    return found


def in_text_form(asked: str, kind: pa.DataType) -> str:
    """Return the text form of the value that a text says. Raises ValueError, OverflowError if none."""
    if pa.types.is_integer(kind):
        return str(int(_as(_WHOLE, asked)))
    if pa.types.is_decimal(kind):
        return _decimal(Decimal(_as(_NUMBER, asked)), kind.scale)
    if pa.types.is_boolean(kind):
        return _as(re.compile("true|false"), asked)
    if pa.types.is_date(kind):
        return date.fromisoformat(_as(_DAY, asked)).isoformat()
    if pa.types.is_timestamp(kind):
        instant = datetime.fromisoformat(_as(_INSTANT, asked)).astimezone(UTC)
        return instant.replace(tzinfo=None).isoformat() + "Z"
    return asked


def form(kind: pa.DataType) -> str:
    """Return what a value of the type looks like, in words."""
    if pa.types.is_integer(kind):
        return "a whole number such as 744"
    if pa.types.is_decimal(kind):
        return f"a number with at most {kind.scale} decimals such as {Decimal(12):.{kind.scale}f}"
    if pa.types.is_boolean(kind):
        return "true or false"
    if pa.types.is_date(kind):
        return "a day such as 2021-03-28"
    if pa.types.is_timestamp(kind):
        return "an instant such as 2021-03-28T01:00:00Z"
    return "text"


def _as(pattern: re.Pattern[str], asked: str) -> str:
    if len(asked) > _MOST_DIGITS or not pattern.fullmatch(asked):
        raise ValueError
    return asked


def _decimal(value: Decimal, scale: int) -> str:
    text = f"{value or Decimal(0):.{scale}f}"  # no row holds a negative zero
    if Decimal(text) != value:
        raise ValueError
    return text

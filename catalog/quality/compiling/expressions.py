"""Small pieces of SQL that several checks are made of, within what both engines understand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from catalog.engine import literal
from catalog.quality.bound import Column
from standards.conditions import Condition, Relation
from standards.data_elements import DataType


def conditions(found: Sequence[tuple[Condition, str, Column]]) -> str:
    """Return the SQL that is true where every condition holds and false elsewhere, never null."""
    return " AND ".join(_condition(*each) for each in found) or "true"


def _condition(condition: Condition, value: str, column: Column) -> str:
    match condition.relation:
        case Relation.PRESENT:
            return f"{value} IS NOT NULL"
        case Relation.MISSING:
            return f"{value} IS NULL"
        case Relation.TRUE:
            return f"coalesce({value}, false)"
        case Relation.FALSE:
            return f"NOT coalesce({value}, true)"
        case Relation.IN:
            return f"coalesce({_among(value, condition.values, column)}, false)"
        case Relation.NOT_IN:
            return f"coalesce(NOT {_among(value, condition.values, column)}, false)"
        case relation:
            assert condition.bound is not None  # a bound goes with a comparison
            return f"coalesce({value} {relation.value} {decimal(condition.bound)}, false)"


def _among(value: str, values: Iterable[str], column: Column) -> str:
    text = value if column.element.type is DataType.TEXT else f"CAST({value} AS VARCHAR)"
    return f"({text} IN ({listed(values)}))"


def listed(values: Iterable[str]) -> str:
    """Return texts as the inside of an IN list; an empty one matches nothing."""
    return ", ".join(map(literal, values)) or "NULL"


def decimal(number: Decimal) -> str:
    """Return a number as an exact SQL literal: never with an exponent, which would be a floating one."""
    return f"{number:f}"


def as_text(value: str, column: Column) -> str:
    """Return the SQL of a value as text; a text as it is."""
    return value if column.element.type is DataType.TEXT else f"CAST({value} AS VARCHAR)"


def digit(text: str, place: int, alphabet: str = "0123456789") -> str:
    """Return the SQL of the value, from 0, of the character at a place from 1; -1 if it is none."""
    return f"(instr({literal(alphabet)}, substr({text}, {place}, 1)) - 1)"

"""Conditions: which rows a rule speaks of, as one line of text that stands in YAML, a cell and a report.

    customer.tariff_class in 21 22 and customer.closed_on missing

A condition names a field (in a standard: a data element) and says that it is `present`, `missing`, `true` or
`false`, one of the values after `in` or none of those after `not in`, or bounded by `<`, `<=`, `>`, `>=` and
a number. Conditions are joined by `and`. A value with a blank stands in double quotes. A missing value meets
no condition but `missing`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from standards.errors import InvalidInput

_WORD = re.compile(r'"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+)|(?P<wrong>")')
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_HINT = "write, for example: customer.tariff_class in 21 22 and customer.closed_on missing"


class MalformedCondition(InvalidInput):
    """A text that does not say which rows are meant."""

    code = "malformed-condition"


class Relation(StrEnum):
    """What a condition says of its field."""

    PRESENT = "present"
    MISSING = "missing"
    TRUE = "true"
    FALSE = "false"
    IN = "in"
    NOT_IN = "not in"
    BELOW = "<"
    AT_MOST = "<="
    ABOVE = ">"
    AT_LEAST = ">="


_BARE = (Relation.PRESENT, Relation.MISSING, Relation.TRUE, Relation.FALSE)
_BOUNDS = (Relation.BELOW, Relation.AT_MOST, Relation.ABOVE, Relation.AT_LEAST)


@dataclass(frozen=True)
class Condition:
    """One condition: a field, a relation, and the values or the bound it is compared with."""

    field: str
    relation: Relation
    values: tuple[str, ...] = ()
    bound: Decimal | None = None

    def renamed(self, name: Callable[[str], str]) -> Condition:
        """Return the condition with its field called otherwise."""
        return Condition(name(self.field), self.relation, self.values, self.bound)


def parse(text: str) -> tuple[Condition, ...]:
    """Return the conditions that must all hold. Raises MalformedCondition."""
    words = list(_words(text))
    found = tuple(_parsed(part, text) for part in _parts(words))
    if not found:
        raise MalformedCondition("the condition is empty", hint=_HINT)
    return found


def written(conditions: tuple[Condition, ...]) -> str:
    """Return the text that `parse` reads as these conditions."""
    return " and ".join(_written(each) for each in conditions)


@dataclass(frozen=True)
class _Word:
    text: str
    is_quoted: bool


def _words(text: str) -> Iterator[_Word]:
    for found in _WORD.finditer(text):
        if found["wrong"]:
            raise MalformedCondition(f"{text!r} has a quotation mark without its second", hint=_HINT)
        yield _Word(found["bare"] or found["quoted"] or "", found["bare"] is None)


def _parts(words: list[_Word]) -> Iterator[list[str]]:
    part: list[str] = []
    for word in words:
        if word.text == "and" and not word.is_quoted:
            yield part
            part = []
        else:
            part.append(word.text)
    if words:
        yield part


def _parsed(words: list[str], text: str) -> Condition:
    if len(words) < 2 or not _NAME.fullmatch(words[0]):
        raise MalformedCondition(f"{' '.join(words)!r} in {text!r} is no condition", hint=_HINT)
    field, said, rest = words[0], words[1], words[2:]
    if said == "not" and rest[:1] == ["in"]:
        said, rest = "not in", rest[1:]
    try:
        relation = Relation(said)
    except ValueError as error:
        known = ", ".join(Relation)
        raise MalformedCondition(f"{said!r} in {text!r} is none of: {known}", hint=_HINT) from error
    if relation in _BARE:
        if rest:
            raise MalformedCondition(f"{said!r} in {text!r} takes no value", hint=_HINT)
        return Condition(field, relation)
    if relation in _BOUNDS:
        return Condition(field, relation, bound=_number(rest, text))
    if not rest:
        raise MalformedCondition(f"{said!r} in {text!r} names no values", hint=_HINT)
    return Condition(field, relation, values=tuple(rest))


def _number(words: list[str], text: str) -> Decimal:
    try:
        (word,) = words
        number = Decimal(word)
    except (ValueError, InvalidOperation) as error:
        raise MalformedCondition(f"{' '.join(words)!r} in {text!r} is not one number", hint=_HINT) from error
    if not number.is_finite():
        raise MalformedCondition(f"{words[0]!r} in {text!r} is not one number", hint=_HINT)
    return number


def _written(condition: Condition) -> str:
    after = [*map(_quoted, condition.values)]
    if condition.bound is not None:
        after.append(f"{condition.bound:f}")
    return " ".join((condition.field, condition.relation.value, *after))


def _quoted(value: str) -> str:
    return value if re.fullmatch(r'[^\s"]+', value) and value != "and" else f'"{value}"'

"""What the texts among a check's parameters must say, where a form is asked of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from standards.checks.kinds import CheckKind, Setting, number
from standards.errors import Fault

ADDRESS_PARTS: Final = ("road", "number", "building", "unit", "room")
"""The parts an address can be asked to name."""

STEPS: Final = ("hour", "day", "month")
"""The steps by which a period can be complete."""

_ELSEWHERE: Final = (
    (r"\(\?<?[=!]", "looks ahead or behind"),
    (r"\(\?P=|\\[1-9]|\\g<", "refers back to a group"),
    (r"\(\?\(", "asks whether a group matched"),
    (r"\(\?>|[*+?}]\+", "keeps what it has matched"),
    (r"\(\?#", "holds a comment"),
)
"""What Python's regular expressions can do and RE2's can't."""

_MOST_REPEATS: Final = 1000
_ESCAPED = re.compile(r"\\[^1-9g]|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+")


def text_faults(kind: CheckKind, given: Mapping[str, Setting], scope: Sequence[str]) -> Iterator[Fault]:
    """Yield what is wrong with parameters of the right type that say nothing that can be carried out."""
    for name, value in given.items():
        find = _FORMS.get((kind.name, name))
        if find is not None:
            for wrong in find(str(value), scope):
                yield Fault(f"/parameters/{name}", wrong)
    yield from _bounds(kind, given)


def pattern_fault(pattern: str) -> str | None:
    """Return what keeps a regular expression from being run by every engine (RE2, Java), or None."""
    try:
        re.compile(pattern)
    except re.error as error:
        return f"{pattern!r} is no regular expression: {error}"
    bare = _ESCAPED.sub("", pattern)
    for construct, what in _ELSEWHERE:
        if re.search(construct, bare):
            return f"{pattern!r} {what}, which the engines (RE2) can't do in time that grows with the text"
    repeats = [int(each) for each in re.findall(r"[{,]([0-9]+)(?=[,}])", bare)]
    if max(repeats, default=0) > _MOST_REPEATS:
        return f"{pattern!r} repeats more than {_MOST_REPEATS} times"
    return None


def pairs(text: str) -> list[tuple[str, list[str]]]:
    """Return a text of the form `NAME: WORD WORD; NAME: WORD` as names and words. Raises ValueError."""
    found = []
    for part in text.split(";"):
        name, colon, rest = part.partition(":")
        if not colon or not name.strip() or not rest.split():
            raise ValueError(f"{part.strip()!r} has no name, colon and words; write: 8051: 11 12; 8052: 11")
        found.append((name.strip(), rest.split()))
    return found


def _pattern(value: str, scope: Sequence[str]) -> Iterator[str]:
    if wrong := pattern_fault(value):
        yield wrong


def _excluded(value: str, scope: Sequence[str]) -> Iterator[str]:
    try:
        pairs(value)
    except ValueError as error:
        yield str(error)


def _bands(value: str, scope: Sequence[str]) -> Iterator[str]:
    try:
        bands = pairs(value)
    except ValueError as error:
        yield str(error)
        return
    for name, bounds in bands:
        try:
            low, high = (Decimal(bound) for bound in bounds)
        except (ValueError, InvalidOperation):
            yield f"band {name!r} has no two numbers; write a minimum and a maximum: 15: 0 3.1; 20: 0 5"
            continue
        if not (low.is_finite() and high.is_finite() and low <= high):
            yield f"band {name!r} goes from {low} to {high}"
    names = [name for name, _ in bands]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"band {name!r} is given twice"


def _signs(value: str, scope: Sequence[str]) -> Iterator[str]:
    signs = value.split()
    if not set(signs) <= {"+", "-"} or len(signs) != len(scope) - 1:
        yield f"{value!r} isn't one + or - for each of the {len(scope) - 1} terms, with blanks between"


def _day(value: str, scope: Sequence[str]) -> Iterator[str]:
    try:
        written = date.fromisoformat(value).isoformat()
    except ValueError:
        written = ""
    if written != value:
        yield f"{value!r} is no day; write it as 2000-01-31"


def _parts(value: str, scope: Sequence[str]) -> Iterator[str]:
    for part in value.split():
        if part not in ADDRESS_PARTS:
            yield f"an address has no part {part!r}; it has: {', '.join(ADDRESS_PARTS)}"


def _step(value: str, scope: Sequence[str]) -> Iterator[str]:
    if value not in STEPS:
        yield f"{value!r} is no step; it is one of: {', '.join(STEPS)}"


def _expression(value: str, scope: Sequence[str]) -> Iterator[str]:
    """The SQL itself is read where it is carried out; here it must speak of the scope and of nothing else."""
    named = _NAME.findall(re.sub(r"'(?:[^']|'')*'", " ", value))
    for name in dict.fromkeys(named):
        if name not in scope:
            yield f"the expression names {name}, which is not in the scope"
    for name in scope:
        if name not in named:
            yield f"the expression does not speak of {name}, which is in the scope"


_FORMS: Final[Mapping[tuple[str, str], Callable[[str, Sequence[str]], Iterator[str]]]] = {
    ("pattern", "pattern"): _pattern,
    ("not-pattern", "pattern"): _pattern,
    ("not-before", "day"): _day,
    ("address-parts", "parts"): _parts,
    ("complete-period", "step"): _step,
    ("equation", "signs"): _signs,
    ("fits", "excluded"): _excluded,
    ("band-range", "bands"): _bands,
    ("sql", "expression"): _expression,
}


def _bounds(kind: CheckKind, given: Mapping[str, Setting]) -> Iterator[Fault]:
    if kind.name not in ("range", "length"):
        return
    if not {"minimum", "maximum"} & set(given):
        yield Fault("/parameters", f"{kind.name} needs a minimum, a maximum, or both")
    elif {"minimum", "maximum"} <= set(given) and number(given["minimum"]) > number(given["maximum"]):
        yield Fault("/parameters/minimum", f"minimum {given['minimum']} exceeds maximum {given['maximum']}")

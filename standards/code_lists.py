"""Code lists: the values a coded field may take, each with its place in a hierarchy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from standards.documents import (
    Document,
    Kind,
    Part,
    RegistrationStatus,
    Slug,
    Text,
    refuse,
    validity_faults,
)
from standards.errors import Fault, InvalidInput, NotFound

CodeListId = Slug
"""A slug without dots, so that it never reads as the id of a data element: `gbt4754`, `tariff-class`."""


class MalformedCodeList(InvalidInput):
    """A code list contradicts itself; `faults` names every code that is wrong."""

    code = "malformed-code-list"


class UnknownCode(NotFound):
    """The code list holds no such code."""

    code = "unknown-code"


class CodeNotInForce(UnknownCode):
    """The code exists, in another version of its list or on other days."""

    code = "code-not-in-force"


class NoSuchAncestor(NotFound):
    """A code has nothing above it at the level asked for."""

    code = "no-such-ancestor"


class Code(Part):
    """One permitted value. `level` is 1 at the top and grows downwards; `parent` is None at level 1 only.

    `aliases` are other ways in which people write the value: never a code of the same list, and of one code
    only. Without dates of its own a code is valid as long as its list.
    """

    code: Text
    parent: Text | None = None
    level: Annotated[int, Field(ge=1)]
    title_zh: Text
    title_en: Text | None = None
    aliases: tuple[Text, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None


class CodeList(Document):
    """A published version of a code list, in the order of its source.

    Codes are text: leading zeros count and case matters.
    """

    kind: ClassVar[Kind] = Kind.CODE_LIST

    id: CodeListId
    title_zh: Text
    title_en: Text
    source: Text
    valid_from: date
    valid_to: date | None = None
    status: RegistrationStatus = RegistrationStatus.STANDARD
    codes: Annotated[tuple[Code, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_a_forest(self) -> CodeList:
        refuse(
            MalformedCodeList,
            f"code list {self.id} {self.version}",
            [*validity_faults(self.valid_from, self.valid_to), *_faults(self.codes)],
            hint="give every code once, one level below a parent that is in the list, and every alias to one "
            "code, never one that is a code itself",
        )
        return self

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def get(self, code: str) -> Code:
        """Return the entry of `code`. Raises UnknownCode; ask `code in code_list` first to avoid that."""
        try:
            return self._by_code[code]
        except KeyError:
            raise UnknownCode(
                f"code list {self.id} {self.version} holds no code {code!r}",
                hint=_near(code, self._by_code),
            ) from None

    def ancestor(self, code: str, level: int) -> Code:
        """Return the entry at `level` on the way up from `code`, itself included.

        Raises UnknownCode, and NoSuchAncestor when nothing on that way has this level.
        """
        entry = self.get(code)
        while entry.level > level and entry.parent is not None:
            entry = self._by_code[entry.parent]
        if entry.level != level:
            raise NoSuchAncestor(
                f"code {code!r} of {self.id} {self.version} has nothing at level {level} above it",
                hint=f"it stands at level {self.get(code).level}; levels start at 1",
            )
        return entry

    def children(self, code: str | None = None) -> tuple[Code, ...]:
        """Return the entries right below `code`, or the top ones for None. Raises UnknownCode."""
        if code is not None:
            self.get(code)
        return self._by_parent.get(code, ())

    def at_level(self, level: int) -> tuple[Code, ...]:
        """Return every entry of one level, in the order of the list."""
        return tuple(entry for entry in self.codes if entry.level == level)

    def get_on(self, code: str, day: date) -> Code:
        """Return the entry of `code` if it is valid on a day. Raises UnknownCode, CodeNotInForce."""
        entry = self.get(code)
        if not self.is_in_force(day):
            raise CodeNotInForce(
                f"{self.id} {self.version} is not in force on {day}, so code {code!r} is not",
                hint=f"this version is valid {span(*self.valid)}",
            )
        if (entry.valid_from and day < entry.valid_from) or (entry.valid_to and day > entry.valid_to):
            raise CodeNotInForce(
                f"code {code!r} of {self.id} {self.version} is not in force on {day}",
                hint=f"{code} {entry.title_zh} is valid {span(entry.valid_from, entry.valid_to)}",
            )
        return entry

    def find(self, text: str) -> Code | None:
        """Return the entry that `text` names by its code, an alias, or a title that only one code has."""
        return self._by_code.get(text) or self._by_name.get(text)

    @cached_property
    def _by_code(self) -> Mapping[str, Code]:
        return MappingProxyType({entry.code: entry for entry in self.codes})

    @cached_property
    def _by_name(self) -> Mapping[str, Code]:
        named: dict[str, list[Code]] = {}
        for entry in self.codes:
            for name in {entry.title_zh, entry.title_en, *entry.aliases} - {None}:
                named.setdefault(str(name), []).append(entry)
        return MappingProxyType({name: found[0] for name, found in named.items() if len(found) == 1})

    @cached_property
    def _by_parent(self) -> Mapping[str | None, tuple[Code, ...]]:
        below: dict[str | None, list[Code]] = {}
        for entry in self.codes:
            below.setdefault(entry.parent, []).append(entry)
        return MappingProxyType({parent: tuple(entries) for parent, entries in below.items()})


def _faults(codes: tuple[Code, ...]) -> Iterator[Fault]:
    by_code = {entry.code: entry for entry in codes}
    yield from _repeated(codes)
    yield from _alias_faults(codes, by_code)
    for entry in by_code.values():
        yield from validity_faults(entry.valid_from, entry.valid_to, f"/codes/{entry.code}")
        if entry.parent is None:
            if entry.level != 1:
                yield Fault(
                    f"/codes/{entry.code}", f"code {entry.code!r} of level {entry.level} has no parent"
                )
        elif entry.parent not in by_code:
            yield Fault(
                f"/codes/{entry.code}", f"code {entry.code!r} has the unknown parent {entry.parent!r}"
            )
    looped = set(_in_cycles({entry.code: entry.parent for entry in by_code.values()}))
    for code in sorted(looped):
        yield Fault(f"/codes/{code}", f"code {code!r} is its own ancestor")
    for entry in by_code.values():
        parent = by_code.get(entry.parent or "")
        if parent is not None and entry.code not in looped and entry.level != parent.level + 1:
            yield Fault(
                f"/codes/{entry.code}",
                f"code {entry.code!r} has level {entry.level} below {parent.code!r} of level {parent.level}",
            )


def _repeated(codes: Iterable[Code]) -> Iterator[Fault]:
    parents: dict[str, list[str | None]] = {}
    for entry in codes:
        parents.setdefault(entry.code, []).append(entry.parent)
    for code, given in parents.items():
        if len(given) > 1 and len(set(given)) > 1:
            both = " and ".join(repr(each) for each in dict.fromkeys(given))
            yield Fault(f"/codes/{code}", f"code {code!r} has the parents {both}; a code has one")
        elif len(given) > 1:
            yield Fault(f"/codes/{code}", f"code {code!r} is given {len(given)} times")


def _alias_faults(codes: Iterable[Code], by_code: Mapping[str, Code]) -> Iterator[Fault]:
    owner: dict[str, str] = {}
    for entry in codes:
        for alias in entry.aliases:
            if alias in by_code:
                yield Fault(f"/codes/{entry.code}/aliases", f"alias {alias!r} of {entry.code!r} is a code")
            elif owner.setdefault(alias, entry.code) != entry.code:
                yield Fault(
                    f"/codes/{entry.code}/aliases",
                    f"alias {alias!r} belongs to {owner[alias]!r} and to {entry.code!r}",
                )


def _in_cycles(parents: Mapping[str, str | None]) -> Iterator[str]:
    done: set[str] = set()
    for start in parents:
        path: dict[str, int] = {}
        code: str | None = start
        while code is not None and code in parents and code not in done and code not in path:
            path[code] = len(path)
            code = parents[code]
        if code is not None and code in path:
            yield from list(path)[path[code] :]
        done.update(path)


def _near(code: str, codes: Mapping[str, Code]) -> str:
    close = difflib.get_close_matches(code, codes, n=3)
    if not close:
        return f"the list runs from {next(iter(codes))!r} and holds {len(codes)} codes"
    return "close to it: " + ", ".join(f"{each} {codes[each].title_zh}" for each in close)


def span(first: date | None, last: date | None) -> str:
    """Return from when to when, in words."""
    if first is None and last is None:
        return "without dates"
    return " ".join(part for part in (first and f"from {first}", last and f"to {last}") if part)

"""Code lists: the values a coded field may take, each with its place in a hierarchy."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from standards import digests
from standards.digests import Digest
from standards.errors import Fault, InvalidInput, NotFound

CodeListId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
"""A slug without dots, so that it never reads as the id of a data element: `gbt4754`, `tariff-class`."""

_Text = Annotated[str, StringConstraints(min_length=1, pattern=r"^\S(.*\S)?$")]


class MalformedCodeList(InvalidInput):
    """A code list contradicts itself; `faults` names every code that is wrong."""

    code = "malformed-code-list"


class UnknownCode(NotFound):
    """The code list holds no such code."""

    code = "unknown-code"


class NoSuchAncestor(NotFound):
    """A code has nothing above it at the level asked for."""

    code = "no-such-ancestor"


class Code(BaseModel):
    """One permitted value. `level` is 1 at the top and grows downwards; `parent` is None at level 1 only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: _Text
    parent: _Text | None
    level: Annotated[int, Field(ge=1)]
    title_zh: _Text
    title_en: _Text | None = None


class CodeList(BaseModel):
    """A published version of a code list, in the order of its source.

    Codes are text: leading zeros count and case matters. A published version never changes; its digest is
    what datasets and manifests cite.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: CodeListId
    version: _Text
    title_zh: _Text
    title_en: _Text
    source: _Text
    valid_from: date
    codes: Annotated[tuple[Code, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_a_forest(self) -> CodeList:
        faults = list(_faults(self.codes))
        if faults:
            raise MalformedCodeList(
                f"code list {self.id} {self.version} contradicts itself: "
                + "; ".join(fault.detail for fault in faults[:3])
                + (f"; and {len(faults) - 3} more" if len(faults) > 3 else ""),
                hint="give every code once, one level below a parent that is in the list",
                faults=faults,
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

    def digest(self) -> Digest:
        """Return the digest of the list's canonical document.

        Absent values are left out of the document: a later optional field of this model changes no digest.
        """
        return digests.of_document(self.model_dump(mode="json", exclude_none=True))

    @cached_property
    def _by_code(self) -> Mapping[str, Code]:
        return MappingProxyType({entry.code: entry for entry in self.codes})

    @cached_property
    def _by_parent(self) -> Mapping[str | None, tuple[Code, ...]]:
        below: dict[str | None, list[Code]] = {}
        for entry in self.codes:
            below.setdefault(entry.parent, []).append(entry)
        return MappingProxyType({parent: tuple(entries) for parent, entries in below.items()})


def _faults(codes: tuple[Code, ...]) -> Iterator[Fault]:
    by_code = {entry.code: entry for entry in codes}
    for code, times in Counter(entry.code for entry in codes).items():
        if times > 1:
            yield Fault(f"/codes/{code}", f"code {code!r} is given {times} times")
    for entry in by_code.values():
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

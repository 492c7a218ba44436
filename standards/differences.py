"""What changed between two versions of a standard, or between two texts that claim to be one version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from standards.documents import Document, Kind
from standards.errors import Fault, InvalidInput


class NotComparable(InvalidInput):
    """Two standards of different kinds were to be compared."""

    code = "not-comparable"


class ChangeKind(StrEnum):
    """What happened. Retitled and moved (to another parent) are said of codes."""

    ADDED = "added"
    REMOVED = "removed"
    RETITLED = "retitled"
    MOVED = "moved"
    CHANGED = "changed"


class Change(BaseModel):
    """One change: where, and what stood there before and stands there after."""

    model_config = ConfigDict(frozen=True)

    what: ChangeKind
    place: str
    before: str | None = None
    after: str | None = None

    def __str__(self) -> str:
        if self.what is ChangeKind.ADDED:
            return f"{self.place} added: {self.after}"
        if self.what is ChangeKind.REMOVED:
            return f"{self.place} removed: {self.before}"
        return f"{self.place} {self.what}: {self.before} → {self.after}"


class Difference(BaseModel):
    """Every change from one document to another; without any, their contents are the same."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    old: str
    new: str
    changes: tuple[Change, ...]

    def faults(self) -> tuple[Fault, ...]:
        """Return the changes as places of an error."""
        return tuple(Fault(change.place, str(change)) for change in self.changes)


_KEYS: Mapping[str, tuple[str, ...]] = {
    "codes": ("code",),
    "mappings": ("source", "target"),
    "segments": ("name",),
    "inputs": ("symbol",),
    "chapters": ("title_en",),
}
"""What the parts of a document are told apart by."""


def compare(old: Document, new: Document) -> Difference:
    """Return what changed from `old` to `new`, id and version aside. Raises NotComparable."""
    if old.kind is not new.kind:
        raise NotComparable(
            f"{old.citation} is a {old.kind} and {new.citation} a {new.kind}", hint="compare two of one kind"
        )
    changes = tuple(_fields(_without_name(old), _without_name(new), ""))
    return Difference(kind=old.kind, old=old.citation, new=new.citation, changes=changes)


def _without_name(document: Document) -> dict[str, Any]:
    return {name: value for name, value in document.document().items() if name not in ("id", "version")}


def _fields(old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        before, after, here = old.get(name), new.get(name), f"{place}/{name}"
        if before == after:
            continue
        if name in _KEYS:
            yield from _parts(before or [], after or [], here, _KEYS[name])
        elif isinstance(before, list) or isinstance(after, list):
            yield from _members(before or [], after or [], here)
        elif isinstance(before, dict) or isinstance(after, dict):
            yield from _fields(before or {}, after or {}, here)
        else:
            yield Change(what=_word(name, place), place=here, before=_said(before), after=_said(after))


def _parts(
    old: list[dict[str, Any]], new: list[dict[str, Any]], place: str, key: tuple[str, ...]
) -> Iterator[Change]:
    def named(part: dict[str, Any]) -> str:
        return " → ".join(str(part[name]) for name in key)

    before, after = {named(part): part for part in old}, {named(part): part for part in new}
    for name in before:
        if name not in after:
            yield Change(what=ChangeKind.REMOVED, place=f"{place}/{name}", before=_title(before[name]))
    for name in after:
        if name not in before:
            yield Change(what=ChangeKind.ADDED, place=f"{place}/{name}", after=_title(after[name]))
    for name in after:
        if name in before:
            yield from _fields(before[name], after[name], f"{place}/{name}")
    kept_before = [name for name in before if name in after]
    kept_after = [name for name in after if name in before]
    if kept_before != kept_after:
        yield Change(what=ChangeKind.CHANGED, place=place, before="one order", after="another order")


def _members(old: list[Any], new: list[Any], place: str) -> Iterator[Change]:
    for each in old:
        if each not in new:
            yield Change(what=ChangeKind.REMOVED, place=place, before=_said(each))
    for each in new:
        if each not in old:
            yield Change(what=ChangeKind.ADDED, place=place, after=_said(each))
    if sorted(map(str, old)) == sorted(map(str, new)):
        yield Change(what=ChangeKind.CHANGED, place=place, before="one order", after="another order")


def _word(name: str, place: str) -> ChangeKind:
    if place and name in ("title_zh", "title_en"):
        return ChangeKind.RETITLED
    return ChangeKind.MOVED if place and name == "parent" else ChangeKind.CHANGED


def _title(part: Mapping[str, Any]) -> str:
    return str(part.get("title_zh") or part.get("meaning_zh") or part.get("relation"))


def _said(value: Any) -> str | None:
    return None if value is None else str(value)

"""What differs between two documents, place by place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from standards.errors import Fault

_SHOWN = 80


class Difference(BaseModel):
    """One place that differs. `pointer` names it; in a list of named things by name: `/fields/area/element`.

    None stands for what is not there: documents don't tell a missing value from an empty one.
    """

    model_config = ConfigDict(frozen=True)

    pointer: str
    before: Any
    after: Any

    def __str__(self) -> str:
        if self.before is None:
            return f"+ {self.pointer}  {shown(self.after)}"
        if self.after is None:
            return f"- {self.pointer}  {shown(self.before)}"
        return f"~ {self.pointer}  {shown(self.before)} → {shown(self.after)}"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return every place in which the second document differs from the first, in its order."""
    found = compared(before, after)
    return tuple(Difference(pointer=pointer, before=was, after=now) for pointer, was, now in found)


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield every place that differs as pointer, before and after."""
    yield from _compared("", dict(before), dict(after))


def clashes(theirs: Iterable[Difference], mine: Iterable[Difference]) -> list[Fault]:
    """Return what others have changed since a base, saying where it meets what is wanted."""
    mine = tuple(mine)
    faults = []
    for each in theirs:
        met = [other for other in mine if _meet(each.pointer, other.pointer)]
        wanted = "; the request wants " + ", ".join(shown(other.after) for other in met) if met else ""
        now = "gone" if each.after is None else f"now {shown(each.after)}"
        faults.append(Fault(each.pointer, f"was {shown(each.before)}, is {now}{wanted}"))
    return faults


def shown(value: Any) -> str:
    """Return a value in one line, shortened where it is long."""
    if isinstance(value, dict):
        value = {key: each for key, each in value.items() if each not in (None, False)}
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _meet(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def _compared(pointer: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    if before == after:
        return
    names_before, names_after = _named(before), _named(after)
    if names_before is not None and names_after is not None:
        kept = [name for name in names_before if name in names_after]
        if kept != [name for name in names_after if name in names_before]:
            yield pointer, list(names_before), list(names_after)
        before, after = names_before, names_after
    if isinstance(before, dict) and isinstance(after, dict):
        for key in (*before, *(key for key in after if key not in before)):
            escaped = str(key).replace("~", "~0").replace("/", "~1")  # RFC 6901
            yield from _compared(f"{pointer}/{escaped}", before.get(key), after.get(key))
        return
    yield pointer, before, after


def _named(value: Any) -> dict[str, Any] | None:
    """Return a list of named things by name; an absent list is one of nothing."""
    if value is None:
        return {}
    if not isinstance(value, list) or not all(isinstance(v, dict) and "name" in v for v in value):
        return None
    names = {str(v["name"]): v for v in value}
    return names if value and len(names) == len(value) else None

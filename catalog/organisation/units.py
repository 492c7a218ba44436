"""Units of the organisation: what people write of them, what makes them a tree, and what is read back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from standards.errors import Fault, InvalidInput, NotFound

_CODE = r"^[A-Za-z0-9]([A-Za-z0-9_.-]{0,30}[A-Za-z0-9])?$"
_SHOWN_FAULTS = 100


class UnitNotFound(NotFound):
    """No unit of the organisation has this code."""

    code = "unit-not-found"


class MalformedOrganisation(InvalidInput):
    """Units that do not make a tree; the faults name the places."""

    code = "malformed-organisation"


class UnitKind(StrEnum):
    """A level of the organisation. A unit stands under one of a higher level; levels may be left out."""

    GROUP = "group"
    BRANCH = "branch"
    OFFICE = "office"
    PUMP_STATION = "pump-station"
    COMMUNITY = "community"
    BUILDING = "building"
    METER_BOOK = "meter-book"

    @property
    def rank(self) -> int:
        """0 for the group, 6 for a meter book."""
        return list(UnitKind).index(self)

    @property
    def title_zh(self) -> str:
        return _TITLES[self]


_TITLES = {
    UnitKind.GROUP: "集团",
    UnitKind.BRANCH: "分公司",
    UnitKind.OFFICE: "营业所",
    UnitKind.PUMP_STATION: "泵站",
    UnitKind.COMMUNITY: "小区",
    UnitKind.BUILDING: "楼栋",
    UnitKind.METER_BOOK: "表册",
}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UnitDraft(_Frozen):
    """A unit to be added. `code` is the utility's own; `party` is the organisation that it is as a party."""

    code: Annotated[str, Field(pattern=_CODE)]
    kind: UnitKind
    title: Annotated[str, Field(min_length=1, max_length=200)]
    parent: str | None = None
    party: str | None = None
    opened_on: date | None = None


class Unit(_Frozen):
    """A unit as it stands, or stood on the day asked for. It no longer exists from `closed_on` on."""

    code: str
    kind: UnitKind
    title: str
    parent: str | None
    path: str
    since: date
    opened_on: date
    closed_on: date | None
    merged_into: str | None
    party: str | None


class UnitState(_Frozen):
    """What a unit was called and where it stood, from `since` until the day `before`."""

    number: int
    title: str
    parent: str | None
    path: str
    since: date
    before: date | None


class Posting(_Frozen):
    """A person's place in the organisation; `valid_until` is the last day."""

    party: str
    unit: str
    valid_from: date
    valid_until: date | None


def below(path: str) -> tuple[str, str]:
    """Return the bounds, both excluded, between which the paths of everything below a path lie."""
    return f"{path}/", f"{path}0"  # 0 is the character after /


@dataclass(frozen=True)
class Units:
    """Units that are to be added together. `rows` are those of the CSV file they were read from, if any.

    `faults` are of what could not be read, `unread` the codes of that: nothing is said of them besides.
    """

    drafts: tuple[UnitDraft, ...]
    rows: tuple[int, ...] = ()
    faults: tuple[Fault, ...] = ()
    unread: frozenset[str] = frozenset()

    @classmethod
    def of(cls, drafts: Units | Iterable[UnitDraft]) -> Units:
        """Return units as they are given."""
        return drafts if isinstance(drafts, Units) else cls(tuple(drafts))

    def fault(self, index: int, column: str, detail: str) -> Fault:
        """Return what is wrong with a unit, by its row and column, or else by its code."""
        code = self.drafts[index].code
        return (
            Fault(f"row {self.rows[index]}, column {column}", f"{code}: {detail}")
            if self.rows
            else Fault(code, detail)
        )


def require_tree(
    drafts: Units | Iterable[UnitDraft], present: Mapping[str, UnitKind], where: str,
    others: Iterable[Fault] = (),
) -> list[UnitDraft]:  # fmt: skip
    """Return the units, parents before children. Raises MalformedOrganisation with every fault.

    `present` are the units that are there already; `others` is what else is wrong with these.
    """
    units = Units.of(drafts)
    index: dict[str, int] = {}
    faults = [*units.faults, *others]
    for number, draft in enumerate(units.drafts):
        if (first := index.setdefault(draft.code, number)) != number:
            above = units.drafts[first].parent
            two = "two parents: " if above != draft.parent else ""
            faults.append(units.fault(number, "code", f"stands twice ({two}{above}, {draft.parent})"))
    new = {code: units.drafts[number] for code, number in index.items()}
    ordered, circles = _in_order(new)
    for code, draft in new.items():
        circle = next((each for each in circles if code in each), None)
        if circle is None and (detail := _misplaced(draft, new, present, units.unread)):
            faults.append(units.fault(index[code], "parent", detail))
        elif circle is not None and code == circle[0]:
            faults.append(units.fault(index[code], "parent", "stands below itself: " + " → ".join(circle)))
    require_sound(faults, where)
    return ordered


def require_sound(faults: Iterable[Fault], where: str) -> None:
    """Raise MalformedOrganisation if anything is wrong."""
    if found := sorted(faults, key=_row):
        more = f", the first {_SHOWN_FAULTS} are shown" if len(found) > _SHOWN_FAULTS else ""
        raise MalformedOrganisation(
            f"{where} does not make a tree: {len(found):,} fault{'s' if len(found) > 1 else ''}{more}",
            hint="mend the places listed; nothing was added",
            faults=found[:_SHOWN_FAULTS],
        )


def _row(fault: Fault) -> int:
    """Return the file's row that a fault names, so that they are told in its order; 0 if it names none."""
    word, _, rest = fault.pointer.partition(" ")
    return int(rest.partition(",")[0]) if word == "row" else 0


def _misplaced(
    draft: UnitDraft, new: Mapping[str, UnitDraft], present: Mapping[str, UnitKind], unread: Collection[str]
) -> str | None:
    if draft.parent is None:
        is_top = draft.kind is UnitKind.GROUP
        return None if is_top else f"this {draft.kind} needs a parent; only a group stands alone"
    above = new[draft.parent].kind if draft.parent in new else present.get(draft.parent)
    if above is None:
        return None if draft.parent in unread else f"its parent {draft.parent!r} is nowhere"
    if above.rank >= draft.kind.rank:
        return f"this {draft.kind} can't stand under {above} {draft.parent}"
    return None


def _in_order(new: Mapping[str, UnitDraft]) -> tuple[list[UnitDraft], list[list[str]]]:
    """Return the units, parents first, and every circle among them."""
    ordered: dict[str, UnitDraft] = {}
    circles: list[list[str]] = []
    lost: set[str] = set()
    for draft in new.values():
        chain: dict[str, UnitDraft] = {}
        at: UnitDraft | None = draft
        while at is not None and at.code not in ordered and at.code not in lost:
            if at.code in chain:
                codes = list(chain)
                circles.append([*codes[codes.index(at.code) :], at.code])
                lost |= set(codes)
                break
            chain[at.code] = at
            at = new.get(at.parent) if at.parent is not None else None
        if at is not None and at.code in lost:
            lost |= set(chain)
        else:
            ordered.update(reversed(chain.items()))
    return list(ordered.values()), circles

"""Units of the organisation: what people write of them, in files too, and what is read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from catalog.loading.encodings import in_utf8
from standards.errors import Fault, InvalidInput, NotFound
from standards.faults import in_words
from standards.texts import is_line

_CODE = r"^[A-Za-z0-9]([A-Za-z0-9_.-]{0,30}[A-Za-z0-9])?$"
_COLUMNS = ("code", "kind", "title", "parent", "party", "opened_on")
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


def read_units(path: Path, scratch: Path) -> list[dict[str, str | None]]:
    """Return the rows of a CSV file as documents for `parse_units`. Raises MalformedOrganisation.

    Encodings are told as for data files: UTF-8 and GB 18030.
    """
    try:
        text = in_utf8(path, None, scratch).read_text("utf-8-sig")
    except OSError as error:
        raise MalformedOrganisation(
            f"{path} can't be read: {error.strerror}", hint="check the path"
        ) from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in reader.fieldnames or ()]
        if not {"code", "kind", "title"} <= set(header) or len(set(header)) < len(header):
            raise MalformedOrganisation(
                f"the header of {path} is {', '.join(header) or 'missing'}",
                hint=f"name the columns {', '.join(_COLUMNS)}; the first three are needed, each once",
            )
        reader.fieldnames = header
        return [_cells(row) for row in reader]
    except csv.Error as error:
        raise MalformedOrganisation(
            f"{path} is no CSV file: {error}, line {reader.line_num}", hint="export it again"
        ) from error


def parse_units(document: object, *, where: str) -> tuple[UnitDraft, ...]:
    """Return units from a list of documents; `children` may stand inside their parent.

    Raises MalformedOrganisation with every fault of the documents themselves: what they say of one another
    is judged when they meet the tree.
    """
    if isinstance(document, Mapping) and set(document) == {"units"}:
        document = document["units"]
    if not isinstance(document, list) or not document:
        raise MalformedOrganisation(
            f"{where} holds no list of units", hint="write a list of {code, kind, title, parent}"
        )
    faults: list[Fault] = []
    units = list(_parsed(document, None, "", faults))
    _raise(faults, where)
    return tuple(units)


def require_tree(drafts: Iterable[UnitDraft], present: Mapping[str, UnitKind], where: str) -> list[UnitDraft]:
    """Return the units, parents before children. Raises MalformedOrganisation with every fault.

    `present` are the units that are there already.
    """
    drafts = list(drafts)
    new: dict[str, UnitDraft] = {}
    faults = []
    for draft in drafts:
        if (first := new.setdefault(draft.code, draft)) is not draft:
            two = "two parents: " if first.parent != draft.parent else ""
            faults.append(Fault(draft.code, f"stands twice ({two}{first.parent}, {draft.parent})"))
    faults += [fault for draft in new.values() for fault in _misplaced(draft, new, present)]
    ordered, circles = _in_order(new)
    faults += [Fault(circle[0], "stands below itself: " + " → ".join(circle)) for circle in circles]
    _raise(faults, where)
    return ordered


def _raise(faults: list[Fault], where: str) -> None:
    if faults:
        more = f", the first {_SHOWN_FAULTS} are shown" if len(faults) > _SHOWN_FAULTS else ""
        raise MalformedOrganisation(
            f"{where} does not make a tree: {len(faults):,} fault{'s' if len(faults) > 1 else ''}{more}",
            hint="mend the places listed; nothing was added",
            faults=faults[:_SHOWN_FAULTS],
        )


def _misplaced(
    draft: UnitDraft, new: Mapping[str, UnitDraft], present: Mapping[str, UnitKind]
) -> Iterator[Fault]:
    if draft.parent is None:
        if draft.kind is not UnitKind.GROUP:
            yield Fault(draft.code, f"this {draft.kind} needs a parent; only a group stands alone")
        return
    above = new[draft.parent].kind if draft.parent in new else present.get(draft.parent)
    if above is None:
        yield Fault(draft.code, f"its parent {draft.parent!r} is nowhere")
    elif above.rank >= draft.kind.rank:
        yield Fault(draft.code, f"this {draft.kind} can't stand under {above} {draft.parent}")


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


def _parsed(
    documents: list[Any], parent: str | None, pointer: str, faults: list[Fault]
) -> Iterator[UnitDraft]:
    for index, said in enumerate(documents):
        place = f"{pointer}/{index}"
        if not isinstance(said, Mapping):
            faults.append(Fault(place, "is no unit"))
            continue
        own = {str(k): v for k, v in said.items() if k != "children"}
        if parent is not None and own.setdefault("parent", parent) != parent:
            faults.append(Fault(f"{place}/parent", f"has two parents: {parent}, {own['parent']}"))
        try:
            draft = UnitDraft.model_validate(own)
        except ValidationError as error:
            faults += [Fault(f"{place}/{'/'.join(map(str, e['loc']))}", in_words(e)) for e in error.errors()]
            continue
        if not is_line(draft.title):
            faults.append(Fault(f"{place}/title", "holds control characters; give one line"))
        yield draft
        children = said.get("children")
        if isinstance(children, list) and len(pointer) < 200:  # seven levels need far less
            yield from _parsed(children, draft.code, f"{place}/children", faults)
        elif children is not None:
            faults.append(Fault(f"{place}/children", "is no list of units"))


def _cells(row: Mapping[str | None, Any]) -> dict[str, str | None]:
    """Return a row's cells; blank ones say nothing, and cells beyond the header are a fault of the row."""
    cells = {name: (value or "").strip() or None for name, value in row.items() if name is not None}
    if None in row:
        cells["(beyond the header)"] = "a cell"
    return {name: value for name, value in cells.items() if value is not None or name in ("code", "title")}

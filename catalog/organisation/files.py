"""Units from files: what a CSV table or a document says, and where each stands, for faults to name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from catalog.loading.encodings import in_utf8
from catalog.organisation.units import MalformedOrganisation, UnitDraft, Units, require_sound
from standards.errors import Fault
from standards.faults import in_words
from standards.texts import is_line

_COLUMNS = ("code", "kind", "title", "parent", "party", "opened_on")


@dataclass(frozen=True)
class UnitTable:
    """The rows of a CSV file as documents, and which row of the file each is: the header is row 1."""

    documents: tuple[dict[str, str], ...]
    rows: tuple[int, ...]


def read_units(path: Path, scratch: Path) -> UnitTable:
    """Return the rows of a CSV file, for `parse_units`. Raises MalformedOrganisation.

    Encodings are told as for data files: UTF-8 and GB 18030.
    """
    try:
        text = in_utf8(path, None, scratch).read_text("utf-8-sig")
    except OSError as error:
        raise MalformedOrganisation(
            f"{path} can't be read: {error.strerror}", hint="check the path"
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(number, row) for number, row in enumerate(reader, 1) if any(map(str.strip, row))]
    except csv.Error as error:
        raise MalformedOrganisation(
            f"{path} is no CSV file: {error}, line {reader.line_num}", hint="export it again"
        ) from error
    header = [name.strip() for name in rows[0][1]] if rows else []
    if not {"code", "kind", "title"} <= set(header) or len(set(header)) < len(header):
        raise MalformedOrganisation(
            f"the header of {path} is {', '.join(header) or 'missing'}",
            hint=f"name the columns {', '.join(_COLUMNS)}; the first three are needed, each once",
        )
    return UnitTable(
        documents=tuple(_document(header, row) for _, row in rows[1:]),
        rows=tuple(number for number, _ in rows[1:]),
    )


def read_document(document: object, *, where: str) -> Units:
    """Return the units that a table or a list of documents says, with what is wrong with those that are none.

    `children` may stand inside their parent. Raises MalformedOrganisation for what is no list of units.
    """
    if isinstance(document, UnitTable):
        found = list(_of_table(document))
    else:
        if isinstance(document, Mapping) and set(document) == {"units"}:
            document = document["units"]
        found = list(_parsed(document, None, "")) if isinstance(document, list) else []
    if not found:
        raise MalformedOrganisation(
            f"{where} holds no list of units", hint="write a list of {code, kind, title, parent}"
        )
    drafts = [(place, each) for place, each, _, _ in found if each is not None]
    return Units(
        drafts=tuple(draft for _, draft in drafts),
        rows=tuple(place for place, _ in drafts) if isinstance(document, UnitTable) else (),
        faults=tuple(fault for _, _, faults, _ in found for fault in faults),
        unread=frozenset(code for _, draft, _, code in found if draft is None and code),
    )


def parse_units(document: object, *, where: str) -> tuple[UnitDraft, ...]:
    """Return units from a table or a list of documents.

    Raises MalformedOrganisation with every fault of the documents themselves: what they say of one another
    is judged when they meet the tree.
    """
    units = read_document(document, where=where)
    require_sound(units.faults, where)
    return units.drafts


_Found = tuple[int, UnitDraft | None, list[Fault], str | None]
"""The row, the unit if it is one, what is wrong with it, and what it is called."""


def _of_table(table: UnitTable) -> Iterator[_Found]:
    for row, said in zip(table.rows, table.documents, strict=True):
        faults: list[Fault] = []
        draft = _draft(said, f"row {row}, column ", faults)
        yield row, draft, faults, said.get("code")


def _parsed(documents: list[Any], parent: str | None, pointer: str) -> Iterator[_Found]:
    for index, said in enumerate(documents):
        place, faults = f"{pointer}/{index}", list[Fault]()
        if not isinstance(said, Mapping):
            yield index, None, [Fault(place, "is no unit")], None
            continue
        own = {str(k): v for k, v in said.items() if k != "children"}
        if parent is not None and own.setdefault("parent", parent) != parent:
            faults.append(Fault(f"{place}/parent", f"has two parents: {parent}, {own['parent']}"))
        draft = _draft(own, f"{place}/", faults)
        yield index, draft, faults, own["code"] if isinstance(own.get("code"), str) else None
        children = said.get("children")
        if draft is None or children is None:
            continue
        if isinstance(children, list) and len(pointer) < 200:  # seven levels need far less
            yield from _parsed(children, draft.code, f"{place}/children")
        else:
            yield index, None, [Fault(f"{place}/children", "is no list of units")], None


def _draft(said: Mapping[str, Any], place: str, faults: list[Fault]) -> UnitDraft | None:
    try:
        draft = UnitDraft.model_validate(said)
    except ValidationError as error:
        faults += [Fault(place + "/".join(map(str, each["loc"])), in_words(each)) for each in error.errors()]
        return None
    if not is_line(draft.title):
        faults.append(Fault(f"{place}title", "holds control characters; give one line"))
    return draft


def _document(header: list[str], row: list[str]) -> dict[str, str]:
    """Return the cells that say something; one beyond the header goes by its number."""
    names = [*header, *(str(number) for number in range(len(header) + 1, len(row) + 1))]
    return {name: cell.strip() for name, cell in zip(names, row, strict=False) if cell.strip()}

"""Standards in an Excel workbook: a sheet for each kind, and one for the parts of those that have parts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from standards import tables, unpacking
from standards.documents import Document, Kind
from standards.errors import Fault
from standards.tables import OWNER, MalformedStandard, Table

_NOTES: Final = ("readme", "说明")
"""Sheets with these names are for people."""

MAX_UNPACKED: Final = 128 * 2**20
"""How many bytes a workbook may have unpacked; the whole bundled library has less than a twentieth."""

_ESCAPE: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""What a workbook would read as an escaped character; its own way of escaping the underscore."""


def sheets() -> dict[str, tuple[str, ...]]:
    """Return every sheet with its columns, in the order in which they are written."""
    found: dict[str, tuple[str, ...]] = {}
    for kind, model in tables.MODELS.items():
        found[kind.folder] = tables.columns(model)
        if kind in tables.PARTS:
            name, part = tables.PARTS[kind]
            found[name] = tables.columns(part, owned=True)
    return found


def read(path: Path) -> tuple[Document, ...]:
    """Return every standard in the workbook. Raises MalformedStandard."""
    found = _tables(path)
    _refuse_sheets(path, found)
    documents: list[tuple[str, Document]] = []
    for kind, model in tables.MODELS.items():
        if kind.folder not in found:
            continue
        parts = _parts(found, kind) if kind in tables.PARTS else None
        for line, record in tables.records(found[kind.folder], model):
            row = place = f"{found[kind.folder].place} line {line}"
            lines: list[int] = []
            if parts is not None:
                mine = parts.pop((record.get("id"), record.get("version")), [])
                lines = [number for number, _ in mine]
                record |= {tables.PARTS[kind][0]: [part for _, part in mine]}
                if lines:
                    place += f" (parts in sheet {tables.PARTS[kind][0]})"
            documents.append((row, tables.build(kind, record, place, lines)))
        _refuse_orphans(kind, parts or {})
    return tables.distinct(documents)


def write(documents: Iterable[Document], path: Path) -> None:
    """Write standards as a workbook, every cell as text. OSError passes to the caller."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    listed = tuple(documents)
    for kind, model in tables.MODELS.items():
        mine = [each for each in listed if each.kind is kind]
        _write_sheet(book, kind.folder, tables.columns(model), tables.rows(mine, model))
        if kind in tables.PARTS:
            name, part = tables.PARTS[kind]
            _write_sheet(book, name, tables.columns(part, owned=True), _owned_rows(mine, name, part))
    book.save(path)


def _owned_rows(documents: list[Document], name: str, part: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    for document in documents:
        for row in tables.rows(getattr(document, name), part):
            yield (document.id, document.version, *row)


def _write_sheet(book: Any, name: str, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    from openpyxl.cell import WriteOnlyCell

    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    sheet.append(header)
    for row in rows:
        cells = []
        for text in row:
            cell = WriteOnlyCell(sheet, value=_ESCAPE.sub("_x005F_", text) or None)
            if text:  # as text, or =a/b would become a formula and 01 a number
                cell.data_type = "s"
                cell.number_format = "@"
            cells.append(cell)
        sheet.append(cells)


def _tables(path: Path) -> dict[str, Table]:
    from python_calamine import CalamineError, CalamineWorkbook

    if (wrong := unpacking.fault(path, MAX_UNPACKED)) is not None:
        raise MalformedStandard(
            f"{path.name} can't be read as an Excel workbook: {wrong}",
            hint="save it as .xlsx without a password; split one that is too large",
        )
    try:
        book = CalamineWorkbook.from_path(path)
        return {
            name: _table(path, book.get_sheet_by_name(name))
            for name in book.sheet_names
            if name.lower() not in _NOTES
        }
    except CalamineError as error:
        raise MalformedStandard(
            f"{path.name} can't be read as an Excel workbook: {error}", hint="save it as .xlsx"
        ) from error


def _table(path: Path, sheet: Any) -> Table:
    place = f"{path.name} sheet {sheet.name}"
    if merged := sheet.merged_cell_ranges:
        (row, column), _ = merged[0]
        raise MalformedStandard(
            f"{place} has merged cells at {_letter(column)}{row + 1}",
            hint="unmerge them, and give each row its own value",
        )
    rows = sheet.to_python(skip_empty_area=False)
    lines = [
        (number, tuple(None if cell == "" else cell for cell in row))
        for number, row in enumerate(rows, start=1)
        if any(cell != "" for cell in row)
    ]
    header = tuple(str(cell) for cell in lines[0][1] if cell is not None) if lines else ()
    body = tuple((number, _trimmed(cells, len(header))) for number, cells in lines[1:])
    return Table(place, header, body)


def _trimmed(cells: tuple[Any, ...], width: int) -> tuple[Any, ...]:
    """Return the cells without the empty ones beyond the last column that has a name."""
    while len(cells) > width and cells[-1] is None:
        cells = cells[:-1]
    return cells


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(column + 1))


def _refuse_sheets(path: Path, found: Mapping[str, Table]) -> None:
    known = sheets()
    strangers = [name for name in found if name not in known]
    if strangers or not found:
        what = f"the unknown sheet {strangers[0]!r}" if strangers else "no sheet of standards"
        raise MalformedStandard(f"{path.name} has {what}", hint="the sheets are: " + ", ".join(known))
    for kind, (name, _) in tables.PARTS.items():
        for missing, present in ((name, kind.folder), (kind.folder, name)):
            if present in found and missing not in found:
                raise MalformedStandard(
                    f"{path.name} has the sheet {present}, and no sheet {missing}",
                    hint=f"add {missing} with the columns: " + ", ".join(known[missing]),
                )


_Parts = dict[tuple[Any, Any], list[tuple[int, dict[str, Any]]]]


def _parts(found: Mapping[str, Table], kind: Kind) -> _Parts:
    name, part = tables.PARTS[kind]
    grouped: _Parts = {}
    for line, record in tables.records(found[name], part, owned=True):
        owner = (record.pop(OWNER[0], None), record.pop(OWNER[1], None))
        grouped.setdefault(owner, []).append((line, record))
    return grouped


def _refuse_orphans(kind: Kind, parts: _Parts) -> None:
    faults = [
        Fault(f"sheet {tables.PARTS[kind][0]} line {line}", _orphaned(id_, version))
        for (id_, version), rows in parts.items()
        for line, _ in rows[:1]
    ]
    if faults:
        raise MalformedStandard(
            f"{faults[0].pointer}: {faults[0].detail}",
            hint=f"add a row with this id and version to the sheet {kind.folder}, or mend the two cells",
            faults=faults,
        )


def _orphaned(id_: object, version: object) -> str:
    missing = [name for name, value in zip(OWNER, (id_, version), strict=True) if value is None]
    if missing:
        return f"it says nothing in the column {' and '.join(missing)}, so it belongs to no standard"
    return f"it belongs to {id_} {version}, which is not there"

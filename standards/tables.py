"""Tables of standards: which columns a kind has, and how cells become documents and documents cells.

A spreadsheet, a CSV file and the sheets of a workbook are the same tables. A kind whose documents have parts
has two: `code_lists` with a row for each list, `codes` with a row for each code. A cell that holds several
texts holds one a line; a cell of parameters holds `name: value` lines.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from standards import plain_yaml
from standards.code_lists import Code, CodeList
from standards.coding_rules import CodingRule, Segment
from standards.crosswalks import Crosswalk
from standards.crosswalks import Mapping as CodeMapping
from standards.data_elements import DataElement
from standards.documents import Document, Kind
from standards.errors import Fault, InvalidInput
from standards.faults import in_words
from standards.handbooks import Chapter, Handbook
from standards.indicators import Indicator, IndicatorInput
from standards.lifecycle_rules import LifecycleRule
from standards.rules import Rule

MODELS: Final[Mapping[Kind, type[Document]]] = {
    model.kind: model
    for model in (
        CodeList,
        Crosswalk,
        DataElement,
        CodingRule,
        Indicator,
        Rule,
        LifecycleRule,
        Handbook,
    )
}
PARTS: Final[Mapping[Kind, tuple[str, type[BaseModel]]]] = {
    Kind.CODE_LIST: ("codes", Code),
    Kind.CROSSWALK: ("mappings", CodeMapping),
    Kind.CODING_RULE: ("segments", Segment),
    Kind.INDICATOR: ("inputs", IndicatorInput),
    Kind.HANDBOOK: ("chapters", Chapter),
}
"""The field of a kind that is a table of its own, named like it, and what stands in one row."""

Cell = str | float | date | bool | None
OWNER: Final = ("id", "version")
"""The columns by which a part says whose part it is."""


class MalformedStandard(InvalidInput):
    """A file or sheet is not what its kind of standard asks for; `faults` names the places."""

    code = "malformed-standard"


@dataclass(frozen=True)
class Table:
    """A table as it was found. `place` names it; `rows` pairs the line a person sees with its cells."""

    place: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def columns(model: type[BaseModel], *, owned: bool = False) -> tuple[str, ...]:
    """Return the columns of a table of `model`; a table of parts that stands alone says whose they are."""
    parts = {PARTS[kind][0] for kind, each in MODELS.items() if each is model and kind in PARTS}
    own = tuple(name for name in model.model_fields if name not in parts)
    return (*OWNER, *own) if owned else own


def records(table: Table, model: type[BaseModel], *, owned: bool = False) -> list[tuple[int, dict[str, Any]]]:
    """Return each row as the fields of `model` that have a value, beside its line.

    Raises MalformedStandard, naming every unknown column, surplus cell and cell of another type.
    """
    known = columns(model, owned=owned)
    _refuse_columns(table, known)
    forms = _forms(model)
    faults: list[Fault] = []
    found = []
    for line, cells in table.rows:
        record: dict[str, Any] = {}
        if len(cells) > len(table.header):
            faults.append(Fault(f"{table.place} line {line}", "it has more cells than the table has columns"))
        for name, cell in zip(table.header, cells, strict=False):
            if cell is None or cell == "":
                continue
            value, wrong = _value(cell, forms.get(name, "text"))
            if wrong:
                faults.append(Fault(f"{table.place} line {line} column {name}", wrong))
            record[name] = value
        found.append((line, record))
    if faults:
        raise MalformedStandard(
            f"{faults[0].pointer}: {faults[0].detail}",
            hint="mend the cells listed; format columns of codes, versions and dates as text",
            faults=faults,
        )
    return found


def rows(items: Iterable[BaseModel], model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each item, all as text, in the order of `columns(model)`."""
    names = columns(model)
    for item in items:
        yield tuple(_text(getattr(item, name)) for name in names)


def build(kind: Kind, fields: Mapping[str, Any], place: str, lines: Sequence[int] = ()) -> Document:
    """Return the document of `fields`; `lines` are those of its parts. Raises MalformedStandard."""
    try:
        return MODELS[kind].model_validate(fields)
    except ValidationError as error:
        raise malformed(place, error, PARTS[kind][0] if kind in PARTS else "", lines) from error


def distinct(found: Iterable[tuple[str, Document]]) -> tuple[Document, ...]:
    """Return the documents; each comes with its place. Raises MalformedStandard if one is given twice."""
    places: dict[str, str] = {}
    documents = []
    for place, document in found:
        if (first := places.get(document.citation)) is not None:
            raise MalformedStandard(
                f"{place} gives the {document.kind.value.replace('-', ' ')} {document.citation} a second "
                f"time; the first stands in {first}",
                hint="keep one of the two, or give one another id or version",
            )
        places[document.citation] = place
        documents.append(document)
    return tuple(documents)


def malformed(
    place: str, error: ValidationError, parts: str = "", lines: Sequence[int] = ()
) -> MalformedStandard:
    """Return the error that names every wrong place of a document."""
    faults = []
    for each in error.errors():
        where = each["loc"]
        pointer = "/" + "/".join(str(part) for part in where)
        if where[:1] == (parts,) and len(where) > 1 and lines:
            pointer = f"line {lines[int(where[1])]}, {pointer}"
        faults.append(Fault(pointer, in_words(each)))
    quoted = any(each["type"] == "string_type" for each in error.errors())
    return MalformedStandard(
        f"{place} is malformed at {faults[0].pointer}: {faults[0].detail}",
        hint=("a text that looks like a number or a date needs quotes: version: '1.0'; " if quoted else "")
        + ("mend the place named" if len(faults) == 1 else f"mend the {len(faults)} places listed"),
        faults=faults,
    )


def _refuse_columns(table: Table, known: tuple[str, ...]) -> None:
    given = [name for name in table.header if name]
    unknown = [name for name in given if name not in known]
    twice = sorted({name for name in given if given.count(name) > 1})
    if unknown or twice or len(given) != len(table.header):
        what = f"the unknown column {unknown[0]!r}" if unknown else f"the column {twice[0]!r} twice"
        if not unknown and not twice:
            what = "a column without a name"
        raise MalformedStandard(
            f"{table.place} has {what}",
            hint="the columns are: " + ", ".join(known),
            faults=[Fault(f"{table.place} column {name}", "unknown column") for name in unknown],
        )


def _value(cell: str | float | date | bool, form: str) -> tuple[Any, str | None]:
    if isinstance(cell, str):
        if form == "lines":
            return [line.strip() for line in cell.splitlines() if line.strip()], None
        return _mapping(cell) if form == "mapping" else (cell, None)
    if isinstance(cell, datetime | date):
        day = cell.date() if isinstance(cell, datetime) else cell
        return day, None if form == "date" else f"it is the date {day}; format the column as text"
    if isinstance(cell, bool):
        return cell, f"it is the truth value {cell}; format the column as text"
    number = int(cell) if cell == int(cell) else Decimal(repr(cell))
    if form == "number":
        return number, None
    return number, f"it is the number {number}, which may have lost zeros; format the column as text"


def _mapping(text: str) -> tuple[Any, str | None]:
    try:
        value = plain_yaml.read(text, where="the cell")
    except plain_yaml.NotPlainYaml as error:
        return None, error.message
    return value, None if isinstance(value, dict) else "it does not hold `name: value` lines"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "\n".join(_text(each) for each in value)
    if isinstance(value, dict):
        return plain_yaml.write(value).strip() if value else ""
    return str(value.value) if isinstance(value, Enum) else str(value)


@cache
def _forms(model: type[BaseModel]) -> Mapping[str, str]:
    """Return what the cells of each column hold: text, lines, a mapping, a number or a date."""
    return {name: _form(field.annotation) for name, field in model.model_fields.items()}


def _form(annotation: Any) -> str:
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        return next(_form(each) for each in typing.get_args(annotation) if each is not type(None))
    if origin is typing.Annotated:
        return _form(typing.get_args(annotation)[0])
    if origin is tuple:
        return "lines"
    if origin is dict:
        return "mapping"
    return {int: "number", Decimal: "number", date: "date"}.get(annotation, "text")

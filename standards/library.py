"""The standards library: code lists and data elements by id, read from a folder when first asked for."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from standards.code_lists import CodeList
from standards.data_elements import DataElement
from standards.digests import Digest
from standards.errors import Fault, InvalidInput, NotFound

_BUNDLED = Path(__file__).parent / "bundled"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where PyYAML has libyaml


class UnknownElement(NotFound):
    """The library holds no such data element."""

    code = "unknown-data-element"


class UnknownCodeList(NotFound):
    """The library holds no such code list."""

    code = "unknown-code-list"


class MalformedStandard(InvalidInput):
    """A file of the library is not what its kind of standard asks for; `faults` names the places."""

    code = "malformed-standard"


class StandardRef(BaseModel):
    """How a dataset or a manifest cites a standard: the digest pins the text that (id, version) stood for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    version: str
    digest: Annotated[Digest, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Library:
    """The standards in one folder: `code_lists/ID.yaml` beside `ID.csv`, and `data_elements/OBJECT.yaml`.

    Files are read when first asked for and kept; what is handed out is frozen, so threads may share it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read_code_lists: dict[str, CodeList] = {}

    @classmethod
    def load(cls) -> Library:
        """Return the library that comes with the package; every call returns the same one."""
        return _bundled()

    def element(self, element_id: str) -> DataElement:
        """Return the data element. Raises UnknownElement, with the nearest ids in its hint."""
        try:
            return self._elements[element_id]
        except KeyError:
            raise UnknownElement(
                f"no data element has the id {element_id!r}", hint=_nearest(element_id, self._elements)
            ) from None

    def elements(self) -> tuple[DataElement, ...]:
        """Return every data element, by id."""
        return tuple(self._elements.values())

    def code_list(self, list_id: str) -> CodeList:
        """Return the code list. Raises UnknownCodeList, with the nearest ids in its hint."""
        if list_id not in self._code_list_ids:
            raise UnknownCodeList(
                f"no code list has the id {list_id!r}", hint=_nearest(list_id, self._code_list_ids)
            )
        if list_id not in self._read_code_lists:  # two threads may both read it; they read the same
            self._read_code_lists[list_id] = _read_code_list(self._folder / "code_lists", list_id)
        return self._read_code_lists[list_id]

    def code_lists(self) -> tuple[CodeList, ...]:
        """Return every code list, by id."""
        return tuple(self.code_list(list_id) for list_id in self._code_list_ids)

    def reference(self, standard_id: str) -> StandardRef:
        """Return how to cite a data element (an id with a dot) or a code list.

        Raises UnknownElement or UnknownCodeList.
        """
        standard: DataElement | CodeList
        standard = self.element(standard_id) if "." in standard_id else self.code_list(standard_id)
        return StandardRef(id=standard.id, version=standard.version, digest=standard.digest())

    @cached_property
    def _code_list_ids(self) -> tuple[str, ...]:
        return tuple(sorted(path.stem for path in (self._folder / "code_lists").glob("*.yaml")))

    @cached_property
    def _elements(self) -> Mapping[str, DataElement]:
        found: dict[str, DataElement] = {}
        for path in sorted((self._folder / "data_elements").glob("*.yaml")):
            for element in _read_elements(path):
                if element.id in found:
                    raise MalformedStandard(
                        f"{path.name} gives the data element {element.id} a second time",
                        hint="keep one of the two, or give one another id",
                    )
                if element.code_list is not None and element.code_list not in self._code_list_ids:
                    raise MalformedStandard(
                        f"data element {element.id} in {path.name} names the unknown code list "
                        f"{element.code_list!r}",
                        hint=_nearest(element.code_list, self._code_list_ids),
                    )
                found[element.id] = element
        return MappingProxyType(dict(sorted(found.items())))


@cache
def _bundled() -> Library:
    return Library(_BUNDLED)


def _read_elements(path: Path) -> Iterable[DataElement]:
    """Return the elements of one object class; what stands above `elements` holds for each of them."""
    head = _read_mapping(path)
    entries = head.pop("elements", None)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise MalformedStandard(
            f"{path.name} has no list `elements`", hint="see the bundled data_elements files"
        )
    try:
        return [DataElement.model_validate(head | entry) for entry in entries]
    except ValidationError as error:
        raise _malformed(path, error) from error


def _read_code_list(folder: Path, list_id: str) -> CodeList:
    path = folder / f"{list_id}.yaml"
    head = _read_mapping(path)
    if head.get("id") != list_id:
        raise MalformedStandard(
            f"{path.name} holds the code list {head.get('id')!r}", hint="name the file after the id it holds"
        )
    table = path.with_suffix(".csv")
    try:
        with table.open(encoding="utf-8-sig", newline="") as stream:
            # An empty cell is an absent value; a surplus cell lands under None, which the model refuses.
            rows = [{str(key): cell or None for key, cell in row.items()} for row in csv.DictReader(stream)]
    except FileNotFoundError as error:
        raise MalformedStandard(
            f"{path.name} stands without its table {table.name}", hint="put the codes beside the head"
        ) from error
    except UnicodeDecodeError as error:
        raise MalformedStandard(f"{table.name} is not UTF-8 text", hint="save it as UTF-8") from error
    try:
        return CodeList.model_validate(head | {"codes": rows})
    except ValidationError as error:
        raise _malformed(table, error) from error


def _read_mapping(path: Path) -> dict[str, object]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MalformedStandard(
            f"{path.name} is not YAML in UTF-8: {error}", hint="mend the place named"
        ) from error
    if not isinstance(content, dict):
        raise MalformedStandard(
            f"{path.name} is not a mapping", hint="start it with `id:` or `object_class:`"
        )
    return content


def _malformed(path: Path, error: ValidationError) -> MalformedStandard:
    faults = [
        Fault("/" + "/".join(str(part) for part in fault["loc"]), str(fault["msg"]))
        for fault in error.errors()
    ]
    first = faults[0]
    return MalformedStandard(
        f"{path.name} is malformed at {first.pointer}: {first.detail}",
        hint=f"mend the {len(faults)} places listed",
        faults=faults,
    )


def _nearest(wanted: str, ids: Iterable[str]) -> str:
    known = list(ids)
    close = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    if close:
        return "nearest: " + ", ".join(close)
    return "known: " + ", ".join(known) if len(known) <= 12 else f"none of the {len(known)} known ids is near"

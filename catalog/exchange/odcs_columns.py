"""The properties of a data contract's table as the fields of a dataset, each bound to a data element."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from shlex import quote
from urllib.parse import unquote

from catalog.datasets.models import DatasetDraft, FieldDraft, twice
from catalog.exchange.odcs_places import ELEMENT, FIELD_CUSTOM, Document, camel, custom, field_name
from catalog.suggesting.lexicon import labels, words
from catalog.suggesting.names import Names
from standards.data_contracts import ELEMENT_URN, LOGICAL_TYPES
from standards.errors import Fault, NotFound
from standards.library import Library

_TYPES = frozenset(LOGICAL_TYPES.values())
_SUGGESTIONS = 20
"""For so many properties; looking for near names takes its time."""


@dataclass(frozen=True)
class Columns:
    """Fields as the document of a dataset has them, the place each came from, its property; and the key."""

    fields: tuple[Document, ...]
    places: tuple[str, ...]
    names: dict[str, str]
    key: tuple[str, ...]
    faults: tuple[Fault, ...]


def read(
    table: Document,
    place: str,
    given: Mapping[str, str],
    left_out: frozenset[str],
    library: Library,
    present: DatasetDraft | None,
) -> Columns:
    """Return the fields that the properties become, but those left out, with everything that is wrong."""
    faults = list(_name_faults(table, place, {*given, *left_out}))
    governed: dict[str, tuple[str, Document]] = {}
    near = _Near(library)
    for index, prop in enumerate(table.get("properties", ())):
        name, here = _field_name(prop, given, library), f"{place}/properties/{index}"
        if prop["name"] in left_out:
            continue
        if name is None:
            why = (
                f"{prop['name']!r} makes no name of a field; bind it to a data element, or give physicalName"
            )
            faults.append(Fault(f"{here}/name", why))
        elif name in governed:
            both = f"{governed[name][1]['name']!r} and {prop['name']!r} would both be the field {name}"
            faults.append(Fault(f"{here}/name", f"{both}; leave one out: --leave-out"))
        else:
            governed[name] = here, prop
    if not governed and not faults:
        faults.append(Fault(f"{place}/properties", "no property is left that could be a field"))
    was = {each.name: each for each in present.fields} if present else {}
    fields = []
    for name, (here, prop) in governed.items():
        bound = _element(prop, given.get(prop["name"]), was.get(name), library)
        if isinstance(bound, _Unbound):
            faults.append(Fault(here + bound.place, bound.why + (near.to(prop) if bound.is_silent else "")))
        fields.append(_field(name, prop, bound, was.get(name)))
    names = {name: prop["name"] for name, (_, prop) in governed.items()}
    faults += _key_faults(table, place, set(names.values()))
    key = _key(table, {prop: name for name, prop in names.items()}, present)
    return Columns(tuple(fields), tuple(here for here, _ in governed.values()), names, key, tuple(faults))


def _field_name(prop: Document, given: Mapping[str, str], library: Library) -> str | None:
    """Return the field that a property is called: by its names, or else by what it means."""
    if (name := field_name(prop)) is not None:
        return name
    element = given.get(prop["name"]) or _said(prop, library)
    return element.rpartition(".")[2] if isinstance(element, str) else None


def _name_faults(table: Document, place: str, spoken_of: set[str]) -> Iterator[Fault]:
    names = [each["name"] for each in table.get("properties", ())]
    for name in sorted(spoken_of - set(names)):
        yield Fault(f"{place}/properties", f"none is called {name!r}")
    for name in twice(names):
        yield Fault(f"{place}/properties", f"two are called {name!r}")


def _field(name: str, prop: Document, bound: str | _Unbound, was: FieldDraft | None) -> Document:
    said: Document = {
        "name": name,
        "element": bound if isinstance(bound, str) else None,
        "column": prop.get("physicalName") or (prop["name"] if prop["name"] != name else None),
        "required": prop["required"] if "required" in prop else bool(was and was.required),
        "time_zone": _time_zone(prop) or (was.time_zone if was else None),
    }
    kept = was.model_dump(mode="json") if was else {}
    for each in FIELD_CUSTOM:
        value = custom(prop, camel(each))
        said[each] = kept.get(each) if value is None else value
    return {key: value for key, value in said.items() if value is not None}


def _key(table: Document, fields: Mapping[str, str], present: DatasetDraft | None) -> tuple[str, ...]:
    """Return the key: by position; what has none comes last, in the order in which it stands."""
    parts = [
        (prop.get("primaryKeyPosition", -1), index, prop["name"])
        for index, prop in enumerate(table.get("properties", ()))
        if prop.get("primaryKey") and prop["name"] in fields
    ]
    if not parts and present and set(present.key) <= set(fields.values()):
        return present.key
    parts.sort(key=lambda part: (part[0] < 1, *part))
    return tuple(fields[name] for _, _, name in parts)


def _key_faults(table: Document, place: str, governed: set[str]) -> Iterator[Fault]:
    for index, prop in enumerate(table.get("properties", ())):
        if prop.get("primaryKey") and prop["name"] not in governed:
            yield Fault(f"{place}/properties/{index}/primaryKey", "a part of the key can't be left out")


@dataclass(frozen=True)
class _Unbound:
    """Why a property has no data element: where in the property; `is_silent` if nobody names one."""

    place: str
    why: str
    is_silent: bool = False


def _element(prop: Document, given: str | None, was: FieldDraft | None, library: Library) -> str | _Unbound:
    """Return the id of the property's data element: as given, as the contract says, or as it was."""
    said, logical = _said(prop, library), prop.get("logicalType")
    if isinstance(said, _Unbound):
        return said
    if logical is not None and logical not in _TYPES:
        return _Unbound(
            "/logicalType",
            f"{logical} is no column of a table; leave it out: --leave-out {quote(prop['name'])}",
        )
    if given and said and given != said:
        return _Unbound("", f"the contract binds it to {said}, --bind to {given}: change one of the two")
    element = given or said or (was.element if was else None)
    if element is None:
        return _Unbound("", f"{prop['name']} has no data element", is_silent=True)
    try:
        found = library.element(element)
    except NotFound as error:
        return _Unbound("", f"{error.message} ({error.hint})")
    if logical is None or logical == LOGICAL_TYPES[found.type]:
        return element
    return _Unbound("/logicalType", f"{logical}, and {element} is {found.type}: bind another data element")


def _time_zone(prop: Document) -> str | None:
    """Return the time zone of a column of local times; None if its times say their own."""
    options = prop.get("logicalTypeOptions", {})
    if prop.get("logicalType") != "timestamp" or options.get("timezone") is True:
        return None
    found: str | None = options.get("defaultTimezone")
    return found


def _cited(url: str) -> Iterator[str]:
    """Yield the ids of data elements that a URL may cite."""
    if url.startswith(ELEMENT_URN):
        yield unquote(url.removeprefix(ELEMENT_URN).partition(":")[0])
    elif (last := re.search(r"([a-z0-9_]+\.[a-z0-9_]+)$", url)) is not None:
        yield last.group()


def _said(prop: Document, library: Library) -> str | _Unbound | None:
    """Return the data element that the contract itself names."""
    custom_value = custom(prop, ELEMENT, anyone_s=True)
    if custom_value is not None:
        try:
            return library.element(str(custom_value)).id
        except NotFound as error:
            return _Unbound("/customProperties", f"{error.message} ({error.hint})")
    for definition in prop.get("authoritativeDefinitions", ()):
        for element in _cited(definition["url"]):
            try:
                return library.element(element).id
            except NotFound as error:
                if definition["url"].startswith(ELEMENT_URN):
                    return _Unbound("/authoritativeDefinitions", f"{error.message} ({error.hint})")
    return None


class _Near:
    """Data elements whose names are near a property's, for a person to choose from."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._asked = 0

    def to(self, prop: Document) -> str:
        """Return what a person might bind the property to, as the end of a sentence."""
        self._asked += 1
        if self._asked > _SUGGESTIONS:
            return ""
        logical = prop.get("logicalType")
        found = dict.fromkeys(
            named.element
            for key in ("name", "physicalName", "businessName")
            if prop.get(key)
            for named in self._names.nearest(prop[key])
            if logical in (None, LOGICAL_TYPES[self._library.element(named.element).type])
        )
        pairs = [quote(f"{prop['name']}={element}") for element in list(found)[:3]]
        if not pairs:
            return f"; bind one: --bind {prop['name']}=ELEMENT, see `shuize standard list`"
        return "; perhaps " + " or ".join(f"--bind {pair}" for pair in pairs)

    @cached_property
    def _names(self) -> Names:
        return Names(labels(self._library.elements(), (), words()), words())

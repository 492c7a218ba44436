"""What standards say of one another, and whether it is there: value domains, scopes, members, codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from standards.code_lists import CodeList
from standards.coding_rules import CodingRule
from standards.crosswalks import Crosswalk
from standards.data_elements import DataElement
from standards.documents import Document
from standards.errors import Fault, NotFound
from standards.handbooks import Handbook
from standards.indicators import Indicator
from standards.lifecycle_rules import LifecycleRule
from standards.rules import INDICATORS, Rule


class Lookup(Protocol):
    """What is asked here: the library."""

    def get(self, standard_id: str, version: str | None = None) -> Document: ...
    def code_list(self, list_id: str, version: str | None = None) -> CodeList: ...
    def element(self, element_id: str, version: str | None = None) -> DataElement: ...


def reference_faults(document: Document, library: Lookup) -> Iterator[Fault]:
    """Yield what a document says of standards that the library does not hold, or not so."""
    try:
        yield from _faults(document, library)
    except NotFound as error:
        hint = f" ({error.hint})" if error.hint else ""
        yield Fault(_named(document), f"{error.message}{hint}")


def _faults(document: Document, library: Lookup) -> Iterator[Fault]:
    if isinstance(document, DataElement):
        yield from _value_domain(document, library)
    elif isinstance(document, Crosswalk):
        yield from _mapped_codes(document, library)
    elif isinstance(document, CodingRule):
        yield from _coded_element(document, library)
    elif isinstance(document, Indicator):
        yield from _formula(document, library)
    elif isinstance(document, Rule):
        yield from _missing(document, document.scope, library)
        library.code_list(INDICATORS).ancestor(document.indicator, 2)
    elif isinstance(document, LifecycleRule):
        yield from _missing(document, document.scope, library)
    elif isinstance(document, Handbook):
        yield from _missing(document, document.members, library)


def _missing(document: Document, ids: Iterable[str], library: Lookup) -> Iterator[Fault]:
    for cited in ids:
        standard_id, _, version = cited.partition("@")
        try:
            library.get(standard_id, version or None)
        except NotFound as error:
            yield Fault(_named(document), f"{error.message} ({error.hint})")


def _value_domain(element: DataElement, library: Lookup) -> Iterator[Fault]:
    if element.code_list is None:
        return
    codes = library.code_list(element.code_list)
    permitted = codes.at_level(element.code_level) if element.code_level else codes.codes
    if not permitted:
        yield Fault(_named(element), f"{codes.id} {codes.version} has no level {element.code_level}")
    longest = max((entry.code for entry in permitted), key=len, default="")
    if element.max_length is not None and len(longest) > element.max_length:
        yield Fault(_named(element), f"max_length {element.max_length} is too short for {longest!r}")


def _mapped_codes(crosswalk: Crosswalk, library: Lookup) -> Iterator[Fault]:
    for side, cited in (("source", crosswalk.source_list), ("target", crosswalk.target_list)):
        list_id, _, version = cited.partition("@")
        codes = library.code_list(list_id, version)
        for mapping in crosswalk.mappings:
            code = getattr(mapping, side)
            if code not in codes:
                yield Fault(_named(crosswalk), f"{cited} holds no code {code!r}, the {side} of a mapping")


def _coded_element(rule: CodingRule, library: Lookup) -> Iterator[Fault]:
    element = library.element(rule.element)
    if element.max_length is not None and rule.length > element.max_length:
        yield Fault(
            _named(rule), f"its {rule.length} characters exceed the {element.max_length} of {element.id}"
        )


def _formula(indicator: Indicator, library: Lookup) -> Iterator[Fault]:
    elements = [each.element for each in indicator.inputs if each.element]
    yield from _missing(indicator, [*elements, *indicator.dimensions], library)
    pending: list[tuple[str, tuple[str, ...]]] = [
        (each.indicator, (indicator.id,)) for each in indicator.inputs if each.indicator
    ]
    while pending:
        wanted, path = pending.pop()
        if wanted in path:
            yield Fault(_named(indicator), "it is computed from itself: " + " ← ".join((*path, wanted)))
            return
        found = library.get(wanted)
        if not isinstance(found, Indicator):
            yield Fault(_named(indicator), f"{wanted} is a {found.kind}, not an indicator")
            continue
        pending += [(each.indicator, (*path, wanted)) for each in found.inputs if each.indicator]


def _named(document: Document) -> str:
    return f"{document.kind} {document.citation}"

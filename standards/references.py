"""What standards say of one another, and whether it is there: value domains, scopes, members, codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from standards.checks.kinds import NUMBERS
from standards.code_lists import CodeList
from standards.coding_rules import CodingRule
from standards.conditions import Relation, parse
from standards.crosswalks import Crosswalk
from standards.data_elements import DataElement, DataType
from standards.documents import Document
from standards.errors import Fault, NotFound
from standards.handbooks import Handbook
from standards.indicators import Indicator
from standards.lifecycle_rules import LifecycleRule
from standards.rules import INDICATORS, Rule

_COMPARED: Final = {
    "reference": ((0, 1),),
    "referred-to": ((0, 1),),
    "agrees": ((0, 1),),
    "agrees-with": ((0, 2), (1, 3)),
    "reconciles": ((1, 3),),
}
"""The places in the scope whose values a check compares for being the same."""


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
        yield from _referred(document, library)
    elif isinstance(document, Crosswalk):
        yield from _mapped_codes(document, library)
    elif isinstance(document, CodingRule):
        yield from _coded_element(document, library)
    elif isinstance(document, Indicator):
        yield from _formula(document, library)
    elif isinstance(document, Rule):
        yield from _rule(document, library)
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


def _referred(element: DataElement, library: Lookup) -> Iterator[Fault]:
    if element.refers_to is None:
        return
    referred = library.element(element.refers_to)
    if referred.type is not element.type:
        yield Fault(
            _named(element), f"it is {element.type} and refers to {referred.id}, which is {referred.type}"
        )


def _rule(rule: Rule, library: Lookup) -> Iterator[Fault]:
    missing = list(_missing(rule, rule.elements, library))
    if missing:
        yield from missing
        return
    elements = [library.element(each) for each in rule.scope]
    for fault in (*rule.check_kind.scope_faults(elements), *_unlike(rule, elements)):
        yield Fault(_named(rule), fault.detail)
    yield from _conditions(rule, library)
    library.code_list(INDICATORS).ancestor(rule.indicator, 2)
    yield from _cited_in_parameters(rule, elements, library)


def _unlike(rule: Rule, elements: Sequence[DataElement]) -> Iterator[Fault]:
    """Yield the pairs that a check compares and that no value could make equal."""
    for one, other in _COMPARED.get(rule.check, ()):
        left, right = elements[one], elements[other]
        if left.type is not right.type and not {left.type, right.type} <= set(NUMBERS):
            yield Fault(
                f"/scope/{other}",
                f"{rule.check} compares {left.id}, which is {left.type}, with {right.id}, "
                f"which is {right.type}",
            )


def _conditions(rule: Rule, library: Lookup) -> Iterator[Fault]:
    for condition in parse(rule.where) if rule.where else ():
        element = library.element(condition.field)
        is_mark = condition.relation in (Relation.TRUE, Relation.FALSE)
        if is_mark and element.type is not DataType.BOOLEAN:
            yield Fault(
                _named(rule),
                f"{element.id} is {element.type} and can't be {condition.relation}; "
                "say what values it has: in …",
            )
        if condition.bound is not None and element.type not in NUMBERS:
            yield Fault(
                _named(rule), f"{element.id} is {element.type}, and {condition.relation} compares numbers"
            )
        if element.code_list is not None:
            codes = library.code_list(element.code_list)
            for value in condition.values:
                if value not in codes:
                    yield Fault(_named(rule), f"{codes.id} {codes.version} holds no code {value!r}")


def _cited_in_parameters(rule: Rule, elements: Sequence[DataElement], library: Lookup) -> Iterator[Fault]:
    cited, _, version = str(rule.parameters.get("list", "")).partition("@")
    if cited:
        codes, level = library.code_list(cited, version or None), rule.parameters.get("level")
        if level is not None and not codes.at_level(int(level)):
            yield Fault(_named(rule), f"{codes.id} {codes.version} has no level {level}")
    if rule.check == "coding-rule":
        found = library.get(str(rule.parameters["rule"]))
        if not isinstance(found, CodingRule):
            yield Fault(_named(rule), f"{found.id} is a {found.kind}, not a coding rule")
        elif found.element != elements[0].id:
            yield Fault(_named(rule), f"{found.id} is about {found.element}, not {elements[0].id}")
    if rule.check == "pattern" and "pattern" not in rule.parameters and elements[0].pattern is None:
        yield Fault(_named(rule), f"{elements[0].id} has no pattern, and the rule gives none")


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

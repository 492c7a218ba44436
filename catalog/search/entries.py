"""Entries: what a thing is found by, whatever kind of thing it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from catalog.search.text import folded, is_cjk, squeezed

if TYPE_CHECKING:
    from catalog.datasets.models import DatasetDraft
    from catalog.experience.models import Experience
    from catalog.organisation.units import Unit
    from catalog.parties import Party
    from standards.code_lists import CodeList
    from standards.data_elements import DataElement
    from standards.library import Library
    from standards.skos import Concept

LONGEST_NAME, MOST_NAMES = 300, 80
LONGEST_FIELDS, LONGEST_DESCRIPTION = 16_000, 4_000
"""Characters that are indexed; what stands behind them is kept, shown, and not found."""


class Kind(StrEnum):
    """What can be found, in the order of precedence among equals."""

    DATASET = "dataset"
    PRODUCT = "product"
    CONCEPT = "concept"
    DATA_ELEMENT = "data-element"
    CODE_LIST = "code-list"
    CODE = "code"
    UNIT = "unit"
    PARTY = "party"
    EXPERIENCE = "experience"


IDS = 2**62
"""Ids lie evenly below."""

GONE = ("retired", "closed")
"""States in which a thing comes behind all that are in use."""


class Facet(StrEnum):
    """What results are counted and filtered by, besides their kind."""

    KIND = "kind"
    STATE = "state"
    SECURITY_LEVEL = "security_level"
    OWNER = "owner"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing as it is searched and shown. `key` is unique within its kind.

    `synonyms` find it as its titles do; `fields` are the names of its parts. `state` is that of what can be
    retired or closed, and None of what can't.
    """

    kind: Kind
    key: str
    identifier: str
    title_zh: str | None
    title_en: str | None
    synonyms: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    description: str | None = None
    state: str | None = None
    security_level: str | None = None
    owner: str | None = None
    organisation: str | None = None
    links: tuple[tuple[str, str], ...] = field(default=())

    def row(self) -> dict[str, Any]:
        """Return the columns of its row, id included: a hash of everything else, in 62 bits."""
        identifier = squeezed(self.identifier)[:64]
        lines = [self.identifier, self.title_zh, self.title_en, *self.synonyms[: MOST_NAMES - 3]]
        columns: dict[str, Any] = {
            "kind": self.kind.value,
            "key": self.key,
            "identifier": identifier,
            "identifier_reversed": identifier[::-1],
            "names": "\n".join(folded(line)[:LONGEST_NAME].rstrip() for line in lines),
            "fields": "\n".join(_folded_field(each) for each in self.fields)[:LONGEST_FIELDS].rstrip(),
            "description": folded(self.description)[:LONGEST_DESCRIPTION].rstrip(),
            "state": self.state,
            "security_level": self.security_level,
            "owner": self.owner,
            "organisation": self.organisation,
            "document": self.document(),
        }
        spelled = repr(tuple(columns.values())).encode("utf-8", "surrogatepass")
        number = int.from_bytes(hashlib.blake2b(spelled, digest_size=8).digest(), "big") >> 2
        return {"id": number, **columns}

    def document(self) -> dict[str, Any]:
        """Return what is shown of it."""
        said = {
            "identifier": self.identifier,
            "title_zh": self.title_zh,
            "title_en": self.title_en,
            "synonyms": list(self.synonyms),
            "fields": list(self.fields),
            "description": self.description,
            "links": [list(link) for link in self.links],
        }
        return {name: value for name, value in said.items() if value}


_folded_field = lru_cache(maxsize=5_000)(folded)
"""Many datasets have the same fields."""


def of_dataset(draft: DatasetDraft, library: Library, *, state: str = "registered") -> Entry:
    """Return a dataset's entry; its fields are found by their own names and their data elements'."""
    return Entry(
        kind=Kind.DATASET,
        key=draft.name,
        identifier=draft.name,
        title_zh=draft.title_zh,
        title_en=draft.title,
        fields=tuple(_of_field(each.name, each.element, library) for each in draft.fields),
        description=draft.description,
        state=state,
        security_level=draft.security_level.value,
        owner=draft.owner,
        organisation=draft.organisation,
    )


def of_unit(unit: Unit) -> Entry:
    """Return the entry of a unit of the organisation; one whose closing is recorded counts as closed."""
    is_chinese = any(map(is_cjk, unit.title))
    return Entry(
        kind=Kind.UNIT,
        key=unit.code,
        identifier=unit.code,
        title_zh=unit.title if is_chinese else None,
        title_en=None if is_chinese else unit.title,
        synonyms=(unit.kind.value, unit.kind.title_zh),
        state=GONE[1] if unit.closed_on else "open",
        organisation=unit.party,
    )


def of_party(party: Party) -> Entry:
    """Return a party's entry."""
    return Entry(
        kind=Kind.PARTY,
        key=party.id,
        identifier=party.id,
        title_zh=None,
        title_en=party.name,
        synonyms=(party.kind.value,),
    )


def of_concept(concept: Concept) -> Entry:
    """Return a concept's entry; what it links to is found with it."""
    return Entry(
        kind=Kind.CONCEPT,
        key=concept.id,
        identifier=concept.id,
        title_zh=concept.pref_zh,
        title_en=concept.pref_en,
        synonyms=(*concept.alt_zh, *concept.alt_en),
        description=" ".join(filter(None, (concept.definition_zh, concept.definition_en))) or None,
        links=tuple(_links(concept)),
    )


def of_experience(kept: Experience) -> Entry:
    """Return the entry of something learnt; it is found by its rule too."""
    said = (kept.problem_zh, kept.problem_en, kept.cause_zh, kept.cause_en, kept.fix_zh, kept.fix_en)
    return Entry(
        kind=Kind.EXPERIENCE,
        key=kept.id,
        identifier=kept.id,
        title_zh=kept.title_zh,
        title_en=kept.title_en,
        synonyms=(kept.rule,),
        description=" ".join(said),
    )


def of_element(element: DataElement) -> Entry:
    """Return a data element's entry."""
    return Entry(
        kind=Kind.DATA_ELEMENT,
        key=element.id,
        identifier=element.id,
        title_zh=element.name_zh,
        title_en=element.name_en,
        synonyms=element.synonyms,
        description=" ".join(filter(None, (element.definition_zh, element.definition))),
        security_level=element.security_level.value,
    )


def of_code_list(codes: CodeList) -> Iterator[Entry]:
    """Yield a code list's entry and those of its codes."""
    yield Entry(
        kind=Kind.CODE_LIST,
        key=codes.id,
        identifier=codes.id,
        title_zh=codes.title_zh,
        title_en=codes.title_en,
        description=codes.source,
    )
    for code in codes.codes:
        yield Entry(
            kind=Kind.CODE,
            key=f"{codes.id}/{code.code}",
            identifier=code.code,
            title_zh=code.title_zh,
            title_en=code.title_en,
            synonyms=code.aliases,
            links=((Kind.CODE_LIST.value, codes.id),),
        )


def _of_field(name: str, element_id: str, library: Library) -> str:
    return f"{name} · {element_names(library.element(element_id))}"


def element_names(element: DataElement) -> str:
    """Return what a field is found by besides its own name."""
    return f"{element.id} · {element.name_zh} · {element.name_en}"


def _links(concept: Concept) -> Iterator[tuple[str, str]]:
    for element in concept.elements:
        yield Kind.DATA_ELEMENT.value, element
    for dataset in dict.fromkeys([*concept.datasets, *(each.split(".")[0] for each in concept.fields)]):
        yield Kind.DATASET.value, dataset
    for product in concept.products:
        yield Kind.PRODUCT.value, product

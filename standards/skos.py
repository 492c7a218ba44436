"""Concepts of a glossary, after SKOS, and their form in YAML. Source: W3C SKOS Reference, 2009.

Chinese and English are both required. Links say which data elements, datasets, fields and products a concept
stands for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from standards.documents import ElementId, Slug, Text
from standards.errors import Fault, InvalidInput
from standards.faults import in_words

if TYPE_CHECKING:
    pass

LARGEST_BYTES = 20_000_000
MOST_CONCEPTS = 20_000

Label = Annotated[Text, Field(max_length=200)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*\.[a-z][a-z0-9_]*$", max_length=96)]


class MalformedGlossary(InvalidInput):
    """A glossary document that can't be read as concepts; the faults name the places."""

    code = "malformed-glossary"


class ContradictoryGlossary(InvalidInput):
    """Concepts that contradict one another: a cycle, a label of two concepts, an unknown neighbour."""

    code = "contradictory-glossary"


class Concept(BaseModel):
    """A concept. `fields` are written `dataset.field`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Slug
    pref_zh: Label
    pref_en: Label
    alt_zh: tuple[Label, ...] = ()
    alt_en: tuple[Label, ...] = ()
    definition_zh: Text | None = None
    definition_en: Text | None = None
    broader: tuple[Slug, ...] = ()
    related: tuple[Slug, ...] = ()
    elements: tuple[ElementId, ...] = ()
    datasets: tuple[Slug, ...] = ()
    fields: tuple[FieldName, ...] = ()
    products: tuple[Slug, ...] = ()

    @field_validator(
        "alt_zh", "alt_en", "broader", "related", "elements", "datasets", "fields", "products", mode="after"
    )
    @classmethod
    def _is_a_set(cls, said: tuple[str, ...]) -> tuple[str, ...]:
        """RDF knows no order among them: sorted, a concept is equal to itself after any round trip."""
        return tuple(sorted(set(said)))

    def document(self) -> dict[str, Any]:
        """Return what it says as plain values, without what is empty."""
        return {name: value for name, value in self.model_dump(mode="json").items() if value}


def label_key(label: str) -> str:
    """Return what two labels share if people would take them for one: no case, no spaces, no widths."""
    return "".join(unicodedata.normalize("NFKC", label).casefold().split())


def parse(documents: object, *, where: str) -> tuple[Concept, ...]:
    """Return the concepts of a parsed document: a list, or a mapping with the list under `concepts`.

    Raises MalformedGlossary with every fault.
    """
    listed = documents.get("concepts") if isinstance(documents, Mapping) else documents
    if not isinstance(listed, list) or not listed:
        raise MalformedGlossary(
            f"{where} holds no list of concepts",
            hint="give `concepts:` and a list; see: shuize glossary export",
        )
    if len(listed) > MOST_CONCEPTS:
        raise MalformedGlossary(
            f"{where} holds {len(listed):,} concepts; at most {MOST_CONCEPTS:,} are taken",
            hint="import it in parts",
        )
    faults: list[Fault] = []
    concepts: list[Concept] = []
    for number, document in enumerate(listed):
        try:
            concepts.append(Concept.model_validate(document))
        except ValidationError as error:
            faults += [Fault(_pointer(number, e["loc"]), in_words(e)) for e in error.errors()]
    if faults:
        raise MalformedGlossary(
            f"{where} holds concepts that can't be read", hint="mend the places listed", faults=faults
        )
    return tuple(concepts)


def written_on(document: object, *, where: str) -> int | None:
    """Return the revision of the glossary that a parsed document says it was written on, if it says one.

    Raises MalformedGlossary.
    """
    said = document.get("revision") if isinstance(document, Mapping) else None
    if said is None or (isinstance(said, int) and not isinstance(said, bool)):
        return said
    raise MalformedGlossary(
        f"{where} was written on revision {said!r}, which is no number",
        hint="give the number that the export gave, or leave it out",
        faults=[Fault("/revision", "is no whole number")],
    )


def require_sound(concepts: Iterable[Concept]) -> None:
    """Raise ContradictoryGlossary, with every fault, unless the concepts make one glossary."""
    listed = list(concepts)
    by_id = {concept.id: concept for concept in listed}
    faults = [
        *_repeated([(concept.id, concept.id) for concept in listed], "the id"),
        *_repeated(
            [(label_key(concept.pref_zh), concept.id) for concept in by_id.values()], "preferred label"
        ),
        *_repeated(
            [(label_key(concept.pref_en), concept.id) for concept in by_id.values()], "preferred label"
        ),
        *(fault for concept in by_id.values() for fault in _own_faults(concept, by_id)),
        *(Fault(f"/{each}/broader", f"concept {each} stands above itself") for each in in_cycles(by_id)),
    ]
    if faults:
        more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
        raise ContradictoryGlossary(
            "the glossary contradicts itself: " + "; ".join(fault.detail for fault in faults[:3]) + more,
            hint="mend the places listed",
            faults=faults,
        )


def in_cycles(concepts: Mapping[str, Concept]) -> list[str]:
    """Return the ids of concepts that are above themselves, sorted."""
    left = {id_: {up for up in concept.broader if up in concepts} for id_, concept in concepts.items()}
    for _ in range(2):  # take away what has nothing above it, then what has nothing below it
        below: dict[str, set[str]] = {id_: set() for id_ in left}
        for id_, above in left.items():
            for up in above:
                below[up].add(id_)
        free = [id_ for id_, above in left.items() if not above]
        while free:
            gone = free.pop()
            left.pop(gone)
            for under in below[gone]:
                left[under].discard(gone)
                if not left[under]:
                    free.append(under)
        left = {id_: {under for under in below[id_] if under in left} for id_ in left}
    return sorted(left)


def to_yaml(concepts: Iterable[Concept]) -> str:
    """Return the concepts as YAML, by id."""
    import yaml

    ordered = sorted(concepts, key=lambda concept: concept.id)
    body = {"concepts": [concept.document() for concept in ordered]}
    text: str = yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=110)
    return text


def _own_faults(concept: Concept, known: Mapping[str, Concept]) -> Iterator[Fault]:
    for name in ("broader", "related"):
        for other in getattr(concept, name):
            if other not in known:
                yield Fault(
                    f"/{concept.id}/{name}", f"concept {concept.id} names the unknown concept {other}"
                )
    for language in ("zh", "en"):
        preferred = label_key(getattr(concept, f"pref_{language}"))
        if preferred in map(label_key, getattr(concept, f"alt_{language}")):
            yield Fault(f"/{concept.id}/alt_{language}", f"concept {concept.id} repeats its preferred label")
    if both := sorted({*concept.related} & {concept.id, *_above(concept, known)}):
        yield Fault(
            f"/{concept.id}/related", f"concept {concept.id} is related to and below {', '.join(both)}"
        )


def _above(concept: Concept, known: Mapping[str, Concept]) -> set[str]:
    found: set[str] = set()
    left = list(concept.broader)
    while left:
        up = left.pop()
        if up not in found and up in known:
            found.add(up)
            left += known[up].broader
    return found


def _repeated(named: Iterable[tuple[str, str]], what: str) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for name, id_ in named:
        if name in first:
            yield Fault(f"/{id_}", f"{what} {name!r} belongs to {first[name]} and to {id_}")
        first.setdefault(name, id_)


def _pointer(number: int, place: tuple[str | int, ...]) -> str:
    return "/".join(map(str, ("/concepts", number, *place)))

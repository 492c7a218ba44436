"""Concepts of a glossary, and their forms in YAML, Turtle and JSON-LD. Source: W3C SKOS Reference, 2009.

Chinese and English are both required. `broader` and `related` are kept; `narrower` is the other direction of
`broader`. Links say which data elements, datasets, fields and products a concept stands for.
"""

from __future__ import annotations

import json
import re
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from standards.documents import ElementId, Slug, Text
from standards.errors import Fault, InvalidInput

if TYPE_CHECKING:
    from rdflib import Graph, URIRef
    from rdflib.term import Node

BASE = "urn:shuize:concept:"
SCHEME = "urn:shuize:glossary"
TERMS = "urn:shuize:terms#"
LARGEST_BYTES = 20_000_000
MOST_CONCEPTS = 20_000

Label = Annotated[Text, Field(max_length=200)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*\.[a-z][a-z0-9_]*$", max_length=96)]

_LANGUAGES = {"zh": "zh", "en": "en", "zh-cn": "zh", "zh-hans": "zh", "en-us": "en", "en-gb": "en"}
_LINKS = {"elements": "dataElement", "datasets": "dataset", "fields": "field", "products": "product"}


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
            faults += [Fault(_pointer(number, e["loc"]), str(e["msg"])) for e in error.errors()]
    if faults:
        raise MalformedGlossary(
            f"{where} holds concepts that can't be read", hint="mend the places listed", faults=faults
        )
    return tuple(concepts)


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


def to_json_ld(concepts: Iterable[Concept]) -> str:
    """Return the concepts as SKOS in JSON-LD, with its context inside."""
    listed = sorted(concepts, key=lambda concept: concept.id)
    narrower: dict[str, list[str]] = {}
    for concept in listed:
        for up in concept.broader:
            narrower.setdefault(up, []).append(concept.id)
    graph: list[dict[str, Any]] = [{"@id": SCHEME, "@type": "skos:ConceptScheme"}]
    graph += [_node(concept, narrower.get(concept.id, ())) for concept in listed]
    return json.dumps({"@context": _CONTEXT, "@graph": graph}, ensure_ascii=False, indent=2) + "\n"


def to_turtle(concepts: Iterable[Concept]) -> str:
    """Return the concepts as SKOS in Turtle."""
    from rdflib import RDF, SKOS, URIRef

    graph, scheme = _graph(), URIRef(SCHEME)
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    for concept in concepts:
        subject = URIRef(BASE + concept.id)
        graph.add((subject, RDF.type, SKOS.Concept))
        graph.add((subject, SKOS.inScheme, scheme))
        for predicate, value in _statements(concept):
            graph.add((subject, predicate, value))
        for above in concept.broader:
            graph.add((URIRef(BASE + above), SKOS.narrower, subject))
    return graph.serialize(format="turtle")


def from_turtle(text: str, *, where: str) -> tuple[Concept, ...]:
    """Return the SKOS concepts of a Turtle document. Raises MalformedGlossary."""
    try:
        graph = _graph().parse(data=text, format="turtle")
    except Exception as error:  # rdflib raises what its parser happens to meet
        raise MalformedGlossary(
            f"{where} is not Turtle: {_first_line(error)}",
            hint="mend the line it names; `shuize glossary export` writes one to compare with",
        ) from error
    return _of_graph(graph, where)


def from_json_ld(text: str, *, where: str) -> tuple[Concept, ...]:
    """Return the SKOS concepts of a JSON-LD document, whose context is inside. Raises MalformedGlossary."""
    try:
        document = json.loads(text)
        _require_local(document, where)
        graph = _parsed_json_ld(json.dumps(document))
    except MalformedGlossary:
        raise
    except Exception as error:  # rdflib raises what its parser happens to meet
        raise MalformedGlossary(
            f"{where} is not JSON-LD: {_first_line(error)}",
            hint="mend the place it names; `shuize glossary export` writes one to compare with",
        ) from error
    return _of_graph(graph, where)


def _node(concept: Concept, narrower: Iterable[str]) -> dict[str, Any]:
    node: dict[str, Any] = {
        "@id": BASE + concept.id,
        "@type": "skos:Concept",
        "inScheme": SCHEME,
        "prefLabel": {"zh": concept.pref_zh, "en": concept.pref_en},
        "altLabel": {"zh": list(concept.alt_zh), "en": list(concept.alt_en)},
        "definition": {"zh": concept.definition_zh, "en": concept.definition_en},
        "broader": [BASE + each for each in concept.broader],
        "narrower": [BASE + each for each in narrower],
        "related": [BASE + each for each in concept.related],
    } | {term: list(getattr(concept, name)) for name, term in _LINKS.items()}
    for name in ("altLabel", "definition"):
        node[name] = {language: said for language, said in node[name].items() if said}
    return {name: value for name, value in node.items() if value}


def _of_graph(graph: Graph, where: str) -> tuple[Concept, ...]:
    from rdflib import RDF, SKOS

    subjects = sorted(set(graph.subjects(RDF.type, SKOS.Concept)), key=str)
    names = {subject: _local_name(str(subject)) for subject in subjects}
    up: dict[Any, set[str]] = {subject: set() for subject in subjects}
    for low, high in [
        *graph.subject_objects(SKOS.broader),
        *((b, a) for a, b in graph.subject_objects(SKOS.narrower)),
    ]:
        up.setdefault(low, set()).add(names.get(high, _local_name(str(high))))
    return parse([_document(graph, each, names, up[each]) for each in subjects], where=where)


def _document(graph: Graph, subject: Any, names: Mapping[Any, str], broader: set[str]) -> dict[str, Any]:
    from rdflib import SKOS, URIRef

    document: dict[str, Any] = {
        "id": names[subject],
        "broader": sorted(broader),
        "related": sorted(
            names.get(each, _local_name(str(each))) for each in graph.objects(subject, SKOS.related)
        ),
    }
    for name, predicate in (("pref", SKOS.prefLabel), ("definition", SKOS.definition)):
        for language, said in _said(graph, subject, predicate):
            document[f"{name}_{language}"] = said
    for language, said in _said(graph, subject, SKOS.altLabel):
        document.setdefault(f"alt_{language}", []).append(said)
    for name, term in _LINKS.items():
        document[name] = sorted(str(each) for each in graph.objects(subject, URIRef(TERMS + term)))
    return document


def _said(graph: Graph, subject: Any, predicate: Any) -> list[tuple[str, str]]:
    """Return the texts in the two languages, sorted; of a text in another language nothing is kept."""
    found = (
        (_LANGUAGES.get(str(getattr(each, "language", None) or "").lower()), str(each))
        for each in graph.objects(subject, predicate)
    )
    return sorted((language, " ".join(said.split())) for language, said in found if language)


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


def _require_local(document: object, where: str) -> None:
    """Refuse contexts that lie elsewhere: reading a file must not call anybody."""
    left = [document]
    while left:
        each = left.pop()
        if isinstance(each, list):
            left += each
        elif isinstance(each, dict):
            contexts = each.get("@context", [])
            for context in contexts if isinstance(contexts, list) else [contexts]:
                if isinstance(context, str) or (isinstance(context, dict) and "@import" in context):
                    raise MalformedGlossary(
                        f"{where} refers to a context elsewhere", hint="put the context into the document"
                    )
            left += each.values()


def _statements(concept: Concept) -> Iterator[tuple[URIRef, Node]]:
    from rdflib import SKOS, Literal, URIRef

    for language in ("zh", "en"):
        yield SKOS.prefLabel, Literal(getattr(concept, f"pref_{language}"), lang=language)
        for label in getattr(concept, f"alt_{language}"):
            yield SKOS.altLabel, Literal(label, lang=language)
        if definition := getattr(concept, f"definition_{language}"):
            yield SKOS.definition, Literal(definition, lang=language)
    for predicate, ids in ((SKOS.broader, concept.broader), (SKOS.related, concept.related)):
        for each in ids:
            yield predicate, URIRef(BASE + each)
    for name, term in _LINKS.items():
        for each in getattr(concept, name):
            yield URIRef(TERMS + term), Literal(each)


def _parsed_json_ld(text: str) -> Graph:
    """Return the triples of JSON-LD."""
    with warnings.catch_warnings():  # rdflib 7.6 reads JSON-LD by means that it advises others against
        warnings.simplefilter("ignore", DeprecationWarning)
        return _graph().parse(data=text, format="json-ld")


def _graph() -> Graph:
    from rdflib import Graph

    graph = Graph(bind_namespaces="core")
    graph.bind("skos", "http://www.w3.org/2004/02/skos/core#")
    graph.bind("shuize", TERMS)
    return graph


def _local_name(uri: str) -> str:
    last = re.split(r"[/#:]", uri.rstrip("/#"))[-1]
    last = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", last)
    return re.sub(r"[^a-z0-9]+", "-", last.lower()).strip("-")[:64]


def _pointer(number: int, place: tuple[str | int, ...]) -> str:
    return "/".join(map(str, ("/concepts", number, *place)))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


_CONTEXT: dict[str, Any] = {
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "shuize": TERMS,
    "inScheme": {"@id": "skos:inScheme", "@type": "@id"},
    "prefLabel": {"@id": "skos:prefLabel", "@container": "@language"},
    "altLabel": {"@id": "skos:altLabel", "@container": "@language"},
    "definition": {"@id": "skos:definition", "@container": "@language"},
    "broader": {"@id": "skos:broader", "@type": "@id"},
    "narrower": {"@id": "skos:narrower", "@type": "@id"},
    "related": {"@id": "skos:related", "@type": "@id"},
} | {term: f"shuize:{term}" for term in _LINKS.values()}

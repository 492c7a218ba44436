"""A glossary as RDF: SKOS in Turtle and JSON-LD, written and read. Source: W3C SKOS Reference, 2009.

`broader` and `related` are kept; `narrower` is the other direction of `broader`.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from standards.skos import Concept, MalformedGlossary, parse

if TYPE_CHECKING:
    from rdflib import Graph, URIRef
    from rdflib.term import Node

BASE = "urn:shuize:concept:"
SCHEME = "urn:shuize:glossary"
TERMS = "urn:shuize:terms#"

_LANGUAGES = {"zh": "zh", "en": "en", "zh-cn": "zh", "zh-hans": "zh", "en-us": "en", "en-gb": "en"}
_LINKS = {"elements": "dataElement", "datasets": "dataset", "fields": "field", "products": "product"}


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

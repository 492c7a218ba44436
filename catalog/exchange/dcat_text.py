"""Graphs as text: Turtle and JSON-LD, whole or as a stream of parts that together are one document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any

from rdflib import Graph

from catalog.exchange.dcat_terms import CONTEXT, PREFIXES


class Form(StrEnum):
    """A form of RDF."""

    TURTLE = "turtle"
    JSON_LD = "json-ld"

    @property
    def media_type(self) -> str:
        """How HTTP calls it."""
        return "text/turtle" if self is Form.TURTLE else "application/ld+json"


def to_text(graph: Graph, form: Form) -> str:
    """Return a graph as one document."""
    return "".join(stream([graph], form))


def stream(graphs: Iterable[Graph], form: Form) -> Iterator[str]:
    """Yield the parts of one document that says what all the graphs say; only one graph is held at a time.

    The graphs have the prefixes of `new_graph` and no blank nodes. What two of them say is said twice,
    which in RDF is once.
    """
    return _turtle(graphs) if form is Form.TURTLE else _json_ld(graphs)


def _turtle(graphs: Iterable[Graph]) -> Iterator[str]:
    yield "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
    for graph in graphs:
        prefixes, _, statements = graph.serialize(format="turtle").partition("\n\n")
        assert prefixes.startswith("@prefix")  # else statements were cut off
        yield f"\n{statements.rstrip()}\n"


def _json_ld(graphs: Iterable[Graph]) -> Iterator[str]:
    yield f'{{\n"@context": {json.dumps(CONTEXT, indent=2)},\n"@graph": [\n'
    between = ""
    for graph in graphs:
        for node in _nodes(graph):
            yield between + json.dumps(node, ensure_ascii=False, indent=2)
            between = ",\n"
    yield "\n]\n}\n"


def _nodes(graph: Graph) -> list[Any]:
    document = json.loads(graph.serialize(format="json-ld", context=CONTEXT))
    nodes: list[Any] = document.pop("@graph", None) or [document]
    for node in nodes:
        node.pop("@context", None)
    return sorted(nodes, key=lambda node: str(node["@id"]))  # rdflib's order changes from run to run

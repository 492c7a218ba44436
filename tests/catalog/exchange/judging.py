"""Judging what was exchanged: by shapes, and by what a reader makes of its text."""

from __future__ import annotations

import warnings
from pathlib import Path

import pyshacl
from rdflib import Graph
from rdflib.compare import graph_diff, isomorphic, to_isomorphic

from catalog.exchange.dcat_text import Form, to_text

SHAPES = Graph().parse(Path(__file__).parent / "shapes" / "dcat-3.ttl")


def faults(graph: Graph) -> str:
    """Return what the shapes say against a graph, or nothing."""
    conforms, _, said = pyshacl.validate(graph, shacl_graph=SHAPES, inference="none")
    return "" if conforms else str(said)


def read(text: str, form: Form) -> Graph:
    """Return the graph that a reader makes of a text."""
    with warnings.catch_warnings():  # rdflib 7.6 reads JSON-LD by means that it advises others against
        warnings.simplefilter("ignore", DeprecationWarning)
        return Graph().parse(data=text.encode(), format=form.value)


def require_good(graph: Graph) -> Graph:
    """Return the graph as read from Turtle: JSON-LD says just the same, and it keeps to the shapes."""
    turtle, json_ld = (read(to_text(graph, form), form) for form in Form)
    require_same(turtle, json_ld)
    assert len(turtle) == len(graph)
    assert faults(turtle) == ""
    return turtle


def require_same(one: Graph, other: Graph) -> None:
    """Fail, showing what differs, unless two graphs say the same."""
    if not isomorphic(one, other):
        _, only_one, only_other = graph_diff(to_isomorphic(one), to_isomorphic(other))
        raise AssertionError(f"only one says {sorted(only_one)}, only the other {sorted(only_other)}")

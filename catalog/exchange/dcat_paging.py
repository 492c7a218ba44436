"""Pages: which one is asked for, and where the others are. Source: Hydra Core, PartialCollectionView."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from rdflib import RDF, XSD, Graph, Literal, URIRef

from catalog.exchange.dcat_terms import HYDRA
from standards.errors import NotFound

_Item = TypeVar("_Item")
MOST = 500
"""The most things on one page."""


class PageNotFound(NotFound):
    """There are not so many pages."""

    code = "page-not-found"


@dataclass(frozen=True)
class Asked:
    """Which page, from 1, of how many things each; `format` is what links to other pages repeat."""

    number: int = 1
    size: int = 100
    format: str | None = None

    @property
    def start(self) -> int:
        """How many things stand on earlier pages."""
        return (self.number - 1) * self.size

    def require(self, total: int) -> None:
        """Raise PageNotFound unless there is such a page of so many things; the first is always there."""
        if self.number > (last := self._last(total)):
            raise PageNotFound(
                f"there is no page {self.number} of {self.size} things each, the last is {last}",
                hint="begin at the first page and follow hydra:next",
            )

    def within(self, before: int) -> tuple[int, int]:
        """Return how many to skip of what follows `before` things, and how many there is room for."""
        return max(0, self.start - before), max(0, self.start + self.size - max(before, self.start))

    def cut(self, listed: Sequence[_Item]) -> list[_Item]:
        """Return those of the first things that are on the page."""
        return list(listed[self.start : self.start + self.size])

    def say(self, graph: Graph, collection: URIRef, address: URIRef, total: int) -> None:
        """Say in the graph which page it is, of what, and where the others are."""
        last = self._last(total)
        view = self._page(address, self.number)
        links = {
            HYDRA.first: 1,
            HYDRA.previous: self.number - 1 if self.number > 1 else None,
            HYDRA.next: self.number + 1 if self.number < last else None,
            HYDRA.last: last,
        }
        graph.add((collection, RDF.type, HYDRA.Collection))
        graph.add((collection, HYDRA.totalItems, Literal(total, datatype=XSD.integer)))
        graph.add((collection, HYDRA.view, view))
        graph.add((view, RDF.type, HYDRA.PartialCollectionView))
        for predicate, number in links.items():
            if number is not None:
                graph.add((view, predicate, self._page(address, number)))

    def _last(self, total: int) -> int:
        return max(1, -(-total // self.size))

    def _page(self, address: URIRef, number: int) -> URIRef:
        form = f"&format={self.format}" if self.format else ""
        return URIRef(f"{address}?page={number}&size={self.size}{form}")

"""Which concepts of the glossary a thing is about: those that link to it, its fields or their elements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from standards.skos import Concept

_Linked = Mapping[str, list[Concept]]


@dataclass(frozen=True)
class Themes:
    """A glossary, turned round: concepts by what they link to."""

    of_datasets: _Linked
    of_fields: _Linked
    of_products: _Linked
    of_elements: _Linked

    @classmethod
    def of(cls, concepts: Iterable[Concept]) -> Themes:
        """Return the themes that a glossary gives."""
        datasets, fields, products, elements = (defaultdict[str, list[Concept]](list) for _ in range(4))
        for concept in concepts:
            for name in concept.datasets:
                datasets[name].append(concept)
            for name in concept.fields:
                fields[name].append(concept)
            for name in concept.products:
                products[name].append(concept)
            for name in concept.elements:
                elements[name].append(concept)
        return cls(datasets, fields, products, elements)

    def of_dataset(self, name: str, fields: Iterable[str], elements: Iterable[str]) -> list[Concept]:
        """Return the concepts that link to a dataset, to one of these fields or of these elements, by id."""
        linked = [concept for each in fields for concept in self.of_fields.get(each, [])]
        return self._together([*self.of_datasets.get(name, []), *linked], elements)

    def of_product(self, name: str, elements: Iterable[str]) -> list[Concept]:
        """Return the concepts that link to a product with these elements, by id."""
        return self._together(self.of_products.get(name, []), elements)

    def _together(self, linked: list[Concept], elements: Iterable[str]) -> list[Concept]:
        found = {concept.id: concept for concept in linked}
        for element in elements:
            found |= {concept.id: concept for concept in self.of_elements.get(element, [])}
        return [found[id_] for id_ in sorted(found)]

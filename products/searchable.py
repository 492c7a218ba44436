"""Products as search finds them: by name, titles, description, and the fields of what they publish."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.search.entries import Entry, Kind
from catalog.search.searching import Source
from products.recipe import Recipe, Recipes
from standards import digests
from standards.library import Library


def products(recipes: Recipes, library: Library) -> Source:
    """Return the source of products: the recipes that make them."""

    def digest() -> str:
        return digests.of_document({recipe.name: recipe.digest for recipe in recipes.list()})

    def entries() -> Iterator[Entry]:
        for recipe in recipes.list():
            yield _entry(recipe, library)

    return Source("products", (Kind.PRODUCT,), digest, entries)


def _entry(recipe: Recipe, library: Library) -> Entry:
    said = recipe.declaration
    elements = ((name, library.element(element)) for name, element in said.output.fields.items())
    return Entry(
        kind=Kind.PRODUCT,
        key=said.name,
        identifier=said.name,
        title_zh=said.title_zh,
        title_en=said.title,
        fields=tuple(f"{name} · {e.id} · {e.name_zh} · {e.name_en}" for name, e in elements),
        description=f"{said.description} {said.method}",
    )

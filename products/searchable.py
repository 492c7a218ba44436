"""Products as search finds them: by name, titles, description, and the fields of what they publish.

A recipe says what a product is, the register who answers for it and whether it is in use. Recipes are read
only when one of their files has changed, or the register: a search needs none of what makes products.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from catalog.product_register import RegisteredProduct, registered_products
from catalog.search.entries import Entry, Kind
from catalog.search.searching import Source
from products.recipe_folders import FILES, recipe_folders
from standards import digests
from standards.library import Library

if TYPE_CHECKING:
    from products.recipe import Recipe


def products(own_recipes: Path | None, library: Library) -> Source:
    """Return the source of products: the recipes that make them, and the register."""

    def digest() -> str:
        files = (folder / name for folder in recipe_folders(own_recipes) for name in FILES)
        said = [[path.parent.name, path.name, digests.of_file(path)] for path in files if path.exists()]
        return digests.of_document({"files": said})

    def entries(session: Session) -> Iterator[Entry]:
        from products.recipe import Recipes

        registered, present = registered_products(session), library.now()
        for recipe in Recipes(own_recipes).list():
            yield _entry(recipe, registered.get(recipe.name), present)

    return Source("products", (Kind.PRODUCT,), digest, entries)


def _entry(recipe: Recipe, registered: RegisteredProduct | None, library: Library) -> Entry:
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
        state=registered.state.value if registered else None,
        owner=registered.document.owner if registered else None,
        organisation=registered.document.organisation if registered else None,
    )

"""Products as other catalogs are told of them: what recipes declare."""

from __future__ import annotations

from catalog.exchange.dcat_facts import DeclaredProduct
from products.recipe import Recipes


def declared(recipes: Recipes) -> tuple[DeclaredProduct, ...]:
    """Return every product that a recipe makes, by name."""
    return tuple(
        DeclaredProduct(
            name=said.name,
            title=said.title,
            title_zh=said.title_zh,
            description=said.description,
            elements=tuple(said.output.fields.values()),
            release_model=said.privacy.release_model,
        )
        for said in (recipe.declaration for recipe in recipes.list())
    )

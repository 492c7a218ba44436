"""Where recipes are found, and of which files each is made."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

from standards.errors import InvalidInput

FILES = ("recipe.yaml", "records.sql", "product.sql")


class MalformedRecipe(InvalidInput):
    """A recipe's folder does not declare a recipe; the faults name the places."""

    code = "malformed-recipe"


def recipe_folders(own: Path | None) -> list[Path]:
    """Return the folders of the recipes that come with the package, then those of a utility's own folder.

    Raises MalformedRecipe if that folder is not there.
    """
    bundled = Path(str(importlib.resources.files("products.recipes")))
    if own is not None and not own.is_dir():
        raise MalformedRecipe(f"there is no folder {own}", hint="mend SHUIZE_RECIPES")
    every = (bundled,) if own is None else (bundled, own)
    return [path.parent for folder in every for path in sorted(folder.glob("*/recipe.yaml"))]

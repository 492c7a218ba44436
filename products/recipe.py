"""Recipes: a folder that declares what it needs and makes, and says how in SQL.

`recipe.yaml` declares; `records.sql` makes records from the inputs; `product.sql`, if it is there, makes
the product from the anonymized records. A recipe is found by being there: nothing registers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from catalog.quality.rules import Rule
from products.anonymize import PrivacyPolicy
from products.recipe_folders import FILES, MalformedRecipe, recipe_folders
from standards import digests, plain_yaml
from standards.digests import Digest
from standards.errors import InvalidInput, NotFound
from standards.faults import of_validation
from standards.names import require_name

ParameterValue = str | int


class RecipeNotFound(NotFound):
    """No recipe makes a product of this name."""

    code = "recipe-not-found"


class BadParameter(InvalidInput):
    """A parameter that the recipe does not have, or a value it does not take."""

    code = "bad-parameter"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Input(_Frozen):
    """A dataset the recipe reads. Columns are found by their data element, whatever a field is called."""

    dataset: str
    fields: Annotated[dict[str, str], Field(min_length=1)]


class Parameter(_Frozen):
    """A parameter with its default and what it may be."""

    type: Literal["integer", "text"]
    default: ParameterValue
    description: str
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()

    def read(self, name: str, text: str) -> ParameterValue:
        """Return the value written as `text`. Raises BadParameter."""
        value: ParameterValue = text
        if self.type == "integer":
            try:
                value = int(text)
            except ValueError:
                raise BadParameter(
                    f"parameter {name} is a whole number, not {text!r}",
                    hint=f"for example {name}={self.default}",
                ) from None
            low, high = self.minimum, self.maximum
            if (low is not None and value < low) or (high is not None and value > high):
                raise BadParameter(
                    f"parameter {name} lies between {low} and {high}, not at {value}",
                    hint=f"for example {name}={self.default}",
                )
        if self.choices and value not in self.choices:
            raise BadParameter(
                f"parameter {name} is one of {', '.join(self.choices)}, not {text!r}",
                hint=f"for example {name}={self.default}",
            )
        return value


class Records(_Frozen):
    """The records that `records.sql` makes: fields bound to data elements."""

    fields: Annotated[dict[str, str], Field(min_length=1)]


class Output(_Frozen):
    """The product's table. `count` names the field that says for how many records a row stands."""

    fields: Annotated[dict[str, str], Field(min_length=1)]
    key: Annotated[tuple[str, ...], Field(min_length=1)]
    count: str | None = None
    rules: tuple[Rule, ...] = ()


class Declaration(_Frozen):
    """What `recipe.yaml` says. Without `records` the records are the output."""

    name: str
    title: str
    title_zh: str
    description: str
    method: str
    inputs: Annotated[dict[str, Input], Field(min_length=1)]
    parameters: dict[str, Parameter] = {}
    records: Records | None = None
    output: Output
    privacy: PrivacyPolicy

    @model_validator(mode="after")
    def _parts_agree(self) -> Declaration:
        fields = set(self.output.fields)
        named = {*self.output.key, *(n for rule in self.output.rules for n in rule.mentions())}
        if self.output.count is not None:
            named.add(self.output.count)
        if unknown := sorted(named - fields):
            raise ValueError(f"key, count or rules name fields the output lacks: {', '.join(unknown)}")
        return self

    @property
    def record_fields(self) -> dict[str, str]:
        """The fields of the records, which the privacy step sees."""
        return self.records.fields if self.records else self.output.fields


@dataclass(frozen=True)
class Recipe:
    """A recipe as it stands in its folder; `digest` changes when any of its files does."""

    declaration: Declaration
    records_sql: str
    product_sql: str | None
    digest: Digest

    @property
    def name(self) -> str:
        """The name of the recipe and of the product it makes."""
        return self.declaration.name

    def parameters(self, given: Mapping[str, str]) -> dict[str, ParameterValue]:
        """Return every parameter, given or by default. Raises BadParameter."""
        known = self.declaration.parameters
        if unknown := sorted(set(given) - set(known)):
            raise BadParameter(
                f"{self.name} has no parameter {', '.join(unknown)}",
                hint="its parameters: " + (", ".join(known) or "none"),
            )
        return {n: p.read(n, given[n]) if n in given else p.default for n, p in known.items()}


def read_recipe(folder: Path) -> Recipe:
    """Return the recipe in `folder`. Raises MalformedRecipe."""
    texts = {name: _text(folder / name) for name in FILES if (folder / name).exists()}
    try:
        said = plain_yaml.read(texts["recipe.yaml"], where=f"{folder.name}/recipe.yaml")
        declaration = Declaration.model_validate(said)
        records_sql = texts["records.sql"]
    except KeyError as error:
        raise MalformedRecipe(
            f"the recipe in {folder.name} lacks the file {error.args[0]}",
            hint="a recipe has recipe.yaml and records.sql; CONTRIBUTING.md shows the smallest one",
        ) from error
    except plain_yaml.NotPlainYaml as error:
        raise MalformedRecipe(
            error.message,
            faults=error.faults,
            hint="mend the place it names; CONTRIBUTING.md shows the smallest recipe",
        ) from error
    except ValidationError as error:
        faults = of_validation(error)
        raise MalformedRecipe(
            f"{folder.name}/recipe.yaml does not declare a recipe",
            faults=faults,
            hint="mend the places listed; CONTRIBUTING.md shows the smallest recipe",
        ) from error
    require_name(declaration.name, what="product name")
    by_file = {name: str(digests.of_bytes(text.encode())) for name, text in texts.items()}
    return Recipe(declaration, records_sql, texts.get("product.sql"), digests.of_document(by_file))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise MalformedRecipe(f"{path} can't be read: {error.strerror}", hint="check the file") from error
    except UnicodeDecodeError as error:
        raise MalformedRecipe(f"{path} is not UTF-8 text", hint="save it as UTF-8") from error


class Recipes:
    """The recipes that come with the package, and those in a utility's own folder, if it has one."""

    def __init__(self, own: Path | None = None) -> None:
        self._own = own

    def list(self) -> tuple[Recipe, ...]:
        """Return every recipe, by name. Raises MalformedRecipe for a folder that does not declare one."""
        return tuple(self._by_name[name] for name in sorted(self._by_name))

    def get(self, name: str) -> Recipe:
        """Return the recipe that makes the product. Raises RecipeNotFound."""
        try:
            return self._by_name[name]
        except KeyError:
            raise RecipeNotFound(
                f"no recipe makes a product {name!r}", hint="products: " + ", ".join(sorted(self._by_name))
            ) from None

    @cached_property
    def _by_name(self) -> dict[str, Recipe]:
        found: dict[str, Recipe] = {}
        for folder in recipe_folders(self._own):
            recipe = read_recipe(folder)
            if recipe.name in found:
                raise MalformedRecipe(
                    f"two recipes make {recipe.name}; the second is {folder}", hint="rename one"
                )
            found[recipe.name] = recipe
        return found

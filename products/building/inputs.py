"""From dataset versions to the tables a recipe reads: columns by data element, bytes by digest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from catalog.datasets.models import DatasetVersion
from catalog.datasets.register import Datasets
from catalog.engine import confine, quoted, read_parquet
from catalog.store import FolderStore
from products.recipe import Input, Recipe
from standards.errors import Fault, InvalidInput

_CHOICE = re.compile(r"(?P<dataset>[^@]+)(?:@(?P<version>[1-9][0-9]*))?")


class InputDoesNotFit(InvalidInput):
    """A dataset lacks fields bound to the data elements that a recipe needs."""

    code = "input-does-not-fit"


class BadInputChoice(InvalidInput):
    """A choice of input that names no input of the recipe, or no dataset."""

    code = "bad-input-choice"


@dataclass(frozen=True)
class ResolvedInput:
    """One input: the version to read, and for each of the recipe's columns the dataset's field."""

    name: str
    version: DatasetVersion
    columns: Mapping[str, str]
    synthetic: bool


def resolve(recipe: Recipe, chosen: Mapping[str, str], datasets: Datasets) -> tuple[ResolvedInput, ...]:
    """Return the recipe's inputs. `chosen` maps an input's name to `dataset` or `dataset@version`.

    Raises BadInputChoice, DatasetNotFound, VersionNotFound, InputDoesNotFit.
    """
    declared = recipe.declaration.inputs
    if unknown := sorted(set(chosen) - set(declared)):
        raise BadInputChoice(
            f"{recipe.name} has no input {', '.join(unknown)}", hint="its inputs: " + ", ".join(declared)
        )
    return tuple(_resolve(name, declared[name], chosen.get(name), datasets) for name in sorted(declared))


def _resolve(name: str, declared: Input, choice: str | None, datasets: Datasets) -> ResolvedInput:
    match = _CHOICE.fullmatch(choice or declared.dataset)
    if match is None:
        raise BadInputChoice(f"{choice!r} names no dataset", hint="write dataset or dataset@3")
    number = match["version"] and int(match["version"])
    version = datasets.version(match["dataset"], number or None)
    datasets.require_in_use(version.dataset)
    draft = datasets.document_for(version)
    by_element: dict[str, list[str]] = {}
    for field in draft.fields:
        by_element.setdefault(field.element, []).append(field.name)
    faults, columns = [], {}
    for column, element in declared.fields.items():
        found = by_element.get(element, [])
        # several fields of one element: the one that has the recipe's own name is meant
        best = [f for f in found if f == column] or found
        if len(best) == 1:
            columns[column] = best[0]
        else:
            what = "no field" if not best else f"{len(best)} fields ({', '.join(best)})"
            faults.append(Fault(f"/inputs/{name}/{column}", f"{what} bound to {element}"))
    if faults:
        raise InputDoesNotFit(
            f"dataset {version.dataset} can't serve as input {name}",
            hint="bind exactly one field of the dataset to each data element the recipe needs",
            faults=faults,
        )
    return ResolvedInput(name, version, columns, draft.synthetic)


def create_views(
    connection: duckdb.DuckDBPyConnection, inputs: tuple[ResolvedInput, ...], store: FolderStore
) -> None:
    """Give each input a view of its name; from then on the connection can read nothing else.

    Raises ObjectNotFound, ObjectDamaged.
    """
    paths = {each.version.digest: store.intact(each.version.digest) for each in inputs}
    for each in inputs:
        columns = ", ".join(f"{quoted(field)} AS {quoted(name)}" for name, field in each.columns.items())
        source = read_parquet(paths[each.version.digest])
        connection.execute(f"CREATE VIEW {quoted(each.name)} AS SELECT {columns} FROM {source}")
    confine(connection, paths.values())

"""Judge a synthetic city by every rule of the library, on the engine that users get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from catalog.engine import engine, literal
from catalog.quality.binding import Shape, bind
from catalog.quality.compiling.kinds import COMPILERS
from catalog.quality.compiling.sheet import ROWS, Sheet
from catalog.quality.judgement import Judgement
from catalog.quality.running import judge
from products.samples.city.datasets import ALL, Dataset
from products.samples.city.draft import key_texts
from standards.library import Library
from standards.rules import Rule

LIBRARY = Library.load()
RULES = tuple(rule for rule in LIBRARY.documents() if isinstance(rule, Rule))
JUDGED = {*COMPILERS, "complete-period"}
"""The checks whose findings are rows of one dataset, or steps that it lacks."""

Found = tuple[str, str, int | None, str]
"""Rule, dataset, row if it is one, key."""


def found_in(folder: Path, today: date) -> set[Found]:
    """Return everything that the rules find in the city of a folder."""
    return {found for dataset in ALL for found in _found(folder, dataset, today)}


def planted_in(folder: Path) -> set[Found]:
    """Return everything that was planted, as far as the engine judges it."""
    rows = pq.read_table(folder / "planted-synthetic.parquet").to_pylist()
    checks = {rule.id: rule.check for rule in RULES}
    return {(r["rule"], r["dataset"], r["row"], r["key"]) for r in rows if checks[r["rule"]] in JUDGED}


def judged_rules(folder: Path, today: date) -> set[str]:
    """Return the rules that were bound and judged."""
    return {j.rule.id for dataset in ALL for j in _judgements(folder, dataset, today)}


def _found(folder: Path, dataset: Dataset, today: date) -> Iterator[Found]:
    table = pq.read_table(folder / dataset.file_name)
    keys = key_texts(table, dataset.key)
    for judgement in _judgements(folder, dataset, today):
        for row in judgement.rows.tolist():
            yield judgement.rule.id, dataset.name, row, keys[row].as_py()
        for absence in judgement.absences:
            yield judgement.rule.id, dataset.name, None, "|".join(part or "" for part in absence.key)


def _judgements(folder: Path, dataset: Dataset, today: date) -> tuple[Judgement, ...]:
    shapes = {each.name: _shape(each) for each in ALL}
    others = [shape for name, shape in shapes.items() if name != dataset.name]
    binding = bind(shapes[dataset.name], others, RULES, LIBRARY)
    rules = [rule for rule in binding.rules if rule.check in JUDGED]
    with _connected(folder, dataset) as connection:
        return judge(connection, rules, Sheet(LIBRARY, today, dict(binding.beside)))


def _shape(dataset: Dataset) -> Shape:
    fields: Mapping[str, Any] = {element: name for name, element in dataset.fields}
    return Shape(dataset.name, fields, dataset.key)


@contextmanager
def _connected(folder: Path, dataset: Dataset) -> Iterator[duckdb.DuckDBPyConnection]:
    with engine() as connection:
        for each in ALL:
            path = literal(str(folder / each.file_name))
            connection.execute(f'CREATE VIEW "{each.name}" AS SELECT * FROM read_parquet({path})')
        path = literal(str(folder / dataset.file_name))
        numbered = f'SELECT *, file_row_number AS "#row" FROM read_parquet({path}, file_row_number = true)'
        connection.execute(f"CREATE VIEW {ROWS} AS {numbered}")
        yield connection

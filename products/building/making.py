"""Making: a recipe's SQL over its inputs, with the privacy step in between, up to the finished table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from catalog.engine import confine, engine
from catalog.quality import rules as quality_rules
from catalog.quality.bound import Column
from catalog.quality.declared import bound
from catalog.quality.evaluating import Surroundings, judge_table
from catalog.quality.reports import RuleResult
from catalog.store import FolderStore
from catalog.table_types import arrow_type
from products.anonymize import Action, PrivacyReport, anonymize, recheck
from products.building.inputs import ResolvedInput, create_views
from products.recipe import ParameterValue, Recipe
from standards.data_elements import IdentifierKind
from standards.errors import Conflict, Fault, InvalidInput
from standards.library import Library
from standards.progress import Progress

_NO_DAY = date.min
"""A product's rules look at nothing but its rows: the same rows are judged alike on every day."""


class RecipeFailed(InvalidInput):
    """The recipe's SQL did not run over these inputs and parameters, or made another table than declared."""

    code = "recipe-failed"


class OutputRefused(Conflict):
    """The product breaks rules its recipe says it must pass."""

    code = "output-refused"


@dataclass(frozen=True)
class Made:
    """The finished table, sorted by its key, with the reports about it."""

    table: pa.Table
    privacy: PrivacyReport
    smallest_class: int | None
    rules: tuple[RuleResult, ...]


@dataclass(frozen=True)
class Maker:
    """What making needs besides the recipe."""

    store: FolderStore
    library: Library
    pseudonym_key: Callable[[str], bytes]

    def make(
        self, recipe: Recipe, inputs: tuple[ResolvedInput, ...],
        parameters: Mapping[str, ParameterValue], progress: Progress,
    ) -> Made:  # fmt: skip
        """Return the product's table.

        Raises RecipeFailed, PrivacyRefused and the other errors of the privacy step, OutputRefused.
        """
        declaration = recipe.declaration
        with self.store.scratch() as scratch, engine(scratch) as connection:
            create_views(connection, inputs, self.store)
            progress("running the recipe")
            records = self._run(connection, recipe, recipe.records_sql, parameters, declaration.record_fields)
        progress("anonymizing")
        anonymized = anonymize(
            records,
            {name: self._kind(element) for name, element in declaration.record_fields.items()},
            declaration.privacy,
            code_lists=self.library.code_list,
            key=self._key(recipe),
        )
        table = self._product(recipe, anonymized.table)
        progress("re-checking privacy and quality")
        smallest = self._recheck(recipe, table)
        rules = self._judge(recipe, table)
        return Made(table, anonymized.report, smallest, rules)

    def _product(self, recipe: Recipe, records: pa.Table) -> pa.Table:
        """Return the finished table. `product.sql` runs apart, where there is nothing but these records."""
        output = recipe.declaration.output
        table = records
        if recipe.product_sql is not None:
            with self.store.scratch() as scratch, engine(scratch) as connection:
                connection.register("records", records)
                confine(connection, ())
                table = self._run(connection, recipe, recipe.product_sql, {}, output.fields)
        return table.sort_by([(name, "ascending") for name in output.key])

    def _run(
        self, connection: duckdb.DuckDBPyConnection, recipe: Recipe, sql: str,
        parameters: Mapping[str, ParameterValue], fields: Mapping[str, str],
    ) -> pa.Table:  # fmt: skip
        schema = pa.schema([(name, self._type(recipe, name, element)) for name, element in fields.items()])
        try:
            asked = {name for each in connection.extract_statements(sql) for name in each.named_parameters}
            used = {name: value for name, value in parameters.items() if name in asked}
            table = connection.sql(sql, params=used).to_arrow_table()
        except duckdb.Error as error:
            raise RecipeFailed(
                f"the recipe {recipe.name} failed: {str(error).splitlines()[0]}",
                hint="check its parameters and inputs; `shuize product show NAME` lists both",
            ) from error
        if set(table.column_names) != set(fields):
            raise RecipeFailed(
                f"the recipe {recipe.name} made the columns {', '.join(table.column_names)}",
                hint=f"its recipe.yaml declares {', '.join(fields)}",
            )
        try:
            return table.select(list(fields)).cast(schema)
        except pa.ArrowInvalid as error:
            raise RecipeFailed(
                f"a column of {recipe.name} does not fit its data element: {error}",
                hint="cast the column in the recipe's SQL, or bind it to another data element in recipe.yaml",
            ) from error

    def _type(self, recipe: Recipe, name: str, element: str) -> pa.DataType:
        """Return the column's type; what privacy generalized is text, whatever it was."""
        entry = recipe.declaration.privacy.fields.get(name)
        made_text = recipe.product_sql is not None and name in recipe.declaration.output.fields
        if made_text and entry is not None and entry.action is not Action.KEEP:
            return pa.string()
        return arrow_type(self.library.element(element))

    def _recheck(self, recipe: Recipe, table: pa.Table) -> int | None:
        output = recipe.declaration.output
        quasi = [n for n, element in output.fields.items() if self._kind(element) is IdentifierKind.QUASI]
        return recheck(table, quasi, recipe.declaration.privacy.least_class, count_field=output.count)

    def _judge(self, recipe: Recipe, table: pa.Table) -> tuple[RuleResult, ...]:
        output, policy = recipe.declaration.output, recipe.declaration.privacy
        exact = {n: e for n, e in output.fields.items() if n not in policy.fields}
        present: list[quality_rules.Rule] = [quality_rules.Missing(field=name) for name in output.key]
        implied = quality_rules.implied(exact, required=set(), key=output.key, library=self.library)
        columns = {n: Column(n, self.library.element(e)) for n, e in output.fields.items()}
        rules = [
            bound(each, columns, self.library)
            for each in quality_rules.merged(present + implied, output.rules)
        ]
        results = judge_table(table, rules, Surroundings(self.library, _NO_DAY))
        if failed := [result for result in results if not result.passed]:
            raise OutputRefused(
                f"the product breaks {len(failed)} of its rules; no draft was kept",
                hint="mend the input data or the recipe's parameters and build again",
                faults=[
                    Fault(r.rule, f"{r.failing:,} of {r.judged:,} fail: {'; '.join(r.examples[:3])}")
                    for r in failed
                ],
            )
        return results

    def _kind(self, element: str) -> IdentifierKind:
        return self.library.element(element).identifier_kind

    def _key(self, recipe: Recipe) -> bytes | None:
        entries = recipe.declaration.privacy.fields.values()
        needed = any(entry.action is Action.PSEUDONYMIZE for entry in entries)
        return self.pseudonym_key(recipe.name) if needed else None

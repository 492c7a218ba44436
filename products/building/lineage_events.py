"""A build's OpenLineage events, made with the official client and kept in the catalog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from openlineage.client.event_v2 import InputDataset, OutputDataset, RunState
from openlineage.client.facet_v2 import column_lineage_dataset, dataset_version_dataset, sql_job

from catalog.lineage import Lineage
from catalog.lineage.emitting import EmittedRun, schema_facet
from catalog.lineage.namespaces import DATASETS, PRODUCTS
from products.building import sql_lineage
from products.building.inputs import ResolvedInput
from products.building.making import Made
from products.recipe import Recipe


@dataclass(frozen=True)
class BuildRun:
    """One run of a recipe, from START to COMPLETE or FAIL."""

    run: EmittedRun
    recipe: Recipe
    inputs: tuple[ResolvedInput, ...]
    sql_types: Callable[[str], str]

    @classmethod
    def begin(
        cls, lineage: Lineage, recipe: Recipe, inputs: tuple[ResolvedInput, ...],
        sql_types: Callable[[str], str],
    ) -> BuildRun:  # fmt: skip
        """Emit START and return the run. `sql_types` answers a data element's SQL type."""
        sql = {"sql": sql_job.SQLJobFacet(query=recipe.records_sql)}
        build = cls(EmittedRun.of(lineage, f"build.{recipe.name}", "RECIPE", sql), recipe, inputs, sql_types)
        build._emit(RunState.START)
        return build

    def complete(self, made: Made, release_version: int) -> None:
        """Emit COMPLETE with the output's schema and column lineage."""
        output = OutputDataset(
            namespace=PRODUCTS,
            name=self.recipe.name,
            facets={
                "schema": schema_facet([(field.name, str(field.type)) for field in made.table.schema]),
                "version": dataset_version_dataset.DatasetVersionDatasetFacet(str(release_version)),
                "columnLineage": self._column_lineage(),
            },
        )
        self._emit(RunState.COMPLETE, [output])

    def fail(self, message: str) -> None:
        """Emit FAIL with the reason."""
        self._emit(RunState.FAIL, why=message)

    def _emit(
        self, state: RunState, outputs: list[OutputDataset] | None = None, why: str | None = None
    ) -> None:
        self.run.emit(state, [self._input(each) for each in self.inputs], outputs or (), why)

    def _input(self, each: ResolvedInput) -> InputDataset:
        return InputDataset(
            namespace=DATASETS,
            name=each.version.dataset,
            facets={
                "schema": schema_facet([(field.name, field.type) for field in each.version.profile]),
                "version": dataset_version_dataset.DatasetVersionDatasetFacet(each.version.digest),
            },
        )

    def _column_lineage(self) -> column_lineage_dataset.ColumnLineageDatasetFacet:
        traced = self.traced()
        fields = {
            name: column_lineage_dataset.Fields(
                inputFields=[self._input_field(column, "DIRECT") for column in columns]
            )
            for name, columns in traced.direct.items()
        }
        shaping = [self._input_field(column, "INDIRECT") for column in traced.shaping]
        return column_lineage_dataset.ColumnLineageDatasetFacet(fields=fields, dataset=shaping)

    def traced(self) -> sql_lineage.ColumnLineage:
        """Return the lineage of the product's columns back to the inputs', through both statements."""
        declaration = self.recipe.declaration
        tables = {
            name: {column: self.sql_types(element) for column, element in each.fields.items()}
            for name, each in declaration.inputs.items()
        }
        records = sql_lineage.trace(self.recipe.records_sql, tuple(declaration.record_fields), tables)
        if self.recipe.product_sql is None:
            return records
        types = {name: self.sql_types(element) for name, element in declaration.record_fields.items()}
        outputs = tuple(declaration.output.fields)
        product = sql_lineage.trace(self.recipe.product_sql, outputs, {"records": types})
        return product.after(records)

    def _input_field(self, column: sql_lineage.Column, kind: str) -> column_lineage_dataset.InputField:
        each = next(each for each in self.inputs if each.name == column.table)
        return column_lineage_dataset.InputField(
            namespace=DATASETS,
            name=each.version.dataset,
            field=each.columns[column.name],
            transformations=[column_lineage_dataset.Transformation(type=kind)],
        )

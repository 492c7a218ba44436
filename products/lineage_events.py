"""A build's OpenLineage events, made with the official client and kept in the catalog."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    column_lineage_dataset,
    dataset_version_dataset,
    error_message_run,
    job_type_job,
    schema_dataset,
    sql_job,
)
from openlineage.client.serde import Serde
from openlineage.client.transport import Transport

from catalog.lineage import Lineage
from products import sql_lineage
from products.inputs import ResolvedInput
from products.making import Made
from products.recipe import Recipe

NAMESPACE = "shuize"
PRODUCER = f"urn:shuize:{version('shuize')}"


class CatalogTransport(Transport):
    """Hands the client's events to the catalog instead of a server."""

    kind = "catalog"

    def __init__(self, lineage: Lineage) -> None:
        self._lineage = lineage

    def emit(self, event: Any) -> None:
        """Keep the event. Raises what `Lineage.record` raises."""
        self._lineage.record(json.loads(Serde.to_json(event)))


@dataclass(frozen=True)
class BuildRun:
    """One run of a recipe, from START to COMPLETE or FAIL."""

    client: OpenLineageClient
    run_id: str
    recipe: Recipe
    inputs: tuple[ResolvedInput, ...]
    sql_types: Callable[[str], str]

    @classmethod
    def begin(
        cls, lineage: Lineage, recipe: Recipe, inputs: tuple[ResolvedInput, ...],
        sql_types: Callable[[str], str],
    ) -> BuildRun:  # fmt: skip
        """Emit START and return the run. `sql_types` answers a data element's SQL type."""
        client = OpenLineageClient(transport=CatalogTransport(lineage))
        run = cls(client, str(uuid.uuid4()), recipe, inputs, sql_types)
        run._emit(RunState.START, [], {})
        return run

    def complete(self, made: Made, release_version: int) -> None:
        """Emit COMPLETE with the output's schema and column lineage."""
        columns = [
            schema_dataset.SchemaDatasetFacetFields(name=field.name, type=str(field.type))
            for field in made.table.schema
        ]
        output = OutputDataset(
            namespace=NAMESPACE,
            name=self.recipe.name,
            facets={
                "schema": schema_dataset.SchemaDatasetFacet(fields=columns),
                "version": dataset_version_dataset.DatasetVersionDatasetFacet(str(release_version)),
                "columnLineage": self._column_lineage(),
            },
        )
        self._emit(RunState.COMPLETE, [output], {})

    def fail(self, message: str) -> None:
        """Emit FAIL with the reason."""
        reason = error_message_run.ErrorMessageRunFacet(message=message, programmingLanguage="SQL")
        self._emit(RunState.FAIL, [], {"errorMessage": reason})

    def _emit(self, state: RunState, outputs: list[OutputDataset], facets: dict[str, Any]) -> None:
        job_facets: dict[str, Any] = {
            "jobType": job_type_job.JobTypeJobFacet("BATCH", "SHUIZE", "RECIPE"),
            "sql": sql_job.SQLJobFacet(query=self.recipe.records_sql),
        }
        self.client.emit(
            RunEvent(
                eventType=state,
                eventTime=datetime.now(UTC).isoformat(),
                run=Run(runId=self.run_id, facets=facets),
                job=Job(namespace=NAMESPACE, name=f"build.{self.recipe.name}", facets=job_facets),
                inputs=[self._input(each) for each in self.inputs],
                outputs=outputs,
                producer=PRODUCER,
            )
        )

    def _input(self, each: ResolvedInput) -> InputDataset:
        fields = [
            schema_dataset.SchemaDatasetFacetFields(name=profile.name, type=profile.type)
            for profile in each.version.profile
        ]
        return InputDataset(
            namespace=NAMESPACE,
            name=each.version.dataset,
            facets={
                "schema": schema_dataset.SchemaDatasetFacet(fields=fields),
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
            namespace=NAMESPACE,
            name=each.version.dataset,
            field=each.columns[column.name],
            transformations=[column_lineage_dataset.Transformation(type=kind)],
        )

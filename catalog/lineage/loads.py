"""A load's events: which file, and which of its columns, a dataset's version was made from."""

from __future__ import annotations

from dataclasses import dataclass

from openlineage.client.event_v2 import InputDataset, OutputDataset, RunState
from openlineage.client.facet_v2 import column_lineage_dataset, dataset_version_dataset

from catalog.datasets.models import Dataset, DatasetVersion
from catalog.lineage.emitting import EmittedRun, schema_facet
from catalog.lineage.namespaces import DATASETS, FILES
from catalog.lineage.recording import Lineage


@dataclass(frozen=True)
class LoadRun:
    """One load, from START to COMPLETE or FAIL."""

    run: EmittedRun
    dataset: Dataset
    file: str

    @classmethod
    def begin(cls, lineage: Lineage, dataset: Dataset, file_name: str) -> LoadRun:
        """Emit START and return the run."""
        run = EmittedRun.of(lineage, f"load.{dataset.name}", "LOAD")
        load = cls(run, dataset, f"{dataset.name}/{file_name}")
        run.emit(RunState.START, [InputDataset(namespace=FILES, name=load.file)])
        return load

    def complete(self, version: DatasetVersion, held: DatasetVersion | None = None) -> None:
        """Emit COMPLETE with schema, version and the columns that fields were read from.

        `held` is the version of the rows that the gate held back: the same columns of the same file.
        """
        fields = self.dataset.document.fields
        lineage = column_lineage_dataset.ColumnLineageDatasetFacet(
            fields={
                field.name: column_lineage_dataset.Fields(
                    inputFields=[
                        column_lineage_dataset.InputField(
                            namespace=FILES, name=self.file, field=field.source_column,
                            transformations=[column_lineage_dataset.Transformation(type="DIRECT")],
                        )
                    ]
                )
                for field in fields
            }
        )  # fmt: skip
        source = InputDataset(
            namespace=FILES,
            name=self.file,
            facets={"version": dataset_version_dataset.DatasetVersionDatasetFacet(version.source_digest)},
        )
        targets = [
            OutputDataset(
                namespace=DATASETS,
                name=each.dataset,
                facets={
                    "schema": schema_facet([(field.name, field.type) for field in each.profile]),
                    "version": dataset_version_dataset.DatasetVersionDatasetFacet(each.digest),
                    "columnLineage": lineage,
                },
            )
            for each in (version, held)
            if each is not None
        ]
        self.run.emit(RunState.COMPLETE, [source], targets)

    def fail(self, why: str) -> None:
        """Emit FAIL with the reason."""
        self.run.emit(RunState.FAIL, [InputDataset(namespace=FILES, name=self.file)], why=why)

"""A correction's OpenLineage events: which version, with which file and for which work orders, made which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import attr
from openlineage.client.event_v2 import InputDataset, OutputDataset, RunState
from openlineage.client.facet_v2 import column_lineage_dataset, dataset_version_dataset
from openlineage.client.generated.base import RunFacet

from catalog.corrections.models import Correction
from catalog.datasets.models import Dataset, DatasetVersion
from catalog.lineage import Lineage
from catalog.lineage.emitting import EmittedRun, schema_facet
from catalog.lineage.namespaces import DATASETS, FILES

FACET = "shuize_correction"


@attr.define
class CorrectionRunFacet(RunFacet):
    """What a run corrected, and for which work orders; `cells` is the digest of the list of changed cells."""

    correction: int = attr.field(kw_only=True)
    workOrders: list[int] = attr.field(kw_only=True)  # noqa: N815 - OpenLineage writes names so
    cells: str = attr.field(kw_only=True)
    changed: int = attr.field(kw_only=True)

    @staticmethod
    def _get_schema() -> str:
        return "urn:shuize:facet:correction:1"


@dataclass(frozen=True)
class CorrectionRun:
    """One correction, from START to COMPLETE or FAIL."""

    run: EmittedRun
    base: DatasetVersion
    file: str

    @classmethod
    def begin(cls, lineage: Lineage, base: DatasetVersion, file_name: str) -> CorrectionRun:
        """Emit START and return the run."""
        run = EmittedRun.of(lineage, f"correct.{base.dataset}", "CORRECTION")
        correction = cls(run, base, f"{base.dataset}/{file_name}")
        run.emit(RunState.START, correction._inputs())
        return correction

    def completed(self, dataset: Dataset, version: DatasetVersion, correction: Correction) -> bytes:
        """Return the event COMPLETE, which goes with the rows it speaks of."""
        own = CorrectionRunFacet(
            correction=correction.id, workOrders=list(correction.work_orders),
            cells=correction.cells, changed=correction.changed,
        )  # fmt: skip
        return self.run.text(
            RunState.COMPLETE, self._inputs(correction), [self._output(dataset, version)], {FACET: own}
        )

    def fail(self, why: str) -> None:
        """Emit FAIL with the reason."""
        self.run.emit(RunState.FAIL, self._inputs(), why=why)

    def _inputs(self, correction: Correction | None = None) -> list[InputDataset]:
        said: dict[str, Any] = {}
        if correction is not None:
            said = {"version": _version(correction.source_digest)}
        before = {"version": _version(self.base.digest)}
        return [
            InputDataset(namespace=DATASETS, name=self.base.dataset, facets=dict(before)),
            InputDataset(namespace=FILES, name=self.file, facets=said),
        ]

    def _output(self, dataset: Dataset, version: DatasetVersion) -> OutputDataset:
        direct = [column_lineage_dataset.Transformation(type="DIRECT")]
        fields = {
            field.name: column_lineage_dataset.Fields(
                inputFields=[
                    column_lineage_dataset.InputField(
                        namespace=DATASETS, name=dataset.name, field=field.name, transformations=direct
                    )
                ]
            )
            for field in version.profile
        }
        return OutputDataset(
            namespace=DATASETS,
            name=dataset.name,
            facets={
                "schema": schema_facet([(field.name, field.type) for field in version.profile]),
                "version": _version(version.digest),
                "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet(fields=fields),
            },
        )


def _version(digest: str) -> dataset_version_dataset.DatasetVersionDatasetFacet:
    return dataset_version_dataset.DatasetVersionDatasetFacet(digest)

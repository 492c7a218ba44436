"""The platform's own events, made with the official client and kept here instead of sent to a server.

Imported late: the client is not needed to read lineage, nor by most commands.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import error_message_run, job_type_job, schema_dataset
from openlineage.client.generated.base import RunFacet
from openlineage.client.serde import Serde
from openlineage.client.transport import Transport

from catalog.lineage.namespaces import JOBS
from catalog.lineage.recording import Lineage

PRODUCER = f"urn:shuize:{version('shuize')}"


class CatalogTransport(Transport):
    """Hands the client's events to the catalog instead of a server."""

    kind = "catalog"

    def __init__(self, lineage: Lineage) -> None:
        self._lineage = lineage

    def emit(self, event: Any) -> None:
        """Keep the event. Raises what `Lineage.record_text` raises."""
        self._lineage.record_text(Serde.to_json(event).encode())


@dataclass(frozen=True)
class EmittedRun:
    """A run of one of the platform's own jobs, from START to COMPLETE or FAIL."""

    client: OpenLineageClient
    run_id: str
    job: Job

    @classmethod
    def of(cls, lineage: Lineage, name: str, kind: str, facets: dict[str, Any] | None = None) -> EmittedRun:
        """Return a new run of the job; `kind` says what jobs like it do, LOAD or RECIPE."""
        own = {"jobType": job_type_job.JobTypeJobFacet("BATCH", "SHUIZE", kind)}
        job = Job(namespace=JOBS, name=name, facets=own | (facets or {}))
        return cls(OpenLineageClient(transport=CatalogTransport(lineage)), str(uuid.uuid4()), job)

    def emit(
        self,
        state: RunState,
        inputs: Sequence[InputDataset] = (),
        outputs: Sequence[OutputDataset] = (),
        why: str | None = None,
    ) -> None:
        """Emit what became of the run; `why` if it failed."""
        failed = {"errorMessage": error_message_run.ErrorMessageRunFacet(why, "SQL")} if why else {}
        self.client.emit(self._event(state, inputs, outputs, dict(failed)))

    def text(
        self,
        state: RunState,
        inputs: Sequence[InputDataset],
        outputs: Sequence[OutputDataset],
        facets: Mapping[str, RunFacet],
    ) -> bytes:
        """Return the event as JSON, for `Lineage.record_within` the transaction that it tells of."""
        return Serde.to_json(self._event(state, inputs, outputs, facets)).encode()

    def _event(
        self,
        state: RunState,
        inputs: Sequence[InputDataset],
        outputs: Sequence[OutputDataset],
        facets: Mapping[str, RunFacet],
    ) -> RunEvent:
        return RunEvent(
            eventType=state,
            eventTime=datetime.now(UTC).isoformat(),
            run=Run(runId=self.run_id, facets=dict(facets)),
            job=self.job,
            inputs=list(inputs),
            outputs=list(outputs),
            producer=PRODUCER,
        )


def schema_facet(fields: Sequence[tuple[str, str]]) -> schema_dataset.SchemaDatasetFacet:
    """Return the schema facet of fields and their types."""
    return schema_dataset.SchemaDatasetFacet(
        fields=[schema_dataset.SchemaDatasetFacetFields(name=name, type=kind) for name, kind in fields]
    )

"""Events in a few words."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.builders import Room, an_event

FACET = {"_producer": "https://example.com/test", "_schemaURL": "https://example.com/facet"}
DAY_1 = datetime(2026, 3, 1, 12, tzinfo=UTC)
_numbers = itertools.count(1)

Columns = dict[str, list[str]]


def day(number: int) -> str:
    """Return noon of a day of March 2026."""
    return (DAY_1 + timedelta(days=number - 1)).isoformat()


def dataset(name: str, **facets: Any) -> dict[str, Any]:
    """Return a dataset of the namespace `ns`, or of NAMESPACE|NAME."""
    namespace, _, own = name.rpartition("|")
    said = {key: FACET | value for key, value in facets.items()}
    return {"namespace": namespace or "ns", "name": own, "facets": said}


def columns(lineage: Columns, *, rows: tuple[str, ...] = (), how: dict[str, Any] | None = None) -> Any:
    """Return a columnLineage facet: output field → `dataset.field` it is made from; `rows` decide on rows."""

    def source(said: str, kind: str) -> dict[str, Any]:
        name, _, field = said.rpartition(".")
        transformation = {"type": kind} | (how or {})
        return {"namespace": "ns", "name": name, "field": field, "transformations": [transformation]}

    return {
        "fields": {
            name: {"inputFields": [source(each, "DIRECT") for each in made]} for name, made in lineage.items()
        },
        "dataset": [source(each, "INDIRECT") for each in rows],
    }


def a_run(
    job: str, inputs: list[Any], outputs: list[Any], *, at: str = day(1), kind: str = "COMPLETE",
    run: str | None = None, **changes: Any,
) -> dict[str, Any]:  # fmt: skip
    """Return an event of a run; datasets are names or documents."""
    run_id = run or f"019a0000-0000-7000-8000-{next(_numbers):012x}"
    return (
        an_event(
            eventTime=at,
            eventType=kind,
            run={"runId": run_id},
            job={"namespace": "ns", "name": job},
            inputs=[each if isinstance(each, dict) else dataset(each) for each in inputs],
            outputs=[each if isinstance(each, dict) else dataset(each) for each in outputs],
        )
        | changes
    )


def a_job_event(job: str, inputs: list[str], outputs: list[str], at: str = day(1)) -> dict[str, Any]:
    """Return an event of a job as designed."""
    event = a_run(job, inputs, outputs, at=at)
    del event["run"], event["eventType"]
    return event | {"schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent"}


def a_dataset_event(said: dict[str, Any], at: str = day(1)) -> dict[str, Any]:
    """Return an event of a dataset as designed."""
    return {
        "eventTime": at,
        "producer": "https://example.com/test",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
        "dataset": said,
    }


def send(room: Room, *events: dict[str, Any]) -> None:
    """Record events one by one."""
    for event in events:
        assert room.lineage.record(event).new == 1

"""OpenLineage events a second through the batch endpoint: 5 kB, validated, stored, queryable on answer.

A pipeline of 200 jobs runs over and over, START and COMPLETE, as schedulers send it; every event has facets,
the last of a run the columns of what it made. The database is on disk and writes durably.
"""

from __future__ import annotations

import gzip
import json
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from benchmarks.claims import claim, parse_quick
from benchmarks.databases import each_kind
from catalog.database import Database

EVENTS, QUICK_EVENTS = 40_000, 2_000
BATCH = 500
JOBS = 200
FACET = {"_producer": "https://example.com/benchmark", "_schemaURL": "https://example.com/facet.json"}


def main() -> None:
    """Send, and ask after every tenth batch for what was just sent."""
    total = QUICK_EVENTS if parse_quick(__doc__) else EVENTS
    for kind, opened in each_kind():
        with opened() as url, tempfile.TemporaryDirectory() as home:
            database = Database(url)
            database.upgrade()
            database.close()
            platform = Platform(Settings(home=Path(home), database_url=url, lineage_open=True))
            with TestClient(create_app(platform)) as client:
                measure(kind, client, total)
            platform.close()


def measure(kind: str, client: TestClient, total: int) -> None:
    """Send so many events in batches and print the claim."""
    took, sizes = [], []
    for first in range(0, total, BATCH):
        events = [event(number) for number in range(first, first + BATCH)]
        sizes.append(len(json.dumps(events[-1])))
        body = gzip.compress(json.dumps(events).encode(), 1)
        start = time.perf_counter()
        answer = client.post("/api/v1/lineage/batch", content=body, headers={"Content-Encoding": "gzip"})
        took.append(time.perf_counter() - start)
        assert answer.status_code == 204, answer.text
        if first % (10 * BATCH) == 0:
            ask(client, events[-1])
    stored = client.get("/api/v1/events/lineage", params={"limit": 0}).json()["totalCount"]
    assert stored == total, stored
    rate = total / sum(took)
    slowest = BATCH / max(took)
    claim(
        f"OpenLineage ingest over HTTP, {kind}, batches of {BATCH} events of "
        f"{statistics.mean(sizes) / 1000:.1f} kB (slowest batch: {slowest:,.0f}/s)",
        rate, "events/s", ">= 1,000", rate >= 1_000, packages=["jsonschema-rs", "sqlalchemy", "fastapi"],
    )  # fmt: skip


def ask(client: TestClient, sent: dict[str, Any]) -> None:
    """Assert that what was answered for can be asked for."""
    run = client.get(f"/api/v1/jobs/runs/{sent['run']['runId']}").json()
    assert run["state"] == "COMPLETED"
    node = f"dataset:{sent['outputs'][0]['namespace']}:{sent['outputs'][0]['name']}"
    walk = client.get("/lineage/walk", params={"node": node, "depth": 1}).json()
    assert any(each["id"] == f"job:airflow:{sent['job']['name']}" for each in walk["nodes"])


def event(number: int) -> dict[str, Any]:
    """Return the event of this number: a run's START, then its COMPLETE."""
    run, is_end = divmod(number, 2)
    job = run % JOBS
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=run, milliseconds=500 * is_end)
    fields = [
        {"name": f"column_{n}", "type": "varchar", "description": "a column of a table"} for n in range(12)
    ]
    made = {
        field["name"]: {
            "inputFields": [
                {
                    "namespace": "postgres://db:5432", "name": f"public.table_{job}", "field": field["name"],
                    "transformations": [{"type": "DIRECT", "subtype": "IDENTITY", "masking": False}],
                }
            ]
        }
        for field in fields
    }  # fmt: skip
    schema = FACET | {"fields": fields}
    facets = {"schema": schema} | ({"columnLineage": FACET | {"fields": made}} if is_end else {})
    return {
        "eventType": "COMPLETE" if is_end else "START",
        "eventTime": at.isoformat(),
        "producer": "https://example.com/benchmark",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {
            "runId": f"019a0000-0000-7000-8000-{run:012x}",
            "facets": {"processing_engine": FACET | {"version": "3.5", "name": "spark"}},
        },
        "job": {
            "namespace": "airflow",
            "name": f"daily.step_{job}",
            "facets": {
                "sql": FACET
                | {"query": "SELECT * FROM a JOIN b USING (id) -- " + "x" * (100 if is_end else 1900)}
            },
        },
        "inputs": [_dataset(f"public.table_{job}", {"schema": schema})],
        "outputs": [_dataset(f"public.table_{job + 1}", facets)],
    }


def _dataset(name: str, facets: dict[str, Any]) -> dict[str, Any]:
    return {"namespace": "postgres://db:5432", "name": name, "facets": facets}


if __name__ == "__main__":
    main()

"""The official compatibility events: all accepted, none lost, columns as they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from catalog.lineage.inventory import Inventory, Page
from tests.builders import Room, an_event
from tests.catalog.lineage.saying import day

Document = dict[str, Any]


@pytest.fixture
def official(reference_data: Path) -> Path:
    return reference_data / "openlineage"


def test_every_scenario_is_taken_and_comes_out_as_it_went_in(room: Room, official: Path) -> None:
    files = [
        *sorted(official.glob("scenarios/*/events/*.json")),
        official / "spec_examples/example_full_event.json",
    ]
    assert len(files) >= 15
    for file in files:
        assert room.lineage.record_text(file.read_bytes()).new == 1, file.name
    sent = sorted(json.dumps(json.loads(file.read_bytes()), sort_keys=True) for file in files)
    assert sorted(json.dumps(event, sort_keys=True) for event in room.lineage.events()) == sent
    body = b"[" + b",".join(file.read_bytes() for file in files) + b"]"
    again = room.lineage.record_batch(body)
    assert (again.received, again.new, again.refused) == (len(files), 0, ())


def test_the_columns_of_the_column_lineage_scenario(room: Room, official: Path) -> None:
    files = sorted((official / "scenarios/CLL/events").glob("*.json"))
    events = [json.loads(file.read_bytes()) for file in files]
    room.lineage.record_batch(json.dumps(events).encode())
    checked = 0
    for event in events:
        for output in event["outputs"] if event["eventType"] == "COMPLETE" else ():
            said = output["facets"].get("columnLineage", {}).get("fields", {})
            for name, made in said.items():
                node = f"datasetField:{output['namespace']}:{output['name']}:{name}"
                walk = room.lineage.graph.columns(node, 1)
                found = {each.source for each in walk.edges if each.target == node}
                assert found == {
                    f"datasetField:{i['namespace']}:{i['name']}:{i['field']}" for i in made["inputFields"]
                }
                checked += 1
    assert checked >= 3


def test_the_spark_scenario_is_one_run_of_each_job(room: Room, official: Path) -> None:
    for file in sorted((official / "scenarios/spark_dataproc_simple_producer_test/events").glob("*.json")):
        room.lineage.record_text(file.read_bytes())
    inventory = Inventory(room.database)
    for space in inventory.namespaces(Page()):
        for job in inventory.jobs(space.name, Page())[1]:
            total, runs = inventory.runs(space.name, job.id.name, Page())
            assert total == len(runs)
            assert {run.state for run in runs} <= {"COMPLETE", "START", "RUNNING"}


def test_every_example_facet_is_taken_where_it_belongs(room: Room, official: Path) -> None:
    files = sorted((official / "spec_examples").glob("*/*.json"))
    assert len(files) > 40
    for number, file in enumerate(files):
        event = with_facet(file.parent.name, json.loads(file.read_bytes()), number)
        assert room.lineage.record_text(json.dumps(event).encode()).new == 1, file
        assert room.lineage.events(run=event["run"]["runId"]) == (event,)


def with_facet(kind: str, facets: Document, number: int) -> Document:
    """Return an event with facets of this kind in the place the specification gives them."""
    event = an_event(eventTime=day(number % 28 + 1), run={"runId": f"019a0000-0000-7000-8000-{number:012x}"})
    if kind.endswith("RunFacet"):
        event["run"]["facets"] = facets
    elif kind.endswith("JobFacet") or (kind == "LineageFacet" and "entries" in facets["lineage"]):
        event["job"] = event["job"] | {"facets": facets}
    elif kind.endswith("InputDatasetFacet"):
        event["inputs"] = [event["inputs"][0] | {"inputFacets": facets}]
    elif kind.endswith("OutputDatasetFacet"):
        event["outputs"] = [event["outputs"][0] | {"outputFacets": facets}]
    elif kind.startswith("BaseSubset"):
        event["inputs"] = [event["inputs"][0] | {"inputFacets": facets}]
    else:
        event["outputs"] = [event["outputs"][0] | {"facets": facets}]
    return event

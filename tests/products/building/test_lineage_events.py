"""A build's OpenLineage events: START, then COMPLETE or FAIL, with schema and column lineage."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from products.building.builder import BuildOptions
from products.building.making import RecipeFailed
from products.samples import documents
from products.samples.customers import write_customers
from tests.builders import Room, a_dataset
from tests.products.builders import (
    INDEX,
    INDUSTRY,
    a_builder,
    a_room_at,
    build,
    document_of,
    load_readings,
    other_names,
    readings,
)

Event = dict[str, Any]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Yield a room in which both products have been built."""
    room = a_room_at(tmp_path_factory.mktemp("lineage") / "room")
    load_readings(room, readings("2022-01", 10))
    room.enter(a_dataset(**document_of(documents.CUSTOMERS)))
    write_customers(room.folder / "customers.csv")
    room.load(room.folder / "customers.csv", "customer-register")
    build(room)
    build(room, INDUSTRY)
    yield room
    room.database.close()


def events_of(room: Room, product: str) -> list[Event]:
    return [e for e in room.lineage.events() if e["job"]["name"] == f"build.{product}"]


def fields_of(event: Event) -> dict[str, list[tuple[str, str, str]]]:
    """Return each output field's inputs as dataset, field and kind."""
    (output,) = event["outputs"]
    return {
        name: sorted(
            (each["name"], each["field"], kind["type"])
            for each in field["inputFields"]
            for kind in each["transformations"]
        )
        for name, field in output["facets"]["columnLineage"]["fields"].items()
    }


@pytest.mark.parametrize("product", [INDEX, INDUSTRY])
def test_a_build_leaves_a_start_and_a_complete_of_one_run(built: Room, product: str) -> None:
    start, complete = events_of(built, product)
    assert (start["eventType"], complete["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == complete["run"]["runId"]
    assert built.lineage.events(run=start["run"]["runId"]) == (start, complete)
    assert start["outputs"] == []


@pytest.mark.parametrize("product", [INDEX, INDUSTRY])
def test_every_event_has_the_parts_that_the_specification_requires(built: Room, product: str) -> None:
    """OpenLineage 2-0-2: RunEvent, BaseEvent and BaseFacet."""
    for event in events_of(built, product):
        uuid.UUID(event["run"]["runId"])
        assert datetime.fromisoformat(event["eventTime"]).tzinfo is not None
        assert event["producer"].startswith("urn:shuize:")
        assert event["schemaURL"].startswith("https://openlineage.io/spec/2-0-2/OpenLineage.json#")
        datasets = [*event["inputs"], *event["outputs"]]
        assert {each["namespace"] for each in event["inputs"]} == {"shuize"}
        assert {each["namespace"] for each in event["outputs"]} <= {"shuize:products"}
        assert all(each["name"] for each in datasets)
        holders = [event["run"], event["job"], *datasets]
        for facet in (facet for holder in holders for facet in holder.get("facets", {}).values()):
            assert facet["_producer"]
            assert facet["_schemaURL"].startswith("https://openlineage.io/spec/facets/")


def test_the_schemas_are_those_of_the_input_version_and_of_the_product(built: Room) -> None:
    _, complete = events_of(built, INDEX)
    (source,), (output,) = complete["inputs"], complete["outputs"]
    version = built.datasets.version("dma-inflow")
    assert source["name"] == "dma-inflow"
    assert source["facets"]["version"]["datasetVersion"] == version.digest
    assert [(f["name"], f["type"]) for f in source["facets"]["schema"]["fields"]] == [
        (profile.name, profile.type) for profile in version.profile
    ]
    assert output["name"] == INDEX
    assert output["facets"]["version"]["datasetVersion"] == "1"
    schema = {field["name"]: field["type"] for field in output["facets"]["schema"]["fields"]}
    assert list(schema)[:3] == ["area", "month", "volume_m3"]
    assert schema["volume_m3"] == "decimal128(18, 3)"
    assert schema["hours_filled"] == "int64"


def test_each_column_of_the_index_names_the_columns_it_is_computed_from(built: Room) -> None:
    _, complete = events_of(built, INDEX)
    area, at, flow = (("dma-inflow", name, "DIRECT") for name in ("area", "observed_at", "inflow_l_per_s"))
    found = fields_of(complete)
    assert found["area"] == [area]
    assert found["month"] == [at]
    assert flow in found["volume_m3"]
    for name in ("daily_volume_m3", "index", "month_on_month_pct", "year_on_year_pct"):
        assert found[name] == [flow, at]
    shaping = complete["outputs"][0]["facets"]["columnLineage"]["dataset"]
    assert sorted(each["field"] for each in shaping) == ["area", "inflow_l_per_s", "observed_at"]
    assert {kind["type"] for each in shaping for kind in each["transformations"]} == {"INDIRECT"}


def test_lineage_leads_through_the_privacy_step(built: Room) -> None:
    _, complete = events_of(built, INDUSTRY)
    assert fields_of(complete) == {
        "industry": [("customer-register", "industry_code", "DIRECT")],
        "size_band": [("customer-register", "annual_volume_m3", "DIRECT")],
        "district": [("customer-register", "district_code", "DIRECT")],
        "customers": [],
        "volume_m3": [("customer-register", "annual_volume_m3", "DIRECT")],
    }
    shaping = complete["outputs"][0]["facets"]["columnLineage"]["dataset"]
    assert "status" in {each["field"] for each in shaping}


def test_a_dataset_s_own_field_names_stand_in_the_lineage(room: Room) -> None:
    room.enter(a_dataset(**other_names()))
    given = readings("2022-01", 1, areas=["DMA-01"])
    lines = [f"{hour.isoformat()},{area},{flow}" for area, hour, flow in given]
    room.load("\n".join(["at,zone_code,q", *lines]), "my-meters")
    a_builder(room).build(INDEX, by="alice", options=BuildOptions(inputs={"inflow": "my-meters"}))
    _, complete = room.lineage.events()
    assert fields_of(complete)["area"] == [("my-meters", "zone_code", "DIRECT")]
    assert fields_of(complete)["month"] == [("my-meters", "at", "DIRECT")]


def test_the_catalog_draws_the_edges(built: Room) -> None:
    assert built.lineage.upstream(f"dataset:shuize:products:{INDEX}") == (
        "dataset:shuize:dma-inflow",
        f"job:shuize:build.{INDEX}",
    )


def test_a_failed_build_says_why_and_draws_no_edge(room: Room) -> None:
    load_readings(room, readings("2022-01", 1))
    with pytest.raises(RecipeFailed) as caught:
        build(room, time_zone="Mars/Olympus")
    start, fail = room.lineage.events()
    assert (start["eventType"], fail["eventType"]) == ("START", "FAIL")
    assert fail["run"]["facets"]["errorMessage"]["message"] == caught.value.message
    assert fail["outputs"] == []
    assert room.lineage.upstream(f"dataset:shuize:products:{INDEX}") == ()

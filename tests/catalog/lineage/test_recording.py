from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from catalog.database import DatabaseConflict
from catalog.lineage import MalformedEvent, node_id
from tests.builders import Room, an_event


def dataset(name: str) -> dict[str, str]:
    return {"namespace": "shuize", "name": name}


def step(room: Room, job: str, inputs: list[str], outputs: list[str], **changes: Any) -> None:
    room.lineage.record(
        an_event(
            job=dataset(job),
            inputs=list(map(dataset, inputs)),
            outputs=list(map(dataset, outputs)),
            **changes,
        )
    )


def upstream(room: Room, name: str) -> set[str]:
    return {node.removeprefix("dataset:shuize:") for node in room.lineage.upstream(node_id("shuize", name))}


def test_an_event_is_kept_whole(room: Room) -> None:
    event = an_event(
        run={"runId": "r", "facets": {"note": {"_producer": "p", "_schemaURL": "s", "text": "水"}}},
        eventType="START",
    )
    room.lineage.record(event)
    assert room.lineage.events() == (event,)


def test_events_come_in_the_order_of_their_time_and_by_run(room: Room) -> None:
    late = an_event(run={"runId": "a"}, eventTime="2026-03-01T12:00:00+08:00")
    later = an_event(run={"runId": "b"}, eventTime="2026-03-01T05:00:00Z")
    fine = an_event(run={"runId": "b"}, eventTime="2026-03-01T04:30:00.123456789Z")
    for event in (later, fine, late):
        room.lineage.record(event)
    assert room.lineage.events() == (late, fine, later)
    assert room.lineage.events(run="b") == (fine, later)
    assert room.lineage.events(run="c") == ()


def test_a_completed_run_draws_its_inputs_to_its_outputs_through_the_job(room: Room) -> None:
    room.lineage.record(an_event())
    assert upstream(room, "index") == {"inflow", "job:shuize:build-index"}
    assert upstream(room, "inflow") == set()


@pytest.mark.parametrize("kind", ["START", "RUNNING", "FAIL", "ABORT", "OTHER", None])
def test_a_run_that_has_not_completed_draws_nothing(room: Room, kind: str | None) -> None:
    event = an_event(eventType=kind)
    if kind is None:
        del event["eventType"]
    room.lineage.record(event)
    assert upstream(room, "index") == set()
    assert len(room.lineage.events()) == 1


def test_upstream_reaches_through_any_number_of_steps(room: Room) -> None:
    for n in range(30):
        step(room, f"job-{n}", [f"d{n}", "shared"], [f"d{n + 1}"])
    assert {f"d{n}" for n in range(30)} | {"shared"} <= upstream(room, "d30")
    assert upstream(room, "d1") == {"d0", "shared", "job:shuize:job-0"}


def test_a_cycle_ends_and_its_members_are_upstream_of_themselves(room: Room) -> None:
    step(room, "forth", ["a"], ["b"])
    step(room, "back", ["b"], ["a"])
    step(room, "self", ["b"], ["b"])
    assert {"a", "b"} <= upstream(room, "a")
    assert {"a", "b"} <= upstream(room, "b")


def test_the_same_run_again_draws_nothing_new(room: Room) -> None:
    room.lineage.record(an_event())
    before = upstream(room, "index")
    assert room.lineage.record(an_event()).new == 0
    assert upstream(room, "index") == before
    assert len(room.lineage.events()) == 1


def test_a_run_without_inputs_or_outputs_is_kept(room: Room) -> None:
    event = an_event()
    del event["inputs"], event["outputs"]
    room.lineage.record(event)
    assert room.lineage.events() == (event,)


@pytest.mark.parametrize(
    "change",
    [
        {"eventTime": None},
        {"eventTime": "yesterday"},
        {"eventTime": 7},
        {"eventTime": "0001-01-01T00:00:00+14:00"},
        {"eventType": "DONE"},
        {"run": None},
        {"run": {}},
        {"run": {"runId": 7}},
        {"run": {"runId": ""}},
        {"run": {"runId": "x" * 256}},
        {"job": "build"},
        {"job": {"name": "build"}},
        {"job": {"namespace": "shuize", "name": ""}},
        {"inputs": "inflow"},
        {"inputs": [{"namespace": "shuize"}]},
        {"inputs": 3},
        {"outputs": [None]},
        {"outputs": [{"namespace": None, "name": "x"}]},
    ],
)
def test_a_malformed_event_is_refused_and_leaves_nothing(room: Room, change: dict[str, Any]) -> None:
    with pytest.raises(MalformedEvent) as caught:
        room.lineage.record(an_event(**change))
    assert caught.value.faults
    assert room.lineage.events() == ()
    assert upstream(room, "index") == set()


@pytest.mark.parametrize("event", [[], "event", None, 3])
def test_what_is_no_object_is_no_event(room: Room, event: Any) -> None:
    with pytest.raises(MalformedEvent):
        room.lineage.record(event)


def test_openlineages_own_scenarios_are_accepted(room: Room, reference_data: Path) -> None:
    files = sorted((reference_data / "openlineage" / "scenarios").rglob("events/*.json"))
    events = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    runs = [event for event in events if isinstance(event, dict) and "run" in event]
    assert len(runs) > 5
    for event in runs:
        room.lineage.record(event)
    assert len(room.lineage.events()) == len(runs)


@pytest.mark.parametrize(
    "statement", ["UPDATE lineage_events SET body = '{}'", "DELETE FROM lineage_events WHERE id = 1"]
)
def test_the_database_itself_refuses_to_rewrite_an_event(room: Room, statement: str) -> None:
    room.lineage.record(an_event())
    with pytest.raises(DatabaseConflict), room.database.write() as session:
        session.execute(sa.text(statement))
    assert room.lineage.events() == (an_event(),)
    assert room.lineage.redraw() == 1

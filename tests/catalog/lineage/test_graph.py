"""The graph: who was made from what, by which columns, when, and under which names."""

from __future__ import annotations

import itertools
import json
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from catalog.lineage import Direction, NodeNotFound
from catalog.lineage.finding import MalformedNodeId
from catalog.lineage.inventory import Inventory, Page
from tests.builders import Room, a_dataset
from tests.catalog.lineage.saying import (
    FACET,
    a_dataset_event,
    a_job_event,
    a_run,
    columns,
    dataset,
    day,
    send,
)

UP, DOWN, BOTH = Direction.UPSTREAM, Direction.DOWNSTREAM, Direction.BOTH


def at(number: int) -> datetime:
    return datetime.fromisoformat(day(number))


def reached(room: Room, name: str, direction: Direction = UP, **asked: Any) -> set[str]:
    """Return the names of the datasets reached; fields as `dataset.field`."""
    node = name if ":" in name else f"dataset:ns:{name}"
    walk = room.lineage.graph.walk(node, direction, **asked)
    kinds = {"dataset", "field"}
    found = {
        f"{each.name}.{each.field}" if each.field else each.name for each in walk.nodes if each.kind in kinds
    }
    return found - {name} if "depth" in asked else found


def edges(room: Room) -> list[tuple[Any, ...]]:
    """Return every edge there has been, by names."""
    from catalog.lineage import nodes
    from catalog.tables import LineageEdgeRow

    with room.database.read() as session:
        rows = session.execute(sa.select(nodes.table(LineageEdgeRow))).all()
        names = nodes.names_of(session, {end for row in rows for end in row[:3]})
        return sorted((names[r[0]], names[r[1]], names[r[2]], r[3], r[4]) for r in rows)


def test_upstream_downstream_both_and_depth(room: Room) -> None:
    for n in range(5):
        send(room, a_run(f"j{n}", [f"d{n}"], [f"d{n + 1}"]))
    assert reached(room, "d2") == {"d0", "d1"}
    assert reached(room, "d2", DOWN) == {"d3", "d4", "d5"}
    assert reached(room, "d2", BOTH) == {"d0", "d1", "d3", "d4", "d5"}
    assert reached(room, "d2", BOTH, depth=2) == {"d1", "d3"}
    assert reached(room, "d2", DOWN, depth=4) == {"d3", "d4"}
    assert reached(room, "d2", DOWN, depth=0) == set()
    walk = room.lineage.graph.around("dataset:ns:d2", UP, 2)
    assert [(each.id, each.distance) for each in walk.nodes] == [
        ("dataset:ns:d2", 0), ("job:ns:j1", 1), ("dataset:ns:d1", 2),
    ]  # fmt: skip
    assert {(each.source, each.target) for each in walk.edges} == {
        ("job:ns:j1", "dataset:ns:d2"), ("dataset:ns:d1", "job:ns:j1"),
    }  # fmt: skip


def test_a_cycle_ends_at_any_depth(room: Room) -> None:
    send(room, a_run("forth", ["a"], ["b"]), a_run("back", ["b"], ["a"]), a_run("self", ["a"], ["a"]))
    assert reached(room, "a") == {"a", "b"}
    assert reached(room, "a", BOTH, depth=100) == {"b"}


def test_lineage_as_of_a_date(room: Room) -> None:
    send(
        room,
        a_run("j", ["old"], ["t"], at=day(2)),
        a_run("j", ["old", "new"], ["t"], at=day(4)),
        a_run("j", ["new"], ["t"], at=day(6)),
    )
    assert reached(room, "t", as_of=at(1)) == set()
    assert reached(room, "t", as_of=at(2)) == {"old"}
    assert reached(room, "t", as_of=at(3)) == {"old"}
    assert reached(room, "t", as_of=at(5)) == {"old", "new"}
    assert reached(room, "t", as_of=at(6)) == {"new"}
    assert reached(room, "t") == {"new"}
    assert reached(room, "t", ever=True) == {"old", "new"}
    assert reached(room, "old", DOWN) == set()
    assert reached(room, "old", DOWN, as_of=at(4), depth=2) == {"t"}


def test_an_event_older_than_the_newest_fills_the_past_and_changes_nothing_newer(room: Room) -> None:
    send(
        room,
        a_run("j", ["new"], ["t"], at=day(6)),
        a_run("j", ["old"], ["t"], at=day(2)),
        a_run("j", ["mid"], ["t"], at=day(4)),
    )
    assert reached(room, "t") == {"new"}
    assert [reached(room, "t", as_of=at(n)) for n in (2, 4, 6)] == [{"old"}, {"mid"}, {"new"}]


RUNS = [
    a_run("j", ["a"], ["t"], at=day(1)),
    a_run("j", ["a", "b"], ["t"], at=day(2)),
    a_run("j", ["b"], [dataset("t", columnLineage=columns({"x": ["b.y"]}))], at=day(3)),
    a_run("k", ["t"], ["u"], at=day(2)),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_the_graph_does_not_depend_on_the_order_of_arrival(sqlite_room: Room, order: tuple[int, ...]) -> None:
    room = sqlite_room
    send(room, *(RUNS[n] for n in order))
    drawn = edges(room)
    assert room.lineage.redraw() == 4
    assert edges(room) == drawn
    assert len(drawn) == 6
    assert reached(room, "u", as_of=at(2)) == {"a", "b", "t"}


def test_all_at_once_or_one_by_one_is_the_same(room: Room) -> None:
    events = [
        a_run("j", ["a"], ["t"], at=day(n), run="r", kind=kind) for n, kind in ((1, "START"), (3, "COMPLETE"))
    ]
    events += [a_run("j", ["b"], ["t"], at=day(2)), a_run("k", ["t"], ["a"], at=day(5))]
    kept = room.lineage.record_batch(json.dumps(events[::-1] + events).encode())
    assert (kept.received, kept.new) == (8, 4)
    together = edges(room)
    for row in ("edges", "observations", "versions", "runs", "states", "nodes", "namespaces"):
        with room.database.write() as session:
            session.execute(sa.text(f"DELETE FROM lineage_{row}"))
    send(room, *(event | {"producer": "https://example.com/again"} for event in events))
    assert edges(room) == together


def test_what_a_run_says_before_it_ends_counts_when_it_ends(room: Room) -> None:
    send(room, a_run("j", ["a"], [], run="r", kind="START"), a_run("j", ["b"], [], run="r", kind="RUNNING"))
    assert reached(room, "a", DOWN) == set()
    send(room, a_run("j", [], ["t"], run="r", at=day(2)))
    assert reached(room, "t") == {"a", "b"}
    send(room, a_run("j", ["c"], [], run="r", at=day(3), kind="OTHER"))
    assert reached(room, "t", as_of=at(2)) == {"a", "b", "c"}


def test_a_run_that_fails_or_says_nothing_takes_nothing_back(room: Room) -> None:
    send(
        room,
        a_run("j", ["a"], ["t"], at=day(1)),
        a_run("j", ["b"], ["t"], at=day(2), kind="FAIL"),
        a_run("j", [], [], at=day(3)),
    )
    assert reached(room, "t") == {"a"}


def test_a_stream_draws_while_it_runs(room: Room) -> None:
    job = {
        "namespace": "ns", "name": "stream",
        "facets": {"jobType": FACET | {"processingType": "STREAMING", "integration": "FLINK"}},
    }  # fmt: skip
    send(room, a_run("stream", ["a"], ["t"], kind="RUNNING") | {"job": job})
    assert reached(room, "t") == {"a"}


def test_jobs_and_datasets_as_designed(room: Room) -> None:
    send(room, a_job_event("j", ["a"], ["t"], at=day(1)))
    assert reached(room, "t") == {"a"}
    send(room, a_job_event("j", ["b"], ["t"], at=day(2)))
    assert reached(room, "t") == {"b"}
    said = dataset("v", columnLineage=columns({"x": ["t.y"]}))
    send(room, a_dataset_event(said, at=day(3)))
    assert reached(room, "datasetField:ns:v:x", UP) == {"t.y"}
    gone = dataset("v")
    gone["facets"]["columnLineage"] = FACET | {"_deleted": True}
    send(room, a_dataset_event(gone, at=day(4)))
    assert reached(room, "datasetField:ns:v:x", UP) == set()
    assert reached(room, "datasetField:ns:v:x", UP, as_of=at(3)) == {"t.y"}


def test_columns_direct_indirect_and_masked(room: Room) -> None:
    first = columns({"x": ["a.p", "a.q"], "y": ["a.q"]}, how={"subtype": "HASH", "masking": True})
    second = columns({"z": ["b.x"]}, rows=("b.y",))
    send(room, a_run("j", ["a"], [dataset("b", columnLineage=first)]))
    send(room, a_run("k", ["b"], [dataset("c", columnLineage=second)]))
    assert reached(room, "datasetField:ns:c:z", UP, depth=1) - {"c.z"} == {"b.x", "b.y", "c.*"}
    assert {"a.p", "a.q"} <= reached(room, "datasetField:ns:c:z", UP, depth=9)
    assert reached(room, "datasetField:ns:a:p", DOWN, depth=9) >= {"b.x", "c.z"}
    walk = room.lineage.graph.columns("dataset:ns:b", 5)
    hows = {json.loads(each.how or "[{}]")[0].get("masking") for each in walk.edges}
    assert hows == {True}
    assert {each.id for each in walk.nodes} == {
        "datasetField:ns:a:p", "datasetField:ns:a:q", "datasetField:ns:b:x", "datasetField:ns:b:y",
    }  # fmt: skip
    both = room.lineage.graph.columns("dataset:ns:b", 5, downstream=True)
    assert {"datasetField:ns:c:z", "datasetField:ns:c:*"} <= {each.id for each in both.nodes}
    assert {each.id for each in room.lineage.graph.columns("job:ns:j", 5).nodes} >= {"datasetField:ns:b:x"}


def test_what_decides_on_rows_reaches_every_column_downstream(room: Room) -> None:
    send(room, a_run("j", ["a"], [dataset("b", columnLineage=columns({"x": ["a.p"]}, rows=("a.f",)))]))
    send(room, a_run("k", ["b"], [dataset("c", columnLineage=columns({"z": ["b.x"]}))]))
    assert "c.z" in reached(room, "datasetField:ns:a:f", DOWN, depth=9)


def test_columns_said_the_old_way(room: Room) -> None:
    made = {"inputFields": [{"namespace": "ns", "name": "a", "field": "p"}]}
    old = made | {"transformationType": "MASKED", "transformationDescription": "hashed"}
    send(room, a_run("j", ["a"], [dataset("b", columnLineage={"fields": {"x": old}})]))
    (edge,) = room.lineage.graph.columns("dataset:ns:b", 1).edges
    assert json.loads(edge.how or "") == [
        {"type": "DIRECT", "subtype": "MASKED", "description": "hashed", "masking": True}
    ]


LINKED = {"identifiers": [{"namespace": "hive", "name": "db.t", "type": "TABLE"}]}


def test_two_names_of_one_dataset_from_the_start(room: Room) -> None:
    send(room, a_run("j", ["a"], [dataset("/t", symlinks=LINKED)]), a_run("k", ["hive|db.t"], ["b"]))
    assert reached(room, "b") == {"a", "/t"}
    assert reached(room, "dataset:hive:db.t", DOWN) == {"b"}


def test_two_names_that_turn_out_to_be_one_dataset(room: Room) -> None:
    how = columns({"x": ["a.p"]})
    send(
        room,
        a_run("j", ["a"], [dataset("/t", columnLineage=how)], at=day(1)),
        a_run("k", ["hive|db.t"], [dataset("b")], at=day(2)),
        a_dataset_event(dataset("hive|db.t", schema={"fields": [{"name": "x"}]}), at=day(2)),
    )
    other = {"inputFields": [{"namespace": "hive", "name": "db.t", "field": "x"}]}
    send(room, a_run("m", ["hive|db.t"], [dataset("c", columnLineage={"fields": {"z": other}})], at=day(3)))
    assert reached(room, "b") == {"db.t"}
    send(room, a_dataset_event(dataset("/t", symlinks=LINKED), at=day(4)))
    assert reached(room, "b") == {"a", "/t"}
    assert reached(room, "datasetField:ns:c:z", UP, depth=9) >= {"/t.x", "a.p"}
    assert reached(room, "datasetField:hive:db.t:x", UP, depth=9) >= {"a.p"}
    entry = Inventory(room.database).dataset("hive", "db.t")
    assert (entry.id.name, [alias.name for alias in entry.aliases]) == ("/t", ["db.t"])
    assert entry.facets["schema"]["fields"] == [{"name": "x"}]
    drawn = edges(room)
    room.lineage.redraw()
    assert edges(room) == drawn


def test_names_that_say_each_other_end_as_one(room: Room) -> None:
    one = dataset("one", symlinks={"identifiers": [{"namespace": "ns", "name": "two", "type": "TABLE"}]})
    two = dataset("two", symlinks={"identifiers": [{"namespace": "ns", "name": "one", "type": "TABLE"}]})
    send(room, a_run("j", ["a"], [one], at=day(1)), a_run("k", [two], ["b"], at=day(2)))
    assert reached(room, "b") == {"a", "one"}


def test_the_explicit_lineage_facet(room: Room) -> None:
    entry = {
        "type": "DATASET", "namespace": "ns", "name": "t",
        "inputs": [
            {"type": "DATASET", "namespace": "ns", "name": "a"},
            {"type": "JOB", "namespace": "ns", "name": "other"},
        ],
        "fields": {"x": {"inputs": [{"type": "DATASET", "namespace": "ns", "name": "a", "field": "p"}]}},
    }  # fmt: skip
    job = {"namespace": "ns", "name": "j", "facets": {"lineage": FACET | {"entries": [entry]}}}
    send(room, a_run("j", [], []) | {"job": job})
    walk = room.lineage.graph.closure("dataset:ns:t", UP)
    assert {each.id for each in walk.nodes} == {"dataset:ns:a", "job:ns:j", "job:ns:other"}
    assert reached(room, "datasetField:ns:t:x", UP) == {"a.p"}
    said = {"type": "JOB", "inputs": [{"type": "DATASET", "namespace": "ns", "name": "b", "field": "q"}]}
    facets = {"lineage": FACET | {"entries": [said]}}
    send(room, a_run("k", [], []) | {"job": {"namespace": "ns", "name": "k", "facets": facets}})
    assert {each.id for each in room.lineage.graph.closure("job:ns:k", UP).nodes} == {"dataset:ns:b"}


def test_a_renamed_dataset_comes_from_the_one_it_was(room: Room) -> None:
    change = {"lifecycleStateChange": "RENAME", "previousIdentifier": {"namespace": "ns", "name": "was"}}
    send(room, a_dataset_event(dataset("is", lifecycleStateChange=change)))
    assert reached(room, "is") == {"was"}


def test_facets_the_newest_counts_and_a_deleted_one_stays_deleted(room: Room) -> None:
    inventory = Inventory(room.database)

    def facets() -> dict[str, Any]:
        return inventory.dataset("ns", "a").facets

    send(room, a_dataset_event(dataset("a", note={"text": "new"}), at=day(5)))
    send(room, a_dataset_event(dataset("a", note={"text": "old"}, other={"n": 1}), at=day(2)))
    assert facets() == {"note": FACET | {"text": "new"}, "other": FACET | {"n": 1}}
    send(room, a_dataset_event(dataset("a", note={"_deleted": True}), at=day(7)))
    send(room, a_dataset_event(dataset("a", note={"text": "late"}), at=day(6)))
    assert facets() == {"other": FACET | {"n": 1}}
    send(room, a_dataset_event(dataset("a", note={"text": "again"}), at=day(8)))
    assert facets()["note"]["text"] == "again"


def test_runs_versions_and_parents(room: Room) -> None:
    parent = {
        "run": {"runId": "019a0000-0000-7000-8000-0000000000aa"},
        "job": {"namespace": "ns", "name": "dag"},
    }
    run = {"runId": "019a0000-0000-7000-8000-0000000000bb", "facets": {"parent": FACET | parent}}
    made = dataset("t", version={"datasetVersion": "7"})
    read = dataset("a", version={"datasetVersion": "3"})
    start = a_run("dag.j", [read], [], kind="START", at=day(1)) | {"run": run}
    done = a_run("dag.j", [], [made], at=day(2)) | {"run": run}
    send(room, done, start)
    inventory = Inventory(room.database)
    found = inventory.run(run["runId"])  # type: ignore[arg-type]
    assert (found.state, found.started_at, found.ended_at) == ("COMPLETE", at(1), at(2))
    assert found.parent_job
    assert (found.parent_run, found.parent_job.name) == ("019a0000-0000-7000-8000-0000000000aa", "dag")
    assert [(each.dataset.name, each.version) for each in found.inputs] == [("a", "3")]
    total, (version,) = inventory.versions("ns", "t", Page())
    assert (total, version.version, version.run) == (1, "7", run["runId"])
    assert [(each.dataset.name, each.version) for each in version.made_from] == [("a", "3")]
    assert inventory.dataset("ns", "t").version == "7"
    assert inventory.job("ns", "dag.j").latest_run == found


@pytest.mark.parametrize(
    ("node", "error"),
    [
        ("dataset:ns:nobody", NodeNotFound),
        ("job:x:y", NodeNotFound),
        ("datasetField:ns:t:none", NodeNotFound),
        ("dataset:ns:" + "x:" * 5000, NodeNotFound),
        ("dataset:\ud800:x", NodeNotFound),
        ("dataset:", MalformedNodeId),
        ("dataset:x", MalformedNodeId),
        ("run:x:y", MalformedNodeId),
        ("", MalformedNodeId),
    ],
)
def test_nodes_nobody_spoke_of(room: Room, node: str, error: type[Exception]) -> None:
    send(room, a_run("j", ["a"], ["t"]))
    with pytest.raises(error):
        room.lineage.graph.closure(node, UP)


def test_names_with_colons_are_found(room: Room) -> None:
    send(room, a_run("j", ["s3://b:9000|x:y"], [dataset("t:1", columnLineage=columns({"f:g": ["a.p"]}))]))
    assert reached(room, "dataset:s3://b:9000:x:y", DOWN) == {"t:1"}
    assert reached(room, "dataset:s3://b:9000:x:y#7", DOWN) == {"t:1"}
    assert reached(room, "datasetField:ns:t:1:f:g", UP) == {"a.p"}


def test_loads_and_builds_are_in_the_graph(room: Room) -> None:
    from catalog.loading.loader import Loader

    room.enter(a_dataset())
    loader = Loader(room.datasets, room.store, room.library, room.clock, room.drifts, room.lineage)
    path = room.file("area,at,flow\nDMA-01,2026-01-01 00:00,1.5\n")
    loaded = loader.load("inflow", path, by="alice")
    start, done = room.lineage.events()
    assert (start["eventType"], done["eventType"]) == ("START", "COMPLETE")
    (output,) = done["outputs"]
    assert output["facets"]["version"]["datasetVersion"] == loaded.version.digest
    assert room.lineage.upstream("dataset:shuize:inflow") == (
        "dataset:shuize:files:inflow/source.csv", "job:shuize:load.inflow",
    )  # fmt: skip
    assert reached(room, "datasetField:shuize:inflow:flow", UP) == {"inflow/source.csv.flow"}
    with pytest.raises(Exception, match="no rows"):
        loader.load("inflow", room.file("area,at,flow\n"), by="alice")
    last = room.lineage.events()[-1]
    assert last["eventType"] == "FAIL"
    assert "no rows" in last["run"]["facets"]["errorMessage"]["message"]

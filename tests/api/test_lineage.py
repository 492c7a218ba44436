"""Lineage over HTTP: what jobs send, what Marquez's clients read, who may do either."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from catalog.lineage.events import MAX_BATCH_BYTES, MAX_EVENT_BYTES
from catalog.parties import PartyDraft, PartyKind
from tests.api.answers import problem
from tests.builders import an_event
from tests.catalog.lineage.saying import a_dataset_event, a_job_event, a_run, columns, dataset, day

EVENT, BATCH = "/api/v1/lineage", "/api/v1/lineage/batch"
Json = dict[str, Any]


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    from catalog.database import Database

    settings = Settings(home=tmp_path)
    database = Database(settings.catalog_url)
    database.upgrade()
    database.close()
    opened = Platform(settings)
    yield opened
    opened.close()


@pytest.fixture
def token(platform: Platform) -> str:
    added = platform.parties.add(PartyDraft(id="spark", name="Spark", kind=PartyKind.SYSTEM), by="li-na")
    assert added.token
    return added.token


@pytest.fixture
def client(platform: Platform, token: str) -> Iterator[TestClient]:
    with TestClient(create_app(platform), raise_server_exceptions=False) as opened:
        opened.headers["Authorization"] = f"Bearer {token}"
        yield opened


def sent(client: TestClient, *events: Json) -> None:
    assert client.post(BATCH, json=list(events)).status_code == 204


def test_an_event_is_taken_and_can_be_asked_for_at_once(client: TestClient) -> None:
    answer = client.post(EVENT, json=an_event())
    assert (answer.status_code, answer.content) == (201, b"")
    graph = client.get(EVENT, params={"nodeId": "dataset:shuize:index"}).json()["graph"]
    assert {node["id"] for node in graph} == {
        "dataset:shuize:index", "job:shuize:build-index", "dataset:shuize:inflow",
    }  # fmt: skip
    assert client.get("/api/v1/events/lineage").json() == {"events": [an_event()], "totalCount": 1}
    assert client.post(EVENT, json=an_event()).status_code == 201
    assert client.get("/api/v1/events/lineage").json()["totalCount"] == 1


@pytest.mark.parametrize("event", [a_job_event("j", ["a"], ["b"]), a_dataset_event(dataset("a"))])
def test_events_of_jobs_and_datasets_are_taken(client: TestClient, event: Json) -> None:
    assert client.post(EVENT, json=event).status_code == 201


def test_what_is_not_right_and_taken_has_a_warning(client: TestClient) -> None:
    answer = client.post(EVENT, json=an_event(run={"runId": "run_id"}))
    assert answer.status_code == 201
    assert "not a UUID" in answer.headers["Warning"]


def test_a_gzip_body_is_read(client: TestClient) -> None:
    packed = gzip.compress(json.dumps(an_event()).encode())
    half = json.dumps([a_run("j", ["a"], ["b"])]).encode()
    in_two = gzip.compress(half[:20]) + gzip.compress(half[20:])
    coded = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    assert client.post(EVENT, content=packed, headers=coded).status_code == 201
    assert client.post(BATCH, content=in_two, headers=coded).status_code == 204
    for bad in (packed[:-9], b"no gzip", packed + b"rubbish"):
        problem(client.post(EVENT, content=bad, headers=coded), 422)
    problem(client.post(EVENT, content=packed, headers={"Content-Encoding": "br"}), 422)


def test_a_small_body_that_unpacks_to_a_large_one_is_not_unpacked(client: TestClient) -> None:
    bomb = zlib.compressobj(9, wbits=31)
    packed = b"".join(bomb.compress(b" " * (1 << 20)) for _ in range(200)) + bomb.flush()
    assert len(packed) < 1 << 20
    for path in (EVENT, BATCH):
        problem(client.post(path, content=packed, headers={"Content-Encoding": "gzip"}), 413)


def test_a_large_body_is_refused(client: TestClient) -> None:
    problem(client.post(EVENT, content=b" " * (MAX_EVENT_BYTES + 1)), 413)
    for path in (EVENT, BATCH):
        chunks = (b" " * (1 << 20) for _ in range(200))
        problem(client.post(path, content=chunks), 413)
    assert MAX_BATCH_BYTES < 200 << 20


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"\xff", "UTF-8"),
        (b'{"a": NaN}', "NaN"),
        (json.dumps(an_event(eventType="DONE")).encode(), "eventType"),
        (json.dumps(an_event(eventTime="2026-03-01T04:00:00")).encode(), "UTC offset"),
        (b'{"a":' * 100_000, "nested deeper"),
    ],
)
def test_a_malformed_event_gets_a_4xx_with_the_reason(client: TestClient, body: bytes, reason: str) -> None:
    said = problem(client.post(EVENT, content=body), 422)
    assert said["type"] == "urn:shuize:problem:malformed-event"
    assert reason in said["detail"]
    assert said["errors"]


def test_a_batch_that_is_partly_wrong_keeps_what_is_right(client: TestClient) -> None:
    answer = client.post(BATCH, json=[an_event(), {"x": 1}, a_run("j", ["a"], ["b"], kind="DONE")])
    assert answer.status_code == 200
    said = answer.json()
    assert said["status"] == "partial_success"
    assert said["summary"] == {"received": 3, "successful": 1, "failed": 2}
    assert [(each["index"], each["retriable"]) for each in said["failed_events"]] == [(1, False), (2, False)]
    assert "eventType" in said["failed_events"][1]["reason"]
    assert client.get("/api/v1/events/lineage").json()["totalCount"] == 1
    assert client.post(BATCH, json=[{}]).json()["status"] == "error"
    assert client.post(BATCH, json=[]).status_code == 204
    problem(client.post(BATCH, json={}), 422)


def a_person_s_token(platform: Platform) -> str | None:
    platform.parties.add(PartyDraft(id="li-na", name="Li Na", kind=PartyKind.PERSON))
    return platform.parties.replace_token("li-na", by="li-na").token


READS = ("/api/v1/namespaces", "/api/v1/events/lineage", "/lineage/walk?node=dataset:ns:a",
         "/lineage/impact?node=dataset:ns:a", "/lineage/level?node=dataset:ns:a")  # fmt: skip


def test_without_a_system_s_token_nothing_is_taken(platform: Platform, token: str) -> None:
    partner = platform.parties.add(PartyDraft(id="lab", name="Lab", kind=PartyKind.PARTNER), by="li-na").token
    with TestClient(create_app(platform)) as client:
        for bearer, status, kind in (
            (None, 401, "token-missing"),
            (partner, 403, "token-of-another-kind"),
            (a_person_s_token(platform), 403, "token-of-another-kind"),
            ("szt_x", 401, "unknown-token"),
        ):
            headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
            for path in (EVENT, BATCH):
                said = problem(client.post(path, json=an_event(), headers=headers), status)
                assert said["type"] == f"urn:shuize:problem:{kind}"
                assert said["hint"]
        assert client.post(EVENT, json=an_event(), headers={"Authorization": f"Bearer {token}"}).is_success


def test_systems_and_people_of_the_utility_read_lineage_others_do_not(
    platform: Platform, client: TestClient
) -> None:
    sent(client, a_run("j", ["a"], ["b"]))
    partner = platform.parties.add(PartyDraft(id="lab", name="Lab", kind=PartyKind.PARTNER), by="li-na").token
    person = a_person_s_token(platform)
    for path in READS:
        assert client.get(path).status_code == 200
        assert client.get(path, headers={"Authorization": f"Bearer {person}"}).status_code == 200
        said = problem(client.get(path, headers={"Authorization": f"Bearer {partner}"}), 403)
        assert said["type"] == "urn:shuize:problem:token-of-another-kind"
        problem(client.get(path, headers={"Authorization": "Bearer szt_x"}), 401)
        problem(client.get(path, headers={"Authorization": ""}), 401)


def test_a_body_is_read_neither_for_a_stranger_nor_beyond_its_bounds(platform: Platform, token: str) -> None:
    """What is asked of the socket is counted: a refusal must not wait for, or hold, what is sent."""
    read = 0

    def asked(path: str, length: int | None, bearer: str) -> int:
        headers = [(b"host", b"h"), (b"authorization", b"Bearer " + bearer.encode())]
        headers += [] if length is None else [(b"content-length", str(length).encode())]
        scope = {
            "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": headers, "http_version": "1.1", "scheme": "http", "root_path": "",
        }  # fmt: skip
        status = 0

        async def receive() -> Json:
            nonlocal read
            read += 1 << 20
            return {"type": "http.request", "body": b" " * (1 << 20), "more_body": True}

        async def send(message: Json) -> None:
            nonlocal status
            status = message.get("status", status)

        asyncio.run(create_app(platform)(scope, receive, send))  # type: ignore[arg-type]
        return status

    for path, most in ((EVENT, MAX_EVENT_BYTES), (BATCH, MAX_BATCH_BYTES)):
        assert asked(path, None, "szt_x") == asked(path, most, "szt_x") == 401
        assert asked(path, most + 1, token) == asked(path, 10**30, token) == 413
        assert read == 0
        assert asked(path, None, token) == 413
        assert read == most + (1 << 20)
        read = 0


def test_where_lineage_is_open_no_token_is_needed(platform: Platform, tmp_path: Path) -> None:
    assert platform.database
    opened = Platform(Settings(home=tmp_path, lineage_open=True))
    with TestClient(create_app(opened)) as client:
        assert client.post(EVENT, json=an_event()).status_code == 201
        problem(client.post(EVENT, json=an_event(), headers={"Authorization": "Bearer szt_x"}), 401)
    opened.close()


def test_names_in_paths_may_hold_anything(client: TestClient) -> None:
    space, name = "s3://bucket:9000/水", "/表/a b?c#d%2F"
    sent(client, a_run("j", ["a"], [{"namespace": space, "name": name}]))
    path = f"/api/v1/namespaces/{quote(space, safe='')}/datasets/{quote(name, safe='')}"
    assert client.get(path).json()["id"] == {"namespace": space, "name": name}
    assert client.get(f"{path}/versions").json()["totalCount"] == 1
    assert client.get(f"/api/v1/events/{quote(space, safe='')}").json()["totalCount"] == 0
    for missing in (
        "/nobody",
        f"/{quote(space, safe='')}/datasets/none",
        "/ns/x",
        "/ns/jobs/j/x",
        "/ns/jobs/k",
    ):
        problem(client.get(f"/api/v1/namespaces{missing}"), 404)


def test_lineage_as_of_a_date_and_its_limits(client: TestClient) -> None:
    sent(client, a_run("j", ["old"], ["t"], at=day(2)), a_run("j", ["new"], ["t"], at=day(4)))

    def names(**asked: Any) -> set[str]:
        answer = client.get("/lineage/walk", params={"node": "dataset:ns:t"} | asked)
        return {node["name"] for node in answer.json()["nodes"] if node["kind"] == "dataset"}

    assert names() == {"new"}
    assert names(as_of=day(3)) == {"old"}
    assert names(as_of=day(2)[:10]) == {"old"}  # its last second
    assert names(as_of=day(4)[:10]) == {"new"}
    assert names(ever=True) == {"old", "new"}
    graph = client.get(EVENT, params={"nodeId": "dataset:ns:t", "asOf": day(3)}).json()["graph"]
    assert {node["id"] for node in graph} == {"dataset:ns:t", "job:ns:j", "dataset:ns:old"}
    for wrong in ({"depth": -1}, {"depth": 101}, {"depth": "x"}, {"as_of": "2026-03-01T00:00:00"},
                  {"as_of": "2026-02-30"}):  # fmt: skip
        problem(client.get("/lineage/walk", params={"node": "dataset:ns:t"} | wrong), 422)
    problem(client.get("/lineage/walk", params={"node": "dataset:ns:none"}), 404)
    problem(client.get("/lineage/walk", params={"node": "none"}), 404)
    problem(client.get("/lineage/walk", params={"node": "run:x:y"}), 422)


def test_impact_and_level_over_http(client: TestClient) -> None:
    said = dataset("b", columnLineage=columns({"x": ["a.p"]}))
    sent(client, a_run("j", ["a"], [said]))
    found = client.get("/lineage/impact", params={"node": "datasetField:ns:a:p"}).json()
    assert [node["id"] for node in found["fields"]] == ["datasetField:ns:b:x"]
    assert client.get("/lineage/level", params={"node": "dataset:ns:b"}).json()["level"] is None


def test_marquez_shapes(client: TestClient) -> None:
    said = dataset(
        "b", columnLineage=columns({"x": ["a.p"]}), schema={"fields": [{"name": "x", "type": "int"}]}
    )
    run = "019a0000-0000-7000-8000-00000000abcd"
    sent(client, a_run("j", ["a"], [said], run=run))
    entry = client.get("/api/v1/namespaces/ns/datasets/b").json()
    assert entry["fields"] == [{"name": "x", "type": "int", "tags": [], "description": None}]
    assert entry["currentVersion"] == run
    job = client.get("/api/v1/namespaces/ns/jobs/j").json()
    assert (job["inputs"], job["outputs"]) == (
        [{"namespace": "ns", "name": "a"}], [{"namespace": "ns", "name": "b"}],
    )  # fmt: skip
    assert job["latestRun"]["state"] == "COMPLETED"
    graph = {node["id"]: node for node in client.get(EVENT, params={"nodeId": "job:ns:j"}).json()["graph"]}
    edge = {"origin": "dataset:ns:a", "destination": "job:ns:j"}
    assert graph["job:ns:j"]["inEdges"] == graph["dataset:ns:a"]["outEdges"] == [edge]
    assert graph["job:ns:j"]["type"] == "JOB"
    assert graph["job:ns:j"]["data"]["name"] == "j"
    reached = client.get("/api/v1/column-lineage", params={"nodeId": "dataset:ns:b"}).json()["graph"]
    (made,) = [node for node in reached if node["id"] == "datasetField:ns:b:x"]
    assert made["data"]["inputFields"][0]["field"] == "p"
    assert client.get("/api/v1/search", params={"q": "j"}).json()["results"][0]["nodeId"] == "job:ns:j"
    for odd in ("%", "_", "\\", "'", '"', "水" * 200):
        assert client.get("/api/v1/search", params={"q": odd}).json()["totalCount"] == 0

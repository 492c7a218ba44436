"""Single records at both doors: for the people of the utility, with the answer in the exit code too."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from tests.api.shell import Said, shuize
from tests.builders import Room

GOOD = {"area": "DMA-01", "at": "2021-01-01 00:00", "flow": 12.5}
BAD = GOOD | {"area": "a mistake", "flow": "-1"}


@pytest.fixture
def home(room: Room) -> Room:
    """Return a catalog with a dataset of hourly inflow."""
    room.register(key=["area", "at"])
    return room


@pytest.fixture
def client(home: Room) -> Iterator[TestClient]:
    """Yield a client of the application over the catalog."""
    said = Settings(home=home.folder, database_url=home.url, store=home.store_folder)
    platform = Platform(said)
    with TestClient(create_app(platform)) as opened:
        yield opened
    platform.close()


@pytest.fixture
def member(home: Room, client: TestClient) -> TestClient:
    """Return a client that asks as a person of the utility."""
    token = home.parties.replace_token("alice", by="bob").token
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def check(home: Room, *words: str) -> Said:
    """Run the command over the catalog."""
    places = {"database_url": home.url, "store": str(home.store_folder)}
    return shuize(home.folder, "dataset", "check-record", "inflow", *words, **places)


def test_records_are_answered_rule_by_rule(member: TestClient) -> None:
    answer = member.post("/datasets/inflow/check-records", json={"records": [GOOD, BAD]})
    assert answer.status_code == 200
    said = answer.json()
    good, bad = said["records"]
    assert (good["passed"], bad["passed"]) == (True, False)
    failed = {rule for rule, answered in bad["answers"].items() if answered == "failed"}
    assert {"pattern(area)", "range(flow)"} <= failed
    asked = {rule["rule"]: rule for rule in said["rules"]}
    assert asked["pattern(area)"]["fields"] == ["area"]
    assert asked["pattern(area)"]["title_zh"]
    assert asked["duplicates(area, at)"]["undecidable"]


def test_what_is_refused_names_its_place(member: TestClient) -> None:
    answer = member.post("/datasets/inflow/check-records", json={"records": [GOOD | {"colour": 1}]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/records/0/colour")
    assert member.post("/datasets/none/check-records", json={"records": [GOOD]}).status_code == 404


def test_strangers_and_partners_do_not_check(home: Room, client: TestClient) -> None:
    body = {"records": [GOOD]}
    assert client.post("/datasets/inflow/check-records", json=body).status_code == 401
    partner = {"Authorization": f"Bearer {home.parties.replace_token('partner', by='bob').token}"}
    assert client.post("/datasets/inflow/check-records", json=body, headers=partner).status_code == 403


@pytest.mark.parametrize(("records", "code"), [([GOOD], 0), ([GOOD, BAD], 1)])
def test_the_command_reads_stdin(
    home: Room, monkeypatch: pytest.MonkeyPatch, records: list[dict[str, object]], code: int
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(map(json.dumps, records))))
    said = check(home, "-")
    assert said.code == code, said.err
    assert said.out.count("record ") == len(records)
    assert ("pattern(area)" in said.out) is (code == 1)


def test_a_number_is_taken_as_it_is_written(home: Room) -> None:
    path = home.file('[{"area": "DMA-01", "at": "2021-01-01 00:00", "flow": 1.10}]', "records.json")
    assert check(home, str(path), "--json").json()["records"][0]["passed"]


@pytest.mark.parametrize("text", ["", "no json", "[1]", '{"area": [1]}', '[{"area": {}}]'])
def test_what_holds_no_records_is_refused(home: Room, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    said = check(home, "-")
    assert (said.code, said.err.splitlines()[0][:6]) == (3, "error:")

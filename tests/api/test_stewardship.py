"""The stewardship loop by commands and over HTTP, with the engine's own findings and re-checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from tests.api.shell import Said, shuize

PEOPLE = ("li-na", "wang-wei", "zhao-min")


def command(folder: Path, line: str, *more: str) -> Said:
    """Run a command in a home."""
    return shuize(folder / "home", *line.split(), *more, at=folder)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Return a folder whose home has a dataset with gaps and rows twice, checked."""
    for line in (
        "init",
        "party add water-group --name Water --kind organisation",
        *(f"party add {name} --name {name} --as water-group" for name in PEOPLE),
        "sample inflow samples",
        "dataset register samples/inflow.dataset.yaml --as li-na",
        "change approve 1 --as zhao-min",
    ):
        assert command(tmp_path, line).code == 0, line
    lines = (tmp_path / "samples/inflow.csv").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "broken.csv").write_text("".join([*lines[:300], *lines[100:103], *lines[400:]]), "utf-8")
    assert command(tmp_path, "dataset load dma-inflow broken.csv --as li-na").code == 0
    return tmp_path


@pytest.fixture
def http(broken: Path) -> Iterator[TestClient]:
    platform = Platform(Settings(home=broken / "home"))
    with TestClient(create_app(platform), raise_server_exceptions=False) as client:
        yield client
    platform.close()


def tokens(folder: Path) -> dict[str, dict[str, str]]:
    """Return the headers of each person."""
    said = {name: command(folder, f"party token {name} --as li-na --json").json() for name in PEOPLE}
    return {name: {"Authorization": f"Bearer {each['token']}"} for name, each in said.items()}


def test_a_problem_is_found_mended_rechecked_reviewed_and_closed(broken: Path, http: TestClient) -> None:
    checked = command(broken, "dataset check dma-inflow --as wang-wei")
    assert checked.code == 1
    assert "findings     103" in checked.out
    assert "issues       103 new" in checked.out
    assert "to           wang-wei 2" in checked.out
    again = command(broken, "dataset check dma-inflow --as wang-wei --json").json()["taken"]
    assert (again["new"], again["again"], again["orders"]) == (0, 103, 0)

    people = tokens(broken)

    def post(path: str, who: str, **said: Any) -> Any:
        return http.post(path, headers=people[who], json=said)

    assert http.get("/orders").status_code == 401
    orders = http.get("/orders", headers=people["li-na"], params={"limit": 1})
    assert orders.headers["Link"] == '<?limit=1&after=1>; rel="next"'
    assert orders.json()[0]["rule"] == "complete-period(observed_at, area)"
    assert post("/orders/triage", "li-na", dataset="dma-inflow").json()["orders"] == 2
    assert post("/orders/1/dispatch", "li-na").json()["state"] == "dispatched"
    assert post("/orders/1/accept", "zhao-min").json()["type"] == "urn:shuize:problem:not-your-order"
    for step in ("accept", "start"):
        assert post(f"/orders/1/{step}", "wang-wei").status_code == 200
    failed = post("/orders/1/submit", "wang-wei", statement="nothing yet").json()
    assert (failed["failing"], failed["fixed"], failed["order"]["state"]) == (100, 0, "rectifying")
    assert post("/orders/1/review", "zhao-min").status_code == 409

    assert command(broken, "dataset load dma-inflow samples/inflow.csv --as li-na").code == 0
    passed = post("/orders/1/submit", "wang-wei", statement="loaded the missing hours").json()
    assert (passed["failing"], passed["fixed"], passed["version"]) == (0, 100, 2)
    assert post("/orders/1/review", "wang-wei").json()["type"] == "urn:shuize:problem:own-work"
    assert post("/orders/1/review", "zhao-min", note="seen").status_code == 200
    assert post("/orders/1/close", "zhao-min").json()["state"] == "closed"
    shown = http.get("/orders/1", headers=people["li-na"]).json()
    assert [entry["act"] for entry in shown["log"]][-3:] == ["recheck-passed", "reviewed", "closed"]
    assert {issue["fixed_in"] for issue in shown["issues"]} == {2}
    assert http.get("/orders/1/verification", headers=people["li-na"]).json()["faults"] == []
    assert command(broken, "order verify 1").code == 0
    assert command(broken, "trail verify").code == 0
    assert command(broken, "order list --open").out.splitlines()[1].startswith("2 ")


def test_waivers_and_the_other_steps_over_http(broken: Path, http: TestClient) -> None:
    command(broken, "dataset check dma-inflow --as wang-wei")
    people = tokens(broken)

    def post(path: str, who: str, **said: Any) -> Any:
        return http.post(path, headers=people[who], json=said)

    today = command(broken, "order show 1 --json").json()["order"]["opened_at"][:10]
    asked = post("/orders/1/waivers", "wang-wei", reason="cut off", until=today)
    assert (asked.status_code, asked.json()["state"]) == (201, "requested")
    assert post("/waivers/1/approve", "wang-wei").json()["type"] == "urn:shuize:problem:own-waiver"
    assert post("/waivers/1/approve", "li-na").json()["state"] == "approved"
    assert [w["id"] for w in http.get("/waivers", headers=people["li-na"]).json()] == [1]
    assert http.get("/orders?state=waived", headers=people["li-na"]).json()[0]["id"] == 1
    assert post("/waivers/1/revoke", "li-na", reason="supply is back").json()["state"] == "revoked"
    steps = (
        ("triage", "li-na", {}), ("dispatch", "li-na", {"due_at": "2099-01-01T00:00:00Z"}),
        ("return", "wang-wei", {"reason": "north"}), ("reassign", "li-na", {"to": "zhao-min", "reason": "a"}),
        ("comment", "zhao-min", {"text": "seen"}), ("reject", "li-na", {"reason": "known"}),
        ("reopen", "li-na", {"reason": "not known"}),
    )  # fmt: skip
    for step, who, said in steps:
        assert post(f"/orders/2/{step}", who, **said).status_code == 200, step
    assert post("/orders/2/reject", "li-na").status_code == 422
    assert post("/orders/2/reject", "li-na", reason=" ").json()["type"] == "urn:shuize:problem:remark-missing"
    assert post("/orders/9/triage", "li-na").status_code == 404
    assert post("/orders/escalate", "li-na").json()["orders"] == 0
    assert post("/orders/take", "li-na").json() == []
    assert post("/orders/dispatch", "li-na").json()["orders"] == 2
    workload = http.get("/orders/workload", headers=people["li-na"]).json()
    assert {w["responsible"]: w["orders"] for w in workload} == {"wang-wei": 1, "zhao-min": 1}
    assert http.get("/issues?work_order=2", headers=people["li-na"]).json()[0]["state"] == "open"
    assert http.get("/issues/1", headers=people["li-na"]).json()["id"] == 1
    assert http.get("/issues/9999", headers=people["li-na"]).status_code == 404


def test_what_a_killed_check_left_is_taken_by_a_command(broken: Path) -> None:
    platform = Platform(Settings(home=broken / "home"))
    platform.quality.check("dma-inflow", by="wang-wei")
    platform.close()
    assert "no " not in command(broken, "order list").out
    taken = command(broken, "order take --as wang-wei")
    assert "issues       103 new" in taken.out
    assert command(broken, "order take --as wang-wei --json").json() == []


@pytest.mark.parametrize("value", ["critical=0,major=1,minor=1", "critical=3", "all=1"])
def test_deadlines_are_judged_when_the_settings_are_read(tmp_path: Path, value: str) -> None:
    said = shuize(tmp_path, "order", "list", deadline_days=value)
    assert said.code == 3
    assert "SHUIZE_DEADLINE_DAYS" in said.err

"""Governance by commands, and read over HTTP by whom it is for."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from tests.api.shell import City, shuize

ADD = "asset add inflow-data --as li-na"


@pytest.fixture(scope="module")
def governed(city: City, tmp_path_factory: pytest.TempPathFactory) -> City:
    """Return a copy of the city with an organisation, roles, an asset and an open request."""
    import shutil

    folder = tmp_path_factory.mktemp("governed") / "city"
    shutil.copytree(city.folder, folder)
    mine = City(folder, city.token, city.grant, city.contract)
    for line in (
        "sample governance samples",
        "organisation import samples/organisation.csv --as li-na",
        "organisation post wang-wei hp-1 --as li-na",
        "role assign custodian unit group wang-wei --as li-na",
        "asset enter samples/asset.yaml --as li-na",
        f"{ADD} cost --set item=cleaning --set amount=1000.00 --document samples/asset.yaml",
        f"{ADD} amortisation --set starts_on=2026-01-01 --set months=36 --set basis=use",
    ):
        said = shuize(mine.home, *line.split(), at=folder)
        assert said.code == 0, said.err
    return mine


@pytest.fixture
def http(governed: City) -> Any:
    platform = Platform(Settings(home=governed.home))
    with TestClient(create_app(platform), raise_server_exceptions=False) as client:
        yield client
    platform.close()


@pytest.fixture(scope="module")
def member(governed: City) -> dict[str, str]:
    token = shuize(governed.home, "party", "token", "li-na", "--as", "li-na", "--json").json()["token"]
    return {"Authorization": f"Bearer {token}"}


OPEN = ("/organisation", "/organisation/hp-1", "/datasets/dma-inflow/revisions", "/trail/head")
MEMBERS = (
    "/organisation/group/people", "/roles", "/roles/custodian/dataset/dma-inflow", "/changes", "/changes/1",
    "/trail", "/assets", "/assets/inflow-data",
)  # fmt: skip


def test_the_tree_and_the_documents_are_open_to_everyone(http: TestClient) -> None:
    for path in OPEN:
        assert http.get(path).status_code == 200
        assert http.head(path).status_code == 200
    unit = http.get("/organisation/hp-1-m1").json()
    assert [each["code"] for each in unit["above"]] == [
        "group", "hp", "hp-1", "hp-1-p1", "hp-1-c1", "hp-1-b1",
    ]  # fmt: skip
    assert [u["code"] for u in http.get("/organisation?under=hp&kind=office").json()] == ["hp-1", "hp-2"]
    revision = http.get("/datasets/dma-inflow/revisions").json()[0]
    assert (revision["number"], revision["made_by"]) == (1, "zhao-min")


@pytest.mark.parametrize("path", MEMBERS)
def test_what_names_reasons_acts_and_amounts_is_for_people_of_the_utility(
    http: TestClient, governed: City, member: dict[str, str], path: str
) -> None:
    assert http.get(path).status_code == 401
    refused = http.get(path, headers=governed.bearer)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:shuize:problem:partners-dont-govern")
    assert http.get(path, headers=member).status_code == 200


def test_http_and_commands_give_the_same_results(
    http: TestClient, governed: City, member: dict[str, str]
) -> None:
    pairs = {
        "/changes": "change list", "/changes/1": "change show 1", "/assets": "asset list",
        "/assets/inflow-data": "asset show inflow-data", "/roles": "role list",
        "/organisation": "organisation list", "/trail/head": "trail head",
    }  # fmt: skip
    for path, command in pairs.items():
        told = shuize(governed.home, *command.split(), "--json").json()
        assert http.get(path, headers=member).json() == told, path
    assert http.get("/trail?act=dataset-registered", headers=member).json()[0]["by"] == "zhao-min"


@pytest.mark.parametrize(
    "path",
    ["/organisation/nothing", "/changes/99", "/assets/nothing", "/roles/owner/dataset/nothing",
     "/datasets/nothing/revisions", "/products/nothing/registration"],
)  # fmt: skip
def test_what_is_not_there_is_a_404(http: TestClient, member: dict[str, str], path: str) -> None:
    answer = http.get(path, headers=member)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "path", ["/organisation?on=soon", "/organisation?kind=village", "/changes/x", "/trail?limit=x"]
)
def test_a_malformed_question_is_a_422(http: TestClient, member: dict[str, str], path: str) -> None:
    assert http.get(path, headers=member).status_code == 422


def test_a_stale_request_is_refused_with_the_conflict_on_the_terminal(own_city: City) -> None:
    path = own_city.folder / "samples" / "inflow.dataset.yaml"
    text = path.read_text("utf-8")
    for licence in ("one", "two"):
        path.write_text(text.replace("licence: MIT", f"licence: {licence}"), "utf-8")
        said = shuize(own_city.home, "dataset", "change", str(path), "--reason", "x", "--as", "li-na")
        assert said.code == 0, said.err
        assert "next, somebody else: shuize change approve" in said.err
    assert '~ /licence  "MIT" → "two"' in shuize(own_city.home, "change", "show", "6").out
    own = shuize(own_city.home, "change", "approve", "5", "--as", "li-na")
    assert (own.code, "can't decide about it" in own.err) == (6, True)
    assert shuize(own_city.home, "change", "approve", "5", "--as", "zhao-min").code == 0
    stale = shuize(own_city.home, "change", "approve", "6", "--as", "zhao-min")
    assert stale.code == 5
    assert '/licence: was "MIT", is now "one"; the request wants "two"' in stale.err
    again = shuize(own_city.home, "change", "approve", "5", "--as", "wang-wei")
    assert (again.code, "approved by zhao-min" in again.err) == (5, True)


def test_the_example_of_an_asset_can_be_entered(own_city: City, tmp_path: Path) -> None:
    said = shuize(own_city.home, "asset", "example")
    file = tmp_path / "asset.yaml"
    file.write_text(said.out, "utf-8")
    entered = shuize(own_city.home, "asset", "enter", str(file), "--as", "li-na")
    assert entered.code == 0, entered.err


def test_verifying_the_trail_says_what_was_compared_and_what_was_edited(own_city: City) -> None:
    said = shuize(own_city.home, "trail", "verify")
    assert said.code == 0, said.out
    assert "consistent with each other and with the rows compared" in said.out
    assert "only `--noted HEAD` shows that nothing was cut off" in said.out
    with sqlite3.connect(own_city.home / "catalog.db") as connection:
        connection.execute("UPDATE changes SET decided_by = 'wang-wei' WHERE id = 1")
    connection.close()
    said = shuize(own_city.home, "trail", "verify")
    assert said.code == 1
    assert "ROWS ARE NOT WHAT THE TRAIL SAYS OF THEM" in said.out
    assert "changes 1: not as the trail says: decided_by" in said.out


def test_a_trail_somebody_rewrote_is_found_out(own_city: City) -> None:
    noted = shuize(own_city.home, "trail", "head").out.strip()
    assert shuize(own_city.home, "trail", "verify", "--noted", noted).code == 0
    with sqlite3.connect(own_city.home / "catalog.db") as connection:
        connection.execute("DROP TRIGGER trail_no_update")
        connection.execute("UPDATE trail SET by = 'li-na' WHERE sequence = 7")
    connection.close()
    said = shuize(own_city.home, "trail", "verify", "--json")
    assert said.code == 1
    assert said.json()["broken"] == {"sequence": 7, "what": "what it says was changed"}
    assert "breaks at" in shuize(own_city.home, "trail", "verify").out
    assert shuize(own_city.home, "trail", "verify", "--noted", "x").code == 3


def test_the_register_is_exported_once_and_whole(governed: City, tmp_path: Path) -> None:
    for name in ("a.xlsx", "a.json"):
        assert shuize(governed.home, "asset", "export", str(tmp_path / name)).code == 0
        assert shuize(governed.home, "asset", "export", str(tmp_path / name)).code == 5
    assert shuize(governed.home, "asset", "export", str(tmp_path / "a.txt")).code == 2
    account = json.loads((tmp_path / "a.json").read_text("utf-8"))[0]
    assert account["schedule"]["total"] == "1000.00"
    assert account["entries"][0]["content"]["documents"][0]["name"] == "asset.yaml"
    assert openpyxl.load_workbook(tmp_path / "a.xlsx")["摊销表 Amortisation"].max_row == 37


def test_a_wrong_value_is_named_and_nothing_is_kept(governed: City) -> None:
    wrong = {
        "asset add inflow-data cost --set amount=1.001 --as li-na": 3,
        "asset add inflow-data cost --set amount --as li-na": 2,
        "organisation list --on soon": 3,
        "organisation list --kind village": 2,
    }
    said = {line: shuize(governed.home, *line.split()) for line in wrong}
    assert {line: answer.code for line, answer in said.items()} == wrong
    first = next(iter(said.values())).err
    assert "/item: is missing" in first
    assert "/amount: " in first

"""Data contracts and product descriptions as others reach them: by command and over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from starlette.testclient import TestClient

from api.app import create_app
from api.routes.accepting import preferred
from api.settings import Settings
from api.wiring import Platform
from standards.plain_yaml import MAX_BYTES
from tests.api.shell import City, Said, shuize
from tests.catalog.exchange.odcs_documents import VALIDATOR

GIVEN = (
    "--owner", "li-na", "--steward", "wang-wei", "--organisation", "water-group",
    "--update-frequency", "daily",
)  # fmt: skip
FORMS = {"yaml": ("application/yaml", "text/yaml"), "json": ("application/json",)}
CONTRACT: dict[str, Any] = {
    "apiVersion": "v3.2.0",
    "kind": "DataContract",
    "id": "payments-1",
    "version": "1.0.0",
    "servers": [{"server": "s", "type": "local", "path": "secret.csv", "format": "csv"}],
    "schema": [
        {
            "name": "payments",
            "properties": [{"name": "paid", "logicalType": "number", "examples": [12.5]}],
            "quality": [{"type": "text", "description": "Sums agree with the bank's."}],
        }
    ],
    "team": {"members": [{"username": "somebody@example.org", "role": "analyst", "dateIn": "2024-01-01"}]},
}


@pytest.fixture(scope="module")
def imported(city: City, tmp_path_factory: pytest.TempPathFactory) -> City:
    """Return a copy of the city with an imported contract in force."""
    import shutil

    folder = tmp_path_factory.mktemp("contracts") / "city"
    shutil.copytree(city.folder, folder)
    (folder / "c.yaml").write_text(yaml.safe_dump(CONTRACT), "utf-8")
    words = (
        "dataset",
        "import",
        "c.yaml",
        *GIVEN,
        "--bind",
        "paid=bill.paid_yuan",
        "--as",
        "li-na",
        "--json",
    )
    said = shuize(folder / "home", *words, at=folder)
    assert said.code == 0, said.err
    assert "/schema/0/quality/0" in said.err
    approved = shuize(folder / "home", "change", "approve", str(said.json()["id"]), "--as", "zhao-min")
    assert approved.code == 0, approved.err
    return City(folder, city.token, city.grant, city.contract)


@pytest.fixture
def http(imported: City) -> Iterator[TestClient]:
    platform = Platform(Settings(home=imported.home))
    with TestClient(create_app(platform), raise_server_exceptions=False) as client:
        yield client
    platform.close()


@pytest.fixture(scope="module")
def member(imported: City) -> dict[str, str]:
    token = shuize(imported.home, "party", "token", "li-na", "--as", "li-na", "--json").json()["token"]
    return {"Authorization": f"Bearer {token}"}


def run(city: City, *words: str) -> Said:
    return shuize(city.home, *words, at=city.folder)


def test_an_export_by_command_is_what_was_imported(imported: City, tmp_path: Path) -> None:
    printed = run(imported, "dataset", "export", "payments", "--format", "odcs")
    assert yaml.safe_load(printed.out) == CONTRACT
    assert run(imported, "dataset", "export", "payments", "--json").json() == CONTRACT
    for name, read in (("out.yaml", yaml.safe_load), ("out.json", json.loads)):
        said = run(imported, "dataset", "export", "payments", "--out", str(tmp_path / name), "--json")
        assert said.json()["contract"] == "payments-1"
        assert read((tmp_path / name).read_text("utf-8")) == CONTRACT


def test_an_export_to_where_nothing_can_be_written_says_so(imported: City) -> None:
    said = run(imported, "dataset", "export", "payments", "--out", "nowhere/out.yaml")
    assert said.code == 8
    assert "nowhere/out.yaml can't be written" in said.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"kind: DataProduct\n", "'DataProduct' and not 'DataContract'"),
        (b"kind: DataContract\napiVersion: v2.2.2\n", "only v3.0.0"),
        (b"a: [1", "line 2"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"", "no object"),
        (b"a: &a [x]\nb: [*a, *c]", "*c stands for nothing"),
        (b"[" * 100_000, "deeper than 100 levels"),
        (b"# " + b"x" * MAX_BYTES, "larger than"),
    ],
    ids=["product", "old", "yaml", "utf-8", "empty", "alias", "deep", "large"],
)
def test_a_file_that_is_no_contract_is_refused_with_the_reason(
    imported: City, tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "bad.yaml").write_bytes(content)
    said = run(imported, "dataset", "import", str(tmp_path / "bad.yaml"), "--as", "li-na")
    assert said.code == 3
    assert words in said.err
    assert "hint:" in said.err
    assert "Traceback" not in said.err


def test_what_is_missing_is_asked_for_all_at_once(imported: City) -> None:
    said = run(imported, "dataset", "import", "c.yaml", "--name", "other", "--as", "li-na")
    assert said.code == 3
    for words in ("--bind paid=", "--owner", "--steward", "--organisation", "--update-frequency"):
        assert words in said.err
    said = run(imported, "dataset", "import", "c.yaml", "--bind", "paid", "--as", "li-na")
    assert said.code == 2
    assert "PROPERTY=ELEMENT" in said.err


def test_the_same_contract_again_changes_nothing(imported: City) -> None:
    said = run(imported, "dataset", "import", "c.yaml", "--as", "li-na")
    assert said.code == 5, said.err


def test_a_person_of_the_utility_reads_the_whole_contract(http: TestClient, member: dict[str, str]) -> None:
    answer = http.get("/datasets/payments/contract", headers=member)
    assert answer.headers["content-type"] == "application/yaml; charset=utf-8"
    assert yaml.safe_load(answer.text) == CONTRACT
    answer = http.get("/datasets/payments/contract", headers=member | {"Accept": "application/json"})
    assert answer.json() == CONTRACT


def test_others_read_what_is_governed_and_no_word_of_the_rest(http: TestClient, imported: City) -> None:
    for headers in ({}, imported.bearer):
        answer = http.get("/datasets/payments/contract?format=json", headers=headers)
        VALIDATOR.validate(answer.json())
        assert (answer.json()["id"], answer.json()["version"]) == ("payments-1", "1.0.0")
        for path in (
            "/datasets/payments/contract",
            "/datasets",
            "/datasets/payments",
            "/datasets/payments/revisions",
        ):
            text = http.get(path, headers=headers).text
            assert "payments" in text
            assert not [word for word in ("secret.csv", "12.5", "somebody", "the bank's") if word in text]


def test_every_dataset_of_the_demo_has_a_contract(http: TestClient) -> None:
    for dataset in http.get("/datasets").json():
        name = dataset["document"]["name"]
        VALIDATOR.validate(http.get(f"/datasets/{name}/contract?format=json").json())


def test_what_is_not_there_and_who_is_nobody(http: TestClient) -> None:
    assert http.get("/datasets/nothing/contract").status_code == 404
    assert http.get("/products/nothing/odps").status_code == 404
    assert http.get("/datasets/payments/contract?format=xml").status_code == 422
    nobody = {"Authorization": "Bearer nobody"}
    assert http.get("/datasets/payments/contract", headers=nobody).status_code == 401


def test_a_product_is_described_alike_by_command_and_over_http(
    http: TestClient, imported: City, reference_data: Path
) -> None:
    official = json.loads((reference_data / "odps" / "odps-json-schema-v1.0.0.json").read_text("utf-8"))
    said = shuize(imported.home, "product", "describe", "water-use-index", public_url="http://testserver")
    found = yaml.safe_load(said.out)
    jsonschema.Draft201909Validator(official).validate(found)
    assert http.get("/products/water-use-index/odps?format=json").json() == found
    assert yaml.safe_load(http.get("/products/water-use-index/odps").text) == found
    named = {port["contractId"] for port in found["inputPorts"]}
    assert named == {http.get("/datasets/dma-inflow/contract?format=json").json()["id"]}
    assert http.head("/products/water-use-index/odps").status_code == 200


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "yaml"),
        ("*/*", "yaml"),
        ("application/json", "json"),
        ("application/json, */*;q=0.1", "json"),
        ("text/yaml;q=0.5, application/json;q=0.4", "yaml"),
        ("text/html, application/json;q=nonsense", "yaml"),
        ("application/*;q=0.2, application/json;q=0.9", "json"),
        ("application/yaml;q=0, application/json", "json"),
        ("TEXT/YAML", "yaml"),
    ],
)
def test_the_form_that_a_reader_likes_best(accept: str, form: str) -> None:
    assert preferred(accept, FORMS) == form

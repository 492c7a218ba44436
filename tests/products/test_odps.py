"""Products described by the Open Data Product Standard 1.0, by the official schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from catalog.changes import GovernedKind
from catalog.exchange.dcat_iris import Iris
from catalog.exchange.odcs import Given
from products.recipe import RecipeNotFound
from standards import plain_yaml
from standards.data_contracts import FILE_NAME
from tests.products.builders import INDEX, INDUSTRY
from tests.products.homes import Home

IRIS = Iris.below("https://data.example.org")
REGISTRATION = {"name": INDEX, "owner": "alice", "steward": "bob", "organisation": "water-group"}

Document = dict[str, Any]


def described(home: Home, product: str = INDEX) -> Document:
    with home.open() as platform:
        return platform.data_products.describe(product, IRIS)


def complete(home: Home, **changes: str) -> None:
    with home.open() as platform:
        asked = platform.changes.change(
            GovernedKind.PRODUCT, REGISTRATION | changes, by="alice", reason="the terms are known now"
        )
        platform.changes.approve(asked.id, by="bob")


@pytest.fixture(scope="session")
def judge(reference_data: Path) -> jsonschema.Draft201909Validator:
    """Return the official schema, asserting formats too."""
    schema = json.loads((reference_data / "odps" / "odps-json-schema-v1.0.0.json").read_text("utf-8"))
    return jsonschema.Draft201909Validator(schema, format_checker=jsonschema.FormatChecker())


def test_every_stage_of_a_product_is_valid_by_the_official_schema(
    home: Home, judge: jsonschema.Draft201909Validator
) -> None:
    statuses = []

    def look(product: str = INDEX) -> None:
        found = described(home, product)
        assert yaml.safe_load(plain_yaml.write(found)) == found
        judge.validate(found)
        statuses.append(found["status"])

    look(INDUSTRY)
    look()
    home.publish()
    look()
    complete(home, terms="For research.", licence="CC-BY-4.0")
    look()
    with home.open() as platform:
        platform.publisher.withdraw(INDEX, 1, reason="a meter was swapped", by="bob")
    look()
    with home.open() as platform:
        asked = platform.changes.retire(GovernedKind.PRODUCT, INDEX, by="alice", reason="no longer made")
        platform.changes.approve(asked.id, by="bob")
    look()
    assert statuses == ["draft", "draft", "active", "active", "deprecated", "retired"]


def test_the_official_examples_pass_the_same_judge(
    reference_data: Path, judge: jsonschema.Draft201909Validator
) -> None:
    examples = sorted((reference_data / "odps").glob("*.odps.yaml"))
    assert examples
    for path in examples:
        judge.validate(yaml.safe_load(path.read_text("utf-8")))


def test_ports_name_the_contracts_that_a_reader_finds(home: Home) -> None:
    release = home.publish()
    found = described(home)
    with home.open() as platform:
        contract = yaml.safe_load(platform.store.intact(release.file(FILE_NAME).digest).read_bytes())
        source = platform.data_contracts.of("dma-inflow")
    (output,), (port,) = found["outputPorts"], found["inputPorts"]
    assert (output["contractId"], output["version"]) == (contract["id"], contract["version"])
    assert output["inputContracts"] == [{"id": source["id"], "version": source["version"]}]
    assert port == {"name": "dma-inflow", "contractId": source["id"], "version": source["version"]}
    said = {each["property"]: each["value"] for each in output["customProperties"]}
    assert (said["state"], said["manifestSha256"]) == ("published", release.manifest_digest)


def test_what_was_imported_later_changes_no_port_of_a_release(home: Home) -> None:
    home.publish()
    before = described(home)["outputPorts"]
    with home.open() as platform:
        contract = platform.data_contracts.of("dma-inflow") | {"id": "another", "version": "9.9.9"}
        asked = platform.data_contracts.ask(contract, Given(), by="alice")
        platform.changes.approve(asked.change.id, by="bob")
        assert platform.data_contracts.of("dma-inflow")["id"] == "another"
    assert described(home)["outputPorts"] == before


def test_before_a_release_the_inputs_are_those_that_the_recipe_names(home: Home) -> None:
    assert [port["name"] for port in described(home)["inputPorts"]] == ["dma-inflow"]
    assert "outputPorts" not in described(home)
    assert "inputPorts" not in described(home, INDUSTRY), "its dataset is not registered"


def test_who_answers_for_a_product_is_said_once_it_is_registered(home: Home) -> None:
    assert not {"team", "tenant"} & set(described(home, INDUSTRY))
    complete(home, terms="For research.")
    found = described(home)
    assert found["tenant"] == "water-group"
    assert {m["role"]: m["username"] for m in found["team"]["members"]} == {
        "owner": "alice",
        "data steward": "bob",
    }
    assert found["description"]["limitations"] == "For research."


def test_where_to_look_begins_with_the_address_given(home: Home) -> None:
    ports = described(home)["managementPorts"]
    assert {port["name"] for port in ports} == {"description", "catalog", "api", "verification"}
    assert all(port["url"].startswith("https://data.example.org/") for port in ports)


def test_a_product_that_nothing_makes_is_not_described(home: Home) -> None:
    with pytest.raises(RecipeNotFound):
        described(home, "nothing")

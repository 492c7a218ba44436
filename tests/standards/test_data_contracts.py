"""Data contracts: valid by the official schema whatever they speak of, and the same bytes each time."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from open_data_contract_standard.model import OpenDataContractStandard

from standards.data_contracts import ContractField, ContractSubject, data_contract
from standards.library import Library

LIBRARY = Library.load()
SCHEMA = json.loads((files("open_data_contract_standard") / "schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)


def a_field(element: str = "usage.volume_m3", **changes: Any) -> ContractField:
    said = {
        "name": element.rpartition(".")[2],
        "element": LIBRARY.element(element),
        "reference": LIBRARY.reference(element),
        "physical_type": "decimal128(18, 3)",
        "key_position": None,
    } | changes
    return ContractField(**said)


def a_subject(**changes: Any) -> ContractSubject:
    said: dict[str, Any] = {
        "product": "water-use-index",
        "version": 3,
        "title": "Water-use index",
        "title_zh": "用水量指数",
        "description": "Monthly volumes.",
        "method": "Means of hours.",
        "limitations": "None known.",
        "granularity": "one row per month",
        "fields": (a_field("period.month", key_position=1, physical_type="string"), a_field()),
        "rules": ("missing(month)", "duplicates(month)"),
        "files": {"water-use-index.csv": "csv", "water-use-index.parquet": "parquet"},
    }
    return ContractSubject(**(said | changes))


def document(subject: ContractSubject) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(data_contract(subject))
    return found


def test_the_schema_at_hand_is_that_of_the_version_written() -> None:
    assert "v3.2.0" in SCHEMA["properties"]["apiVersion"]["enum"]
    assert document(a_subject())["apiVersion"] == "v3.2.0"


@pytest.mark.parametrize("element", [each.id for each in LIBRARY.elements()])
def test_a_field_of_every_data_element_is_valid(element: str) -> None:
    VALIDATOR.validate(document(a_subject(fields=(a_field(element),))))


def test_it_is_valid_and_the_official_model_reads_it() -> None:
    text = data_contract(a_subject()).decode()
    VALIDATOR.validate(yaml.safe_load(text))
    contract = OpenDataContractStandard.from_string(text)
    assert (contract.dataProduct, contract.version, contract.status) == (
        "water-use-index",
        "3.0.0",
        "active",
    )


def test_the_same_subject_gives_the_same_bytes_and_another_version_the_same_id() -> None:
    assert data_contract(a_subject()) == data_contract(a_subject())
    one, two = document(a_subject()), document(replace(a_subject(), version=4))
    assert one["id"] == two["id"] != document(a_subject(product="gas-use"))["id"]
    assert one["version"] != two["version"]


def test_a_field_carries_its_element_s_meaning_unit_and_digest() -> None:
    month, volume = document(a_subject())["schema"][0]["properties"]
    assert (month["primaryKey"], month["primaryKeyPosition"]) == (True, 1)
    assert volume["primaryKey"] is False
    assert (volume["logicalType"], volume["physicalType"]) == ("number", "decimal128(18, 3)")
    custom = {each["property"]: each["value"] for each in volume["customProperties"]}
    reference = LIBRARY.reference("usage.volume_m3")
    assert custom == {
        "dataElement": "usage.volume_m3",
        "dataElementDigest": reference.digest,
        "unit": "m3",
    }
    assert volume["authoritativeDefinitions"][0]["url"].endswith(f":{reference.version}")
    assert volume["businessName"] == "用水量"


def test_a_note_follows_the_definition() -> None:
    plain, noted = (
        document(a_subject(fields=(a_field(note=note),)))["schema"][0]["properties"][0]["description"]
        for note in (None, "In this release: as recorded.")
    )
    assert noted == f"{plain} In this release: as recorded."


@given(title=TEXT, description=TEXT, limitations=TEXT, rules=st.lists(TEXT, max_size=4))
def test_any_words_come_back_as_they_were_written(
    title: str, description: str, limitations: str, rules: list[str]
) -> None:
    subject = a_subject(title=title, description=description, limitations=limitations, rules=tuple(rules))
    found = document(subject)
    VALIDATOR.validate(found)
    assert (found["name"], found["description"]["limitations"]) == (title, limitations)
    assert found["description"]["purpose"] == found["schema"][0]["description"] == description
    assert [rule["name"] for rule in found["schema"][0].get("quality", [])] == rules

"""What is a data contract, and where one is wrong."""

from __future__ import annotations

import importlib.resources
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards import odcs
from standards.odcs import ACCEPTED, MAX_FAULTS, MalformedDataContract

SCHEMA = json.loads(
    (importlib.resources.files("open_data_contract_standard") / "schema.json").read_text("utf-8")
)
ORACLE = jsonschema.Draft201909Validator(SCHEMA)


def a_contract(**changes: Any) -> dict[str, Any]:
    said = {"apiVersion": "v3.2.0", "kind": "DataContract", "id": "x", "version": "1.0.0", "status": "active"}
    return said | changes


def a_column(**changes: Any) -> dict[str, Any]:
    return a_contract(
        schema=[{"name": "t", "properties": [{"name": "a", "logicalType": "string"} | changes]}]
    )


UNTYPED = a_contract(schema=[{"name": "t", "properties": [{"name": "a"}]}])
OLDER = {"type": "library", "rule": "nullCheck", "mustBe": 0}
TWICE = {"metric": "rowCount", "mustBe": 0, "mustBeLessThan": 1}
VALUES = st.none() | st.text() | st.lists(st.text()) | st.just({})


def refusal(document: object) -> MalformedDataContract:
    with pytest.raises(MalformedDataContract) as caught:
        odcs.require_valid(document, where="a file")
    assert caught.value.hint
    assert caught.value.faults
    return caught.value


@pytest.mark.parametrize("version", ACCEPTED)
def test_versions_that_the_newest_includes_are_read(version: str) -> None:
    odcs.require_valid(a_contract(apiVersion=version), where="a file")


@pytest.mark.parametrize(
    ("document", "pointer", "words"),
    [
        (None, "/", "no object"),
        ([], "/", "no object"),
        ("text", "/", "no object"),
        ({}, "/kind", "missing"),
        (a_contract(kind="DataProduct"), "/kind", "'DataProduct'"),
        ({"dataContractSpecification": "1.1.0"}, "/dataContractSpecification", "another format"),
        (a_contract(apiVersion="v2.2.2"), "/apiVersion", "only v3.0.0"),
        (a_contract(apiVersion="v4.0.0"), "/apiVersion", "only v3.0.0"),
        (a_contract(apiVersion=3.2), "/apiVersion", "3.2 is not read"),
        ({"kind": "DataContract"}, "/apiVersion", "missing"),
    ],
)
def test_what_is_no_contract_is_told_from_a_wrong_one(document: object, pointer: str, words: str) -> None:
    error = refusal(document)
    assert error.faults[0].pointer == pointer
    assert words in error.faults[0].detail
    assert words in error.message


@pytest.mark.parametrize(
    ("document", "pointer", "words"),
    [
        (a_contract(version=1.0), "/version", "1.0 is not of type"),
        ({k: v for k, v in a_contract().items() if k != "id"}, "/id", "missing"),
        (a_contract(**{"a/b": 1}), "/a~1b", "customProperties"),
        (a_column(colour="red"), "/schema/0/properties/0/colour", "customProperties"),
        (UNTYPED, "/schema/0/properties/0/logicalType", "missing"),
        (a_contract(team=[{"name": "Li"}]), "/team/0/username", "missing"),
        (a_contract(team=[{"username": "li", "comment": "x"}]), "/team/0/comment", "customProperties"),
        (a_contract(team={"members": [{"username": 1}]}), "/team/members/0/username", "not of type"),
        (a_column(quality=[OLDER]), "/schema/0/properties/0/quality/0/metric", "what was `rule`"),
        (a_contract(servers=[{"server": "x", "type": "duckdb"}]), "/servers/0/database", "missing"),
        (a_contract(slaProperties=[{"property": "x", "value": []}]), "/slaProperties/0/value", "none of"),
        (a_column(quality=[TWICE]), "/schema/0/properties/0/quality/0", "several of the forms"),
        (a_contract(tags=["x" * 1000, 1]), "/tags/1", "not of type"),
    ],
)
def test_what_the_official_schema_refuses_is_named_by_its_place(
    document: dict[str, Any], pointer: str, words: str
) -> None:
    assert not ORACLE.is_valid(document)
    (fault,) = refusal(document).faults
    assert fault.pointer == pointer
    assert words in fault.detail


def test_many_faults_are_told_and_not_without_end() -> None:
    properties = [{"name": str(i), "logicalType": "nothing"} for i in range(500)]
    error = refusal(a_contract(schema=[{"name": "t", "properties": properties}]))
    assert len(error.faults) == MAX_FAULTS
    assert all(len(fault.detail) < 500 for fault in error.faults)


@given(
    st.dictionaries(
        st.sampled_from([*SCHEMA["properties"], "other"]),
        st.none() | st.text() | st.lists(st.text()) | st.just({}),
        max_size=4,
    )
)
def test_it_judges_as_an_independent_reader_of_the_schema_does(said: dict[str, Any]) -> None:
    document = a_contract(**said) | {"kind": "DataContract", "apiVersion": "v3.1.0"}
    if ORACLE.is_valid(document):
        odcs.require_valid(document, where="a file")
    else:
        refusal(document)

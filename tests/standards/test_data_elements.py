"""Data elements: sensible, or refused with each contradiction named."""

from __future__ import annotations

import hashlib

import pytest
from pydantic import ValidationError

from standards.data_elements import ContradictoryDataElement, DataElement
from standards.security import SecurityLevel


def a_data_element(**changes: object) -> DataElement:
    working: dict[str, object] = {
        "id": "thing.value",
        "version": "1.0",
        "name_zh": "值",
        "name_en": "value",
        "definition": "A value.",
        "object_class": "thing",
        "property": "value",
        "type": "text",
        "security_level": "general-1",
        "identifier_kind": "none",
        "status": "candidate",
    }
    return DataElement.model_validate(working | changes)


DECIMAL = {"type": "decimal", "precision": 12, "scale": 5}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"max_length": 7, "pattern": "[0-9]{4}-[0-9]{2}"},
        {**DECIMAL, "unit": "L/s", "minimum": 0},
        {**DECIMAL, "minimum": "-0.00001", "maximum": "0.00001"},
        {"type": "integer", "minimum": -5, "maximum": -5},
        {"type": "integer", "code_list": "meter-calibre", "code_level": 2, "unit": "mm"},
        {"code_list": "gbt4754"},
        {"type": "timestamp"},
    ],
)
def test_a_sensible_element_is_accepted(changes: dict[str, object]) -> None:
    assert a_data_element(**changes).id == "thing.value"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"refers_to": "thing.value"}, "/refers_to"),
        ({"type": "decimal"}, "/precision"),
        ({"type": "decimal", "precision": 5}, "/precision"),
        ({"type": "decimal", "precision": 3, "scale": 4}, "/scale"),
        ({"type": "integer", "precision": 3}, "/precision"),
        ({"type": "integer", "max_length": 3}, "/max_length"),
        ({"type": "date", "unit": "d"}, "/unit"),
        ({"unit": "m3"}, "/unit"),
        ({"minimum": 0}, "/minimum"),
        ({"type": "boolean", "maximum": 1}, "/maximum"),
        ({"type": "integer", "minimum": 2, "maximum": 1}, "/minimum"),
        ({"type": "integer", "minimum": "0.5"}, "/minimum"),
        ({**DECIMAL, "maximum": "0.000001"}, "/maximum"),
        ({"type": "integer", "pattern": "[0-9]"}, "/pattern"),
        ({"pattern": "(unclosed"}, "/pattern"),
        ({"code_list": "gbt4754", "pattern": "[0-9]"}, "/pattern"),
        ({"type": "integer", "code_list": "x", "minimum": 1}, "/minimum"),
        ({**DECIMAL, "code_list": "gbt4754"}, "/code_list"),
        ({"code_level": 1}, "/code_level"),
        ({"identifier_kind": "direct"}, "/security_level"),
        ({"identifier_kind": "sensitive"}, "/security_level"),
    ],
)
def test_nonsense_is_refused_at_the_place_where_it_stands(changes: dict[str, object], pointer: str) -> None:
    with pytest.raises(ContradictoryDataElement, match=r"thing\.value contradicts itself") as caught:
        a_data_element(**changes)
    assert [fault.pointer for fault in caught.value.faults] == [pointer]
    assert caught.value.hint


def test_several_contradictions_are_reported_together() -> None:
    with pytest.raises(ContradictoryDataElement) as caught:
        a_data_element(type="date", unit="d", max_length=3, identifier_kind="direct")
    assert {fault.pointer for fault in caught.value.faults} == {"/unit", "/max_length", "/security_level"}


@pytest.mark.parametrize(
    "element_id", ["name", "Customer.name", "customer.", ".name", "customer name.x", "a-b.c"]
)
def test_an_id_without_object_and_property_is_refused(element_id: str) -> None:
    with pytest.raises(ValidationError, match="String should match pattern"):
        a_data_element(id=element_id)


@pytest.mark.parametrize("bound", ["NaN", "Infinity"])
def test_a_bound_that_is_no_number_is_refused(bound: str) -> None:
    with pytest.raises((ContradictoryDataElement, ValidationError)):
        a_data_element(type="integer", minimum=bound)


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        a_data_element(lenght=3)


def test_the_digest_stands_for_the_content_and_leaves_absent_parts_out() -> None:
    element = a_data_element()
    assert element.digest() == a_data_element(unit=None).digest()
    assert element.digest() != a_data_element(definition="Another value.").digest()
    assert element.security_level is SecurityLevel.GENERAL_1


def test_the_digest_is_that_of_a_document_anyone_can_write_down() -> None:
    """A change here means that every manifest written so far cites a digest nobody can recompute."""
    document = (
        '{"definition":"A value.","id":"thing.value","identifier_kind":"none","minimum":"0","name_en":'
        '"value","name_zh":"值","object_class":"thing","precision":12,"property":"value","scale":5,'
        '"security_level":"general-1","status":"candidate","type":"decimal","unit":"L/s","version":"1.0"}'
    )
    element = a_data_element(**DECIMAL, minimum=0, unit="L/s")
    assert element.digest() == hashlib.sha256(document.encode()).hexdigest()

"""What a stranger, a partner and a member see of a dataset: the rule itself."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.datasets.models import DatasetDraft
from catalog.disclosure import Disclosure, Reader, view
from catalog.sensing.models import Sensed, SensitiveKind
from standards.data_elements import DataElement
from standards.library import Library
from standards.security import SecurityLevel
from tests.builders import Room, a_dataset, fields

LIBRARY = Library.load()
MIXED = {"area": "area.code", "flow": "reading.inflow_l_per_s", "resident": "customer.resident_id"}


def a_mixed_dataset(**changes: Any) -> DatasetDraft:
    said = {
        "fields": fields(**MIXED),
        "key": ["area", "resident"],
        "rules": [],
        "security_level": "general-4",
    }
    return a_dataset(**(said | changes))


@pytest.mark.parametrize(
    ("reader", "named", "counted"),
    [
        (Reader.STRANGER, {"area", "flow"}, {"area", "flow"}),
        (Reader.PARTNER, {"area", "flow", "resident"}, {"area", "flow"}),
        (Reader.MEMBER, {"area", "flow", "resident"}, {"area", "flow", "resident"}),
    ],
)
def test_sensitive_fields_are_named_and_counted_by_reader(
    reader: Reader, named: set[str], counted: set[str]
) -> None:
    draft = a_mixed_dataset(
        rules=[{"rule": "missing", "field": "resident"}, {"rule": "missing", "field": "flow"}]
    )
    seen = view(draft, reader, (), LIBRARY)
    assert (seen.named, seen.counted) == (named, counted)
    document = seen.document(draft)
    assert {field.name for field in document.fields} == named
    assert set(document.key) == {"area", "resident"} & named
    assert [rule.mentions()[0] for rule in document.rules] == [
        name for name in ("resident", "flow") if name in named
    ]
    assert seen.unnamed(draft) == 3 - len(named)


def test_a_field_in_which_something_was_sensed_is_sensitive() -> None:
    draft = a_mixed_dataset(fields=fields(area="area.code"), key=["area"])
    phone = Sensed(field="area", kind=SensitiveKind.MOBILE, count=3, values=3, examples=("***",))
    code = phone.model_copy(update={"kind": SensitiveKind.CREDIT_CODE})
    assert view(draft, Reader.STRANGER, [phone], LIBRARY).named == set()
    assert view(draft, Reader.STRANGER, [code], LIBRARY).named == {"area"}


def test_what_any_version_of_an_element_hides_stays_hidden(room: Room) -> None:
    draft = a_mixed_dataset()
    old = LIBRARY.element("customer.resident_id")
    open_ = {"version": "9.0", "identifier_kind": "none", "security_level": "general-1"}
    room.publish(DataElement.model_validate(old.model_dump() | open_), lowers=True)
    library = LIBRARY.beside(room.standards.documents)
    assert library.element("customer.resident_id").security_level is SecurityLevel.GENERAL_1
    assert "resident" not in view(draft, Reader.STRANGER, (), library).named


def test_hidden_fields_are_known_by_dataset_and_name(room: Room) -> None:
    room.enter(a_mixed_dataset())
    disclosure = Disclosure(room.database, LIBRARY)
    assert disclosure.hidden(["inflow", "nothing"]) == {"inflow.resident"}

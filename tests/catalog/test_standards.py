"""Imported standards: all or none, never changed, and seen at once beside the bundled ones."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import Any

import pytest

from catalog.changes.models import OwnRequest
from catalog.database import Database
from catalog.parties import PartnersDontGovern, PartyKind, UnknownParty
from catalog.standards import ProtectionLowered, StandardIdTaken, StandardPublished, Standards
from catalog.trail import Trail
from standards import protection
from standards.code_lists import CodeList
from standards.coding_rules import CodingRule
from standards.data_elements import DataElement, IdentifierKind
from standards.documents import Document
from standards.library import Library, MalformedStandard, UnknownStandard
from tests.builders import Room, a_party


def a_code_list(**changes: Any) -> CodeList:
    working = {
        "id": "pump-station",
        "version": "1.0",
        "title_zh": "泵站",
        "title_en": "Pump stations",
        "source": "a test",
        "valid_from": "2026-01-01",
        "codes": [{"code": "01", "parent": None, "level": 1, "title_zh": "一号泵站"}],
    }
    return CodeList.model_validate(working | changes)


def an_element(**changes: Any) -> DataElement:
    working = {
        "id": "pump_station.code",
        "version": "1.0",
        "name_zh": "泵站编码",
        "name_en": "pump station code",
        "definition": "Code of a pump station.",
        "object_class": "pump station",
        "property": "code",
        "type": "text",
        "max_length": 2,
        "code_list": "pump-station",
        "security_level": "general-2",
        "identifier_kind": "none",
        "status": "standard",
    }
    return DataElement.model_validate(working | changes)


@pytest.fixture
def standards(room: Room) -> Standards:
    """Return an empty register."""
    return Standards(room.database, Library.load(), room.clock)


def library_of(standards: Standards) -> Library:
    return Library.load().beside(standards.documents)


def test_what_is_imported_stands_beside_the_bundled_at_once(room: Room, standards: Standards) -> None:
    library = library_of(standards)
    with pytest.raises(UnknownStandard):
        library.get("pump-station")
    done = standards.add([an_element(), a_code_list()], by="alice")
    assert [each.id for each in done.added] == ["pump_station.code", "pump-station"]
    assert library.code_list("pump-station") == a_code_list()
    assert library.element("pump_station.code").code_list == "pump-station"
    assert library.reference("pump-station") == a_code_list().reference()
    assert "pump-station" in [each.id for each in library.code_lists()]
    assert library.code_list("gbt4754").version == "2017"


def test_an_import_is_seen_by_another_process(room: Room, standards: Standards) -> None:
    elsewhere = Standards(room.database, Library.load(), room.clock)
    assert elsewhere.documents() == ()
    standards.add([a_code_list()], by="alice")
    assert elsewhere.documents() == (a_code_list(),)
    assert elsewhere.documents() is elsewhere.documents()


def test_the_same_text_again_changes_nothing(room: Room, standards: Standards) -> None:
    standards.add([a_code_list()], by="alice")
    gbt4754 = Library.load().code_list("gbt4754")
    again = standards.add([a_code_list(), gbt4754], by="alice")
    assert (again.added, [each.id for each in again.unchanged]) == ((), ["pump-station", "gbt4754"])
    assert len(standards.imports()) == 1
    assert standards.imports()[0].imported_by == "alice"


@pytest.mark.parametrize("there", ["imported", "bundled"])
def test_another_text_under_a_published_version_is_refused_with_the_difference(
    room: Room, standards: Standards, there: str
) -> None:
    document = a_code_list() if there == "imported" else Library.load().code_list("tariff-class")
    if there == "imported":
        standards.add([document], by="alice")
    changed = document.model_copy(update={"title_en": "Another title"})
    with pytest.raises(StandardPublished, match="Another title") as caught:
        standards.add([a_code_list(id="fresh"), changed], by="alice")
    assert [fault.pointer for fault in caught.value.faults] == ["/title_en"]
    assert "new version" in str(caught.value.hint)
    with pytest.raises(UnknownStandard):
        library_of(standards).get("fresh")


def test_a_new_version_becomes_the_one_meant(room: Room, standards: Standards) -> None:
    standards.add([a_code_list()], by="alice")
    newer = a_code_list(version="1.10", valid_from="2026-02-01")
    standards.add([newer, a_code_list(version="1.9", valid_from="2026-02-01")], by="alice")
    library = library_of(standards)
    assert library.code_list("pump-station") == newer
    assert library.code_list("pump-station", "1.0") == a_code_list()
    early = Library.load().beside(standards.documents, today=lambda: date(2026, 1, 15))
    assert early.code_list("pump-station").version == "1.0"


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([an_element()], r"pump_station\.code@1\.0: no code list has the id 'pump-station'"),
        ([a_code_list(), an_element(code_level=2)], "has no level 2"),
        ([a_code_list(), an_element(max_length=1)], "too short for '01'"),
    ],
)
def test_what_speaks_of_a_standard_that_is_nowhere_is_refused_whole(
    room: Room, standards: Standards, documents: list[Document], message: str
) -> None:
    with pytest.raises(MalformedStandard, match=message):
        standards.add(documents, by="alice")
    assert standards.documents() == ()


def resident_id(**changes: Any) -> DataElement:
    old = Library.load().element("customer.resident_id")
    return DataElement.model_validate(old.model_dump() | {"version": "9.0"} | changes)


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"identifier_kind": "none"}, ["identifier_kind"]),
        ({"identifier_kind": "sensitive"}, ["identifier_kind"]),
        ({"identifier_kind": "quasi", "security_level": "general-1"}, ["security_level", "identifier_kind"]),
    ],
)
def test_one_member_alone_lowers_no_protection(
    room: Room, standards: Standards, changes: dict[str, str], places: list[str]
) -> None:
    new = resident_id(**changes)
    with pytest.raises(ProtectionLowered, match="it would hold for every dataset at once") as caught:
        standards.add([new, a_code_list()], by="alice")
    assert [each.pointer for each in caught.value.faults] == [f"{new.citation}/{place}" for place in places]
    with pytest.raises(OwnRequest):
        standards.add([new], by="alice", approved_by="alice")
    with pytest.raises(UnknownParty):
        standards.add([new], by="alice", approved_by="nobody")
    assert standards.documents() == ()
    standards.add([new, a_code_list()], by="alice", approved_by="bob")
    entries = [e for e in Trail(room.database, room.clock).list() if e.act == "standard-imported"]
    agreed = {each.subject: each.detail.get("lowering_approved_by") for each in entries}
    assert agreed == {"customer.resident_id 9.0": "bob", "pump-station 1.0": None}


def test_what_protects_as_much_or_is_a_candidate_needs_nobody_else(room: Room, standards: Standards) -> None:
    standards.add([resident_id(definition="A number."), an_element(code_list=None)], by="alice")
    proposed = resident_id(version="9.1", identifier_kind="none", status="candidate")
    more = an_element(code_list=None, version="2.0", identifier_kind="direct", security_level="general-3")
    standards.add([proposed, more], by="alice")
    assert library_of(standards).element("customer.resident_id").version == "9.0"
    with pytest.raises(ProtectionLowered):
        standards.add([an_element(code_list=None, version="3.0")], by="alice")


def test_what_an_earlier_version_hides_is_still_told_of(room: Room, standards: Standards) -> None:
    standards.add([resident_id(identifier_kind="none")], by="alice", approved_by="bob")
    library = library_of(standards)
    assert library.element("customer.resident_id").identifier_kind is IdentifierKind.NONE
    every = protection.versions("customer.resident_id", library)
    assert [each.identifier_kind for each in every] == [IdentifierKind.DIRECT, IdentifierKind.NONE]


def test_an_id_of_another_kind_is_refused(room: Room, standards: Standards) -> None:
    rule = CodingRule.model_validate(
        {
            "id": "tariff-class",
            "version": "1.0",
            "title_zh": "规则",
            "title_en": "Rule",
            "definition_zh": "定义。",
            "definition": "A rule.",
            "element": "bill.number",
            "segments": [
                {"name": "n", "title_zh": "号", "title_en": "Number", "kind": "number", "length": 4}
            ],
            "valid_from": "2026-01-01",
        }
    )
    with pytest.raises(StandardIdTaken, match="tariff-class is a code-list"):
        standards.add([rule], by="alice")


def test_only_the_utility_itself_imports(room: Room, standards: Standards) -> None:
    room.parties.add(a_party(id="partner-x", kind=PartyKind.PARTNER), by="alice")
    room.parties.add(a_party(id="etl", kind=PartyKind.SYSTEM), by="alice")
    for outsider in ("partner-x", "etl"):
        with pytest.raises(PartnersDontGovern):
            standards.add([a_code_list()], by=outsider)
    with pytest.raises(UnknownParty):
        standards.add([a_code_list()], by="nobody")


def test_a_catalog_opened_again_still_has_them(room: Room, standards: Standards) -> None:
    standards.add([a_code_list()], by="alice")
    with closing(Database(room.url)) as reopened:
        again = Standards(reopened, Library.load(), room.clock)
        assert again.documents()[0].digest() == a_code_list().digest()

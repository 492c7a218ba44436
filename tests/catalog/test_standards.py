"""Imported standards: by two people, all or none, never changed, and seen at once beside the bundled ones."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from catalog.changes import ChangeDecided, ChangeState, GovernedKind, StaleBase
from catalog.changes.models import ChangeNotFound, NotAReviewer, NothingChanges, OwnRequest, RegistrationOpen
from catalog.changes.publishing import proposed
from catalog.database import Database
from catalog.organisation import Organisation, UnitDraft, UnitKind
from catalog.parties import PartnersDontGovern, PartyKind, UnknownParty
from catalog.roles import Role, RoleDraft, Roles, SubjectKind
from catalog.standards import ProtectionLowered, StandardIdTaken, StandardPublished, Standards
from catalog.trail import Trail
from standards import protection
from standards.code_lists import CodeList
from standards.coding_rules import CodingRule
from standards.data_elements import DataElement, IdentifierKind
from standards.documents import Document
from standards.errors import ShuizeError
from standards.library import Library, MalformedStandard, UnknownStandard
from tests.builders import Room, a_dataset, a_party


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


def library_of(room: Room) -> Library:
    return Library.load().beside(room.standards.documents)


def test_what_is_approved_stands_beside_the_bundled_at_once(room: Room) -> None:
    library = library_of(room)
    asked = room.changes.publish([an_element(), a_code_list()], by="alice", reason="our stations")
    with pytest.raises(UnknownStandard):
        library.get("pump-station")
    assert (asked.state, asked.reason) == (ChangeState.OPEN, "our stations")
    assert [each["id"] for each in asked.document["standards"]] == ["pump_station.code", "pump-station"]
    with pytest.raises(OwnRequest):
        room.changes.approve(asked.id, by="alice")
    room.changes.approve(asked.id, by="bob")
    assert library.code_list("pump-station") == a_code_list()
    assert library.element("pump_station.code").code_list == "pump-station"
    assert library.reference("pump-station") == a_code_list().reference()
    assert "pump-station" in [each.id for each in library.code_lists()]
    assert library.code_list("gbt4754").version == "2017"
    assert [each.imported_by for each in room.standards.imports()] == ["alice", "alice"]


def test_what_is_rejected_or_withdrawn_is_never_published(room: Room) -> None:
    first = room.changes.publish([a_code_list()], by="alice")
    room.changes.reject(first.id, by="bob", reason="no such station")
    second = room.changes.publish([a_code_list()], by="alice")
    room.changes.withdraw(second.id, by="alice")
    with pytest.raises(ChangeDecided):
        room.changes.approve(first.id, by="bob")
    assert room.standards.documents() == ()


def test_candidates_are_shown_beside_what_is_published(room: Room) -> None:
    room.publish(a_code_list())
    newer = a_code_list(version="2.0", title_zh="泵房", valid_from="2026-02-01")
    asked = room.changes.publish([newer, an_element(code_list=None)], by="alice")
    assert proposed(asked) == (newer, an_element(code_list=None))
    library = library_of(room).with_candidates(proposed(asked))
    assert library.code_list("pump-station", "2.0") == newer
    assert library_of(room).code_list("pump-station").version == "1.0"
    told = [str(each) for each in asked.differences]
    assert told[:3] == [
        '~ /pump-station/version  "1.0" → "2.0"',
        '~ /pump-station/title_zh  "泵站" → "泵房"',
        '~ /pump-station/valid_from  "2026-01-01" → "2026-02-01"',
    ]
    assert told[3].startswith('+ /pump_station.code  {"kind": "data-element"')
    dataset = room.changes.register(GovernedKind.DATASET, a_dataset(), by="alice")
    with pytest.raises(ChangeNotFound, match="not about standards"):
        proposed(dataset)


def test_an_import_is_seen_by_another_process(room: Room) -> None:
    elsewhere = Standards(room.database, Library.load())
    assert elsewhere.documents() == ()
    room.publish(a_code_list())
    assert elsewhere.documents() == (a_code_list(),)
    assert elsewhere.documents() is elsewhere.documents()


def test_the_same_text_again_changes_nothing(room: Room) -> None:
    room.publish(a_code_list())
    gbt4754 = Library.load().code_list("gbt4754")
    with pytest.raises(NothingChanges, match="all 2 standards"):
        room.changes.publish([a_code_list(), gbt4754], by="alice")
    asked = room.changes.publish([a_code_list(), gbt4754, an_element()], by="alice")
    assert [each["id"] for each in asked.document["standards"]] == ["pump_station.code"]
    assert len(room.standards.imports()) == 1


@pytest.mark.parametrize("there", ["imported", "bundled"])
def test_another_text_under_a_published_version_is_refused_with_the_difference(
    room: Room, there: str
) -> None:
    document = a_code_list() if there == "imported" else Library.load().code_list("tariff-class")
    if there == "imported":
        room.publish(document)
    changed = document.model_copy(update={"title_en": "Another title"})
    with pytest.raises(StandardPublished, match="Another title") as caught:
        room.changes.publish([a_code_list(id="fresh"), changed], by="alice")
    assert [fault.pointer for fault in caught.value.faults] == ["/title_en"]
    assert "new version" in str(caught.value.hint)
    assert [change.subject for change in room.changes.list() if change.state is ChangeState.OPEN] == []


def test_a_new_version_becomes_the_one_meant(room: Room) -> None:
    room.publish(a_code_list())
    newer = a_code_list(version="1.10", valid_from="2026-02-01")
    room.publish(newer, a_code_list(version="1.9", valid_from="2026-02-01"))
    library = library_of(room)
    assert library.code_list("pump-station") == newer
    assert library.code_list("pump-station", "1.0") == a_code_list()
    early = Library.load().beside(room.standards.documents, today=lambda: date(2026, 1, 15))
    assert early.code_list("pump-station").version == "1.0"


def test_a_request_on_a_past_version_is_refused_with_the_conflict(room: Room) -> None:
    room.publish(a_code_list())
    mine = room.changes.publish([a_code_list(version="2.0", title_zh="泵房")], by="alice")
    other = room.changes.publish([a_code_list(id="well")], by="alice")
    room.publish(a_code_list(version="1.1", title_zh="水泵站"))
    with pytest.raises(StaleBase, match=r"pump-station@1\.1") as caught:
        room.changes.approve(mine.id, by="bob")
    told = {fault.pointer: fault.detail for fault in caught.value.faults}
    assert told["/pump-station/title_zh"] == 'was "泵站", is now "水泵站"; the request wants "泵房"'
    assert library_of(room).code_list("pump-station").version == "1.1"
    room.changes.approve(other.id, by="bob")  # of another standard, which nobody touched


def test_two_imports_of_one_version_are_both_heard_and_one_is_published(room: Room) -> None:
    first = room.changes.publish([a_code_list()], by="alice")
    with pytest.raises(RegistrationOpen, match=f"request {first.id} asks already"):
        room.changes.publish([a_code_list()], by="bob")
    second = room.changes.publish([a_code_list(title_zh="泵房")], by="bob")
    said: list[str] = []

    def approve(number: int, by: str) -> None:
        try:
            room.changes.approve(number, by=by)
            said.append("approved")
        except ShuizeError as error:
            said.append(error.code)

    threads = [
        threading.Thread(target=approve, args=each) for each in ((first.id, "bob"), (second.id, "alice"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["approved", "stale-base"]
    assert len(room.standards.documents()) == 1


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([an_element()], r"pump_station\.code@1\.0: no code list has the id 'pump-station'"),
        ([a_code_list(), an_element(code_level=2)], "has no level 2"),
        ([a_code_list(), an_element(max_length=1)], "too short for '01'"),
    ],
)
def test_what_speaks_of_a_standard_that_is_nowhere_is_refused_whole(
    room: Room, documents: list[Document], message: str
) -> None:
    with pytest.raises(MalformedStandard, match=message):
        room.changes.publish(documents, by="alice")
    assert room.changes.list() == ()


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
def test_who_lowers_protection_says_so_and_the_reviewer_reads_it(
    room: Room, changes: dict[str, str], places: list[str]
) -> None:
    new = resident_id(**changes)
    with pytest.raises(ProtectionLowered, match="it would hold for every dataset at once") as caught:
        room.changes.publish([new, a_code_list()], by="alice")
    assert [each.pointer for each in caught.value.faults] == [f"{new.citation}/{place}" for place in places]
    asked = room.changes.publish([new, a_code_list()], by="alice", lowers=True)
    assert asked.document["lowers"] == [f"{new.citation}/{place}" for place in places]
    room.changes.approve(asked.id, by="bob")
    entries = [e for e in Trail(room.database, room.clock).list() if e.act == "standard-imported"]
    said = {each.subject: each.detail.get("lowers_protection") for each in entries}
    assert said == {"customer.resident_id 9.0": True, "pump-station 1.0": None}


def test_a_request_that_has_come_to_lower_protection_is_refused(room: Room) -> None:
    room.publish(an_element(code_list=None))
    lower = an_element(code_list=None, version="3.0")
    asked = room.changes.publish([lower], by="alice")
    assert asked.document["lowers"] == []
    room.publish(an_element(code_list=None, version="2.0", security_level="general-3"))
    with pytest.raises(StaleBase):
        room.changes.approve(asked.id, by="bob")


def test_what_protects_as_much_or_is_a_candidate_lowers_nothing(room: Room) -> None:
    room.publish(resident_id(definition="A number."), an_element(code_list=None))
    proposed_only = resident_id(version="9.1", identifier_kind="none", status="candidate")
    more = an_element(code_list=None, version="2.0", identifier_kind="direct", security_level="general-3")
    room.publish(proposed_only, more)
    assert library_of(room).element("customer.resident_id").version == "9.0"
    with pytest.raises(ProtectionLowered):
        room.changes.publish([an_element(code_list=None, version="3.0")], by="alice")


def test_what_an_earlier_version_hides_is_still_told_of(room: Room) -> None:
    room.publish(resident_id(identifier_kind="none"), lowers=True)
    library = library_of(room)
    assert library.element("customer.resident_id").identifier_kind is IdentifierKind.NONE
    every = protection.versions("customer.resident_id", library)
    assert [each.identifier_kind for each in every] == [IdentifierKind.DIRECT, IdentifierKind.NONE]


def test_an_id_of_another_kind_is_refused(room: Room) -> None:
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
        room.changes.publish([rule], by="alice")


def test_only_the_utility_itself_imports(room: Room) -> None:
    room.parties.add(a_party(id="partner-x", kind=PartyKind.PARTNER), by="alice")
    room.parties.add(a_party(id="etl", kind=PartyKind.SYSTEM), by="alice")
    for outsider in ("partner-x", "etl"):
        with pytest.raises(PartnersDontGovern):
            room.changes.publish([a_code_list()], by=outsider)
    with pytest.raises(UnknownParty):
        room.changes.publish([a_code_list()], by="nobody")
    asked = room.changes.publish([a_code_list()], by="alice")
    with pytest.raises(PartnersDontGovern):
        room.changes.approve(asked.id, by="partner-x")


def test_reviewers_named_at_the_top_of_the_organisation_decide(room: Room) -> None:
    organisation = Organisation(room.database, room.clock)
    organisation.add([UnitDraft(code="g", kind=UnitKind.GROUP, title="Group")], by="alice")
    room.parties.add(a_party(id="carol"), by="alice")
    draft = RoleDraft(role=Role.REVIEWER, subject_kind=SubjectKind.UNIT, subject="g", party="carol")
    Roles(room.database, room.clock).assign(draft, by="alice")
    asked = room.changes.publish([a_code_list()], by="alice")
    with pytest.raises(NotAReviewer, match="bob is no reviewer of standards"):
        room.changes.approve(asked.id, by="bob")
    assert room.changes.approve(asked.id, by="carol").as_reviewer
    own = room.changes.publish([a_code_list(version="2.0")], by="carol")
    assert room.changes.approve(own.id, by="bob").as_reviewer is False


def test_the_trail_says_who_asked_and_who_approved_and_is_compared_with_the_rows(room: Room) -> None:
    room.publish(a_code_list())
    trail = Trail(room.database, room.clock)
    acts = [(entry.act, entry.by) for entry in trail.list()][-3:]
    assert acts == [
        ("change-requested", "alice"), ("standard-imported", "alice"), ("standards-published", "bob"),
    ]  # fmt: skip
    assert trail.verify().holds
    with room.database.write() as session:
        session.execute(sa.text("UPDATE standards SET imported_by = 'bob'"))
    rows = trail.verify().rows
    assert rows is not None
    assert [(each.table, each.row) for each in rows.differences] == [("standards", "pump-station 1.0")]


def test_a_catalog_opened_again_still_has_them(room: Room) -> None:
    room.publish(a_code_list())
    with closing(Database(room.url)) as reopened:
        again = Standards(reopened, Library.load())
        assert again.documents()[0].digest() == a_code_list().digest()

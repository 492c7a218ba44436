from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from catalog.changes import GovernedKind
from catalog.datasets.models import (
    DatasetExists,
    DatasetNotFound,
    DatasetVersion,
    MalformedDataset,
    VersionNotFound,
    parse_draft,
)
from catalog.parties import UnknownParty
from standards.names import MalformedName
from standards.security import SecurityLevel
from tests.builders import NOON, Room, a_dataset, a_dataset_document, a_digest, fields


def a_version(**changes: Any) -> DatasetVersion:
    return DatasetVersion.model_validate(
        {
            "dataset": "inflow",
            "number": 0,
            "digest": a_digest("version"),
            "size_bytes": 10,
            "row_count": 2,
            "source_name": "source.csv",
            "source_digest": a_digest("source"),
            "profile": (),
            "loaded_by": "alice",
            "loaded_at": NOON,
        }
        | changes
    )


def faults_of(document: object) -> dict[str, str]:
    with pytest.raises(MalformedDataset) as caught:
        parse_draft(document, where="inflow.yaml")
    assert "inflow.yaml" in str(caught.value)
    return {fault.pointer: fault.detail for fault in caught.value.faults}


def refusal_of(room: Room, **changes: Any) -> dict[str, str]:
    with pytest.raises(MalformedDataset) as caught:
        room.changes.register(GovernedKind.DATASET, a_dataset(**changes), by="alice")
    assert room.datasets.list() == ()
    return {fault.pointer: fault.detail for fault in caught.value.faults}


def test_a_registered_dataset_comes_back_as_it_was_written(room: Room) -> None:
    draft = a_dataset(
        key=["area", "at"],
        rules=[
            {"rule": "range", "field": "flow", "maximum": "250.5", "tolerance": "0.01"},
            {"rule": "complete-period", "time": "at", "step": "hour", "by": ["area"]},
        ],
    )
    room.enter(draft, by="bob", approved_by="alice")
    registered = room.datasets.get("inflow")
    assert registered.document == draft
    assert (registered.registered_by, registered.registered_at, registered.versions) == ("bob", NOON, 0)
    assert room.datasets.list() == (registered,)


def test_a_second_dataset_of_one_name_is_refused_and_changes_nothing(room: Room) -> None:
    room.register()
    with pytest.raises(DatasetExists, match="inflow"):
        room.register(title="Another")
    assert room.datasets.get("inflow").document.title == "Hourly inflow"


def test_a_name_that_would_not_survive_is_refused(room: Room) -> None:
    with pytest.raises(MalformedName):
        room.register(name="In Flow")


@pytest.mark.parametrize("role", ["owner", "steward", "organisation"])
def test_every_role_is_held_by_a_known_party(room: Room, role: str) -> None:
    with pytest.raises(UnknownParty, match="nobody"):
        room.register(**{role: "nobody"})
    assert room.datasets.list() == ()


def test_only_a_known_party_registers(room: Room) -> None:
    with pytest.raises(UnknownParty, match="nobody"):
        room.enter(a_dataset(), by="nobody")
    with pytest.raises(UnknownParty, match="nobody"):
        room.enter(a_dataset(), approved_by="nobody")


def test_a_document_with_many_faults_reports_all_of_them_with_their_places() -> None:
    document = a_dataset_document(
        title="",
        colour="blue",
        security_level="secret",
        fields=[{"name": "Area", "element": "area.code"}, {"name": "at"}],
        rules=[
            {"rule": "range", "field": "at"},
            {"rule": "missing", "field": "at", "tolerance": 2},
            {"rule": "complete-period", "time": "at", "step": "week"},
            {"rule": "guess"},
        ],
    )
    del document["owner"]
    assert set(faults_of(document)) == {
        "/title",
        "/colour",
        "/security_level",
        "/owner",
        "/fields/0/name",
        "/fields/1/element",
        "/rules/0",
        "/rules/1/tolerance",
        "/rules/2/step",
        "/rules/3",
    }


def test_a_level_below_the_fields_elements_is_refused(room: Room) -> None:
    draft = a_dataset(
        security_level="general-2", fields=fields(area="area.code", id="customer.resident_id"), key=["area"]
    )
    with pytest.raises(MalformedDataset) as caught:
        room.enter(draft)
    (fault,) = caught.value.faults
    assert fault.pointer.endswith("/security_level")
    assert fault.detail == (
        "general-2 is below what its fields are: field id of element customer.resident_id is general-4; "
        "set general-4, or leave those fields out"
    )
    room.enter(draft.model_copy(update={"security_level": SecurityLevel.GENERAL_4}))
    assert room.datasets.get("inflow").document.security_level is SecurityLevel.GENERAL_4


@pytest.mark.parametrize("document", [None, [], "text", 3, {}, {"fields": None}])
def test_what_is_no_dataset_document_at_all_is_malformed(document: object) -> None:
    assert faults_of(document)


def test_a_dataset_without_fields_is_malformed() -> None:
    assert faults_of(a_dataset_document(fields=[])) == {"/fields": "a dataset has at least one field"}


def test_contradictions_between_the_parts_are_all_named_at_once() -> None:
    twice = [
        {"name": "area", "element": "area.code", "column": "A"},
        {"name": "area", "element": "area.code", "column": "a"},
    ]
    rules = [{"rule": "missing", "field": "area"}, {"rule": "missing", "field": "area"}]
    document = a_dataset_document(fields=twice, key=["area", "area", "gone"], rules=rules)
    (detail,) = faults_of(document).values()
    assert detail.split("; ") == [
        "two fields have the same name: area",
        "two fields read the same column: a",
        "the key names a field twice: area",
        "a rule stands twice: missing(area)",
        "key or rules mention fields that are not there: gone",
    ]


def test_what_does_not_fit_the_standards_is_reported_together(room: Room) -> None:
    found = refusal_of(
        room,
        update_frequency="sometimes",
        fields=[
            {"name": "area", "element": "area.cod"},
            {"name": "at", "element": "reading.observed_at", "time_zone": "Mars/Olympus"},
            {"name": "name", "element": "customer.name", "time_zone": "Asia/Shanghai"},
            {"name": "day", "element": "reading.read_on"},
        ],
        rules=[
            {"rule": "range", "field": "name", "minimum": 0},
            {"rule": "pattern", "field": "name", "pattern": "(?=a)a"},
            {"rule": "pattern", "field": "at", "pattern": "a"},
            {"rule": "permitted", "field": "name", "code_list": "gbt9999"},
            {"rule": "permitted", "field": "at", "code_list": "tariff-class", "level": 9},
            {"rule": "complete-period", "time": "day", "step": "hour"},
        ],
    )
    assert set(found) == {
        "/update_frequency",
        "/fields/0/element",
        "/fields/1/time_zone",
        "/fields/2/time_zone",
        "/rules/0/field",
        "/rules/1/pattern",
        "/rules/2/field",
        "/rules/3/code_list",
        "/rules/4/field",
        "/rules/4/level",
        "/rules/5/time",
    }
    assert "nearest: area.code" in found["/fields/0/element"]


def test_field_names_that_are_words_of_sql_are_no_trouble(room: Room) -> None:
    room.register(fields=fields(select="customer.name", order="usage.index"))
    loaded = room.load("select,order\na,1\n")
    assert room.rows(loaded.version) == [("a", "1.0000")]


def test_versions_are_numbered_from_one_in_the_order_of_loading(room: Room) -> None:
    room.register()
    kept = [room.datasets.add_version(a_version(digest=a_digest(text))) for text in ("a", "b", "c")]
    assert [version.number for version in kept] == [1, 2, 3]
    assert room.datasets.versions("inflow") == tuple(kept)
    assert room.datasets.get("inflow").versions == 3


def test_the_same_digest_is_the_same_version_and_keeps_its_first_facts(room: Room) -> None:
    room.register()
    first = room.datasets.add_version(a_version())
    assert room.datasets.add_version(a_version(source_name="again.csv", loaded_by="bob")) == first
    assert room.datasets.versions("inflow") == (first,)


def test_the_newest_version_is_the_default(room: Room) -> None:
    room.register()
    for text in ("a", "b"):
        room.datasets.add_version(a_version(digest=a_digest(text)))
    assert room.datasets.version("inflow").number == 2
    assert room.datasets.version("inflow", 1).digest == a_digest("a")


def test_a_version_that_is_not_there_is_said_to_be_missing(room: Room) -> None:
    room.register()
    with pytest.raises(VersionNotFound, match="no version yet"):
        room.datasets.version("inflow")
    for text, there in (("a", "it has version 1"), ("b", "it has versions 1 to 2")):
        room.datasets.add_version(a_version(digest=a_digest(text)))
        with pytest.raises(VersionNotFound, match="no version 7") as caught:
            room.datasets.version("inflow", 7)
        assert caught.value.hint == there


def test_an_unknown_dataset_is_said_to_be_unknown(room: Room) -> None:
    check = partial(room.quality.check, by="alice")
    uses = (room.datasets.get, room.datasets.versions, room.datasets.version, check)
    for use in uses:
        with pytest.raises(DatasetNotFound, match="nothing"):
            use("nothing")
    with pytest.raises(DatasetNotFound):
        room.datasets.add_version(a_version(dataset="nothing"))
    with pytest.raises(DatasetNotFound):
        room.datasets.to_load("nothing", by="alice")


def test_many_datasets_are_registered_in_one_step(room: Room) -> None:
    drafts = [a_dataset(name=f"d{n}", title=f"Dataset {n}") for n in range(3)]
    room.enter(*drafts)
    assert [each.document for each in room.datasets.list()] == drafts
    assert room.changes.register_all([], by="bob", approved_by="alice") == ()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"name": "taken"}, DatasetExists),
        ({"name": "d0"}, MalformedDataset),
        ({"name": "Not A Name"}, MalformedName),
        ({"owner": "nobody"}, UnknownParty),
        ({"fields": fields(area="area.kode")}, MalformedDataset),
        ({"update_frequency": "now and then"}, MalformedDataset),
    ],
)
def test_one_wrong_dataset_of_many_stops_all(
    room: Room, wrong: dict[str, Any], error: type[Exception]
) -> None:
    room.register(name="taken")
    drafts = [a_dataset(name="d0"), a_dataset(**({"name": "d1"} | wrong)), a_dataset(name="d2")]
    with pytest.raises(error):
        room.enter(*drafts)
    assert [each.name for each in room.datasets.list()] == ["taken"]


def test_the_faults_of_many_say_which_dataset_they_are_of(room: Room) -> None:
    drafts = [a_dataset(name="d0"), a_dataset(name="d1", fields=fields(area="area.kode"))]
    with pytest.raises(MalformedDataset) as caught:
        room.enter(*drafts)
    assert [fault.pointer for fault in caught.value.faults] == ["/1/fields/0/element"]

"""Data contracts in a catalog: imported by two people, exported, and what stands in the way."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from catalog.changes import ChangeAct, ChangeState, GovernedKind
from catalog.changes.models import NothingChanges
from catalog.datasets.models import MalformedDataset
from catalog.disclosure import Disclosure, Reader
from catalog.exchange.odcs import DataContracts, Given, IncompleteDataContract
from catalog.parties import UnknownParty
from standards.library import Library
from standards.odcs import MalformedDataContract
from tests.builders import Room, a_dataset
from tests.catalog.exchange.odcs_datasets import made_ready
from tests.catalog.exchange.odcs_documents import VALIDATOR, Everything, Maker

Contract = dict[str, Any]
CITED = {"type": "businessDefinition", "url": "urn:shuize:data-element:a.b:1"}
LEVEL = {"property": "securityLevel", "value": "secret", "vendor": "shuize"}
LOCAL = {"timezone": False, "defaultTimezone": "Asia/Shanghai"}
NULLS = {"metric": "nullValues", "mustBe": 0}
COLUMNS = "/schema/0/properties"
BOUND = {"CUST_NO": "customer.number", "paid": "bill.paid_yuan", "at": "reading.observed_at"}
GIVEN = Given(
    owner="water-group", steward="alice", organisation="water-group", update_frequency="daily",
    elements=BOUND, left_out=frozenset({"items"}),
)  # fmt: skip


def a_contract(**changes: Any) -> Contract:
    """Return somebody else's contract of one table, with much that a dataset has no place for."""
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "53581432-6c55-4ba2-a65f-72344a91553a",
        "name": "Payments",
        "version": "1.1.0",
        "status": "active",
        "tenant": "Retail",
        "description": {"purpose": "What was paid.", "limitations": "2024 only."},
        "servers": [{"server": "s", "type": "local", "path": "x.csv", "format": "csv"}],
        "schema": [
            {
                "name": "tbl_payments",
                "tags": ["finance"],
                "properties": [
                    {"name": "CUST_NO", "logicalType": "string", "primaryKey": True, "examples": ["1"]},
                    {"name": "paid", "logicalType": "number", "quality": [NULLS]},
                    {"name": "at", "logicalType": "timestamp", "logicalTypeOptions": LOCAL},
                    {"name": "items", "logicalType": "array", "items": {"logicalType": "string"}},
                ],
                "quality": [{"type": "sql", "query": "SELECT 1", "mustBe": 1}],
            }
        ],
        "team": [{"username": "ceastwood", "role": "Data Owner"}],
        "slaProperties": [{"property": "latency", "value": 4, "unit": "d"}],
    } | changes


def text(name: str, **more: Any) -> Contract:
    return {"name": name, "logicalType": "string", **more}


def columns(*said: Contract) -> Contract:
    """Return a contract of a table with these properties."""
    return a_contract(schema=[{"name": "t", "properties": list(said)}])


@pytest.fixture
def contracts(room: Room) -> DataContracts:
    return DataContracts(
        room.datasets, room.changes, Library.load(), Disclosure(room.database, Library.load())
    )


def bring_in(room: Room, contracts: DataContracts, contract: Contract, given: Given = GIVEN) -> str:
    """Import a contract and approve it; return the dataset's name."""
    asked = contracts.ask(contract, given, by="alice")
    room.changes.approve(asked.change.id, by="bob")
    return asked.change.subject


def refusal(contracts: DataContracts, contract: Contract, given: Given = GIVEN) -> dict[str, str]:
    """Return what is wrong, by place."""
    with pytest.raises(IncompleteDataContract) as caught:
        contracts.ask(contract, given, by="alice", where="c.yaml")
    assert caught.value.hint
    assert caught.value.message.startswith("c.yaml")
    return {fault.pointer: fault.detail for fault in caught.value.faults}


def test_an_import_is_a_request_and_an_export_gives_it_back(room: Room, contracts: DataContracts) -> None:
    asked = contracts.ask(a_contract(), GIVEN, by="alice")
    assert (asked.change.act, asked.change.state) == (ChangeAct.REGISTER, ChangeState.OPEN)
    assert "53581432" in asked.change.reason
    assert asked.other_checks == ("/schema/0/quality/0",)
    room.changes.approve(asked.change.id, by="bob")
    document = room.datasets.get("tbl-payments").document
    assert [(f.name, f.element, f.column) for f in document.fields] == [
        ("cust_no", "customer.number", "CUST_NO"),
        ("paid", "bill.paid_yuan", None),
        ("at", "reading.observed_at", None),
    ]
    assert document.fields[2].time_zone == "Asia/Shanghai"
    assert (document.key, document.owner) == (("cust_no",), "water-group")
    assert [rule.id for rule in document.rules] == ["missing(paid)"]
    assert contracts.of("tbl-payments") == a_contract()


def test_documents_from_everywhere_in_the_schema_come_back_from_the_database(
    room: Room, contracts: DataContracts
) -> None:
    maker = Maker(Everything())
    for _ in range(6):
        contract, given = made_ready(maker.document())
        text = json.dumps(contract, sort_keys=True)
        name = bring_in(room, contracts, contract, given)
        assert json.dumps(contracts.of(name), sort_keys=True) == text
    assert room.datasets.get("orders").revision == 6


def test_every_revision_keeps_the_contract_of_its_day(room: Room, contracts: DataContracts) -> None:
    bring_in(room, contracts, a_contract())
    asked = contracts.ask(a_contract(version="1.2.0", name="All payments"), Given(), by="alice")
    assert asked.change.act is ChangeAct.CHANGE
    pointers = {each.pointer for each in asked.change.differences}
    assert {"/title", "/contract/document/version"} <= pointers
    assert not [each for each in pointers if each.startswith(("/owner", "/fields"))]
    room.changes.approve(asked.change.id, by="bob")
    revisions = room.changes.revisions(GovernedKind.DATASET, "tbl-payments")
    assert [r.document["contract"]["document"]["version"] for r in revisions] == ["1.1.0", "1.2.0"]
    with pytest.raises(NothingChanges):
        contracts.ask(a_contract(version="1.2.0", name="All payments"), Given(), by="alice")


def test_what_is_decided_here_wins_over_what_the_contract_said(room: Room, contracts: DataContracts) -> None:
    name = bring_in(room, contracts, a_contract())
    document = room.changes.revisions(GovernedKind.DATASET, name)[-1].document
    document |= {"title": "Paid", "owner": "bob", "rules": []}
    asked = room.changes.change(GovernedKind.DATASET, document, by="alice", reason="decided")
    room.changes.approve(asked.id, by="bob")
    found, said = contracts.of(name), a_contract()
    VALIDATOR.validate(found)
    assert (found["name"], found["version"], found["apiVersion"]) == ("Paid", "1.1.0+revision.2", "v3.2.0")
    assert found["team"] == [{"username": "bob", "role": "Data Owner"}]
    assert found["schema"][0]["properties"][1]["quality"] == []
    for untouched in ("id", "tenant", "description", "servers", "slaProperties", "status"):
        assert found[untouched] == said[untouched]
    assert found["schema"][0]["quality"] == said["schema"][0]["quality"]
    again = contracts.ask(a_contract(version="1.3.0"), Given(), by="alice").change.document
    assert (again["title"], again["owner"]) == ("Paid", "bob"), "the contract says nothing new of it"


def test_a_retired_dataset_s_contract_says_so(room: Room, contracts: DataContracts) -> None:
    name = bring_in(room, contracts, a_contract())
    asked = room.changes.retire(GovernedKind.DATASET, name, by="alice", reason="replaced")
    room.changes.approve(asked.id, by="bob")
    assert (contracts.of(name)["status"], contracts.of(name)["version"]) == ("retired", "1.1.0+revision.2")


def test_a_stranger_s_view_holds_what_is_governed_and_nothing_else(
    room: Room, contracts: DataContracts
) -> None:
    name = bring_in(room, contracts, a_contract())
    found = contracts.seen(name, Reader.STRANGER)
    VALIDATOR.validate(found)
    assert (found["id"], found["version"]) == (a_contract()["id"], "1.1.0")
    text = json.dumps(found)
    for private in ("ceastwood", "x.csv", "SELECT 1", "examples", "finance"):
        assert private not in text


def test_any_dataset_of_ours_has_a_contract(room: Room, contracts: DataContracts) -> None:
    room.changes.register_all([a_dataset()], by="alice", approved_by="bob")
    found = contracts.of("inflow")
    VALIDATOR.validate(found)
    assert contracts.seen("inflow", Reader.STRANGER) == found
    name = bring_in(room, contracts, found, Given(name="inflow-again"))
    ours, again = room.datasets.get("inflow").document, room.datasets.get(name).document
    assert again.model_copy(update={"name": "inflow", "contract": None}) == ours


@pytest.mark.parametrize(
    ("contract", "given", "pointer", "words"),
    [
        (a_contract(schema=[]), GIVEN, "/schema", "none"),
        (a_contract(schema=[{"name": "a"}, {"name": "b"}]), GIVEN, "/schema", "a, b"),
        (a_contract(schema=[{"name": "a"}]), Given(table="z"), "/schema", "none is called 'z'"),
        (a_contract(schema=[{"name": "支付"}]), GIVEN, "/schema/0/name", "no name of a dataset"),
        (a_contract(), Given(elements=BOUND), f"{COLUMNS}/3/logicalType", "--leave-out items"),
        (a_contract(), Given(elements={"paid": "bill.pay"}), f"{COLUMNS}/1", "bill.paid_yuan"),
        (a_contract(), Given(elements={"paid": "customer.name"}), f"{COLUMNS}/1/logicalType", "text"),
        (a_contract(), Given(elements={"nobody": "bill.paid_yuan"}), COLUMNS, "'nobody'"),
        (a_contract(), Given(left_out=frozenset({"CUST_NO"})), f"{COLUMNS}/0/primaryKey", "key"),
        (a_contract(), Given(), "/team", "--steward"),
        (a_contract(), Given(), "/slaProperties", "--update-frequency"),
        (
            columns({"name": "inflow", "logicalType": "number"}),
            Given(),
            f"{COLUMNS}/0",
            "--bind inflow=reading.inflow_l_per_s",
        ),
        (columns(text("a"), text("a")), Given(), COLUMNS, "two are called 'a'"),
        (columns(text("A"), text("a")), Given(), f"{COLUMNS}/1/name", "'A' and 'a'"),
        (columns(text("用户")), Given(), f"{COLUMNS}/0/name", "physicalName"),
        (columns(), Given(), COLUMNS, "no property"),
        (
            columns(text("a", customProperties=[{"property": "dataElement", "value": "a.b"}])),
            Given(),
            f"{COLUMNS}/0/customProperties",
            "'a.b'",
        ),
        (
            columns(text("a", authoritativeDefinitions=[CITED])),
            Given(),
            f"{COLUMNS}/0/authoritativeDefinitions",
            "'a.b'",
        ),
    ],
)
def test_what_a_contract_does_not_say_is_asked_for_by_its_place(
    contracts: DataContracts, contract: Contract, given: Given, pointer: str, words: str
) -> None:
    assert words in refusal(contracts, contract, given)[pointer]


@pytest.mark.parametrize(
    ("changes", "pointer", "words"),
    [
        ({"customProperties": [LEVEL]}, "/customProperties", "general-1"),
        ({"slaProperties": [{"property": "frequency", "value": "sometimes"}]}, "/slaProperties", "irregular"),
    ],
)
def test_what_does_not_fit_the_standards_is_named_by_its_place_in_the_contract(
    contracts: DataContracts, changes: Contract, pointer: str, words: str
) -> None:
    given = replace(GIVEN, update_frequency=None if "sla" in pointer else "daily")
    assert words in refusal(contracts, a_contract(**changes), given)[pointer]


@pytest.mark.parametrize(
    ("implementation", "words"),
    [
        ({"rule": "nothing"}, "implementation is no rule"),
        ("missing(paid)", "implementation is no rule"),
        ({"rule": "missing", "field": "nobody"}, "speaks of no field: nobody"),
    ],
)
def test_a_check_of_our_engine_must_be_a_rule(
    contracts: DataContracts, implementation: object, words: str
) -> None:
    contract = a_contract()
    check = {"type": "custom", "engine": "shuize", "implementation": implementation}
    contract["schema"][0]["quality"].append(check)
    assert words in refusal(contracts, contract)["/schema/0/quality/1"]


def test_a_check_that_can_t_run_here_stays_in_the_contract(contracts: DataContracts) -> None:
    contract = a_contract()
    lookahead = {"metric": "invalidValues", "arguments": {"pattern": "(?=x)"}, "mustBe": 0}
    contract["schema"][0]["properties"][0]["quality"] = [lookahead]
    asked = contracts.ask(contract, GIVEN, by="alice")
    assert f"{COLUMNS}/0/quality/0" in asked.other_checks
    assert [rule["rule"] for rule in asked.change.document["rules"]] == ["missing"]


def test_a_contract_that_is_none_or_names_nobody_here_is_refused(contracts: DataContracts) -> None:
    with pytest.raises(MalformedDataContract):
        contracts.ask(a_contract(colour="red"), GIVEN, by="alice")
    with pytest.raises(UnknownParty, match="ceastwood") as caught:
        contracts.ask(a_contract(), replace(GIVEN, owner=None), by="alice")
    assert "--owner" in str(caught.value.hint)
    with pytest.raises(IncompleteDataContract) as refused:
        contracts.ask(a_contract(), replace(GIVEN, security_level="secret"), by="alice")
    assert refused.value.faults[0].pointer == "--security-level"


@pytest.mark.parametrize(
    ("place", "value", "pointer"),
    [("table", "other", "/contract/table"), ("document", {"kind": "x"}, "/contract/document/kind")],
)
def test_a_contract_that_was_edited_beside_its_dataset_must_stay_one(
    room: Room, contracts: DataContracts, place: str, value: object, pointer: str
) -> None:
    name = bring_in(room, contracts, a_contract())
    document = room.changes.revisions(GovernedKind.DATASET, name)[-1].document
    document["contract"][place] = value
    with pytest.raises(MalformedDataset) as caught:
        room.changes.change(GovernedKind.DATASET, document, by="alice", reason="a try")
    assert [fault.pointer for fault in caught.value.faults] == [pointer]

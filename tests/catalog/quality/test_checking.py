from __future__ import annotations

import json
from typing import Any

import pyarrow.parquet as pq
import pytest

from catalog.organisation import Organisation, People, UnitDraft, UnitKind
from catalog.parties import PartnersDontGovern, UnknownParty
from catalog.quality.checking import Quality, QualityRunNotFound, RuleNotKept
from catalog.quality.failing import SCHEMA
from catalog.quality.reports import Count, QualityRun
from catalog.roles import Role, RoleDraft, Roles, SubjectKind
from catalog.trail import Trail
from standards.data_elements import DataElement
from standards.digests import Digest
from standards.library import Library
from tests.builders import NOON, Room, csv_text, fields
from tests.catalog.dumping import dump

INFLOW: list[list[str | None]] = [
    ["DMA-01", "2021-03-28 09:00", "1"],
    ["DMA-01", "2021-03-28 09:00", "-1"],
    ["dma", "2021-03-28 12:00", None],
]


OF_DATASETS = ("q43", "q44", "q216", "q217", "q218", "q219")


def checked(room: Room, **changes: Any) -> QualityRun:
    room.register(key=["area", "at"], source="the telemetry", **changes)
    room.load(csv_text(["area", "at", "flow"], INFLOW))
    return room.quality.check("inflow", by="alice")


def test_rules_follow_from_elements_required_fields_and_key(room: Room) -> None:
    run = checked(
        room,
        fields=fields(
            area={"element": "area.code", "required": True},
            at={"element": "reading.observed_at", "time_zone": "Asia/Shanghai"},
            flow="reading.inflow_l_per_s",
        ),
        rules=[{"rule": "complete-period", "time": "at", "step": "hour"}],
    )
    assert {
        found.rule: (found.passing, found.judged)
        for found in run.report.rules
        if not found.rule.startswith(OF_DATASETS)
    } == {
        "missing(area)": (3, 3),
        "pattern(area)": (2, 3),
        "range(flow)": (1, 2),
        "duplicates(area, at)": (2, 3),
        "complete-period(at)": (2, 4),
    }


def test_a_declared_rule_stands_in_for_the_implied_one(room: Room) -> None:
    run = checked(room, rules=[{"rule": "range", "field": "flow", "minimum": "-5"}])
    assert [(r.rule, r.passed) for r in run.report.rules if r.rule == "range(flow)"] == [
        ("range(flow)", True)
    ]


def test_every_failed_rule_is_a_finding_with_a_name_and_a_date(room: Room) -> None:
    run = checked(room)
    assert [
        (f.rule, f.failing, f.dataset, f.version, f.responsible, f.detected_at) for f in run.findings
    ] == [
        ("pattern(area)", 1, "inflow", 1, "alice", NOON),
        ("range(flow)", 1, "inflow", 1, "alice", NOON),
        ("duplicates(area, at)", 1, "inflow", 1, "alice", NOON),
    ]
    assert run.findings[1].examples == ("row 2, flow -1.00000",)
    assert run.ran_at == NOON


def test_a_tolerated_failure_is_no_finding(room: Room) -> None:
    run = checked(room, rules=[{"rule": "range", "field": "flow", "minimum": 0, "tolerance": "0.5"}])
    assert "range(flow)" not in [finding.rule for finding in run.findings]


def test_running_again_gives_the_same_report_under_the_same_digest(room: Room) -> None:
    first = checked(room)
    room.clock.forward(days=1)
    second = room.quality.check("inflow", 1, by="alice")
    assert second.report == first.report
    assert second.report_digest == first.report_digest == first.report.report_digest()
    assert second.ran_at > first.ran_at
    assert {finding.id for finding in first.findings}.isdisjoint(finding.id for finding in second.findings)


def test_the_report_names_the_version_and_its_digest(room: Room) -> None:
    report = checked(room).report
    version = room.datasets.version("inflow")
    assert (report.subject, report.version, report.digest, report.rows) == ("inflow", 1, version.digest, 3)
    assert json.loads(json.dumps(report.document())) == report.document()


def test_the_latest_run_of_a_version_is_kept_with_its_findings(room: Room) -> None:
    assert room.quality.latest("inflow", 1) is None
    checked(room)
    second = room.quality.check("inflow", by="alice")
    assert room.quality.latest("inflow", 1) == second
    assert room.quality.latest("inflow", 2) is None


def test_names_of_customers_reach_neither_findings_nor_database(room: Room) -> None:
    room.register(
        fields=fields(number="customer.number", name="customer.name", phone="customer.phone"),
        key=["number", "name"],
        rules=[{"rule": "permitted", "field": "phone", "code_list": "tariff-class"}],
    )
    room.load("number,name,phone\n00012345678,张三丰,13912345678\n00012345678,张三丰,139\n")
    run = room.quality.check("inflow", by="alice")
    examples = {finding.rule: finding.examples for finding in run.findings}
    assert examples == {
        "pattern(phone)": ("row 2",),
        "duplicates(number, name)": ("row 2, number (hidden), name (hidden)",),
        "permitted(phone)": ("row 1, phone (hidden)", "row 2, phone (hidden)"),
        "q02-customer-number-unique": ("row 2, number (hidden)",),
        "q08-phone-valid": ("row 2",),
        "q43-dictionary-complete": ("it has no source",),
    }
    dumped = dump(room)
    for secret in ("张三丰", "00012345678", "13912345678"):
        assert secret not in run.model_dump_json()
        assert secret not in dumped


@pytest.mark.parametrize("is_gone", [True, False])
def test_data_that_cannot_be_had_is_a_failure_and_no_row_is_judged(room: Room, is_gone: bool) -> None:
    checked(room)
    data = room.store.path(room.datasets.version("inflow").digest)
    data.chmod(0o644)
    if is_gone:
        data.unlink()
    else:
        data.write_bytes(data.read_bytes() + b" ")
    report = room.quality.check("inflow", by="alice").report
    found = {result.rule: result for result in report.rules}
    assert [rule for rule in found if not rule.startswith(OF_DATASETS)] == []
    (said,) = found["q217-dataset-retrievable"].examples
    assert ("holds nothing under" if is_gone else "now have the digest") in said
    assert not found["q44-schema-as-registered"].passed
    assert {each.rule for each in report.not_run} == {"pattern(area)", "range(flow)", "duplicates(area, at)"}


def test_a_check_names_who_checked(room: Room) -> None:
    checked(room)
    entry = Trail(room.database, room.clock).list()[-1]
    assert (entry.act, entry.subject, entry.by) == ("version-checked", "inflow", "alice")
    with pytest.raises(UnknownParty):
        room.quality.check("inflow", by="nobody")
    with pytest.raises(PartnersDontGovern):
        room.quality.check("inflow", by="partner")


def test_findings_go_to_whoever_is_steward_that_day(room: Room) -> None:
    """Named by role, else by the document, else the owner by role; a finding keeps whom it went to."""
    roles = Roles(room.database, room.clock)
    steward = RoleDraft(role=Role.STEWARD, subject_kind=SubjectKind.DATASET, subject="inflow", party="bob")
    assert {f.responsible for f in checked(room).findings} == {"alice"}
    assignment = roles.assign(steward, by="alice")
    second = room.quality.check("inflow", by="alice")
    assert {f.responsible for f in second.findings} == {"bob"}
    room.clock.forward(days=2)
    roles.end(assignment.id, by="alice")
    assert {f.responsible for f in room.quality.check("inflow", by="alice").findings} == {"alice"}
    assert room.quality.latest("inflow", 1) != second
    People(room.database, room.clock).leave("alice", by="bob")
    room.clock.forward(days=1)
    owner = steward.model_copy(update={"role": Role.OWNER})
    roles.assign(owner, by="bob")
    assert {f.responsible for f in room.quality.check("inflow", by="bob").findings} == {"bob"}


def test_a_check_goes_by_the_elements_that_the_dataset_cites(room: Room) -> None:
    """A newer version of an element makes no loaded text wrong; a change request does."""
    checked(room)
    library = Library.load().beside(room.standards.documents)
    old = library.element("area.code")
    changed = {"version": "9.0", "type": "integer", "max_length": None, "pattern": None}
    room.publish(DataElement.model_validate(old.model_dump() | changed))
    quality = Quality(room.database, room.datasets, room.store, library, room.clock)
    report = quality.check("inflow", by="alice").report
    found = {result.rule: result for result in report.rules}
    assert library.element("area.code").version == "9.0"
    assert found["q44-schema-as-registered"].passed
    assert found["pattern(area)"].failing == 1


# --- what was found, and whose it is ---

CUSTOMERS = fields(
    number="customer.number",
    office="customer.office",
    who="customer.surveyed_by",
    opened="customer.opened_on",
)


def customers(room: Room, *rows: str, **changes: Any) -> QualityRun:
    """Register, load and check customers: number, office, who surveyed them, day of opening."""
    room.register(name="customers", fields=CUSTOMERS, **{"key": ["number"], **changes})
    room.load("number,office,who,opened\n" + "\n".join(rows) + "\n", dataset="customers")
    return room.quality.check("customers", by="alice")


def found_by(room: Room, run: QualityRun, rule: str) -> list[dict[str, Any]]:
    """Return what a run found by one rule, without the rule's name."""
    rows = room.quality.findings(run.id).to_pylist()
    return [{k: v for k, v in row.items() if k != "rule"} for row in rows if row["rule"] == rule]


def test_every_failing_object_is_kept_with_its_key_and_whose_it_is(room: Room) -> None:
    run = customers(room, "01000000017,0101,R1,2020-01-01", 'x"\\,0102,S2,', "yü,,,2020-01-01")
    assert found_by(room, run, "pattern(number)") == [
        {"object": '["x\\"\\\\"]', "row": 2, "organisation": "0102", "answerable": "s2"},
        {"object": '["yü"]', "row": 3, "organisation": None, "answerable": None},
    ]
    table = room.quality.findings(run.id)
    assert table.schema == SCHEMA
    assert table.num_rows == run.report.findings_count
    failed = [result.rule for result in run.report.failed]
    assert list(dict.fromkeys(table["rule"].to_pylist())) == failed
    by_rule = {result.rule: result.failing for result in run.report.failed}
    assert by_rule["pattern(number)"] == 2


def test_the_same_run_writes_the_same_objects(room: Room) -> None:
    run = customers(room, "b,0101,R1,2020-01-01", "a,0101,R1,2020-01-01")
    again = room.quality.check("customers", by="alice")
    assert (again.report.findings, again.report.rules_kept) == (run.report.findings, run.report.rules_kept)
    assert [row["object"] for row in found_by(room, again, "pattern(number)")] == ['["b"]', '["a"]']
    assert pq.read_schema(room.store.path(Digest(str(run.report.findings)))).names == SCHEMA.names


def test_rows_that_share_a_key_are_one_object(room: Room) -> None:
    run = customers(room, *["a,0101,R1,2020-01-01"] * 3)
    (result,) = [each for each in run.report.rules if each.rule == "q02-customer-number-unique"]
    assert (result.passing, result.judged) == (1, 3)
    assert [row["row"] for row in found_by(room, run, "q02-customer-number-unique")] == [2]
    assert [row["row"] for row in found_by(room, run, "pattern(number)")] == [1]


def test_without_a_key_a_row_is_called_by_its_number(room: Room) -> None:
    run = customers(room, "01000000017,0101,R1,2020-01-01", "a,0101,R1,2020-01-01", key=[])
    assert [row["object"] for row in found_by(room, run, "pattern(number)")] == ['["#2"]']


def test_a_missing_step_is_found_by_the_key_that_is_missing(room: Room) -> None:
    run = checked(room, rules=[{"rule": "complete-period", "time": "at", "step": "hour", "by": ["area"]}])
    assert [row["object"] for row in found_by(room, run, "complete-period(at, area)")] == [
        '["DMA-01","2021-03-28T02:00:00Z"]',
        '["DMA-01","2021-03-28T03:00:00Z"]',
        '["DMA-01","2021-03-28T04:00:00Z"]',
        '["dma","2021-03-28T01:00:00Z"]',
        '["dma","2021-03-28T02:00:00Z"]',
        '["dma","2021-03-28T03:00:00Z"]',
    ]


def test_what_a_rule_tolerates_is_not_kept(room: Room) -> None:
    run = checked(room, rules=[{"rule": "range", "field": "flow", "minimum": 0, "tolerance": "0.5"}])
    assert found_by(room, run, "range(flow)") == []


def test_counts_go_up_the_organisation(room: Room) -> None:
    units = [("g", UnitKind.GROUP, None), ("01", UnitKind.BRANCH, "g"), ("0101", UnitKind.OFFICE, "01"),
             ("0102", UnitKind.OFFICE, "01")]  # fmt: skip
    drafts = [UnitDraft(code=c, kind=k, title=c, parent=p) for c, k, p in units]
    Organisation(room.database, room.clock).add(drafts, by="alice")
    rows = ["a,0101,R1,2020-01-01", "b,0102,R1,2020-01-01", "01000000017,0102,R1,2020-01-01"]
    run = customers(room, *rows, "c,9999,R1,2020-01-01")
    (result,) = [each for each in run.report.rules if each.rule == "pattern(number)"]
    assert result.by_organisation == {
        "g": Count(judged=3, failing=2),
        "g/01": Count(judged=3, failing=2),
        "g/01/0101": Count(judged=1, failing=1),
        "g/01/0102": Count(judged=2, failing=1),
    }
    assert (result.judged, result.failing) == (4, 3)


# --- checking again ---


def test_a_rule_is_run_again_as_it_was(room: Room) -> None:
    run = customers(room, "a,0101,R1,2020-01-01", "01000000017,0101,R1,2020-01-01")
    (rule,) = [each for each in run.report.rules if each.rule == "pattern(number)"]
    assert rule.digest is not None
    assert room.quality.recheck("customers", 1, rule.digest).to_pylist() == [
        row for row in room.quality.findings(run.id).to_pylist() if row["rule"] == "pattern(number)"
    ]
    room.load("number,office,who,opened\n01000000025,0101,R1,2020-01-01\n", dataset="customers")
    mended = room.quality.recheck("customers", 2, rule.digest)
    assert mended.schema == SCHEMA
    assert mended.num_rows == 0


def test_every_rule_that_failed_can_be_run_again_and_finds_the_same(room: Room) -> None:
    """Rules over other datasets and of the dataset as a whole too."""
    room.register(
        name="cards",
        fields=fields(account="account_card.number", owner="account_card.customer_number"),
        key=["account"],
    )
    room.load("account,owner\n1,b\n2,a\n2,zz\n", dataset="cards")
    customers(room, "a,0101,R1,2020-01-01", "b,0102,R1,2020-01-01")
    run = room.quality.check("cards", by="alice")
    found = room.quality.findings(run.id).to_pylist()
    assert run.report.beside[0].dataset == "customers"
    whose = {(row["object"], row["row"], row["organisation"]) for row in found if row["row"]}
    assert whose == {('["1"]', 1, "0102"), ('["2"]', 2, "0101"), ('["2"]', 3, None)}
    for result in run.report.failed:
        assert result.digest is not None
        again = room.quality.recheck("cards", 1, result.digest).to_pylist()
        assert again == [row for row in found if row["rule"] == result.rule]
        assert again


def test_a_rule_that_no_run_knows_is_refused(room: Room) -> None:
    run = checked(room)
    with pytest.raises(RuleNotKept):
        room.quality.recheck("inflow", 1, Digest("0" * 64))
    with pytest.raises(QualityRunNotFound):
        room.quality.findings(run.id + 1)
    assert room.quality.run(run.id) == run

"""A gate at load: what fails is told, held back, or keeps the file out; nothing is lost, nothing is half."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.datasets.models import parse_draft
from catalog.gates import holding
from catalog.gates.holding import QuarantineNotReady
from catalog.gates.models import Gate, GateAction
from catalog.gates.passing import GateClosed, GateMilder
from catalog.loading.loader import Loaded
from catalog.trail import Trail, TrailFilter
from tests.builders import Room, a_dataset, a_dataset_document, fields

FIELDS = fields(number="customer.number", office="customer.office", branch="customer.branch")
UNITS = fields(code="organisation.code", level="organisation.level")
ROWS = """number,office,branch
01000000014,0101,01
01000000014,0101,01

01000000022,0202,01
01000000039,0101,
01000000047,0101,01
"""
"""In file row 3 a repeated number, in 5 an office that isn't there."""


def registered(room: Room, action: str, **gate: Any) -> None:
    """Register customers with a gate, the offices they refer to, and the dataset that holds rows back."""
    document = a_dataset_document(
        name="people",
        fields=FIELDS,
        key=["number"],
        gate={"action": action, "severities": ["critical", "major"]} | gate,
    )
    draft = parse_draft(document, where="a test")
    held = parse_draft(holding.document(draft, draft.gate or Gate()), where="a test")
    room.enter(draft, held, a_dataset(name="units", fields=UNITS, key=["code"]))
    room.load("code,level\n0101,office\n", "units")


def load(room: Room, content: str = ROWS, **options: Any) -> Loaded:
    return room.load(content, "people", **options)


def texts(room: Room, version: Any) -> list[tuple[str | None, ...]]:
    return room.rows(version)


def test_nothing_is_judged_where_no_gate_is_declared(room: Room) -> None:
    registered(room, "none")
    loaded = load(room)
    assert (loaded.version.row_count, loaded.gate, loaded.held) == (5, None, None)


def test_a_rejecting_gate_makes_no_version_and_names_rules_and_rows(room: Room) -> None:
    registered(room, "reject")
    with pytest.raises(GateClosed) as closed:
        load(room)
    said = {fault.pointer: fault.detail for fault in closed.value.faults}
    assert said["q02-customer-number-unique"].endswith("1 of 5 fail: file row 3")
    assert said["q70-customer-office-exists"].endswith("1 of 5 fail: file row 5")
    assert room.datasets.versions("people") == ()
    good = "number,office,branch\n01000000014,0101,01\n"
    assert load(room, good).version.number == 1


def test_a_warning_gate_makes_the_version_and_keeps_what_it_said(room: Room) -> None:
    registered(room, "warn")
    loaded = load(room)
    assert loaded.version.row_count == 5
    assert loaded.gate is not None
    assert {"q02-customer-number-unique", "q70-customer-office-exists"} <= {
        r.rule for r in loaded.gate.failed
    }
    (entry,) = Trail(room.database, room.clock).list(TrailFilter(act="version-loaded", subject="people"))
    assert entry.detail["gate"] == "warn"
    kept = room.store.path(entry.detail["gate_report"]).read_bytes()  # type: ignore[arg-type]
    assert json.loads(kept) == loaded.gate.model_dump(mode="json")


def test_quarantine_parts_the_rows_and_loses_none(room: Room) -> None:
    registered(room, "quarantine")
    loaded = load(room)
    assert loaded.held is not None
    assert loaded.held.dataset == "people-quarantine"
    passing, held = texts(room, loaded.version), texts(room, loaded.held)
    assert sorted((*passing, *(row[:3] for row in held)), key=str) == sorted(
        [
            ("01000000014", "0101", "01"), ("01000000014", "0101", "01"), ("01000000022", "0202", "01"),
            ("01000000039", "0101", None), ("01000000047", "0101", "01"),
        ],
        key=str,
    )  # fmt: skip
    reasons = {int(row[4] or 0): str(row[3]).split() for row in held}
    assert "q02-customer-number-unique" in reasons[2]
    assert "q70-customer-office-exists" in reasons[3]
    assert ("01000000014", "0101", "01") in passing  # of a repeated key the first passes
    assert {each.source_digest for each in (loaded.version, loaded.held)} == {loaded.version.source_digest}
    entries = Trail(room.database, room.clock).list(TrailFilter(act="version-loaded", subject="people"))
    assert entries[-1].detail["held_in"] == "people-quarantine 1"


def test_the_same_file_again_gives_the_same_versions(room: Room) -> None:
    registered(room, "quarantine")
    first, again = load(room), load(room)
    assert (again.version, again.held) == (first.version, first.held)
    assert not again.is_new
    assert len(room.datasets.versions("people-quarantine")) == 1


def test_a_load_that_dies_before_its_end_leaves_neither_part(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(room, "quarantine")
    from catalog.datasets import register

    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(register.trail, "record", dies)
        with pytest.raises(KeyboardInterrupt):
            load(room)
    assert room.datasets.versions("people") == room.datasets.versions("people-quarantine") == ()
    assert load(room).held is not None


def test_a_file_in_which_every_row_fails_is_refused(room: Room) -> None:
    registered(room, "quarantine")
    with pytest.raises(GateClosed, match="every row fails"):
        load(room, "number,office,branch\n01000000014,0202,01\n")
    assert room.datasets.versions("people-quarantine") == ()


def test_who_holds_rows_back_must_be_registered_with_the_fields(room: Room) -> None:
    document = a_dataset_document(name="people", fields=FIELDS, gate={"action": "quarantine"})
    room.enter(parse_draft(document, where="a test"))
    with pytest.raises(QuarantineNotReady, match="people-quarantine"):
        load(room)
    room.enter(a_dataset(name="people-quarantine", fields=FIELDS))
    with pytest.raises(QuarantineNotReady, match="gate_row, gate_rules"):
        load(room)


def test_a_load_may_ask_for_a_stricter_gate_and_for_no_milder_one(room: Room) -> None:
    registered(room, "warn")
    with pytest.raises(GateClosed):
        load(room, gate=GateAction.REJECT)
    with pytest.raises(GateMilder):
        load(room, gate=GateAction.NONE)


def test_a_gate_asks_the_rules_of_its_severities_alone(room: Room) -> None:
    registered(room, "warn", severities=["minor"])
    gate = load(room).gate
    assert gate is not None
    assert {"q02-customer-number-unique", "q70-customer-office-exists"}.isdisjoint(
        r.rule for r in gate.failed
    )


def test_a_document_without_a_gate_is_written_as_before(room: Room) -> None:
    assert "gate" not in a_dataset().model_dump(mode="json")
    assert a_dataset(gate={"action": "warn"}).model_dump(mode="json")["gate"]["action"] == "warn"

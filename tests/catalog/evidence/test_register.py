"""Evidence to work orders: kept with what its camera says, in a chain that tells of any change."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from catalog.evidence import EvidenceRegister, Limits
from catalog.evidence.hands import WorkOrderOver
from catalog.evidence.models import (
    Evidence,
    EvidenceNotFound,
    EvidenceThere,
    EvidenceTooLarge,
    MalformedClaim,
    NoHandInOrder,
    UnreadableEvidence,
    claimed,
)
from catalog.parties import PartnersDontGovern
from catalog.roles import Role, RoleDraft, Roles, SubjectKind
from catalog.stewardship.transitions import WorkOrderNotFound
from catalog.tables import EvidenceRow, TransitionRow
from tests.builders import NOON, Room
from tests.catalog.evidence.files import NOTE, PDF, a_photo
from tests.catalog.orders import acts, an_order

BUND = (31.2397, 121.4998)


@pytest.fixture
def evidence(room: Room) -> EvidenceRegister:
    """Return the register, in a room with work order 1."""
    room.register()
    an_order(room)
    return a_register(room)


def a_register(room: Room, **limits: Any) -> EvidenceRegister:
    return EvidenceRegister(room.database, room.store, room.clock, Limits(**limits))


def add(
    room: Room, register: EvidenceRegister, data: bytes, name: str, order: int = 1, **said: Any
) -> Evidence:
    by = said.pop("by", "alice")
    return register.add(order, room.file(data, name), claimed({"name": name, **said}), by=by)


def test_a_file_is_kept_once_and_stands_in_the_orders_log(room: Room, evidence: EvidenceRegister) -> None:
    kept = add(room, evidence, NOTE, "note.txt", note="seen at the door")
    assert (kept.citation, kept.kind, kept.media_type) == ("1/1", "note", "text/plain")
    assert kept.sha256 == hashlib.sha256(NOTE).hexdigest()
    assert evidence.path(kept).read_bytes() == NOTE
    assert evidence.list(1) == (kept,)
    assert acts(room, 1) == [("detected", "system"), ("evidence-added", "alice")]
    with room.database.read() as session:
        entry = session.scalars(sa.select(TransitionRow).where(TransitionRow.number == 2)).one()
    assert entry.detail == {
        "evidence": 1, "sha256": kept.sha256, "record": kept.record_digest(), "kind": "note"
    }  # fmt: skip
    assert (entry.before, entry.after) == ("rectifying", "rectifying")


def test_the_same_file_twice_is_told(room: Room, evidence: EvidenceRegister) -> None:
    add(room, evidence, NOTE, "note.txt")
    objects = room.objects()
    with pytest.raises(EvidenceThere, match="evidence 1/1 already"):
        add(room, evidence, NOTE, "again.txt")
    an_order(room, id=2)
    other = add(room, evidence, NOTE, "again.txt", order=2)
    assert other.also == ("1/1",)
    assert room.objects() == objects


def test_a_photo_far_from_its_claim_is_kept_and_marked(room: Room, evidence: EvidenceRegister) -> None:
    photo = a_photo(place=BUND, clock="2026:03:01 18:00:00", offset="+08:00")
    near = add(
        room, evidence, photo, "near.jpg", latitude=31.2400, longitude=121.5000,
        taken_at="2026-03-01T18:10:00+08:00",
    )  # fmt: skip
    assert near.photo is not None
    assert near.photo.place == pytest.approx(BUND, abs=1e-6)
    assert near.difference is not None
    assert (near.difference.metres, near.difference.minutes, near.difference.beyond) == (38, 10, ())
    other = a_photo(place=BUND, clock="2026:03:01 10:00:00", offset="+08:00", colour=9)
    far = add(
        room, evidence, other, "far.jpg",
        latitude=31.2304, longitude=121.4737, taken_at="2026-03-01T18:10:00+08:00",
    )  # fmt: skip
    assert far.difference is not None
    assert (far.difference.minutes, far.difference.beyond) == (490, ("place", "time"))
    assert far.difference.metres == pytest.approx(2687, rel=0.005)
    assert (far.difference.tolerated_metres, far.difference.tolerated_minutes) == (200, 30)
    assert evidence.get(1, 2) == far


def test_what_is_too_large_is_refused_before_it_is_read(room: Room, evidence: EvidenceRegister) -> None:
    huge = room.folder / "huge.jpg"
    with huge.open("wb") as stream:
        stream.truncate(500_000_000)
    with pytest.raises(EvidenceTooLarge, match=r"500\.0 MB, and evidence has 100 at most") as raised:
        evidence.add(1, huge, claimed({"name": "huge.jpg"}), by="alice")
    assert raised.value.hint is not None
    assert "SHUIZE_EVIDENCE_MEGABYTES" in raised.value.hint
    assert room.objects() == []


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"latitude": 31.0}, "/"),
        ({"latitude": 91.0, "longitude": 0.0}, "/latitude"),
        ({"latitude": float("nan"), "longitude": 0.0}, "/latitude"),
        ({"taken_at": "2026-03-01T18:10:00"}, "/taken_at"),
        ({"note": "\x1b[2J"}, "/note"),
    ],
)
def test_a_claim_that_cant_be_is_refused_with_its_place(said: dict[str, Any], place: str) -> None:
    with pytest.raises(MalformedClaim) as raised:
        claimed({"name": "note.txt", **said})
    assert [fault.pointer for fault in raised.value.faults] == [place]


def test_what_cant_be_added_leaves_nothing(room: Room, evidence: EvidenceRegister) -> None:
    with pytest.raises(MalformedClaim, match="is said to be of"):
        add(room, evidence, NOTE, "note.txt", taken_at=NOON + timedelta(hours=1))
    with pytest.raises(WorkOrderNotFound):
        add(room, evidence, NOTE, "note.txt", order=7)
    with pytest.raises(UnreadableEvidence, match="is empty"):
        add(room, evidence, b"", "note.txt")
    with pytest.raises(UnreadableEvidence, match="No such file"):
        evidence.add(1, Path("/nowhere/note.txt"), claimed({"name": "note.txt"}), by="alice")
    an_order(room, id=3, state="closed")
    with pytest.raises(WorkOrderOver, match="work order 3 is closed"):
        add(room, evidence, NOTE, "note.txt", order=3)
    assert (room.objects(), evidence.list(1)) == ([], ())


def test_only_who_has_a_hand_in_the_order_sees_it(room: Room, evidence: EvidenceRegister) -> None:
    kept = add(room, evidence, NOTE, "note.txt")
    assert evidence.list(1, by="alice") == evidence.list(1, by="water-group") == (kept,)
    for what in (lambda: evidence.list(1, by="bob"), lambda: add(room, evidence, PDF, "a.pdf", by="bob")):
        with pytest.raises(NoHandInOrder, match="bob has no hand in work order 1"):
            what()
    with pytest.raises(PartnersDontGovern):
        evidence.list(1, by="partner")
    draft = RoleDraft(role=Role.REVIEWER, subject_kind=SubjectKind.DATASET, subject="inflow", party="bob")
    Roles(room.database, room.clock).assign(draft, by="water-group")
    assert evidence.get(1, 1, by="bob") == kept
    with pytest.raises(EvidenceNotFound, match="no evidence 2"):
        evidence.get(1, 2, by="bob")


def test_the_chain_holds_until_a_byte_a_record_or_an_act_is_changed(
    room: Room, evidence: EvidenceRegister
) -> None:
    kept = add(room, evidence, NOTE, "note.txt")
    add(room, evidence, PDF, "plan.pdf")
    found = evidence.verify(1)
    assert (found.holds, found.files, found.size_bytes, found.acts) == (True, 2, len(NOTE) + len(PDF), 3)
    path = room.store.path(kept.sha256)
    path.chmod(0o600)
    path.write_bytes(NOTE + b"!")
    (fault,) = evidence.verify(1).faults
    assert fault.evidence == 1
    assert "now have the digest" in fault.what
    path.write_bytes(NOTE)
    with room.database.write() as session:
        row = session.get_one(EvidenceRow, (1, 1))
        row.document = row.document | {"added_by": "bob"}
    assert [(f.evidence, f.what) for f in evidence.verify(1).faults] == [(1, "its record was changed")]
    with room.database.write() as session:
        session.delete(session.get_one(EvidenceRow, (1, 1)))
    assert [(f.evidence, f.what) for f in evidence.verify(1).faults] == [(1, "its record has gone")]


def test_an_auditor_checks_an_export_with_nothing_of_ours(room: Room, evidence: EvidenceRegister) -> None:
    add(room, evidence, NOTE, "note.txt")
    folder = room.folder / "out"
    assert evidence.export(1, folder) == ("001-note.txt", "SHA256SUMS", "records.json")
    digest, name = (folder / "SHA256SUMS").read_text().split()
    assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    said = json.loads((folder / "records.json").read_text("utf-8"))
    entry = said["transitions"][1]
    canonical = json.dumps(
        {key: value for key, value in entry.items() if key != "digest"},
        sort_keys=True, ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip
    assert hashlib.sha256(canonical.encode()).hexdigest() == entry["digest"]
    assert entry["detail"]["sha256"] == digest

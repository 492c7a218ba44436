"""Loading senses: it is kept with the version, said beside the document, and becomes a finding once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from catalog.changes import GovernedKind
from catalog.roles import Role, RoleDraft, Roles, SubjectKind
from catalog.sensing.declared import beside
from catalog.sensing.models import Sensed, SensitiveKind
from catalog.trail import Trail, TrailFilter
from standards.security import SecurityLevel
from tests.builders import Room, a_dataset, a_dataset_document, csv_text, fields
from tests.catalog.sensing.people import mobiles, names
from tests.catalog.sensing.test_checks import resident_ids

REMARKS = csv_text(("no", "remark"), [(str(n), phone) for n, phone in enumerate(mobiles(100))])


def people(room: Room, **changes: object) -> None:
    """Register a dataset whose field `remark` says that it identifies nobody."""
    room.register(**{"fields": fields(no="account_card.sequence", remark="reading.remark")} | changes)


def test_what_is_sensed_is_said_with_how_to_mend_it(room: Room) -> None:
    people(room)
    loaded = room.load(REMARKS)
    (field,) = loaded.sensed
    assert field.said() == (
        "field remark holds mobile numbers in 100 % of rows, but its element reading.remark says it "
        "identifies nobody: bind it to customer.phone (or to another element that says so), "
        "or leave the column out"
    )
    kept = room.sensings.of("inflow")
    assert kept.fields == (field,)
    assert (kept.version, kept.sensed_at) == (1, room.clock())
    (finding,) = kept.findings
    assert (finding.field, finding.kind, finding.count) == ("remark", SensitiveKind.MOBILE, 100)
    assert (finding.responsible, finding.detected_at, finding.mended) == ("alice", room.clock(), False)


def test_extremes_of_a_field_that_holds_people_are_not_kept(room: Room) -> None:
    people(room)
    profile = {field.name: field for field in room.load(REMARKS).version.profile}
    assert (profile["remark"].minimum, profile["remark"].maximum) == (None, None)
    assert (profile["no"].minimum, profile["no"].maximum) == ("0", "99")


def test_loading_again_finds_nothing_a_second_time(room: Room) -> None:
    people(room)
    first = room.load(REMARKS)
    before = room.sensings.of("inflow")
    room.clock.forward(days=1)
    again = room.load(REMARKS)
    assert (first.is_new, again.is_new) == (True, False)
    assert again.sensed == first.sensed
    assert room.sensings.of("inflow") == before


def test_a_finding_is_mended_by_the_document_that_says_so(room: Room) -> None:
    people(room)
    room.load(REMARKS)
    better = a_dataset_document(
        security_level="general-3", fields=fields(no="account_card.sequence", remark="customer.phone")
    )
    change = room.changes.change(GovernedKind.DATASET, better, by="alice", reason="it holds telephones")
    room.changes.approve(change.id, by="bob")
    kept = room.sensings.of("inflow")
    assert [field.shortcoming for field in kept.fields] == [None]
    assert kept.fields[0].said().endswith("as its element customer.phone says")
    assert [finding.mended for finding in kept.findings] == [True]


@pytest.mark.parametrize(
    ("element", "level", "shortcoming"),
    [
        ("customer.resident_id", "general-4", None),
        (
            "customer.contact_name",
            "general-4",
            "its element customer.contact_name is of level general-3, below general-4",
        ),
        ("meter.location", "general-4", "its element meter.location says it only narrows the choice (quasi)"),
    ],
)  # fmt: skip
def test_element_and_level_are_both_asked(
    room: Room, element: str, level: str, shortcoming: str | None
) -> None:
    room.register(security_level=level, fields=fields(v=element))
    (field,) = room.load(csv_text(("v",), [(text,) for text in resident_ids(20)])).sensed
    assert field.shortcoming == shortcoming
    assert len(room.sensings.of("inflow").findings) == (shortcoming is not None)


def test_a_document_of_before_levels_were_compared_is_told_of(room: Room) -> None:
    draft = a_dataset(fields=fields(v="customer.resident_id")).model_copy(
        update={"security_level": SecurityLevel.GENERAL_3}
    )
    sensed = Sensed(field="v", kind=SensitiveKind.RESIDENT_ID, count=9, values=9, examples=())
    said = beside(sensed, draft, room.library)
    assert said.shortcoming == "the dataset's level is general-3, below general-4"


def test_findings_go_to_the_steward_of_the_day(room: Room) -> None:
    people(room)
    draft = RoleDraft(
        role=Role.STEWARD, subject_kind=SubjectKind.DATASET, subject="inflow", party="bob",
        valid_from=room.clock().date(),
    )  # fmt: skip
    Roles(room.database, room.clock).assign(draft, by="alice")
    room.load(REMARKS)
    assert [finding.responsible for finding in room.sensings.of("inflow").findings] == ["bob"]


def test_the_trail_says_what_was_sensed_by_its_digest(room: Room) -> None:
    people(room)
    room.load(REMARKS)
    trail = Trail(room.database, room.clock)
    (entry,) = trail.list(TrailFilter(act="version-loaded"))
    assert entry.detail["sensed"] == room.sensings.of("inflow").digest
    assert entry.detail["understated"] == 1
    assert trail.verify().holds


def test_a_field_s_element_helps_to_see_names(room: Room) -> None:
    """Ten names are too few to be told from words, but the element says that names are there."""
    content = csv_text(("x",), [(name,) for name in names(10)])
    room.register(fields=fields(x="customer.name"), security_level="general-3")
    assert [each.sensed.kind for each in room.load(content).sensed] == [SensitiveKind.PERSON_NAME]


def test_nothing_sensed_is_kept_as_such(room: Room) -> None:
    people(room)
    assert room.load("no,remark\n1,dry\n").sensed == ()
    kept = room.sensings.of("inflow")
    assert (kept.fields, kept.findings, kept.sensed_at) == ((), (), room.clock())


def test_a_quality_report_shows_no_value_of_what_was_sensed(room: Room) -> None:
    """The element says that anybody may see its codes; the rows hold telephone numbers."""
    people(room, fields=fields(no="account_card.sequence", remark="meter.status"))
    room.load(REMARKS)
    run = room.quality.check("inflow", by="alice")
    (failed,) = [result for result in run.report.failed if result.rule == "permitted(remark)"]
    assert failed.failing == 100
    assert failed.examples[0] == "row 1, remark (hidden)"
    assert not [phone for phone in mobiles(100) if phone in run.report.model_dump_json()]


def test_loading_again_under_a_document_that_says_less_finds_it(room: Room) -> None:
    declared = fields(no="account_card.sequence", remark="customer.phone")
    people(room, fields=declared, security_level="general-3")
    room.load(REMARKS)
    assert room.sensings.of("inflow").findings == ()
    worse = a_dataset_document(
        security_level="general-3", fields=fields(no="account_card.sequence", remark="reading.remark")
    )
    change = room.changes.change(GovernedKind.DATASET, worse, by="alice", reason="a mistake")
    room.changes.approve(change.id, by="bob")
    assert not room.load(REMARKS).is_new
    assert [finding.mended for finding in room.sensings.of("inflow").findings] == [False]


def test_a_version_from_before_sensing_is_looked_at_when_it_is_loaded_again(room: Room) -> None:
    people(room)
    room.load(REMARKS)
    with room.database.write() as session:
        session.execute(sa.text("DELETE FROM sensitivity_findings"))
        session.execute(sa.text("DELETE FROM version_sensings"))
    assert room.sensings.of("inflow").sensed_at is None
    assert room.sensings.secret("inflow", 1) == frozenset()
    room.load(REMARKS)
    kept = room.sensings.of("inflow")
    assert (len(kept.fields), len(kept.findings)) == (1, 1)


def test_many_who_load_the_same_rows_at_once_find_it_once(room: Room) -> None:
    people(room)
    path = room.file(REMARKS)
    with ThreadPoolExecutor(4) as pool:
        loaded = list(pool.map(lambda _: room.load(path), range(4)))
    assert sum(each.is_new for each in loaded) >= 1
    assert {each.version.number for each in loaded} == {1}
    assert len(room.sensings.of("inflow").findings) == 1

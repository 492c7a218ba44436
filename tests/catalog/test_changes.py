from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from catalog.changes import (
    Change,
    ChangeDecided,
    ChangeFilter,
    ChangeNotFound,
    Changes,
    ChangeState,
    GovernedKind,
    StaleBase,
)
from catalog.changes.differences import differences
from catalog.changes.judging import NotRetired
from catalog.changes.models import (
    NoReason,
    NotARequester,
    NotAReviewer,
    NothingChanges,
    OwnRequest,
    RevisionNotFound,
)
from catalog.changes.rows import ProductExists
from catalog.changes.subjects import DatasetSubject, IncompatibleFields, ProductSubject
from catalog.database import DatabaseConflict
from catalog.datasets.models import DatasetExists, DatasetNotFound, DatasetRetired, MalformedDataset
from catalog.organisation import Organisation, UnitDraft
from catalog.parties import PartnersDontGovern, UnknownParty
from catalog.product_register import (
    MalformedProduct,
    ProductNotRegistered,
    ProductRegister,
    ProductRetired,
)
from catalog.roles import RoleDraft, Roles
from catalog.trail import Trail
from standards import digests
from standards.errors import NotFound, ShuizeError
from standards.names import MalformedName
from tests.builders import NOON, Room, a_dataset, a_dataset_document, a_party, a_release, fields, some_terms

DATASET, PRODUCT = GovernedKind.DATASET, GovernedKind.PRODUCT
HOURS = "area,at,flow\nA,2021-01-01 00:00,1.0\n"


def _recipe(name: str) -> None:
    if name != "water-use-index":
        raise NotFound(f"no recipe makes {name}")


@pytest.fixture
def changes(room: Room) -> Changes:
    return Changes(room.database, [DatasetSubject(room.library), ProductSubject(_recipe)], room.clock)


@pytest.fixture
def inflow(changes: Changes) -> Changes:
    changes.approve(changes.register(DATASET, a_dataset_document(), by="alice").id, by="bob")
    return changes


def a_product(**said: Any) -> dict[str, Any]:
    return {
        "name": "water-use-index",
        "owner": "alice",
        "steward": "bob",
        "organisation": "water-group",
        "licence": "CC-BY-4.0",
    } | said


def ask(changes: Changes, *, by: str = "alice", base: int | None = None, **said: Any) -> Change:
    return changes.change(DATASET, a_dataset_document(**said), by=by, reason="better", base=base)


def test_nothing_is_registered_before_a_second_person_says_so(room: Room, changes: Changes) -> None:
    asked = changes.register(DATASET, a_dataset_document(), by="alice")
    assert (asked.state, asked.base_revision, asked.subject) == (ChangeState.OPEN, 0, "inflow")
    with pytest.raises(DatasetNotFound):
        room.datasets.get("inflow")
    with pytest.raises(OwnRequest, match="alice"):
        changes.approve(asked.id, by="alice")
    approved = changes.approve(asked.id, by="bob", reason="read it")
    assert (approved.state, approved.revision, approved.decided_by) == (ChangeState.APPROVED, 1, "bob")
    dataset = room.datasets.get("inflow")
    assert (dataset.registered_by, dataset.registered_at, dataset.revision) == ("alice", NOON, 1)
    assert dataset.document == a_dataset()
    assert [entry.act for entry in Trail(room.database, room.clock).list()[-2:]] == [
        "change-requested",
        "dataset-registered",
    ]


def test_a_change_shows_each_place_and_becomes_the_next_revision(room: Room, inflow: Changes) -> None:
    document = a_dataset_document(title="Inflow by hour", licence="MIT")
    document["fields"][2]["element"] = "usage.index"
    del document["fields"][0]
    document["fields"].append({"name": "note", "element": "meter_book.name"})
    asked = inflow.change(DATASET, document, by="alice", reason="renamed")
    assert [str(each) for each in asked.differences] == [
        '~ /title  "Hourly inflow" → "Inflow by hour"',
        '+ /licence  "MIT"',
        '- /fields/area  {"name": "area", "element": "area.code"}',
        '~ /fields/flow/element  "reading.inflow_l_per_s" → "usage.index"',
        '+ /fields/note  {"name": "note", "element": "meter_book.name"}',
    ]
    inflow.approve(asked.id, by="bob")
    assert room.datasets.get("inflow").document.title == "Inflow by hour"
    revisions = inflow.revisions(DATASET, "inflow")
    assert [(r.number, r.change, r.made_by) for r in revisions] == [(1, 1, "bob"), (2, 2, "bob")]
    assert [r.digest for r in revisions] == [digests.of_document(r.document) for r in revisions]
    assert inflow.revision(DATASET, "inflow", 1).document["title"] == "Hourly inflow"
    with pytest.raises(RevisionNotFound):
        inflow.revision(DATASET, "inflow", 3)
    with pytest.raises(DatasetNotFound):
        inflow.revisions(DATASET, "nothing")


def test_a_stale_base_is_refused_with_the_conflict_shown(room: Room, inflow: Changes) -> None:
    first = ask(inflow, title="First", licence="MIT")
    second = ask(inflow, title="Second", by="bob")
    inflow.approve(first.id, by="bob")
    with pytest.raises(StaleBase, match="now at revision 2") as caught:
        inflow.approve(second.id, by="alice")
    told = {fault.pointer: fault.detail for fault in caught.value.faults}
    assert told == {
        "/title": 'was "Hourly inflow", is now "First"; the request wants "Second"',
        "/licence": 'was null, is now "MIT"',
    }
    assert inflow.get(second.id).state is ChangeState.OPEN
    with pytest.raises(StaleBase) as caught:
        ask(inflow, base=1, title="Third")
    assert [fault.pointer for fault in caught.value.faults] == ["/title", "/licence"]
    assert ask(inflow, base=2, title="Third").base_revision == 2


def test_of_two_who_approve_at_once_one_wins_and_the_other_learns_so(room: Room, inflow: Changes) -> None:
    room.parties.add(a_party(id="carol"), by="alice")
    asked = ask(inflow, title="New")
    said: dict[str, Any] = {}
    gate = threading.Barrier(2)

    def approve(by: str) -> None:
        gate.wait()
        try:
            said[by] = inflow.approve(asked.id, by=by)
        except ShuizeError as error:
            said[by] = error

    threads = [threading.Thread(target=approve, args=(by,)) for by in ("bob", "carol")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [by for by, answer in said.items() if isinstance(answer, Change)]
    lost = [answer for answer in said.values() if isinstance(answer, ChangeDecided)]
    assert len(won) == len(lost) == 1
    assert f"approved by {won[0]}" in lost[0].message
    assert len(inflow.revisions(DATASET, "inflow")) == 2
    assert inflow.get(asked.id).decided_by == won[0]


def test_a_decision_is_final_and_has_its_reason(inflow: Changes) -> None:
    asked = ask(inflow, title="New")
    with pytest.raises(NoReason):
        inflow.reject(asked.id, by="bob", reason=" ")
    with pytest.raises(OwnRequest):
        inflow.reject(asked.id, by="alice", reason="no")
    rejected = inflow.reject(asked.id, by="bob", reason="the old title is known")
    assert (rejected.state, rejected.decision_reason) == (ChangeState.REJECTED, "the old title is known")
    for decide in (inflow.approve, inflow.withdraw):
        with pytest.raises(ChangeDecided, match="rejected by bob"):
            decide(asked.id, by="bob" if decide == inflow.approve else "alice")
    with pytest.raises(ChangeNotFound):
        inflow.approve(99, by="bob")


def test_only_who_asked_takes_it_back(inflow: Changes) -> None:
    asked = ask(inflow, title="New")
    with pytest.raises(NotARequester):
        inflow.withdraw(asked.id, by="bob")
    assert inflow.withdraw(asked.id, by="alice").state is ChangeState.WITHDRAWN
    with pytest.raises(ChangeDecided, match="withdrawn"):
        inflow.approve(asked.id, by="bob")


def test_named_reviewers_decide_and_nobody_else(room: Room, inflow: Changes) -> None:
    room.parties.add(a_party(id="carol"), by="alice")
    Organisation(room.database, room.clock).add(
        [UnitDraft(code="g", kind="group", title="g", party="water-group")], by="alice"
    )
    said = {"role": "reviewer", "subject_kind": "unit", "subject": "g", "party": "carol"}
    Roles(room.database, room.clock).assign(RoleDraft.model_validate(said), by="alice")
    asked = ask(inflow, title="New")
    with pytest.raises(NotAReviewer) as caught:
        inflow.approve(asked.id, by="bob")
    assert "carol" in str(caught.value.hint)
    inflow.approve(asked.id, by="carol")
    fresh = inflow.register(DATASET, a_dataset_document(name="fresh"), by="alice")
    with pytest.raises(NotAReviewer):
        inflow.reject(fresh.id, by="bob", reason="no")
    own = ask(inflow, by="carol", title="Carol's")  # the only reviewer asks: then anybody else decides
    assert inflow.approve(own.id, by="bob").as_reviewer is False


def test_what_is_asked_for_is_judged_when_asked_and_when_approved(room: Room, changes: Changes) -> None:
    bad: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"steward": "nobody"}, UnknownParty), ({"name": "In Flow"}, MalformedName),
        ({"title": ""}, MalformedDataset), ({"title": "\x1b[2J"}, MalformedDataset),
        ({"fields": fields(a="no.such")}, MalformedDataset),
    ]  # fmt: skip
    for said, refusal in bad:
        with pytest.raises(refusal):
            changes.register(DATASET, a_dataset_document(**said), by="alice")
    with pytest.raises(PartnersDontGovern):
        changes.register(DATASET, a_dataset_document(), by="partner")
    with pytest.raises(NoReason):
        changes.register(DATASET, a_dataset_document(), by="alice", reason="")
    assert changes.list() == ()
    asked = changes.register(DATASET, a_dataset_document(), by="alice")
    with pytest.raises(PartnersDontGovern):
        changes.approve(asked.id, by="partner")


def test_a_change_of_nothing_is_no_change(inflow: Changes) -> None:
    with pytest.raises(NothingChanges):
        ask(inflow)
    with pytest.raises(DatasetNotFound):
        ask(inflow, name="nothing")


def test_a_field_keeps_its_type_while_versions_have_it(room: Room, inflow: Changes) -> None:
    changed = fields(area="area.code", at="reading.observed_at", flow="customer.name")
    ask(inflow, fields=changed)
    room.load(HOURS)
    with pytest.raises(IncompatibleFields) as caught:
        ask(inflow, fields=changed)
    assert [fault.pointer for fault in caught.value.faults] == ["/fields/flow"]
    with pytest.raises(IncompatibleFields):
        inflow.approve(2, by="bob")
    without = fields(area="area.code", at={"element": "reading.observed_at", "time_zone": "Asia/Shanghai"})
    inflow.approve(ask(inflow, fields=without).id, by="bob")
    with pytest.raises(IncompatibleFields):  # nor by taking it out and putting it in again
        ask(inflow, fields=[*without, *fields(flow="customer.name")])


def test_versions_say_their_revision_and_are_read_by_what_they_have(room: Room, inflow: Changes) -> None:
    first = room.load(HOURS).version
    more = [*a_dataset_document()["fields"], *fields(note="customer.name")]
    inflow.approve(ask(inflow, fields=more, rules=[{"rule": "missing", "field": "note"}]).id, by="bob")
    second = room.load("area,at,flow,note\nA,2021-01-01 00:00,1.0,x\n").version
    assert (first.revision, second.revision) == (1, 2)
    assert len(room.datasets.document_for(first).fields) == 3
    assert len(room.datasets.document_for(second).fields) == 4
    assert "missing(note)" not in [r.rule for r in room.quality.check("inflow", 1, by="alice").report.rules]
    assert "missing(note)" in [r.rule for r in room.quality.check("inflow", 2, by="alice").report.rules]
    inflow.approve(ask(inflow, fields=more, rules=[]).id, by="bob")
    assert room.datasets.document_for(second).rules == ()


def test_a_retired_dataset_is_kept_and_not_used_until_it_is_reinstated(room: Room, inflow: Changes) -> None:
    room.load(HOURS)
    with pytest.raises(NotRetired):
        inflow.reinstate(DATASET, "inflow", by="alice", reason="x")
    asked = inflow.retire(DATASET, "inflow", by="alice", reason="the meters are gone")
    assert [str(each) for each in asked.differences] == ['~ /state  "registered" → "retired"']
    room.load(HOURS.replace("1.0", "2.0"))
    inflow.approve(asked.id, by="bob")
    assert room.datasets.get("inflow").state == "retired"
    assert len(room.datasets.versions("inflow")) == 2
    for use in (
        lambda: room.load(HOURS),
        lambda: ask(inflow, title="x"),
        lambda: room.datasets.require_in_use("inflow"),
        lambda: inflow.retire(DATASET, "inflow", by="alice", reason="again"),
    ):
        with pytest.raises(DatasetRetired):
            use()
    again = inflow.reinstate(DATASET, "inflow", by="bob", reason="new meters")
    inflow.approve(again.id, by="alice")
    assert [r.state for r in inflow.revisions(DATASET, "inflow")] == ["registered", "retired", "registered"]
    room.load(HOURS)


def test_products_go_through_the_same_requests(room: Room, changes: Changes) -> None:
    register = ProductRegister(room.database)
    with pytest.raises(ProductNotRegistered):
        register.get("water-use-index")
    with pytest.raises(ProductNotRegistered):
        changes.retire(PRODUCT, "water-use-index", by="alice", reason="x")
    with pytest.raises(MalformedProduct):
        changes.register(PRODUCT, {"name": "water-use-index"}, by="alice")
    with pytest.raises(NotFound):
        changes.register(PRODUCT, a_product(name="no-recipe"), by="alice")
    changes.approve(changes.register(PRODUCT, a_product(), by="alice").id, by="bob")
    with pytest.raises(ProductExists):
        changes.register(PRODUCT, a_product(), by="alice")
    asked = changes.change(PRODUCT, a_product(steward="alice"), by="alice", reason="bob moves")
    assert [str(d) for d in asked.differences] == ['~ /steward  "bob" → "alice"']
    changes.approve(asked.id, by="bob")
    assert register.get("water-use-index").document.steward == "alice"
    assert [p.revision for p in register.list()] == [2]


def test_a_retired_product_is_neither_built_nor_published_nor_granted(room: Room, changes: Changes) -> None:
    changes.approve(changes.register(PRODUCT, a_product(), by="alice").id, by="bob")
    room.releases.keep_draft(a_release())
    room.releases.approve("water-use-index", 1, by="bob")
    changes.approve(changes.retire(PRODUCT, "water-use-index", by="alice", reason="x").id, by="bob")
    for use in (
        lambda: room.releases.to_build("water-use-index", by="alice"),
        lambda: room.releases.keep_draft(a_release(manifest={"other": True})),
        lambda: room.releases.to_publish("water-use-index", 1, by="bob"),
        lambda: room.grants.intend(some_terms(), by="alice", aim="a", action={}),
    ):
        with pytest.raises(ProductRetired):
            use()
    changes.approve(changes.reinstate(PRODUCT, "water-use-index", by="alice", reason="y").id, by="bob")
    room.releases.to_publish("water-use-index", 1, by="bob")


def test_requests_are_listed_by_what_is_asked_for(inflow: Changes) -> None:
    asked = ask(inflow, by="bob", title="New")
    assert [c.id for c in inflow.list()] == [1, 2]
    for chosen in (
        ChangeFilter(state=ChangeState.OPEN), ChangeFilter(requested_by="bob"),
        ChangeFilter(subject_kind=DATASET, subject="inflow", state=ChangeState.OPEN),
    ):  # fmt: skip
        assert inflow.list(chosen) == (asked.model_copy(update={"stale": False}),)
    assert inflow.list(ChangeFilter(subject_kind=PRODUCT)) == ()


def test_many_are_registered_at_once_by_two_people(room: Room, changes: Changes) -> None:
    drafts = [a_dataset(name=f"d{n}", title=f"Dataset {n}") for n in range(50)]
    with pytest.raises(OwnRequest):
        changes.register_all(drafts, by="alice", approved_by="alice")
    with pytest.raises(MalformedDataset, match="control characters") as caught:
        changes.register_all([*drafts, a_dataset(licence="\x07")], by="alice", approved_by="bob")
    assert [fault.pointer for fault in caught.value.faults] == ["/50/licence"]
    with pytest.raises(MalformedDataset, match="none is registered"):
        changes.register_all([*drafts, drafts[0]], by="alice", approved_by="bob")
    made = changes.register_all(drafts, by="alice", approved_by="bob")
    assert made == tuple(range(1, 51))
    assert changes.get(made[7]).revision == 1
    assert [str(each) for each in changes.get(made[7]).differences][:2] == [
        '+ /name  "d7"',
        '+ /title  "Dataset 7"',
    ]
    assert len(room.datasets.list()) == 50
    assert changes.revisions(DATASET, "d7")[0].change == made[7]
    assert Trail(room.database, room.clock).verify().entries == 4 + 100
    with pytest.raises(DatasetExists):
        changes.register(DATASET, drafts[0], by="alice")
    with pytest.raises(DatasetExists):
        changes.register_all(drafts[:1], by="alice", approved_by="bob")
    one = changes.register(DATASET, a_dataset(name="after"), by="alice")
    assert one.id == 51


@pytest.mark.parametrize("statement", ["UPDATE revisions SET state = 'x'", "DELETE FROM revisions"])
def test_the_database_itself_refuses_to_rewrite_a_revision(
    room: Room, inflow: Changes, statement: str
) -> None:
    with pytest.raises(DatabaseConflict), room.database.write() as session:
        session.execute(sa.text(statement))
    assert inflow.revision(DATASET, "inflow", 1).state == "registered"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), _JSON, max_size=4))
def test_a_document_does_not_differ_from_itself(document: dict[str, Any]) -> None:
    assert differences(document, document) == ()


@given(
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2)),
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2)),
)
def test_differences_lead_from_one_document_to_the_other(one: dict[str, Any], other: dict[str, Any]) -> None:
    made = dict(one)
    for each in differences(one, other):
        assert made.get(each.pointer[1:]) == each.before
        made[each.pointer[1:]] = each.after
    assert {key: value for key, value in made.items() if value is not None} == other


def test_a_new_order_of_named_things_is_a_difference() -> None:
    one, two = {"name": "a"}, {"name": "b"}
    assert [str(d) for d in differences({"f": [one, two]}, {"f": [two, one]})] == [
        '~ /f  ["a", "b"] → ["b", "a"]'
    ]
    assert [str(d) for d in differences({}, {"a/b~": [one]})] == ['+ /a~1b~0/a  {"name": "a"}']

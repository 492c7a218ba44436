from __future__ import annotations

import random
import time
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.organisation import (
    MalformedOrganisation,
    Organisation,
    People,
    UnitDraft,
    UnitKind,
    UnitNotFound,
    parse_units,
    read_document,
    read_units,
)
from catalog.organisation.rows import BadDay, UnitClosed
from catalog.organisation.tree import Misplaced, UnitExists, UnitsBelow
from catalog.parties import MalformedParty, PartnersDontGovern, PersonLeft, UnknownParty
from catalog.trail import Trail
from tests.builders import NOON, Room, a_party

TODAY = NOON.date()
TREE = [
    ("sy", "group", None), ("sy-hp", "branch", "sy"), ("sy-dd", "branch", "sy"), ("hp-1", "office", "sy-hp"),
    ("hp-2", "office", "sy-hp"), ("dd-1", "office", "sy-dd"), ("hp-1-p", "pump-station", "hp-1"),
    ("hp-1-c", "community", "hp-1-p"), ("hp-1-b", "building", "hp-1-c"), ("hp-1-m", "meter-book", "hp-1-b"),
    ("hp-2-m", "meter-book", "hp-2"),
]  # fmt: skip


def units(rows: list[Any]) -> list[UnitDraft]:
    return [
        UnitDraft(code=c, kind=k, title=f"unit {c}", parent=p, opened_on=date(2020, 1, 1)) for c, k, p in rows
    ]


@pytest.fixture
def tree(room: Room) -> Organisation:
    organisation = Organisation(room.database, room.clock)
    organisation.add(units(TREE), by="alice")
    return organisation


@pytest.fixture
def people(room: Room) -> People:
    return People(room.database, room.clock)


def paths(tree: Organisation, under: str | None = None, on: date | None = None) -> list[str]:
    return [unit.path for unit in tree.list(under, on=on)]


def faults_of(rows: list[Any], tree: Organisation) -> dict[str, str]:
    with pytest.raises(MalformedOrganisation) as caught:
        tree.add(units(rows), by="alice")
    return {fault.pointer: fault.detail for fault in caught.value.faults}


def test_units_stand_where_they_were_put_whatever_their_order(room: Room, tree: Organisation) -> None:
    assert tree.get("hp-1-m").path == "sy/sy-hp/hp-1/hp-1-p/hp-1-c/hp-1-b/hp-1-m"
    assert [unit.code for unit in tree.above("hp-1-m")] == [
        "sy",
        "sy-hp",
        "hp-1",
        "hp-1-p",
        "hp-1-c",
        "hp-1-b",
    ]
    assert paths(tree, "hp-2") == ["sy/sy-hp/hp-2", "sy/sy-hp/hp-2/hp-2-m"]
    assert [u.code for u in tree.list("sy-hp", kind=UnitKind.METER_BOOK)] == ["hp-1-m", "hp-2-m"]
    with room.database.write() as session:
        assert session.get_bind() is not None
    shuffled = Organisation(room.database, room.clock)
    assert shuffled.add(units(TREE[::-1]), by="alice").unchanged == len(TREE)


def test_a_code_that_begins_like_another_is_not_below_it(tree: Organisation) -> None:
    tree.add(units([("sy-hp2", "branch", "sy"), ("sy-hp.1", "branch", "sy")]), by="alice")
    assert not {"sy-hp2", "sy-hp.1"} & {unit.code for unit in tree.list("sy-hp")}


@pytest.mark.parametrize(
    ("rows", "pointer", "told"),
    [
        ([("a", "office", None)], "a", "needs a parent"),
        ([("a", "office", "nowhere")], "a", "nowhere"),
        ([("a", "branch", "hp-1")], "a", "can't stand under"),
        ([("a", "office", "hp-1")], "a", "can't stand under"),
        ([("a", "office", "sy-hp"), ("a", "office", "sy-dd")], "a", "two parents"),
        ([("a", "office", "b"), ("b", "pump-station", "a"), ("c", "building", "a")], "a", "a → b → a"),
        ([("a", "office", "a")], "a", "a → a"),
    ],
)
def test_units_that_make_no_tree_are_refused_whole(
    tree: Organisation, rows: list[Any], pointer: str, told: str
) -> None:
    before = paths(tree)
    assert told in faults_of([*rows, ("fine", "office", "sy-hp")], tree)[pointer] or any(
        told in detail for detail in faults_of(rows, tree).values()
    )
    assert paths(tree) == before


def test_adding_what_is_there_differently_is_refused_with_the_difference(tree: Organisation) -> None:
    with pytest.raises(UnitExists) as caught:
        tree.add(units([("hp-1", "office", "sy-dd"), ("new", "office", "sy")]), by="alice")
    assert caught.value.faults[0].pointer == "hp-1"
    assert "'sy-hp', not 'sy-dd'" in caught.value.faults[0].detail
    with pytest.raises(UnitNotFound):
        tree.get("new")


def test_a_move_takes_everything_below_along_and_keeps_the_past(room: Room, tree: Organisation) -> None:
    room.clock.forward(days=10)
    moved = tree.move("hp-1", "sy-dd", by="bob", on=TODAY + timedelta(days=5))
    assert (moved.path, moved.parent) == ("sy/sy-dd/hp-1", "sy-dd")
    assert tree.get("hp-1-m").path == "sy/sy-dd/hp-1/hp-1-p/hp-1-c/hp-1-b/hp-1-m"
    assert tree.get("hp-1-m").parent == "hp-1-b"
    before = TODAY + timedelta(days=4)
    assert tree.get("hp-1-m", before).path == "sy/sy-hp/hp-1/hp-1-p/hp-1-c/hp-1-b/hp-1-m"
    assert "sy/sy-hp/hp-1" in paths(tree, "sy-hp", before)
    assert "sy/sy-hp/hp-1" not in paths(tree, "sy-hp")
    assert [(s.path, s.since, s.before) for s in tree.history("hp-1")] == [
        ("sy/sy-hp/hp-1", date(2020, 1, 1), TODAY + timedelta(days=5)),
        ("sy/sy-dd/hp-1", TODAY + timedelta(days=5), None),
    ]


@pytest.mark.parametrize(("code", "parent"), [("sy-hp", "hp-1"), ("sy-hp", "sy-hp"), ("sy", "hp-1-m")])
def test_nothing_moves_below_itself(tree: Organisation, code: str, parent: str) -> None:
    before = paths(tree)
    with pytest.raises(Misplaced, match="circle"):
        tree.move(code, parent, by="alice")
    assert paths(tree) == before


def test_nothing_moves_under_its_like_or_into_the_past(room: Room, tree: Organisation) -> None:
    with pytest.raises(Misplaced, match="can't stand under"):
        tree.move("hp-1", "hp-2", by="alice")
    with pytest.raises(BadDay, match="future"):
        tree.move("hp-1", "sy-dd", by="alice", on=TODAY + timedelta(days=1))
    tree.rename("hp-1-b", "Building 1", by="alice")
    with pytest.raises(BadDay, match="hp-1-b"):
        tree.move("hp-1", "sy-dd", by="alice", on=TODAY - timedelta(days=1))


def test_a_merge_hands_over_what_stands_below_and_who_works_there(
    room: Room, tree: Organisation, people: People
) -> None:
    people.post("bob", "hp-1", by="alice", since=date(2025, 1, 1))
    assert tree.merge("hp-1", "hp-2", by="alice").code == "hp-2"
    assert tree.get("hp-1-p").path == "sy/sy-hp/hp-2/hp-1-p"
    assert tree.get("hp-1-p").parent == "hp-2"
    gone = tree.get("hp-1")
    assert (gone.closed_on, gone.merged_into) == (TODAY, "hp-2")
    assert "sy/sy-hp/hp-1" not in paths(tree)
    assert "sy/sy-hp/hp-1" in paths(tree, on=TODAY - timedelta(days=1))
    assert [p.unit for p in people.list(party="bob")] == ["hp-2"]
    assert [p.unit for p in people.list(party="bob", on=date(2025, 6, 1))] == ["hp-1"]
    with pytest.raises(UnitClosed, match="merged into hp-2"):
        tree.move("dd-1", "hp-1", by="alice")
    with pytest.raises(UnitClosed):
        tree.merge("hp-1", "hp-2", by="alice")
    for code, into in (("sy-hp", "hp-2"), ("hp-2", "hp-2")):
        with pytest.raises(Misplaced):
            tree.merge(code, into, by="alice")


def test_a_unit_closes_with_a_day_when_nothing_below_goes_on(room: Room, tree: Organisation) -> None:
    with pytest.raises(UnitsBelow, match="hp-1-b"):
        tree.close("hp-1-c", by="alice")
    day = TODAY + timedelta(days=30)
    tree.close("hp-2-m", by="alice", on=day)
    assert "sy/sy-hp/hp-2/hp-2-m" in paths(tree, on=day - timedelta(days=1))
    assert "sy/sy-hp/hp-2/hp-2-m" not in paths(tree, on=day)
    assert tree.get("hp-2-m").closed_on == day
    tree.close("hp-2", by="alice", on=day)


def test_who_may_not_changes_nothing(room: Room, tree: Organisation, people: People) -> None:
    with pytest.raises(PartnersDontGovern):
        tree.rename("sy", "ours", by="partner")
    with pytest.raises(UnknownParty):
        tree.rename("sy", "ours", by="nobody")
    people.leave("bob", by="alice", last_day=TODAY - timedelta(days=1))
    with pytest.raises(PersonLeft):
        tree.rename("sy", "ours", by="bob")
    assert tree.get("sy").title == "unit sy"


def test_people_have_one_place_at_a_time(room: Room, tree: Organisation, people: People) -> None:
    people.post("bob", "hp-1", by="alice", since=date(2025, 1, 1))
    people.post("bob", "dd-1", by="alice", since=date(2026, 1, 1))
    assert [p.unit for p in people.list(party="bob", on=date(2025, 12, 31))] == ["hp-1"]
    assert [p.unit for p in people.list(party="bob", on=date(2026, 1, 1))] == ["dd-1"]
    assert [p.party for p in people.list("sy")] == ["bob"]
    assert people.list("sy-hp") == ()
    with pytest.raises(BadDay):
        people.post("bob", "hp-2", by="alice", since=date(2026, 1, 1))
    with pytest.raises(MalformedParty):
        people.post("water-group", "hp-2", by="alice")


def test_who_leaves_has_no_place_and_acts_no_more(room: Room, tree: Organisation, people: People) -> None:
    people.post("bob", "hp-1", by="alice", since=date(2025, 1, 1))
    people.leave("bob", by="alice")
    room.parties.add(a_party(id="carol"), by="bob")  # on the last day, still
    room.clock.forward(days=1)
    assert people.list("sy") == ()
    assert room.parties.get("bob").left_on == TODAY
    with pytest.raises(PersonLeft, match="bob left"):
        room.parties.add(a_party(id="dave"), by="bob")
    with pytest.raises(PersonLeft):
        people.post("bob", "hp-2", by="alice")
    with pytest.raises(MalformedParty):
        people.leave("water-group", by="alice")


def test_every_change_stands_in_the_trail(room: Room, tree: Organisation) -> None:
    tree.move("hp-1", "sy-dd", by="alice")
    tree.merge("hp-2", "dd-1", by="bob")
    found = [(e.act, e.subject, e.by, dict(e.detail)) for e in Trail(room.database, room.clock).list()[-3:]]
    assert found[0][:3] == ("units-added", "sy and others", "alice")
    assert found[1] == ("unit-moved", "hp-1", "alice", {"on": str(TODAY), "to": "sy-dd", "units": 5})
    assert found[2][3] == {"on": str(TODAY), "into": "dd-1", "units": 1, "people": 0}


def test_a_csv_file_and_nested_yaml_make_the_same_tree(room: Room, tmp_path: Path) -> None:
    text = "code,kind,title,parent\ng,group,水务集团,\nb,branch,和平分公司,g\no,office,一所,b\n"
    nested = {"units": [{"code": "g", "kind": "group", "title": "水务集团", "children": [
        {"code": "b", "kind": "branch", "title": "和平分公司", "children": [
            {"code": "o", "kind": "office", "title": "一所"}]}]}]}  # fmt: skip
    for encoding in ("utf-8-sig", "gb18030"):
        path = room.file(text.encode(encoding), "units.csv")
        assert parse_units(read_units(path, tmp_path), where="x") == parse_units(nested, where="y")


@pytest.mark.parametrize(
    "text", ["", "code,title\n", "code,code,kind,title\n", 'code,kind,title\n"a,group,x\n', "a\n" * 3]
)
def test_a_file_that_holds_no_units_is_refused(room: Room, tmp_path: Path, text: str) -> None:
    with pytest.raises(MalformedOrganisation):
        parse_units(read_units(room.file(text, "units.csv"), tmp_path), where="units.csv")
    with pytest.raises(MalformedOrganisation):
        read_units(tmp_path / "nowhere.csv", tmp_path)


@pytest.mark.parametrize("document", [None, [], {}, "x", [1], [{"code": "a"}], {"units": None}])
def test_a_document_that_holds_no_units_is_refused(document: object) -> None:
    with pytest.raises(MalformedOrganisation):
        parse_units(document, where="units.yaml")


def test_faults_of_documents_are_all_told_with_their_place() -> None:
    other = {"code": "d", "kind": "office", "title": "d", "parent": "b"}
    document = [
        {"code": "a b", "kind": "group", "title": "x"},
        {"code": "b", "kind": "village", "title": ""},
        {"code": "c", "kind": "group", "title": "x", "children": [other, 3]},
        {"code": "e", "kind": "group", "title": "x", "colour": "red", "opened_on": "soon"},
    ]
    with pytest.raises(MalformedOrganisation) as caught:
        parse_units(document, where="x")
    told = "/0/code /1/kind /1/title /2/children/0/parent /2/children/1 /3/colour /3/opened_on"
    assert {f.pointer for f in caught.value.faults} == set(told.split())


def test_every_fault_of_a_csv_file_is_told_at_once_by_row_and_column(
    room: Room, tree: Organisation, tmp_path: Path
) -> None:
    room.parties.add(a_party(id="carol"), by="alice")
    tree.merge("hp-2", "dd-1", by="alice")
    room.clock.forward(days=1)
    text = (
        "code,kind,title,parent,party,opened_on\n"
        "x1,office,One,sy-hp\n"
        "\n"
        "x2,village,Two,sy-hp,,soon\n"
        "x3,office,Three,x2\n"
        "x4,office,Four,nowhere\n"
        "x5,meter-book,Five,hp-2,carol\n"
        "x6,office,Six,sy-hp,nobody\n"
        "x1,office,One,sy-dd\n"
        "x7,office,,sy-hp,,,,more\n"
        "x8,office,a\tb,x8\n"
    )
    read = read_document(read_units(room.file(text, "units.csv"), tmp_path), where="units.csv")
    with pytest.raises(MalformedOrganisation, match=r"units\.csv does not make a tree: 11 faults") as caught:
        tree.add(read, by="alice", where="units.csv")
    found = [(fault.pointer, fault.detail) for fault in caught.value.faults]
    assert [place for place, _ in found] == [
        "row 4, column kind", "row 4, column opened_on", "row 6, column parent", "row 7, column parent",
        "row 7, column party", "row 8, column party", "row 9, column code", "row 10, column title",
        "row 10, column 8", "row 11, column title", "row 11, column parent",
    ]  # fmt: skip
    told = dict(found)
    assert told["row 6, column parent"] == "x4: its parent 'nowhere' is nowhere"
    assert told["row 7, column parent"] == "x5: can't stand under hp-2, which is closed"
    assert "carol is a person" in told["row 7, column party"]
    assert "nobody is nobody here" in told["row 8, column party"]
    assert "two parents: sy-hp, sy-dd" in told["row 9, column code"]
    with pytest.raises(UnitNotFound):
        tree.get("x1")


def test_units_of_a_csv_file_that_are_there_otherwise_are_told_by_row(
    room: Room, tree: Organisation, tmp_path: Path
) -> None:
    title = tree.get("hp-1").title
    text = f"code,kind,title,parent\nnew,office,New,sy-hp\nhp-1,office,{title},sy-dd\n"
    read = read_document(read_units(room.file(text, "units.csv"), tmp_path), where="units.csv")
    with pytest.raises(UnitExists) as caught:
        tree.add(read, by="alice", where="units.csv")
    assert [fault.pointer for fault in caught.value.faults] == ["row 3, column parent"]


def test_a_tree_of_ten_thousand_books_is_added_moved_and_asked_quickly(room: Room) -> None:
    rows: list[Any] = [("g", "group", None), ("b1", "branch", "g"), ("b2", "branch", "g")]
    rows += [(f"o{n}", "office", "b1") for n in range(10)]
    rows += [(f"m{n}", "meter-book", f"o{n % 10}") for n in range(10_000)]
    tree = Organisation(room.database, room.clock)
    began = time.monotonic()
    tree.add(units(rows), by="alice")
    tree.move("o3", "b2", by="alice")
    assert len(tree.list("b2")) == 1002
    assert time.monotonic() - began < 20
    began = time.monotonic()
    for _ in range(20):
        tree.list("m77")
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("seed", range(4))
def test_paths_always_agree_with_parents_whatever_moves(tree: Organisation, seed: int) -> None:
    chance = random.Random(seed)
    codes = [code for code, _, _ in TREE]
    for _ in range(12):
        act = chance.choice([tree.move, tree.merge])
        with suppress(Misplaced, UnitClosed):
            act(chance.choice(codes), chance.choice(codes), by="alice")
    found = {unit.code: unit for unit in tree.list()}
    assert len(found) > 1
    for unit in found.values():
        above = found[unit.parent].path + "/" if unit.parent else ""
        assert unit.path == above + unit.code
        assert unit.parent is None or found[unit.parent].kind.rank < unit.kind.rank

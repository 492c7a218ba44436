from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from catalog.answering import CannotAnswer
from catalog.organisation import Organisation, People, UnitDraft
from catalog.parties import PartnersDontGovern, PersonLeft, UnknownParty
from catalog.roles import (
    BadValidity,
    NoSuchSubject,
    Role,
    RoleDraft,
    RoleNotFound,
    RoleOverlap,
    Roles,
    SubjectKind,
)
from catalog.trail import Trail
from tests.builders import NOON, Room, a_party

TODAY = NOON.date()


@pytest.fixture
def roles(room: Room) -> Roles:
    room.register()
    organisation = Organisation(room.database, room.clock)
    organisation.add(
        [
            UnitDraft(code="g", kind="group", title="g", opened_on=date(2020, 1, 1)),
            UnitDraft(
                code="b",
                kind="branch",
                title="b",
                parent="g",
                party="water-group",
                opened_on=date(2020, 1, 1),
            ),
            UnitDraft(code="o", kind="office", title="o", parent="b", opened_on=date(2020, 1, 1)),
        ],
        by="alice",
    )
    room.parties.add(a_party(id="carol"), by="alice")
    return Roles(room.database, room.clock)


def a_role(**changes: Any) -> RoleDraft:
    said = {"role": "steward", "subject_kind": "dataset", "subject": "inflow", "party": "bob"}
    return RoleDraft.model_validate(said | changes)


def who(
    roles: Roles, role: Role, on: date | None = None, kind: str = "dataset", name: str = "inflow"
) -> list[str]:
    return [holder.party for holder in roles.holders(role, SubjectKind(kind), name, on)]


def test_the_document_is_the_first_assignment_and_a_given_role_takes_its_place(roles: Roles) -> None:
    assert who(roles, Role.STEWARD) == ["alice"]
    assert roles.holders(Role.OWNER, SubjectKind.DATASET, "inflow")[0].by == "document"
    roles.assign(a_role(valid_from="2026-04-01", valid_until="2026-04-30"), by="alice")
    days = {"2026-03-31": "alice", "2026-04-01": "bob", "2026-04-30": "bob", "2026-05-01": "alice"}
    for day, party in days.items():
        assert who(roles, Role.STEWARD, date.fromisoformat(day)) == [party]


def test_the_nearest_up_the_tree_answers(roles: Roles) -> None:
    assert who(roles, Role.REVIEWER) == []
    roles.assign(a_role(role="reviewer", subject_kind="unit", subject="g", party="alice"), by="alice")
    assert who(roles, Role.REVIEWER) == ["alice"]
    assert who(roles, Role.REVIEWER, kind="unit", name="o") == ["alice"]
    roles.assign(a_role(role="reviewer", subject_kind="unit", subject="b", party="bob"), by="alice")
    roles.assign(a_role(role="reviewer", subject_kind="unit", subject="b", party="carol"), by="alice")
    assert who(roles, Role.REVIEWER) == ["bob", "carol"]
    assert roles.holders(Role.REVIEWER, SubjectKind.DATASET, "inflow")[0].subject == "b"
    roles.assign(a_role(role="reviewer", party="alice"), by="alice")
    assert who(roles, Role.REVIEWER) == ["alice"]
    assert who(roles, Role.REVIEWER, kind="unit", name="g") == ["alice"]


def test_up_the_tree_is_as_it_stood_on_the_day(room: Room, roles: Roles) -> None:
    Organisation(room.database, room.clock).add(
        [
            UnitDraft(code="h", kind="branch", title="h", parent="g", opened_on=date(2020, 1, 1)),
        ],
        by="alice",
    )
    roles.assign(
        a_role(role="owner", subject_kind="unit", subject="h", party="carol", valid_from="2025-01-01"),
        by="alice",
    )
    Organisation(room.database, room.clock).move("o", "h", by="alice")
    assert who(roles, Role.OWNER, kind="unit", name="o") == ["carol"]
    assert who(roles, Role.OWNER, TODAY - timedelta(days=1), kind="unit", name="o") == []


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-04-01", None),
        ("2026-03-01", "2026-04-01"),
        ("2026-04-30", "2026-06-01"),
        ("2026-04-10", "2026-04-12"),
    ],
)
def test_one_owner_and_one_steward_at_a_time(roles: Roles, first: str, last: str | None) -> None:
    roles.assign(a_role(valid_from="2026-04-01", valid_until="2026-04-30"), by="alice")
    with pytest.raises(RoleOverlap, match="bob is steward"):
        roles.assign(a_role(party="carol", valid_from=first, valid_until=last), by="alice")
    roles.assign(
        a_role(party="carol", valid_from="2026-05-01", valid_until=last and "2026-06-30"), by="alice"
    )
    assert len(roles.list(kind=SubjectKind.DATASET)) == 2


def test_several_review_but_nobody_twice(roles: Roles) -> None:
    roles.assign(a_role(role="reviewer"), by="alice")
    roles.assign(a_role(role="reviewer", party="carol"), by="alice")
    with pytest.raises(RoleOverlap):
        roles.assign(a_role(role="reviewer", valid_from="2027-01-01"), by="alice")


def test_a_role_can_not_end_before_it_begins(roles: Roles) -> None:
    with pytest.raises(BadValidity):
        roles.assign(a_role(valid_from="2026-04-02", valid_until="2026-04-01"), by="alice")
    roles.assign(a_role(valid_from="2026-04-02", valid_until="2026-04-02"), by="alice")


def test_an_ended_role_makes_room(room: Room, roles: Roles) -> None:
    given = roles.assign(a_role(valid_from="2026-01-01"), by="alice")
    ended = roles.end(given.id, by="bob")
    assert ended.valid_until == TODAY - timedelta(days=1)
    assert who(roles, Role.STEWARD) == ["alice"]
    with pytest.raises(BadValidity, match="already"):
        roles.end(given.id, by="bob")
    planned = roles.assign(a_role(valid_from="2026-06-01"), by="alice")
    roles.end(planned.id, by="alice")  # before it began
    roles.assign(a_role(party="carol", valid_from="2026-05-01"), by="alice")
    assert who(roles, Role.STEWARD, date(2026, 6, 2)) == ["carol"]
    with pytest.raises(RoleNotFound):
        roles.end(99, by="alice")
    told = [(e.act, e.detail["party"]) for e in Trail(room.database, room.clock).list()[-2:]]
    assert told == [("role-ended", "bob"), ("role-assigned", "carol")]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"subject": "nothing"}, NoSuchSubject),
        ({"subject_kind": "product", "subject": "nothing"}, NoSuchSubject),
        ({"subject_kind": "unit", "subject": "inflow"}, NoSuchSubject),
        ({"party": "nobody"}, UnknownParty),
        ({"party": "partner"}, CannotAnswer),
    ],
)
def test_roles_are_held_by_somebody_on_something(
    roles: Roles, changes: Any, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        roles.assign(a_role(**changes), by="alice")
    with pytest.raises(PartnersDontGovern):
        roles.assign(a_role(), by="partner")


def test_who_has_left_holds_nothing(room: Room, roles: Roles) -> None:
    roles.assign(a_role(), by="alice")
    People(room.database, room.clock).leave("bob", by="alice")
    assert who(roles, Role.STEWARD) == ["bob"]
    assert who(roles, Role.STEWARD, TODAY + timedelta(days=1)) == ["alice"]
    with pytest.raises(PersonLeft):
        roles.assign(a_role(party="bob", valid_from="2026-06-01"), by="alice")
    People(room.database, room.clock).leave("alice", by="carol")
    room.clock.forward(days=2)
    assert who(roles, Role.STEWARD) == []


def test_roles_are_listed_by_what_is_asked_for(roles: Roles) -> None:
    given = roles.assign(a_role(valid_until="2026-12-31"), by="alice")
    assert roles.list(party="bob") == roles.list(subject="inflow") == (given,)
    assert roles.list(on=date(2027, 1, 1)) == ()
    assert roles.list(kind=SubjectKind.UNIT) == ()
    with pytest.raises(NoSuchSubject):
        roles.holders(Role.OWNER, SubjectKind.DATASET, "nothing")

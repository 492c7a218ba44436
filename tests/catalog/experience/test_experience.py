"""What was learnt is kept by rule, in versions, found by search, and proposed by closed orders."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from catalog.experience import ExperienceLibrary
from catalog.experience.models import (
    ExperienceDraft,
    ExperienceNotFound,
    MalformedExperience,
    NothingLearnt,
    parse_experience,
)
from catalog.parties import PartnersDontGovern
from catalog.search.entries import Kind
from catalog.search.query import SearchQuery
from catalog.search.searching import Search
from catalog.stewardship.transitions import WorkOrderNotFound
from catalog.tables import WorkOrderRow
from tests.builders import Room
from tests.catalog.orders import RULE, an_order, close_in


def an_entry(**changes: Any) -> ExperienceDraft:
    said = {
        "id": "swapped-meter", "rule": RULE, "title_zh": "换表未登记", "title_en": "A swap nobody entered",
        "problem_zh": "表号与档案不符", "problem_en": "The number on the meter is not the one on file",
        "cause_zh": "换表单未录入", "cause_en": "The swap form was never typed in",
        "fix_zh": "补录换表单", "fix_en": "Enter the form", "orders": (),
    } | changes  # fmt: skip
    return parse_experience(said, where="a test")


@pytest.fixture
def library(room: Room) -> ExperienceLibrary:
    return ExperienceLibrary(room.database, room.library, room.clock)


def test_an_entry_has_versions_and_the_newest_counts(library: ExperienceLibrary) -> None:
    first = library.add(an_entry(), by="alice")
    assert library.add(an_entry(), by="bob") == first
    second = library.add(an_entry(fix_en="Enter the form, and ask for a photo"), by="bob")
    assert (first.version, second.version, second.written_by) == (1, 2, "bob")
    assert library.get("swapped-meter") == second
    assert library.get("swapped-meter", 1) == first
    assert library.list() == library.list(RULE) == (second,)
    assert library.list("another-rule") == ()
    for missing in (("nothing", None), ("swapped-meter", 3)):
        with pytest.raises(ExperienceNotFound):
            library.get(*missing)
    with pytest.raises(PartnersDontGovern):
        library.add(an_entry(), by="partner")


def test_what_was_learnt_in_more_orders_comes_first(room: Room, library: ExperienceLibrary) -> None:
    room.register()
    an_order(room)
    library.add(an_entry(id="a"), by="alice")
    library.add(an_entry(id="b", orders=[1]), by="alice")
    assert [each.id for each in library.list(RULE)] == ["b", "a"]
    with pytest.raises(WorkOrderNotFound):
        library.add(an_entry(id="c", orders=[9]), by="alice")


def test_an_entry_is_found_in_both_languages_by_who_may(room: Room, library: ExperienceLibrary) -> None:
    library.add(an_entry(), by="alice")
    search = Search(room.database, room.library)
    for text in ("换表", "swap form", RULE, "补录"):
        (hit,) = search.find(SearchQuery(text=text, kinds=(Kind.EXPERIENCE,))).hits
        assert hit.key == "swapped-meter"
    library.add(an_entry(title_zh="铅封断裂"), by="alice")
    assert search.find(SearchQuery(text="铅封", kinds=(Kind.EXPERIENCE,))).total == 1
    assert search.reindex().entries["experience"] == 1
    assert search.find(SearchQuery(text="铅封", kinds=(Kind.EXPERIENCE,))).total == 1


def test_a_closed_order_proposes_what_its_people_said(room: Room, library: ExperienceLibrary) -> None:
    room.register()
    an_order(room)
    with pytest.raises(NothingLearnt, match="work order 1 is rectifying"):
        library.propose(1)
    close_in(room.database, 1)
    draft = library.propose(1)
    assert (draft.rule, draft.orders, draft.fix_en) == (RULE, (1,), "entered the form")
    assert library.add(draft, by="alice").version == 1


def test_a_proposal_of_a_rule_of_the_library_says_what_it_means(
    room: Room, library: ExperienceLibrary
) -> None:
    from standards.documents import Kind as StandardKind

    rule = next(iter(room.library.documents(StandardKind.RULE)))
    room.register()
    an_order(room, state="closed")
    with room.database.write() as session:
        session.execute(sa.update(WorkOrderRow).values(rule=rule.id))
    draft = library.propose(1)
    assert (draft.rule, draft.title_zh) == (rule.id, rule.name_zh)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("change", "place"),
    [({"fix_zh": " "}, "/fix_zh"), ({"cuase": "x"}, "/cuase"), ({"title_en": "\x1b[2J"}, "/title_en")],
)
def test_what_is_wrong_with_an_entry_is_told_by_place(change: dict[str, str], place: str) -> None:
    with pytest.raises(MalformedExperience) as raised:
        an_entry(**change)
    assert place in [fault.pointer for fault in raised.value.faults]

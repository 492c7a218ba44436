"""Code lists: a forest or a refusal that names every wrong code."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from standards.code_lists import Code, CodeList, MalformedCodeList, NoSuchAncestor, UnknownCode


def a_code(code: str, parent: str | None = None, level: int = 1, title: str = "名") -> Code:
    return Code(code=code, parent=parent, level=level, title_zh=title)


def a_code_list(*codes: Code, version: str = "1.0", list_id: str = "some-list") -> CodeList:
    return CodeList(
        id=list_id,
        version=version,
        title_zh="某表",
        title_en="Some list",
        source="a test",
        valid_from=date(2021, 1, 1),
        codes=codes
        or (a_code("A"), a_code("01", "A", 2), a_code("02", "A", 2), a_code("011", "01", 3), a_code("B")),
    )


def test_a_code_is_found_and_asked_for() -> None:
    codes = a_code_list()
    assert codes.get("01").parent == "A"
    assert "01" in codes
    assert "1" not in codes


def test_an_unknown_code_is_refused_with_those_close_to_it() -> None:
    with pytest.raises(UnknownCode, match="'012'") as caught:
        a_code_list().get("012")
    assert caught.value.hint is not None
    assert "011" in caught.value.hint


def test_ancestor_climbs_to_the_level_asked_for_and_includes_the_code_itself() -> None:
    codes = a_code_list()
    assert codes.ancestor("011", 1).code == "A"
    assert codes.ancestor("011", 2).code == "01"
    assert codes.ancestor("011", 3).code == "011"


@pytest.mark.parametrize("level", [-1, 0, 4])
def test_a_level_the_code_does_not_have_above_it_is_refused(level: int) -> None:
    with pytest.raises(NoSuchAncestor, match=f"level {level}"):
        a_code_list().ancestor("011", level)


def test_children_keep_the_order_of_the_list() -> None:
    codes = a_code_list()
    assert [each.code for each in codes.children()] == ["A", "B"]
    assert [each.code for each in codes.children("A")] == ["01", "02"]
    assert codes.children("B") == ()
    with pytest.raises(UnknownCode):
        codes.children("C")


def test_duplicate_codes_are_refused_by_name() -> None:
    with pytest.raises(MalformedCodeList, match="'A' is given 2 times") as caught:
        a_code_list(a_code("A"), a_code("A"))
    assert [fault.pointer for fault in caught.value.faults] == ["/codes/A"]


def test_unknown_parents_are_refused_by_name() -> None:
    with pytest.raises(MalformedCodeList, match="'02' has the unknown parent 'X'"):
        a_code_list(a_code("A"), a_code("02", "X", 2))


def test_a_cycle_is_refused_and_only_its_members_are_blamed() -> None:
    with pytest.raises(MalformedCodeList) as caught:
        a_code_list(a_code("a", "c", 2), a_code("b", "a", 3), a_code("c", "b", 4), a_code("d", "c", 5))
    assert [fault.detail for fault in caught.value.faults] == [
        "code 'a' is its own ancestor",
        "code 'b' is its own ancestor",
        "code 'c' is its own ancestor",
    ]


def test_a_code_that_is_its_own_parent_is_refused() -> None:
    with pytest.raises(MalformedCodeList, match="'a' is its own ancestor"):
        a_code_list(a_code("a", "a", 2))


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ((a_code("A"), a_code("x", "A", 3)), "level 3 below 'A' of level 1"),
        ((a_code("A"), a_code("x", None, 2)), "level 2 has no parent"),
        ((a_code("A"), a_code("x", "A", 1)), "level 1 below 'A' of level 1"),
    ],
)
def test_a_level_that_does_not_follow_from_the_parent_is_refused(
    codes: tuple[Code, ...], message: str
) -> None:
    with pytest.raises(MalformedCodeList, match=message):
        a_code_list(*codes)


def test_many_faults_are_all_listed_and_the_message_stays_short() -> None:
    with pytest.raises(MalformedCodeList, match="and 7 more") as caught:
        a_code_list(*(a_code(str(number), "X", 2) for number in range(10)))
    assert len(caught.value.faults) == 10


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        CodeList.model_validate(a_code_list().model_dump() | {"codes": []})


@pytest.mark.parametrize("list_id", ["GBT", "gb.t", "-a", "a-", "a b", ""])
def test_an_id_that_could_be_taken_for_another_kind_is_refused(list_id: str) -> None:
    with pytest.raises(ValidationError, match="String should match pattern"):
        a_code_list(list_id=list_id)


def test_a_code_list_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        a_code_list().version = "2.0"  # type: ignore[misc]


def test_the_digest_stands_for_the_content() -> None:
    assert a_code_list().digest() == a_code_list().digest()
    assert a_code_list().digest() != a_code_list(version="1.1").digest()
    assert a_code_list(a_code("A")).digest() != a_code_list(a_code("A", title="别名")).digest()


def test_the_digest_is_that_of_a_document_anyone_can_write_down() -> None:
    """A change here means that every manifest written so far cites a digest nobody can recompute."""
    document = (
        '{"codes":[{"code":"A","level":1,"title_zh":"名"},{"code":"01","level":2,"parent":"A","title_zh":"名"}],'
        '"id":"some-list","source":"a test","title_en":"Some list","title_zh":"某表","valid_from":'
        '"2021-01-01","version":"1.0"}'
    )
    listed = a_code_list(a_code("A"), a_code("01", "A", 2))
    assert listed.digest() == hashlib.sha256(document.encode()).hexdigest()


@given(st.lists(st.integers(min_value=0, max_value=30), min_size=1, max_size=30))
def test_every_tree_loads_and_every_code_climbs_to_its_root(parents: list[int]) -> None:
    codes = [a_code("0")]
    for number, wanted in enumerate(parents, start=1):
        parent = codes[wanted % len(codes)]
        codes.append(a_code(str(number), parent.code, parent.level + 1))
    listed = a_code_list(*reversed(codes))  # a child may stand before its parent
    for code in codes:
        assert listed.ancestor(code.code, 1).code == "0"
        assert all(child.parent == code.code for child in listed.children(code.code))
    assert sum(len(listed.children(code.code)) for code in codes) == len(codes) - 1


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"), min_size=1))
def test_without_a_top_something_is_always_wrong(parents: dict[str, str]) -> None:
    with pytest.raises(MalformedCodeList) as caught:
        a_code_list(*(a_code(code, parent, 2) for code, parent in parents.items()))
    assert caught.value.faults

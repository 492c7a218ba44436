"""What all kinds have, and how each kind refuses what contradicts itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from standards.code_lists import CodeList, CodeNotInForce, MalformedCodeList
from standards.crosswalks import Crosswalk, MalformedCrosswalk
from standards.differences import NotComparable, compare
from standards.documents import Document, Kind, version_key
from standards.handbooks import Handbook, MalformedHandbook
from standards.indicators import ContradictoryIndicator, Indicator
from standards.library import Library, MalformedStandard, UnknownStandard, UnknownVersion
from standards.lifecycle_rules import ContradictoryLifecycleRule, LifecycleRule
from standards.rules import ContradictoryRule, Rule
from standards.shelves import Shelves

LIBRARY = Library.load()


def changed(standard_id: str, **changes: Any) -> Document:
    """Return a bundled standard with something changed."""
    document = LIBRARY.get(standard_id)
    return type(document).model_validate(document.model_dump() | changes)


def a_list(*codes: dict[str, Any], **changes: Any) -> CodeList:
    given = [{"level": 1, "title_zh": "名", **code} for code in codes]
    working = {"id": "l", "version": "1", "title_zh": "表", "title_en": "List", "source": "s",
               "valid_from": "2020-01-01", "codes": given}  # fmt: skip
    return CodeList.model_validate(working | changes)


@pytest.mark.parametrize(
    ("standard_id", "changes", "error", "message"),
    [
        ("tariff-class", {"valid_to": date(1999, 1, 1)}, MalformedCodeList, "stands before valid_from"),
        ("billed-volume", {"formula": "sum(v) + w"}, ContradictoryIndicator, "symbol 'w' is no input"),
        ("billed-volume", {"formula": "1"}, ContradictoryIndicator, "does not speak of 'v'"),
        ("q02-customer-number-unique", {"scope": ("a.b", "a.b")}, ContradictoryRule, "twice in the scope"),
        ("q03-customer-name-present", {"null_means": "passes"}, ContradictoryRule, "it must fail"),
        ("keep-bill", {"archive_after_months": 999}, ContradictoryLifecycleRule, "kept for 360 only"),
        ("keep-bill", {"disposal": None}, ContradictoryLifecycleRule, "go together"),
        (
            "security-levels",
            {"chapters": [{"title_zh": "一", "title_en": "1", "text_zh": "文", "text_en": "t",
                           "members": ["a@1", "a@1"]}]},
            MalformedHandbook,
            "a@1 is a member 2 times",
        ),
        (
            "gbt4754-isic4-sections",
            {"mappings": [{"source": "A", "target": "A", "relation": "exact"},
                          {"source": "A", "target": "B", "relation": "related"}]},
            MalformedCrosswalk,
            "'A' has 'A' as exact and other targets besides",
        ),
    ],
)  # fmt: skip
def test_a_document_that_contradicts_itself_is_refused(
    standard_id: str, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        changed(standard_id, **changes)


def test_the_kinds_are_what_they_are_called() -> None:
    assert Crosswalk.kind is Kind.CROSSWALK
    assert Handbook.kind.folder == "handbooks"
    assert (Indicator.kind, Rule.kind, LifecycleRule.kind) == (
        Kind.INDICATOR, Kind.RULE, Kind.LIFECYCLE_RULE,
    )  # fmt: skip


@pytest.mark.parametrize("version", ["", "1/2", "../x", "a b", "版本"])
def test_a_version_that_no_file_could_be_named_by_is_refused(version: str) -> None:
    with pytest.raises(ValidationError):
        changed("tariff-class", version=version)


def test_versions_stand_in_the_order_of_their_numbers() -> None:
    versions = ["1.9", "1.10", "2017", "2017a", "1.0"]
    assert sorted(versions, key=version_key) == ["1.0", "1.9", "1.10", "2017", "2017a"]


# codes


def test_a_code_is_found_by_alias_and_by_a_title_of_its_own() -> None:
    codes = LIBRARY.code_list("reading-type")
    assert [codes.find(text) and codes.find(text).code for text in ("12", "集抄", "远传", "nothing")] == [  # type: ignore[union-attr]
        "12", "12", "12", None,
    ]  # fmt: skip
    assert a_list({"code": "a"}, {"code": "b"}).find("名") is None


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ([{"code": "a", "aliases": ["b"]}, {"code": "b"}], "alias 'b' of 'a' is a code"),
        ([{"code": "a", "aliases": ["x"]}, {"code": "b", "aliases": ["x"]}], "belongs to 'a' and to 'b'"),
        (
            [{"code": "a"}, {"code": "b"}, *({"code": "c", "parent": p, "level": 2} for p in "ab")],
            "code 'c' has the parents 'a' and 'b'; a code has one",
        ),
        ([{"code": "a", "valid_from": "2021-01-02", "valid_to": "2021-01-01"}], "stands before"),
        ([{"code": "a\tb"}], "unprintable"),
        ([{"code": " a"}], "begin or end with blanks"),
    ],
)
def test_codes_that_contradict_one_another_are_refused(codes: list[dict[str, Any]], message: str) -> None:
    with pytest.raises((MalformedCodeList, ValidationError), match=message):
        a_list(*codes)


def test_a_code_has_its_own_days_within_its_list() -> None:
    codes = a_list({"code": "a", "valid_to": "2021-12-31"}, {"code": "b"}, valid_to="2022-12-31")
    assert codes.get_on("a", date(2021, 12, 31)).code == "a"
    assert codes.get_on("b", date(2022, 1, 1)).code == "b"
    with pytest.raises(CodeNotInForce, match="code 'a' of l 1 is not in force on 2022-01-01"):
        codes.get_on("a", date(2022, 1, 1))
    with pytest.raises(CodeNotInForce, match="l 1 is not in force on 2023-01-01"):
        codes.get_on("b", date(2023, 1, 1))


# differences


def test_a_difference_says_added_removed_retitled_and_moved() -> None:
    old = a_list({"code": "a"}, {"code": "b"}, {"code": "c", "parent": "a", "level": 2}, {"code": "d"})
    new = a_list(
        {"code": "a", "title_zh": "新"}, {"code": "b"}, {"code": "c", "parent": "b", "level": 2},
        {"code": "e", "title_zh": "戊"}, version="2",
    )  # fmt: skip
    assert [str(change) for change in compare(old, new).changes] == [
        "/codes/d removed: 名",
        "/codes/e added: 戊",
        "/codes/a/title_zh retitled: 名 → 新",
        "/codes/c/parent moved: a → b",
    ]
    assert compare(old, old).changes == ()
    assert [str(each) for each in compare(old, a_list(*reversed(_codes(old)))).changes] == [
        "/codes changed: one order → another order"
    ]


def _codes(codes: CodeList) -> list[dict[str, Any]]:
    return [code.model_dump() for code in codes.codes]


def test_standards_of_two_kinds_are_not_compared() -> None:
    with pytest.raises(NotComparable):
        compare(LIBRARY.get("tariff-class"), LIBRARY.get("customer.name"))


# the library


def test_an_unknown_standard_or_version_is_refused_with_what_there_is() -> None:
    with pytest.raises(UnknownStandard) as caught:
        LIBRARY.get("water-user-industri")
    assert "water-user-industry" in str(caught.value.hint)
    with pytest.raises(UnknownVersion, match="gbt2260-21 has no version '1999'") as version:
        LIBRARY.get("gbt2260-21", "1999")
    assert version.value.hint == "it has 2014, 2016"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (changed("customer.status", code_list="nowhere"), "no code list has the id 'nowhere'"),
        (changed("customer.status", code_level=9), "customer-status 1.0 has no level 9"),
        (changed("customer.status", max_length=1), "max_length 1 is too short for '11'"),
        (changed("gbt4754-isic4-sections", target_list="isic4@1990"), "isic4 has no version '1990'"),
        (
            changed("gbt4754-isic4-sections", target_list="tariff-class@1.0"),
            "tariff-class@1.0 holds no code 'A', the target of a mapping",
        ),
        (changed("customer-number-rule", element="customer.size"), "'customer.size'"),
        (changed("customer-number-rule", element="customer.tariff_class"), "11 characters exceed the 2"),
        (changed("customer.office", refers_to="organisation.cod"), r"'organisation\.cod'"),
        (
            changed("customer.office", refers_to="meter.calibre_mm"),
            "it is text and refers to meter.calibre_mm",
        ),
        (changed("keep-bill", scope=("no.such",)), r"'no\.such'"),
        (
            changed(
                "mean-price",
                formula="b",
                inputs=[{"symbol": "b", "meaning_zh": "甲", "meaning_en": "a", "indicator": "tariff-class"}],
            ),
            "tariff-class is a code-list, not an indicator",
        ),
    ],
)
def test_what_is_not_there_is_named(document: Document, message: str) -> None:
    with pytest.raises(MalformedStandard, match=message):
        LIBRARY.require_sound([document])


def test_indicators_that_go_round_in_a_circle_are_refused(tmp_path: Path) -> None:
    def made(own: str, other: str) -> Document:
        inputs = [{"symbol": "x", "meaning_zh": "甲", "meaning_en": "a", "indicator": other}]
        return changed("mean-price", id=own, formula="x", inputs=inputs, dimensions=())

    circle = (made("one", "two"), made("two", "one"))
    library = Library(Shelves(tmp_path), lambda: circle)
    with pytest.raises(MalformedStandard, match="computed from itself: one ← two ← one"):
        library.require_sound()

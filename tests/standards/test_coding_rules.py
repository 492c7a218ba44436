"""Coding rules: what is generated passes, one wrong character does not, and bad rules are named."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.iso7064 import mod_11_10, mod_37_36

from standards.check_characters import ALPHANUMERIC, DIGITS, CheckAlgorithm, NoCheckCharacter, check_character
from standards.coding_rules import CodingRule, MalformedCodingRule, WrongSegment
from standards.documents import Kind
from standards.identifiers import customer_number, is_customer_number
from standards.library import Library

LIBRARY = Library.load()
RULES = [each for each in LIBRARY.documents(Kind.CODING_RULE) if isinstance(each, CodingRule)]


def a_rule(*segments: dict[str, Any], **changes: Any) -> CodingRule:
    given_segments = [{"title_zh": "段", "title_en": "Segment", **segment} for segment in segments]
    working = {
        "id": "some-rule", "version": "1", "title_zh": "则", "title_en": "Rule", "definition_zh": "义",
        "definition": "A rule.", "element": "bill.number", "valid_from": "2026-01-01",
        "segments": given_segments or [NUMBER],
    }  # fmt: skip
    return CodingRule.model_validate(working | changes)


NUMBER = {"name": "n", "title_zh": "号", "title_en": "Number", "kind": "number", "length": 4}
CHECK = {"name": "x", "kind": "check", "length": 1, "algorithm": "iso7064-mod-11-10"}


@st.composite
def codes(draw: st.DrawFn) -> tuple[CodingRule, str]:
    rule = draw(st.sampled_from(RULES))
    parts: dict[str, Any] = {}
    for segment in rule.segments:
        if segment.kind == "number":
            parts[segment.name] = draw(st.integers(0, 10**segment.length - 1))
        elif segment.kind == "date":
            parts[segment.name] = draw(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
    return rule, rule.generate(parts)


@given(codes())
def test_what_is_generated_passes_and_fits_its_element(made: tuple[CodingRule, str]) -> None:
    rule, code = made
    assert rule.fault(code) is None
    assert "".join(rule.split(code).values()) == code
    element = LIBRARY.element(rule.element)
    assert len(code) <= (element.max_length or 0)


@given(codes(), st.data())
def test_any_single_wrong_character_is_found_where_there_is_a_check_digit(
    made: tuple[CodingRule, str], data: st.DataObject
) -> None:
    rule, code = made
    place = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from([each for each in DIGITS + "A -" if each != code[place]]))
    wrong = code[:place] + other + code[place + 1 :]
    if any(segment.algorithm for segment in rule.segments) or not other.isdigit():
        assert rule.fault(wrong)
        with pytest.raises(WrongSegment):
            rule.split(wrong)
    assert rule.fault(code[:-1])
    assert rule.fault(code + "0")


@given(st.integers(0, 99), st.integers(0, 99_999_999))
def test_the_customer_number_is_that_of_the_samples(branch: int, sequence: int) -> None:
    number = LIBRARY.coding_rule("customer-number-rule").generate({"branch": branch, "sequence": sequence})
    assert number == customer_number(branch, sequence)
    assert is_customer_number(number)


@given(st.text(ALPHANUMERIC, min_size=1, max_size=30), st.text(DIGITS, min_size=1, max_size=30))
def test_check_characters_are_those_of_python_stdnum(mixed: str, digits: str) -> None:
    assert check_character(mixed, CheckAlgorithm.MOD_37_36) == mod_37_36.calc_check_digit(mixed)
    assert check_character(digits, CheckAlgorithm.MOD_11_10) == mod_11_10.calc_check_digit(digits)
    assert check_character(digits, CheckAlgorithm.LUHN) == luhn.calc_check_digit(digits)


@pytest.mark.parametrize("body", ["", "12a", "１２"])
def test_what_an_algorithm_does_not_know_is_refused(body: str) -> None:
    with pytest.raises(NoCheckCharacter):
        check_character(body, CheckAlgorithm.MOD_11_10)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, "Number is missing"),
        ({"n": 1, "m": 2}, "there is no segment 'm'"),
        ({"n": 12345}, "has 5 characters instead of 4"),
        ({"n": "12x4"}, "holds 'x'"),
        ({"n": -1}, "holds '-'"),
    ],
)
def test_parts_that_do_not_fit_are_refused(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(WrongSegment, match=message) as caught:
        a_rule().generate(parts)
    assert caught.value.faults


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ([{"name": "a", "kind": "fixed", "length": 2}], "'a' of kind fixed lacks text"),
        ([{**NUMBER, "text": "x"}], "'n' of kind number has text"),
        ([{"name": "a", "kind": "fixed", "length": 2, "text": "ABC"}], "has length 2, and parts of"),
        ([{"name": "a", "kind": "date", "length": 2, "form": "YY"}], "'YY' is none of YYYY"),
        ([{"name": "a", "kind": "characters", "length": 2, "alphabet": "ab"}], "more than 0-9 and A-Z"),
        ([NUMBER, NUMBER], "two segments are called 'n'"),
        ([CHECK], "can't check nothing"),
        ([{"name": "a", "kind": "characters", "length": 2, "alphabet": "AB"}, CHECK], "can't check 'A'"),
        ([NUMBER, {**CHECK, "length": 2}], "has length 2"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(segments: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(MalformedCodingRule, match=message):
        a_rule(*segments)


def test_an_example_must_follow_the_rule() -> None:
    with pytest.raises(MalformedCodingRule, match="example '12': it has 2 characters instead of 4"):
        a_rule(examples=["1234", "12"])


def faults(rule: str, *codes: str) -> list[tuple[int, str | None, str]]:
    found = (LIBRARY.coding_rule(rule).fault(code) for code in codes)
    return [(fault.place, fault.segment, fault.what) for fault in found if fault]


def test_a_fault_says_at_which_character_of_which_segment() -> None:
    assert faults("customer-number-rule", "05000000018", "05 00000017", "0500000001", "") == [
        (11, "check", "the check character is '8' instead of '7'"),
        (3, "sequence", "Sequence within the branch ' 0000001' holds ' ', which is not allowed there"),
        (11, None, "it has 10 characters instead of 11"),
        (1, None, "it has 0 characters instead of 11"),
    ]
    assert faults("bill-number-rule", "2021130500000001", "20211205０0000001") == [
        (1, "month", "Month of issue '202113' is no date of the form YYYYMM"),
        (
            9,
            "sequence",
            "Sequence within month and branch '０0000001' holds '０', which is not allowed there",
        ),
    ]
    assert faults("meter-number-rule", "0017202600000019")[0][:2] == (16, "check")
    assert faults("meter-book-number-rule", "0102000x")[0][:2] == (8, "sequence")


def test_a_series_counts_the_last_running_number_on() -> None:
    rule = LIBRARY.coding_rule("meter-book-number-rule")
    parts = rule.parts({"branch": "1", "office": "02", "sequence": "9998"})
    assert list(rule.series(parts, 2)) == ["01029998", "01029999"]
    with pytest.raises(WrongSegment, match="'10000' has 5 characters instead of 4"):
        list(rule.series(parts, 3))
    with pytest.raises(WrongSegment, match="Sequence within the office is missing"):
        list(rule.series(rule.parts({"branch": "1", "office": "2"}), 2))

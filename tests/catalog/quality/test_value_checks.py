"""Checks of one value by itself: against what the standards and others' code say of the same values."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from standards.check_characters import CheckAlgorithm, check_character
from standards.identifiers import credit_code
from tests.catalog.quality.judging import LIBRARY, TODAY, failing, judged


def fails(check: str, values: list[Any], kind: str = "text", **given: Any) -> list[Any]:
    """Return the values that fail."""
    return [values[row] for row in failing(check, kind, [[value] for value in values], **given)]


def test_present_takes_neither_nothing_nor_blanks_nor_a_placeholder() -> None:
    values = ["沈阳食品厂", None, "", "  ", "\u3000", "无名", " 测试 ", "测试站"]
    assert fails("present", values, placeholders="无名 测试") == [None, "", "  ", "\u3000", "无名", " 测试 "]
    assert fails("present", [1, None], "integer") == [None]


def test_absent_is_the_contrary() -> None:
    assert fails("absent", [None, "", "x"]) == ["", "x"]


def test_a_pattern_is_that_of_the_whole_text() -> None:
    values = ["12", "12\n", "x12", "1２", None]
    assert fails("pattern", values, pattern="[0-9]+") == ["12\n", "x12", "1２"]
    assert fails("not-pattern", values, pattern="[a-z]") == ["x12"]


def test_length_counts_characters_not_bytes() -> None:
    assert fails("length", ["水", "水表", "𠮷野家", "水表册号"], minimum=2, maximum=3) == ["水", "水表册号"]


@pytest.mark.parametrize(("null", "failed"), [("skipped", []), ("passes", []), ("fails", [None])])
def test_what_null_means_is_the_rule_s_to_say(null: str, failed: list[Any]) -> None:
    found = judged("range", {"a": "integer"}, [[5], [None]], null=null, minimum=1)
    assert found.total.judged == (1 if null == "skipped" else 2)
    assert fails("range", [5, None], "integer", null=null, minimum=1) == failed


def test_bounds_are_included() -> None:
    assert fails("range", [0, 1, 2, 3], "decimal", minimum="1", maximum=2) == [0, 3]


def test_days_are_counted_from_the_day_of_the_run() -> None:
    day = timedelta(days=1)
    values = [TODAY - 2 * day, TODAY - day, TODAY, TODAY + day]
    assert fails("not-past", values, "date") == values[:2]
    assert fails("not-past", values, "date", days=1) == values[:1]
    assert fails("not-future", values, "date") == values[3:]
    assert fails("not-before", values, "date", day=TODAY.isoformat()) == values[:2]


def test_masked_means_enough_asterisks() -> None:
    assert fails("masked", ["1101**********1234", "110101199003070000", "1***", None]) == [
        "110101199003070000", "1***",
    ]  # fmt: skip


def test_codes_are_of_the_list_and_of_the_level() -> None:
    codes = ["C", "27", "271", "2710", "2799", "27 ", None]
    assert fails("code-list", codes, list="gbt4754@2017") == ["2799", "27 "]
    assert fails("code-list", codes, list="gbt4754", level=2) == ["C", "271", "2710", "2799", "27 "]
    assert fails("code-level", codes, list="gbt4754@2017", level=3) == ["C", "27", "2799", "27 "]


def test_integers_are_codes_too() -> None:
    assert fails("code-list", [15, 20, 21, None], "integer", list="meter-calibre", level=2) == [21]


def test_address_parts_are_each_asked_for() -> None:
    whole = "沈阳市和平区南京街12号3栋2单元501室"
    values = [whole, "和平区南京街12号", "和平区南京街12号3栋", "桂花苑３幢2单元"]
    assert fails("address-parts", values, parts="building unit") == values[1:3]
    assert fails("address-parts", values, parts="road number room") == values[1:]


_RESIDENT = st.builds(
    lambda region, day, number: region + f"{day:%Y%m%d}" + f"{number:03}",
    st.sampled_from(["110101", "210102", "310115", "440305"]),
    st.dates(date(1900, 1, 1), date(2020, 12, 31)),
    st.integers(0, 999),
)
_CREDIT = st.builds(
    credit_code,
    st.sampled_from(["91", "12", "51", "93"]),
    st.sampled_from(["210102", "110101"]),
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8),
)


def _valid_resident(body: str) -> str:
    return body + ric.calc_check_digit(body + "0")


def _changed(codes: st.SearchStrategy[str], alphabet: str) -> st.SearchStrategy[str]:
    """Return the codes, some with one character changed."""
    at = st.tuples(codes, st.integers(0, 30), st.sampled_from(alphabet), st.booleans())
    return at.map(lambda c: c[0][: c[1]] + c[2] + c[0][c[1] + 1 :] if c[3] and c[1] < len(c[0]) else c[0])


@settings(max_examples=40, deadline=None)
@given(st.lists(_changed(_RESIDENT.map(_valid_resident), "0123456789Xx9 "), min_size=1, max_size=50))
def test_resident_ids_are_told_as_python_stdnum_tells_them(codes: list[str]) -> None:
    def right(code: str) -> bool:  # stdnum also knows which regions there are, and takes a small x
        known = (
            code[:1].isdigit()
            and code == code.strip()
            and "x" not in code
            and code[6:8] in ("18", "19", "20")
        )
        try:
            return known and code[0] != "0" and ric.validate(code) == code
        except ric.InvalidComponent as error:
            return (
                known and "birth" not in str(error) and ric.calc_check_digit(code) == code[-1] and _day(code)
            )
        except ValidationError:
            return False

    assert fails("resident-id", codes) == [code for code in codes if not right(code)]


def _day(code: str) -> bool:
    try:
        ric.get_birth_date(code)
    except ric.InvalidComponent:
        return False
    return code[0] != "0"


@settings(max_examples=40, deadline=None)
@given(st.lists(_changed(_CREDIT, "0123456789ABCIOSVZ a"), min_size=1, max_size=50))
def test_credit_codes_are_told_as_python_stdnum_tells_them(codes: list[str]) -> None:
    wrong = [code for code in codes if code != code.strip().upper() or not uscc.is_valid(code)]
    assert fails("credit-code", codes) == wrong


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("0123456789", min_size=14, max_size=20), min_size=1, max_size=60))
def test_card_numbers_are_told_as_python_stdnum_tells_them(bodies: list[str]) -> None:
    codes = [body + luhn.calc_check_digit(body) for body in bodies] + bodies
    wrong = [code for code in codes if not (16 <= len(code) <= 19 and luhn.is_valid(code))]
    assert fails("bank-card", codes) == wrong


@settings(max_examples=30, deadline=None)
@given(st.data())
@pytest.mark.parametrize(
    "name", ["customer-number-rule", "meter-number-rule", "meter-book-number-rule", "bill-number-rule"]
)
def test_coding_rules_are_followed_as_their_document_says(name: str, data: st.DataObject) -> None:
    rule = LIBRARY.coding_rule(name)
    codes = _changed(st.just(rule.examples[0]), "0123456789A -")
    made = data.draw(
        st.lists(codes | st.text("0123456789", min_size=6, max_size=20), min_size=1, max_size=40)
    )
    assert fails("coding-rule", made, rule=name) == [code for code in made if rule.fault(code)]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=12, max_size=12), min_size=1, max_size=20
    )
)
def test_letters_have_their_check_character_too(bodies: list[str]) -> None:
    import duckdb

    from catalog.quality.compiling.check_characters import check_character as in_sql

    for algorithm in (CheckAlgorithm.MOD_37_36, CheckAlgorithm.LUHN, CheckAlgorithm.MOD_11_10):
        known = [body for body in bodies if set(body) <= set(algorithm.alphabet)] or ["012345678901"]
        with duckdb.connect() as connection:
            found = connection.execute(
                f"SELECT {in_sql('code', 12, algorithm)} FROM (SELECT unnest($1) AS code)", [known]
            ).fetchall()
        assert [code for (code,) in found] == [check_character(body, algorithm) for body in known]

"""Identifiers with check characters, measured against python-stdnum and published examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_10

from standards.identifiers import (
    CREDIT_ALPHABET,
    MalformedIdentifier,
    check_digit_11_10,
    credit_code,
    credit_code_check_character,
    customer_number,
    is_credit_code,
    is_customer_number,
    organisation_check_character,
)

DIGITS = st.text("0123456789", min_size=1, max_size=20)


def bodies_beginning(beginnings: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return credit codes without their check character, by the two characters they begin with."""
    division = st.text("0123456789", min_size=6, max_size=6)
    organisation = st.text(CREDIT_ALPHABET, min_size=9, max_size=9)
    return st.tuples(beginnings, division, organisation).map("".join)


CREDIT_BODIES = bodies_beginning(st.text(CREDIT_ALPHABET, min_size=2, max_size=2))


@pytest.mark.parametrize("code", ["91110000600037341L", "91440300708461136T", "914403001922038216"])
def test_published_credit_codes_are_accepted(code: str) -> None:
    assert is_credit_code(code)
    assert organisation_check_character(code[8:16]) == code[16]


@given(bodies_beginning(st.from_regex("[1-9][1-9]", fullmatch=True)))
def test_credit_codes_agree_with_stdnum(body: str) -> None:
    code = body + credit_code_check_character(body)
    assert uscc.is_valid(code)
    assert is_credit_code(code)


@given(bodies_beginning(st.from_regex("[ANY][1-9]", fullmatch=True)))
def test_departments_with_a_letter_are_accepted_though_stdnum_refuses_them(body: str) -> None:
    """GB 32100 gives A to the army, N to agriculture (rural collectives) and Y to the rest."""
    code = body + credit_code_check_character(body)
    assert is_credit_code(code)
    assert not uscc.is_valid(code)


@given(CREDIT_BODIES, st.integers(0, 17), st.sampled_from(CREDIT_ALPHABET))
def test_one_wrong_character_never_passes(body: str, place: int, other: str) -> None:
    code = body + credit_code_check_character(body)
    changed = code[:place] + other + code[place + 1 :]
    assert is_credit_code(changed) == (changed == code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "L",
        "91110000600037341",
        "91110000600037341l",
        "91110000600037341L ",
        " 91110000600037341L",
        "9111000060003734IL",
        "9111０000600037341L",
        "91A10000600037341L",
        "91110000600037341Z",
    ],
)
def test_what_is_no_credit_code_is_not_taken_for_one(text: str) -> None:
    assert not is_credit_code(text)


@given(DIGITS)
def test_mod_11_10_agrees_with_stdnum(digits: str) -> None:
    assert check_digit_11_10(digits) == mod_11_10.calc_check_digit(digits)


@given(st.integers(0, 99), st.integers(0, 99_999_999), st.integers(0, 10), st.sampled_from("0123456789"))
def test_a_customer_number_passes_and_one_wrong_digit_does_not(
    branch: int, sequence: int, place: int, other: str
) -> None:
    number = customer_number(branch, sequence)
    assert number[:10] == f"{branch:02d}{sequence:08d}"
    changed = number[:place] + other + number[place + 1 :]
    assert is_customer_number(changed) == (changed == number)


@pytest.mark.parametrize(
    "text", ["", "0500000001", "050000000170", "0500000001x", "٠٥٠٠٠٠٠٠٠١٧", "05000000017\n"]
)
def test_what_is_no_customer_number_is_not_taken_for_one(text: str) -> None:
    assert not is_customer_number(text)


def test_parts_that_do_not_fit_are_refused() -> None:
    with pytest.raises(MalformedIdentifier):
        customer_number(100, 1)
    with pytest.raises(MalformedIdentifier):
        customer_number(1, 100_000_000)
    with pytest.raises(MalformedIdentifier):
        credit_code("91", "210102", "I2345678")
    with pytest.raises(MalformedIdentifier):
        organisation_check_character("short")
    with pytest.raises(MalformedIdentifier):
        check_digit_11_10("")

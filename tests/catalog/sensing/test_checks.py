"""Each vectorised check says what its oracle says, of codes that are right, wrong and nearly right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from random import Random

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from catalog.sensing import checks
from standards import identifiers

COUNTIES = ("110101", "210102", "210181", "310115", "440305", "542221", "650102")
DIGITS = "0123456789"


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def asked(
    connection: duckdb.DuckDBPyConnection, condition: Callable[[str], str], texts: Sequence[str]
) -> list[bool]:
    """Return what the SQL says of each text."""
    rows = connection.execute(
        f"SELECT {condition('v')} FROM (SELECT unnest(?) AS v, generate_subscripts(?, 1) AS i) ORDER BY i",
        [list(texts), list(texts)],
    ).fetchall()
    return [row[0] for row in rows]


def resident_ids(count: int, seed: int = 1) -> list[str]:
    """Return made-up numbers with right check digits, of counties that stand in GB/T 2260."""
    draw, made = Random(seed), []
    for _ in range(count):
        born = date.fromordinal(draw.randrange(date(1950, 1, 1).toordinal(), date(2010, 1, 1).toordinal()))
        body = f"{draw.choice(COUNTIES)}{born:%Y%m%d}{draw.randrange(1000):03d}"
        made.append(body + ric.calc_check_digit(body + "0"))
    return made


def credit_codes(count: int, seed: int = 1) -> list[str]:
    """Return made-up codes with right check characters."""
    draw, made = Random(seed), []
    for _ in range(count):
        body = "".join(draw.choices(identifiers.CREDIT_ALPHABET, k=8))
        made.append(
            identifiers.credit_code(draw.choice(("91", "92", "12", "51")), draw.choice(COUNTIES), body)
        )
    return made


def cards(count: int, seed: int = 1) -> list[str]:
    """Return made-up card numbers of 16 to 19 digits with right check digits."""
    draw, made = Random(seed), []
    for _ in range(count):
        body = "62" + "".join(draw.choices(DIGITS, k=draw.choice((13, 16))))
        made.append(body + luhn.calc_check_digit(body))
    return made


def mutated(texts: Sequence[str], seed: int = 2) -> list[str]:
    """Return each text with one character changed, two swapped, one lost or one more."""
    draw, made = Random(seed), []
    for text in texts:
        place = draw.randrange(len(text) - 1)
        swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        changed = text[:place] + draw.choice(identifiers.CREDIT_ALPHABET) + text[place + 1 :]
        made += [swapped, changed, text[1:], text + "0", f"{text[:-1]}x", text.lower()]
    return made


def is_ric(text: str) -> bool:
    """The oracle, without its table of counties by year: the province stands in for it."""
    try:
        born = ric.get_birth_date(text)
    except (ValidationError, ValueError):
        return False
    return (
        len(text) == 18
        and text[:17].isdigit()
        and text[17].upper() == ric.calc_check_digit(text)
        and 1900 <= born.year <= 2099
        and text[:2] in PROVINCES
    )


PROVINCES = {
    *map(str, (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55))),
    *map(str, (*range(61, 66), 71, 81, 82, 83)),
}


def test_resident_ids_check_as_stdnum_has_it(connection: duckdb.DuckDBPyConnection) -> None:
    right = resident_ids(2_000)
    assert any(map(ric.is_valid, right))  # not all: it also asks whether the county was there at birth
    assert all(asked(connection, checks.is_resident_id, right))
    wrong = mutated(right)
    said = asked(connection, checks.is_resident_id, wrong)
    assert said == [is_ric(text) for text in wrong]
    assert all(ours for ours, text in zip(said, wrong, strict=True) if ric.is_valid(text))
    assert 0 < sum(said) < len(said) / 2


@given(st.lists(st.text(alphabet=DIGITS + "Xx", min_size=16, max_size=19), min_size=1, max_size=30))
def test_any_digits_are_resident_ids_as_stdnum_has_it(
    connection: duckdb.DuckDBPyConnection, texts: list[str]
) -> None:
    bodies = [f"210102{text[:8]}{text[8:11]}" for text in texts]
    texts += [body + check for body in bodies for check in "0X"]
    assert asked(connection, checks.is_resident_id, texts) == [is_ric(text) for text in texts]


def test_credit_codes_check_as_stdnum_has_it(connection: duckdb.DuckDBPyConnection) -> None:
    right = credit_codes(2_000)
    assert all(map(uscc.is_valid, right))
    assert all(asked(connection, checks.is_credit_code, right))
    wrong = mutated(right)
    oracle = [uscc.is_valid(text) and text[2:4] in PROVINCES for text in wrong]
    assert asked(connection, checks.is_credit_code, wrong) == oracle


def test_credit_codes_that_begin_with_a_letter_are_ones(connection: duckdb.DuckDBPyConnection) -> None:
    """stdnum wants a digit there; GB 32100 gives N to rural collectives and Y to others."""
    codes = [identifiers.credit_code(kind, "210102", "XX123456") for kind in ("N2", "Y1", "A1")]
    assert not any(map(uscc.is_valid, codes))
    assert all(map(identifiers.is_credit_code, codes))
    assert all(asked(connection, checks.is_credit_code, codes))


@given(st.lists(st.text(alphabet=DIGITS, min_size=1, max_size=19), min_size=1, max_size=40))
def test_luhn_checks_as_stdnum_has_it(connection: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    texts += [text[:18] + luhn.calc_check_digit(text[:18]) for text in texts]
    assert asked(connection, checks.passes_luhn, texts) == [luhn.is_valid(text) for text in texts]


def test_bank_cards_check_and_have_an_issuer(connection: duckdb.DuckDBPyConnection) -> None:
    right = cards(1_000)
    assert all(asked(connection, checks.is_bank_card, right))
    wrong = [text for text in mutated(right) if text.isdigit()]
    shaped = asked(connection, checks.is_card_shape, wrong)
    oracle = [ours and luhn.is_valid(text) for ours, text in zip(shaped, wrong, strict=True)]
    assert asked(connection, checks.is_bank_card, wrong) == oracle
    nobody = "8" * 15 + luhn.calc_check_digit("8" * 15)
    assert asked(connection, checks.is_bank_card, [nobody, nobody[:-1]]) == [False, False]


@given(st.lists(st.text(alphabet=DIGITS + "ABCXYZ", min_size=8, max_size=8), min_size=1, max_size=30))
def test_organisation_codes_check_as_their_standard_has_it(
    connection: duckdb.DuckDBPyConnection, bodies: list[str]
) -> None:
    right = [body + identifiers.organisation_check_character(body) for body in bodies]
    hyphened = [f"{code[:8]}-{code[8]}" for code in right]
    wrong = [code[:8] + ("0" if code[8] != "0" else "1") for code in right]
    assert all(asked(connection, checks.is_organisation_code, right + hyphened))
    assert not any(asked(connection, checks.is_organisation_code, wrong))


@given(st.lists(st.text(alphabet=DIGITS, min_size=11, max_size=11), min_size=1, max_size=40))
def test_customer_numbers_check_as_their_rule_has_it(
    connection: duckdb.DuckDBPyConnection, texts: list[str]
) -> None:
    texts += [text[:10] + identifiers.check_digit_11_10(text[:10]) for text in texts]
    oracle = [identifiers.is_customer_number(text) for text in texts]
    assert asked(connection, checks.is_customer_number, texts) == oracle


@pytest.mark.parametrize(
    ("condition", "yes", "no"),
    [
        (
            checks.is_mobile,
            ["13912345678", "+86 139 1234 5678", "8613912345678", "139-1234-5678", "19912345678"],
            ["12912345678", "1391234567", "139123456789", "15412345678", "139****5678", "02412345678"],
        ),
        (
            checks.is_landline,
            ["024-22334455", "(010)62334455", "0411-83334455-801"],
            ["024-12334455", "24-22334455", "2021-0101", "0000-22334455", "1-2-301"],
        ),
        (
            checks.is_email,
            ["a.b@example.com", "someone@mail.example.cn"],
            ["a@b", "a b@example.com", "@example.com", "DMA-01@", "***"],
        ),
    ],
)
def test_forms_without_check_digits(
    connection: duckdb.DuckDBPyConnection,
    condition: Callable[[str], str],
    yes: list[str],
    no: list[str],
) -> None:
    assert asked(connection, condition, yes) == [True] * len(yes)
    assert asked(connection, condition, no) == [False] * len(no)


def test_no_text_breaks_a_check(connection: duckdb.DuckDBPyConnection) -> None:
    hostile = [
        "",
        " ",
        "'",
        "9" * 400,
        "\U0001f600" * 18,
        "٠" * 18,
        "１１０１０１１９９００１０１００１０",
        "-" * 18,
    ]
    for condition in (
        checks.is_resident_id,
        checks.is_credit_code,
        checks.is_bank_card,
        checks.is_organisation_code,
        checks.is_customer_number,
    ):
        assert asked(connection, condition, hostile) == [False] * len(hostile)

"""Codes and numbers as SQL: each function takes an expression of trimmed text and returns a condition.

Check digits are computed by the query engine over whole columns; `stdnum` and `standards.identifiers` are
their oracles in tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from catalog.engine import literal
from standards.identifiers import CREDIT_ALPHABET

_RESIDENT_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ALPHANUMERIC: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PROVINCES: Final = "(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123])"
_DAY: Final = "(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
_CREDIT_CHARACTER: Final = "[0-9A-HJ-NP-RTUWXYa-hj-np-rtuwxy]"
_PREFIXES: Final = "1(3[0-9]|4[014-9]|5[0-35-9]|6[2567]|7[0-8]|8[0-9]|9[0-35-9])"
"""Mobile prefixes that operators on the mainland were given, as of 2024. From secondary sources."""
_AREA_CODE: Final = "0(10|2[0-9]|[3-9][0-9]{2})"
_CARDS: Final = (
    "62[0-9]{14,17}|4[0-9]{15}|5[1-5][0-9]{14}|2(22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"
    "|35(2[89]|[3-8][0-9])[0-9]{12}|60[0-9]{14}|9558[0-9]{15}"
)
"""Issuer numbers of ISO/IEC 7812 in use: UnionPay, Visa, Mastercard, JCB, Discover, an old ICBC series."""


def is_resident_shape(text: str) -> str:
    """Return the condition of 18 characters with a province and a birth date of 1900 to 2099 in them."""
    return _matches(text, f"{_PROVINCES}[0-9]{{4}}{_DAY}[0-9]{{3}}[0-9Xx]")


def is_resident_id(text: str) -> str:
    """Return the condition of a resident identity number: shape, a day that exists, check digit.

    Whether the county existed at birth is not asked. Source: GB 11643-1999, ISO 7064 MOD 11-2.
    """
    digits = _number(text, 17, "BIGINT")
    total = _weighted(digits, _RESIDENT_WEIGHTS)
    check = f"CASE WHEN right({text}, 1) IN ('X', 'x') THEN 10 ELSE ascii(right({text}, 1)) - 48 END"
    parts = (f"substr({text}, {start}, {length})" for start, length in ((7, 4), (11, 2), (13, 2)))
    exists = f"TRY_CAST({' || chr(45) || '.join(parts)} AS DATE) IS NOT NULL"
    return (
        f"CASE WHEN {is_resident_shape(text)} THEN ({total} + {check}) % 11 = 1 AND {exists} ELSE false END"
    )


def resident_id_within(text: str) -> str:
    """Return the first number of a resident identity number's shape in a text, between characters that are
    no digits or Latin letters; or the empty text."""
    shape = f"{_PROVINCES}[0-9]{{4}}{_DAY}[0-9]{{3}}[0-9Xx]"
    return f"regexp_extract({text}, {literal(f'(?:^|[^0-9A-Za-z])({shape})(?:[^0-9A-Za-z]|$)')}, 1)"


def is_credit_shape(text: str) -> str:
    """Return the condition of 18 characters of the credit code's alphabet with six digits of a division."""
    return _matches(text, f"{_CREDIT_CHARACTER}{{2}}{_PROVINCES}[0-9]{{4}}{_CREDIT_CHARACTER}{{10}}")


def is_credit_code(text: str) -> str:
    """Return the condition of a unified social credit code in a province. Source: GB 32100-2015, MOD 31."""
    upper = f"upper({text})"
    places = (
        f"(strpos({literal(CREDIT_ALPHABET)}, substr({upper}, {place + 1}, 1)) - 1) * {pow(3, place, 31)}"
        for place in range(17)
    )
    check = f"(strpos({literal(CREDIT_ALPHABET)}, right({upper}, 1)) - 1)"
    return f"CASE WHEN {is_credit_shape(text)} THEN ({' + '.join(places)} + {check}) % 31 = 0 ELSE false END"


def is_organisation_shape(text: str) -> str:
    """Return the condition of eight characters and a check character, with a hyphen or without."""
    return _matches(text, "[0-9A-Z]{8}-?[0-9X]")


def is_organisation_code(text: str) -> str:
    """Return the condition of an organisation code. Source: GB 11714-1997, MOD 11."""
    places = (
        f"(strpos({literal(_ALPHANUMERIC)}, substr({text}, {place + 1}, 1)) - 1) * {weight}"
        for place, weight in enumerate(_ORGANISATION_WEIGHTS)
    )
    check = f"CASE right({text}, 1) WHEN 'X' THEN 10 ELSE ascii(right({text}, 1)) - 48 END"
    shape = is_organisation_shape(text)
    return f"CASE WHEN {shape} THEN ({' + '.join(places)} + {check}) % 11 = 0 ELSE false END"


def is_card_shape(text: str) -> str:
    """Return the condition of 16 to 19 digits under an issuer number that is in use."""
    return _matches(text, _CARDS)


def is_bank_card(text: str) -> str:
    """Return the condition of a bank card's number: shape and check digit. Source: ISO/IEC 7812-1, Luhn."""
    return f"CASE WHEN {is_card_shape(text)} THEN {passes_luhn(text)} ELSE false END"


def passes_luhn(digits: str) -> str:
    """Return the condition that at most 19 digits pass the Luhn formula."""
    number = f"TRY_CAST({digits} AS UBIGINT)"
    places = []
    for place in range(19):
        digit = f"({number} // {10**place} % 10)"
        places.append(digit if place % 2 == 0 else f"({digit} * 2 // 10 + {digit} * 2 % 10)")
    return f"({' + '.join(places)}) % 10 = 0"


def is_eleven_digits(text: str) -> str:
    """Return the condition of what could be a mobile number, or any other number of eleven digits."""
    return _matches(text, r"((\+86|86|0086)[- ]?)?[0-9]{3}[- ]?[0-9]{4}[- ]?[0-9]{4}")


def is_mobile(text: str) -> str:
    """Return the condition of a mobile number of the mainland, with or without +86."""
    return _matches(text, rf"((\+86|86|0086)[- ]?)?{_PREFIXES}[- ]?[0-9]{{4}}[- ]?[0-9]{{4}}")


_BEFORE: Final = "(?:^|[^0-9A-Za-z._/#-])"
_AFTER: Final = "(?:$|[^0-9A-Za-z._/#-]|[./-](?:$|[^0-9]))"
"""What stands around a number that is one by itself: no part of a longer one, of a decimal or of a code."""
_WRITTEN_MOBILE: Final = (
    rf"(?:(?:\+86|0086|86)[- ]?)?{_PREFIXES.replace('(', '(?:')}[- ]?[0-9]{{4}}[- ]?[0-9]{{4}}"
)
_CUES: Final = "(?:电话|手机|联系|致电|来电|拨打|微信|\\b(?i:tel|phone|mobile|cell|call))"


def mobile_within(text: str) -> str:
    """Return the first number in a text that could be a mobile number, by itself or amid words, or ''."""
    return f"regexp_extract({text}, {literal(f'{_BEFORE}({_WRITTEN_MOBILE}){_AFTER}')}, 1)"


def has_cued_mobile(text: str) -> str:
    """Return the condition that such a number stands behind a word that announces one."""
    pattern = f"{_CUES}[^0-9]{{0,12}}?{_BEFORE}{_WRITTEN_MOBILE}{_AFTER}"
    cue_itself = f"{_CUES}{_WRITTEN_MOBILE}{_AFTER}"
    return f"regexp_matches({text}, {literal(f'{pattern}|{cue_itself}')})"


def has_eleven_digits(text: str) -> str:
    """Return the condition that some number of eleven digits stands in a text."""
    return f"regexp_matches({text}, {literal(f'{_BEFORE}[0-9]{{11}}{_AFTER}')})"


def mobile_prefix(text: str) -> str:
    """Return the three digits that tell a mobile number's operator."""
    return rf"regexp_extract({text}, '^(?:(?:\+86|86|0086)[- ]?)?(1[0-9]{{2}})', 1)"


def is_landline(text: str) -> str:
    """Return the condition of a landline number with its area code set apart."""
    return _matches(text, rf"(\({_AREA_CODE}\)|{_AREA_CODE}-)[2-8][0-9]{{6,7}}(-[0-9]{{1,6}})?")


def is_local_landline(text: str) -> str:
    """Return the condition of a landline number written in one, or without its area code."""
    return _matches(text, rf"({_AREA_CODE})?[2-8][0-9]{{6,7}}(-[0-9]{{1,6}})?")


def is_email(text: str) -> str:
    """Return the condition of an e-mail address as people write it."""
    return _matches(text, r"[^@\s]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}")


def is_customer_number(text: str) -> str:
    """Return the condition of a customer number of eleven digits. Source: ISO 7064 MOD 11,10."""
    product = "10"
    for place in range(10):
        digit = f"(ascii(substr({text}, {place + 1}, 1)) - 48)"
        product = f"((({product} + {digit} - 1) % 10 + 1) * 2 % 11)"
    check = f"({product} + ascii(right({text}, 1)) - 48) % 10 = 1"
    return f"CASE WHEN {_matches(text, '[0-9]{11}')} THEN {check} ELSE false END"


def _matches(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"


def _number(text: str, length: int, kind: str) -> str:
    return f"TRY_CAST(substr({text}, 1, {length}) AS {kind})"


def _weighted(number: str, weights: Sequence[int]) -> str:
    last = len(weights) - 1
    return " + ".join(f"({number} // {10 ** (last - i)} % 10) * {weight}" for i, weight in enumerate(weights))

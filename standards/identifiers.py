"""Identifiers that carry their own check: the unified social credit code and the customer number.

Plain Python, one at a time. Checking millions of rows is the query engine's work; these are its reference.
"""

from __future__ import annotations

from typing import Final

from standards.errors import InvalidInput

CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of a unified social credit code: digits and letters without I, O, S, V and Z."""

_CREDIT_VALUES: Final = {character: value for value, character in enumerate(CREDIT_ALPHABET)}
_CREDIT_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))

_ORGANISATION_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_VALUES: Final = {character: value for value, character in enumerate(_ORGANISATION_ALPHABET)}
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


class MalformedIdentifier(InvalidInput):
    """The parts of an identifier don't have the form its coding rule asks for."""

    code = "malformed-identifier"


def credit_code(registered_as: str, division: str, organisation_body: str) -> str:
    """Return the unified social credit code of 18 characters, both check characters computed.

    `registered_as` is the department and the kind of organisation, one character each; `division` six digits
    of GB/T 2260; `organisation_body` the first eight characters of the organisation code.
    Source: GB 32100-2015, GB 11714-1997.
    """
    organisation = organisation_body + organisation_check_character(organisation_body)
    body = registered_as + division + organisation
    return body + credit_code_check_character(body)


def credit_code_check_character(body: str) -> str:
    """Return the 18th character for the first 17. Source: GB 32100-2015, weights 3^i mod 31."""
    if len(body) != 17 or not all(character in _CREDIT_VALUES for character in body):
        raise MalformedIdentifier(
            f"{body!r} is no body of a unified social credit code",
            hint="give 17 digits or capital letters without I, O, S, V and Z",
        )
    total = sum(
        _CREDIT_VALUES[character] * weight for character, weight in zip(body, _CREDIT_WEIGHTS, strict=True)
    )
    return CREDIT_ALPHABET[-total % 31]


def is_credit_code(text: str) -> bool:
    """Say whether `text` is a well-formed unified social credit code. It may still belong to nobody."""
    body, check = text[:-1], text[-1:]
    if len(body) != 17 or not all(character in _CREDIT_VALUES for character in body):
        return False
    return all("0" <= digit <= "9" for digit in body[2:8]) and credit_code_check_character(body) == check


def organisation_check_character(body: str) -> str:
    """Return the ninth character of an organisation code for its first eight. Source: GB 11714-1997."""
    if len(body) != 8 or not all(character in _ORGANISATION_VALUES for character in body):
        raise MalformedIdentifier(
            f"{body!r} is no body of an organisation code", hint="give 8 digits or capital letters"
        )
    total = sum(
        _ORGANISATION_VALUES[character] * weight
        for character, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X"[-total % 11]


def customer_number(branch: int, sequence: int) -> str:
    """Return the customer number 用户编号 of 11 digits: branch (2), sequence (8), check digit.

    The element `customer.number` states the rule.
    """
    if not (0 <= branch <= 99 and 0 <= sequence <= 99_999_999):
        raise MalformedIdentifier(
            f"branch {branch} and sequence {sequence} don't fit a customer number",
            hint="a branch runs from 0 to 99, a sequence from 0 to 99999999",
        )
    body = f"{branch:02d}{sequence:08d}"
    return body + check_digit_11_10(body)


def is_customer_number(text: str) -> bool:
    """Say whether `text` follows the coding rule of customer numbers. It may still belong to nobody."""
    if len(text) != 11 or not _all_digits(text):
        return False
    return check_digit_11_10(text[:-1]) == text[-1]


def check_digit_11_10(digits: str) -> str:
    """Return the check digit of a decimal number. Source: ISO 7064 MOD 11,10, in China GB/T 17710."""
    if not _all_digits(digits):
        raise MalformedIdentifier(f"{digits!r} is no decimal number", hint="give the digits 0 to 9 only")
    check = 5
    for digit in digits:
        check = (((check or 10) * 2) % 11 + int(digit)) % 10
    return str((1 - ((check or 10) * 2) % 11) % 10)


def _all_digits(text: str) -> bool:
    return bool(text) and text.isascii() and text.isdigit()

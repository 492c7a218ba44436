"""Check characters: what the last character of a code must be, so that a slip of the pen is noticed.

Each algorithm finds every single wrong character. Source: ISO 7064 hybrid systems (GB/T 17710), ISO/IEC 7812.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from standards.errors import InvalidInput

DIGITS: Final = "0123456789"
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHANUMERIC: Final = DIGITS + LETTERS


class NoCheckCharacter(InvalidInput):
    """A text holds characters that its check algorithm does not know."""

    code = "no-check-character"


class CheckAlgorithm(StrEnum):
    """How a check character is computed; the first two are hybrid systems of ISO 7064."""

    MOD_11_10 = "iso7064-mod-11-10"
    MOD_37_36 = "iso7064-mod-37-36"
    LUHN = "luhn"

    @property
    def alphabet(self) -> str:
        """The characters it can check, which are also those it can give."""
        return ALPHANUMERIC if self is CheckAlgorithm.MOD_37_36 else DIGITS


def check_character(body: str, algorithm: CheckAlgorithm) -> str:
    """Return the check character of `body`. Raises NoCheckCharacter."""
    alphabet = algorithm.alphabet
    if not body or not all(character in alphabet for character in body):
        raise NoCheckCharacter(
            f"{algorithm} can't check {body!r}", hint=f"use the characters {alphabet[0]} to {alphabet[-1]}"
        )
    values = [alphabet.index(character) for character in body]
    value = _luhn(values) if algorithm is CheckAlgorithm.LUHN else _hybrid(values, len(alphabet))
    return alphabet[value]


def _hybrid(values: list[int], modulus: int) -> int:
    """Source: ISO 7064, MOD M+1,M."""
    product = modulus
    for value in values:
        total = (product + value) % modulus or modulus
        product = total * 2 % (modulus + 1)
    return (1 - product) % modulus


def _luhn(values: list[int]) -> int:
    doubled = (value * 2 for value in reversed(values[:]))
    total = sum(
        (double - 9 if double > 9 else double) if place % 2 == 0 else double // 2
        for place, double in enumerate(doubled)
    )
    return -total % 10

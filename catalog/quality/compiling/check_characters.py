"""Check characters in SQL.

Digits are taken out of a whole number by division, fourteen times quicker than out of a text; letters are
looked up by their place in an alphabet. The form is looked at first, so that only what has it is computed.
"""

from __future__ import annotations

from catalog.engine import literal
from standards.check_characters import CheckAlgorithm
from standards.identifiers import CREDIT_ALPHABET

_RESIDENT_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LONGEST = 18
"""The digits that a BIGINT surely holds."""


def resident_id(text: str) -> str:
    """Return the SQL that a text is a resident identity number. Source: GB 11643-1999, ISO 7064 MOD 11-2."""
    digits = _Digits(text, 17)
    total = " + ".join(f"{w} * {digits.at(place)}" for place, w in enumerate(_RESIDENT_WEIGHTS, start=1))
    right = f"substr('10X98765432', CAST(({total}) % 11 AS INTEGER) + 1, 1)"
    return _if_formed(
        text,
        "[1-9][0-9]{5}(18|19|20)[0-9]{9}[0-9X]",
        f"{_is_day(digits, 7)} AND substr({text}, 18, 1) = {right}",
    )


def credit_code(text: str) -> str:
    """Return the SQL that a text is a unified social credit code. Source: GB 32100-2015."""
    total = " + ".join(
        f"{weight} * {_value(text, place, CREDIT_ALPHABET)}"
        for place, weight in enumerate(_CREDIT_WEIGHTS, start=1)
    )
    right = f"substr({literal(CREDIT_ALPHABET)}, CAST((31 - ({total}) % 31) % 31 AS INTEGER) + 1, 1)"
    form = f"[{CREDIT_ALPHABET}]{{2}}[0-9]{{6}}[{CREDIT_ALPHABET}]{{10}}"
    return _if_formed(text, form, f"substr({text}, 18, 1) = {right}")


def bank_card(text: str) -> str:
    """Return the SQL that a text is a card number of 16 to 19 digits. Source: ISO/IEC 7812-1."""
    padded = f"lpad({text}, 19, '0')"  # leading zeros add nothing to the sum
    return _if_formed(text, "[0-9]{16,19}", f"({_luhn(_Digits(padded, 19))}) % 10 = 0")


def day(text: str) -> str:
    """Return the SQL that eight digits are a day of the calendar."""
    return _if_formed(text, "[0-9]{8}", _is_day(_Digits(text, 8), 1))


def check_character(text: str, body_length: int, algorithm: CheckAlgorithm) -> str:
    """Return the SQL of the check character over the first characters of a text that has the form."""
    if algorithm is CheckAlgorithm.LUHN:
        shifted = _Digits(f"(substr({text}, 1, {body_length}) || '0')", body_length + 1)
        return f"substr('0987654321', CAST(({_luhn(shifted)}) % 10 AS INTEGER) + 1, 1)"
    alphabet, modulus = algorithm.alphabet, len(algorithm.alphabet)
    digits = _Digits(text, body_length)
    product = str(modulus)
    for place in range(1, body_length + 1):  # ISO 7064: a sum of 0 counts as the modulus
        value = digits.at(place) if modulus == 10 else _value(text, place, alphabet)
        product = f"((({product} + {value} + {modulus - 1}) % {modulus} + 1) * 2 % {modulus + 1})"
    return f"substr({literal(alphabet)}, CAST((1 - {product} + {modulus}) % {modulus} AS INTEGER) + 1, 1)"


class _Digits:
    """The digits of a text from 1 on, read from whole numbers of at most `_LONGEST` digits."""

    def __init__(self, text: str, length: int) -> None:
        self._text = text
        self.length = length

    def at(self, place: int) -> str:
        """Return the SQL of one digit; null where the text is no number."""
        first = (place - 1) // _LONGEST * _LONGEST
        size = min(_LONGEST, self.length - first)
        whole = f"TRY_CAST(substr({self._text}, {first + 1}, {size}) AS BIGINT)"
        return f"({whole} // {10 ** (size - (place - first))} % 10)"

    def number(self, place: int, length: int) -> str:
        """Return the SQL of some digits as a number; they lie within the first `_LONGEST`."""
        size = min(_LONGEST, self.length)
        whole = f"TRY_CAST(substr({self._text}, 1, {size}) AS BIGINT)"
        return f"({whole} // {10 ** (size - place - length + 1)} % {10**length})"


def _luhn(digits: _Digits) -> str:
    terms = []
    for place in range(1, digits.length + 1):
        digit = digits.at(place)
        doubled = f"({digit} * 2 // 10 + {digit} * 2 % 10)"
        terms.append(doubled if (digits.length - place) % 2 else digit)
    return " + ".join(terms)


def _is_day(digits: _Digits, place: int) -> str:
    """Return the SQL that eight digits are a day, by arithmetic: engines differ in how they read dates."""
    year, month, day = digits.number(place, 4), digits.number(place + 4, 2), digits.number(place + 6, 2)
    lengths = " ".join(f"WHEN {number} THEN {last}" for number, last in enumerate(_DAYS, start=1))
    leap = f"({year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0))"
    return f"{day} BETWEEN 1 AND CASE {month} {lengths} ELSE 0 END AND ({month} <> 2 OR {day} < 29 OR {leap})"


def _value(text: str, place: int, alphabet: str) -> str:
    """Return the SQL of a character's place in an alphabet, from 0."""
    return f"(instr({literal(alphabet)}, substr({text}, {place}, 1)) - 1)"


def _if_formed(text: str, form: str, condition: str) -> str:
    """Return the SQL that a text has a form and meets a condition, which is computed only where it has."""
    return f"CASE WHEN regexp_full_match({text}, {literal(form)}) THEN {condition} ELSE false END"

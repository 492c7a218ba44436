"""Codes with check characters, for whole columns; `standards` has the rules for one at a time."""

from __future__ import annotations

import numpy as np

from products.samples.city.chance import Whole
from products.samples.city.columns import Digits, digits
from standards.identifiers import CREDIT_ALPHABET

_CREDIT = np.frombuffer(CREDIT_ALPHABET.encode(), np.uint8)
_VALUES = np.zeros(128, np.int64)
_VALUES[_CREDIT] = np.arange(31)
_ORGANISATION_VALUES = np.zeros(128, np.int64)
_ORGANISATION_VALUES[48:58], _ORGANISATION_VALUES[65:91] = np.arange(10), np.arange(10, 36)
_RESIDENT = np.frombuffer(b"10X98765432", np.uint8)
_ORGANISATION_CHECKS = np.frombuffer(b"0123456789X", np.uint8)


def with_check_digit(body: Digits) -> Digits:
    """Return the digits with the check digit of ISO 7064 MOD 11,10 after them."""
    check = np.full(len(body), 5, np.int64)
    for place in range(body.shape[1]):
        check = (_doubled(check) + body[:, place] - 48) % 10
    last = (1 - _doubled(check)) % 10
    return np.column_stack([body, (last + 48).astype(np.uint8)])


def _doubled(check: Whole) -> Whole:
    return np.where(check == 0, 10, check) * 2 % 11


def resident_id(division: Whole, born: Whole, sequence: Whole) -> Digits:
    """Return resident identity numbers (GB 11643): division, date of birth as YYYYMMDD, sequence, check."""
    body = np.hstack([digits(division, 6), digits(born, 8), digits(sequence, 3)])
    weights = np.array([pow(2, 17 - place, 11) for place in range(17)], np.int64)
    return np.column_stack([body, _RESIDENT[((body.astype(np.int64) - 48) @ weights) % 11]])


def credit_code(registered_as: Digits, division: Whole, serial: Whole) -> Digits:
    """Return unified social credit codes (GB 32100) whose organisation code is XX and six characters."""
    organisation = np.empty((len(serial), 8), np.uint8)
    organisation[:, :2] = ord("X")
    left = serial.copy()
    for place in range(7, 1, -1):
        left, digit = np.divmod(left, 31)
        organisation[:, place] = _CREDIT[digit]
    weights = np.array([3, 7, 9, 10, 5, 8, 4, 2], np.int64)
    own = _ORGANISATION_CHECKS[-(_ORGANISATION_VALUES[organisation] @ weights) % 11]
    body = np.hstack([registered_as, digits(division, 6), organisation, own[:, None]])
    weights = np.array([pow(3, place, 31) for place in range(17)], np.int64)
    return np.column_stack([body, _CREDIT[-(_VALUES[body] @ weights) % 31]])


def with_luhn(body: Digits) -> Digits:
    """Return the digits with the Luhn check digit after them."""
    values = body.astype(np.int64) - 48
    doubled = values[:, ::-1][:, ::2] * 2
    total = np.where(doubled > 9, doubled - 9, doubled).sum(axis=1) + values[:, ::-1][:, 1::2].sum(axis=1)
    return np.column_stack([body, (-total % 10 + 48).astype(np.uint8)])

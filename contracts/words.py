"""How names, digests, times and addresses of this platform are written on the chain, and read back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from standards import digests
from standards.digests import Digest
from standards.errors import InvalidInput
from standards.names import MalformedName as MalformedName  # seen by this package's callers

_PRODUCT = re.compile(r"[a-z0-9-]{1,32}")
_PARTY = re.compile(r"0x[0-9a-f]{64}")
_WORD_BYTES = 32
_UINT40 = 2**40 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)

ROLES = ("PUBLISHER", "GRANTOR", "LOGGER")
"""The roles besides the admin, by their names in the contract."""


class MalformedTime(InvalidInput):
    """A time can't be written on the chain."""

    code = "malformed-time"


def product_word(name: str) -> bytes:
    """Return a product's name as the 32 bytes the chain keeps: ASCII, left-aligned, padded with zeros."""
    if not _PRODUCT.fullmatch(name):
        raise MalformedName(f"{name!r} can't be a product's name", hint="use 1 to 32 of a-z, 0-9 and -")
    return name.encode().ljust(_WORD_BYTES, b"\x00")


def product_of(word: bytes) -> str:
    """Return the name in a product's 32 bytes; what is not ASCII shows as escapes."""
    return word.rstrip(b"\x00").decode("ascii", "backslashreplace")


def digest_word(digest: Digest) -> bytes:
    """Return a digest's 32 bytes."""
    return bytes.fromhex(digests.parse(digest))


def digest_of(word: bytes) -> Digest:
    """Return the digest of 32 bytes."""
    return Digest(word.hex())


def party_word(party: str) -> bytes:
    """Return the 32 bytes of a party's identifier, written as `0x` and 64 lower-case hexadecimal digits."""
    if not _PARTY.fullmatch(party):
        raise MalformedName(f"{party!r} can't be a party", hint="give 0x and 64 hexadecimal digits")
    return bytes.fromhex(party[2:])


def party_of(word: bytes) -> str:
    """Return a party's identifier as text."""
    return "0x" + word.hex()


def seconds(time: datetime) -> int:
    """Return a time as whole Unix seconds, earlier parts of a second dropped. Raises MalformedTime."""
    if time.tzinfo is None:
        raise MalformedTime(f"{time.isoformat()} has no time zone", hint="add one, such as Z or +08:00")
    number = (time - _EPOCH) // _SECOND  # timestamp() is a float, and rounds up at the end of a far second
    if not 0 <= number <= _UINT40:
        raise MalformedTime(f"{time.isoformat()} lies before 1970", hint="give a later time")
    return number


def moment(number: int) -> datetime:
    """Return Unix seconds as a time in UTC; beyond the year 9999 its last second."""
    try:
        return datetime.fromtimestamp(number, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(microsecond=0, tzinfo=UTC)


def role_word(role: str) -> bytes:
    """Return the contract's 32 bytes for a role called PUBLISHER, GRANTOR or LOGGER."""
    from eth_utils.crypto import keccak

    if role not in ROLES:
        raise MalformedName(f"there is no role {role!r}", hint=f"choose one of {', '.join(ROLES)}")
    return keccak(text=role)


def role_name(word: bytes) -> str:
    """Return the role's name; ADMIN for the one above the others."""
    if word == bytes(_WORD_BYTES):
        return "ADMIN"
    return next((role for role in ROLES if role_word(role) == word), "0x" + word.hex())


def account_address(text: str) -> str:
    """Return an account's address with its checksum in upper and lower case (EIP-55).

    Raises MalformedName; a mixed-case address with a wrong checksum is a typing error.
    """
    from eth_utils.address import is_address, to_checksum_address

    if not text.startswith("0x") or not is_address(text):
        raise MalformedName(
            f"{text!r} is not an account's address", hint="give 0x and 40 hexadecimal digits, with their case"
        )
    return to_checksum_address(text)

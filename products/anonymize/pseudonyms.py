"""Pseudonyms under a key: the same value gives the same pseudonym, and without the key no way leads back."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

import duckdb
import pyarrow as pa

from products.anonymize.errors import UnfitField, UnusableKey

KEY_BYTES: Final = 32
"""The fewest bytes of a key. Shorter ones, such as passwords, could be found by trying."""

PSEUDONYM_CHARACTERS: Final = 32
"""128 bits in hexadecimal: among ten million values two collide with a chance below 10^-24."""

_BLOCK: Final = 64  # SHA-256's block in bytes


def derive_key(master: bytes, context: str) -> bytes:
    """Return a key of 32 bytes for one context, such as a product, so that products can't be joined.

    Raises UnusableKey for a master key below 32 bytes or an empty context.
    """
    _refuse_short(master)
    if not context:
        raise UnusableKey("a key was to be derived without a context", hint="name the product it is for")
    return hkdf_sha256(master, context.encode())


def hkdf_sha256(master: bytes, info: bytes) -> bytes:
    """Return the first 32 bytes of HKDF-SHA-256 without salt. Source: RFC 5869 §2."""
    extracted = hmac.digest(bytes(hashlib.sha256().digest_size), master, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


def pseudonymize(field: str, column: pa.ChunkedArray, key: bytes | None) -> pa.ChunkedArray:
    """Return the column as text of 32 hexadecimal characters, nulls staying null.

    A pseudonym is the first half of HMAC-SHA-256 over the value's UTF-8 text under a key derived for the
    field's name, so equal values in two fields do not show. Text is taken as stored: no trimming, no
    Unicode normalisation. Raises UnusableKey, and UnfitField for floats and nested values.
    """
    field_key = hkdf_sha256(usable_key(field, key), b"field:" + field.encode())
    texts = pa.table({"v": _as_text(field, column)})
    with duckdb.connect() as session:
        session.register("texts", texts)
        made = session.sql(
            # HMAC spelled out (RFC 2104), so that no value passes through Python one by one
            f"SELECT left(sha256($outer || unhex(sha256($inner || encode(v)))), {PSEUDONYM_CHARACTERS}) AS p "
            "FROM texts",
            params={"inner": _padded(field_key, 0x36), "outer": _padded(field_key, 0x5C)},
        ).to_arrow_table()
    return made.column("p")


def usable_key(field: str, key: bytes | None) -> bytes:
    """Return the key. Raises UnusableKey when there is none or it is short."""
    if key is None:
        raise UnusableKey(
            f"field {field!r} is to be pseudonymized, and there is no key",
            hint="pass the product's key (see derive_key), or let the policy drop the field",
        )
    _refuse_short(key)
    return key


def _refuse_short(key: bytes) -> None:
    if len(key) < KEY_BYTES:
        raise UnusableKey(
            f"the key has {len(key)} bytes; at least {KEY_BYTES} are needed",
            hint="make one with: python -c 'import secrets; print(secrets.token_hex(32))' and read it as hex",
        )


def _as_text(field: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    of_type = column.type
    if pa.types.is_string(of_type) or pa.types.is_large_string(of_type):
        return column
    if pa.types.is_integer(of_type) or pa.types.is_decimal(of_type) or pa.types.is_date(of_type):
        return column.cast(pa.string())
    raise UnfitField(
        f"field {field!r} of type {of_type} can't be pseudonymized",
        hint="keep identifiers as text (a float loses digits), or let the policy drop the field",
    )


def _padded(key: bytes, pad: int) -> bytes:
    return bytes(byte ^ pad for byte in key.ljust(_BLOCK, b"\x00"))

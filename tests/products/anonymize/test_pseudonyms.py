import hashlib
import hmac
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from products.anonymize import UnfitField, UnusableKey, derive_key
from products.anonymize.pseudonyms import hkdf_sha256, pseudonymize

KEY = bytes(range(32))


def pseudonyms(values: list[object], *, field: str = "account", key: bytes | None = KEY) -> list[str | None]:
    column = pa.chunked_array([pa.array(values)])
    return [value.as_py() for value in pseudonymize(field, column, key)]


def test_derivation_agrees_with_the_published_vector() -> None:
    """RFC 5869 appendix A.3: SHA-256 with neither salt nor info; the first 32 bytes."""
    expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
    assert hkdf_sha256(b"\x0b" * 22, b"").hex() == expected


def test_every_context_has_its_own_key() -> None:
    one, other = derive_key(KEY, "product:a"), derive_key(KEY, "product:b")
    assert one != other
    assert len(one) == len(other) == 32
    assert derive_key(KEY, "product:a") == one


@given(st.lists(st.none() | st.text(), min_size=1))
def test_a_pseudonym_is_the_hmac_under_the_fields_key(values: list[str | None]) -> None:
    field_key = hkdf_sha256(KEY, b"field:account")
    expected = [
        None if value is None else hmac.new(field_key, value.encode(), hashlib.sha256).hexdigest()[:32]
        for value in values
    ]
    column = pa.chunked_array([pa.array(values, pa.string())])
    assert pseudonymize("account", column, KEY).to_pylist() == expected


def test_pseudonyms_stand_in_the_rows_order_whatever_the_threads() -> None:
    values = [f"用户{at}" for at in range(300_000)]
    made = pseudonyms(list(values))
    field_key = hkdf_sha256(KEY, b"field:account")
    for at in range(0, len(values), 997):
        expected = hmac.digest(field_key, values[at].encode(), "sha256").hex()[:32]
        assert made[at] == expected
    assert len(set(made)) == len(values)


def test_fields_and_keys_are_separated() -> None:
    assert pseudonyms(["a"]) != pseudonyms(["a"], field="meter")
    assert pseudonyms(["a"]) != pseudonyms(["a"], key=bytes(32))
    assert pseudonyms(["a", "a"])[0] == pseudonyms(["a", "a"])[1]


def test_numbers_and_dates_are_pseudonymized_as_their_text() -> None:
    assert pseudonyms([17]) == pseudonyms(["17"])
    assert pseudonyms([Decimal("1.50")]) == pseudonyms(["1.50"])
    assert pseudonyms([date(2020, 1, 2)]) == pseudonyms(["2020-01-02"])


@pytest.mark.parametrize("values", [[1.5], [True], [["a"]]])
def test_a_type_without_one_exact_text_is_refused(values: list[object]) -> None:
    with pytest.raises(UnfitField, match="field 'account' of type"):
        pseudonyms(values)


def test_a_missing_or_short_key_is_refused_without_showing_it() -> None:
    with pytest.raises(UnusableKey, match="field 'account' is to be pseudonymized, and there is no key"):
        pseudonyms(["a"], key=None)
    with pytest.raises(UnusableKey, match="has 6 bytes; at least 32") as caught:
        pseudonyms(["a"], key=b"secret")
    assert "secret" not in caught.value.message
    with pytest.raises(UnusableKey, match="6 bytes"):
        derive_key(b"secret", "product:a")
    with pytest.raises(UnusableKey, match="without a context"):
        derive_key(KEY, "")

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from standards import canonical_json
from standards.canonical_json import NotCanonical

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | TEXT | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def test_the_example_of_the_standard_comes_out_as_printed() -> None:
    """RFC 8785 §3.2.2 and §3.2.3."""
    document = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical_json.encode(document).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_sorted_by_utf16_units_not_by_code_points() -> None:
    """RFC 8785 §3.2.3: the emoji's surrogates sort before the Hebrew presentation form."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    found = json.loads(canonical_json.encode(dict.fromkeys(keys, 0)), object_pairs_hook=lambda pairs: pairs)
    assert [key for key, _ in found] == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@given(st.dictionaries(TEXT, VALUES, max_size=5))
def test_what_is_encoded_reads_back_and_encodes_the_same(document: dict[str, Any]) -> None:
    encoded = canonical_json.encode(document)
    assert json.loads(encoded) == document
    assert canonical_json.encode(json.loads(encoded)) == encoded
    assert canonical_json.encode(dict(reversed(document.items()))) == encoded


def _deep() -> dict[str, Any]:
    document: dict[str, Any] = {}
    for _ in range(100_000):
        document = {"a": document}
    return document


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), -float("inf"), 2**53, -(2**53), Decimal(1), b"x", {1}, object(),
     datetime(2021, 1, 1, tzinfo=UTC), "\ud800", {1: "a"}, {"\udc00": 1}, _deep()],
    ids=lambda value: str(type(value).__name__),
)  # fmt: skip
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical) as caught:
        canonical_json.encode({"a": value})
    assert caught.value.hint


@given(st.dictionaries(TEXT, VALUES | st.floats(-9, 9), max_size=5))
def test_the_quick_way_and_the_reference_write_the_same_bytes(document: dict[str, Any]) -> None:
    assert canonical_json.encode(document) == rfc8785.dumps(document)


@pytest.mark.parametrize("code", [*range(0x20), 0x22, 0x2F, 0x5C, 0x7F, 0x2028, 0x1F600])
def test_every_character_that_is_escaped_anywhere_is_escaped_alike(code: int) -> None:
    document = {"a": chr(code), "b": [f"x{chr(code)}y"]}
    assert canonical_json.encode(document) == rfc8785.dumps(document)

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.names import MAX_BYTES, MalformedName, require_name


@pytest.mark.parametrize("name", ["a", "water-use-index", "gbt4754", "a1-b2-c3", "a" * 32, "a-0"])
def test_a_name_is_returned_as_it_is(name: str) -> None:
    assert require_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "A", "Water", "1a", "-a", "a-", "a--b", "a_b", "a b", "a.b", "a/b", "../a", "水", "ａ", "a\n", "a\0",
     "é",     "a" * 33, "²a", "a²", "a-١"],
)  # fmt: skip
def test_what_would_not_survive_is_refused_with_a_hint(name: str) -> None:
    with pytest.raises(MalformedName, match="product name") as caught:
        require_name(name, what="product name")
    assert "water-use-index" in str(caught.value.hint)


@given(st.text(max_size=40) | st.from_regex(re.compile(r"[a-z0-9-]{0,40}"), fullmatch=True))
def test_an_accepted_name_fits_one_word_of_the_chain_and_an_url(text: str) -> None:
    try:
        require_name(text)
    except MalformedName:
        return
    assert 1 <= len(text.encode()) <= MAX_BYTES
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert "--" not in text
    assert text[0].isalpha()
    assert text[-1] != "-"

"""YAML as JSON values: the same for every reader, bounded, and nothing lost on the way out and in."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from standards import plain_yaml
from standards.plain_yaml import MAX_BYTES, MAX_DEPTH, NotPlainYaml

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30) | st.sampled_from(
    ["yes", "No", "null", "~", "1e3", "007", "0o17", "12:30", "2024-01-01", "=", "<<", "1_000", "- x", " "]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)
)


def read(text: str) -> Any:
    return plain_yaml.read(text, where="a file")


def refusal(text: str) -> NotPlainYaml:
    with pytest.raises(NotPlainYaml) as caught:
        read(text)
    assert caught.value.message.startswith("a file ")
    assert caught.value.hint
    return caught.value


@given(VALUES)
def test_what_is_written_is_read_again_as_it_was(value: Any) -> None:
    assert json.dumps(read(plain_yaml.write(value))) == json.dumps(value)


@given(VALUES)
def test_a_reader_of_yaml_1_1_understands_the_same(value: Any) -> None:
    assert yaml.safe_load(plain_yaml.write(value)) == value


@given(st.dictionaries(TEXT, VALUES, max_size=3), st.booleans())
def test_json_is_read_as_json(value: Any, plain: bool) -> None:
    assert json.dumps(read(json.dumps(value, ensure_ascii=plain))) == json.dumps(value)


def test_dates_times_and_words_stay_text() -> None:
    found = read("a: 2024-01-01\nb: yes\nc: 12:30\nd: 2024-01-01T00:00:00Z\ne: 1_000\nf: off")
    assert found == {
        "a": "2024-01-01",
        "b": "yes",
        "c": "12:30",
        "d": "2024-01-01T00:00:00Z",
        "e": "1_000",
        "f": "off",
    }


def test_numbers_are_those_of_yaml_1_2() -> None:
    assert read("[1, -2, 0x1F, 0o17, 1e3, .5, 0, 0.5, true, ~]") == [
        1,
        -2,
        31,
        15,
        1e3,
        0.5,
        0,
        0.5,
        True,
        None,
    ]


def test_an_alias_stands_for_a_copy() -> None:
    found = read("a: &x {b: [1]}\nc: *x")
    found["a"]["b"].append(2)
    assert found["c"] == {"b": [1]}


@pytest.mark.parametrize(
    ("text", "pointer", "words"),
    [
        ("a: 007", "/a", "quote it"),
        ("a: .inf", "/a", "no JSON"),
        ("a: [1, .NaN]", "/a/1", "no JSON"),
        ("a: 1e999", "/a", "no JSON"),
        ("a: 9007199254740993", "/a", "too large"),
        ("a: " + "9" * 5000, "/a", "too large"),
        ("a:\n  b: 1\n  b: 2", "/a", "line 3: 'b' stands twice"),
        ("1: x", "/", "line 1: a key is no text"),
        ("? [a]\n: x", "/", "a key is no text"),
        ("a: &b {c: 1}\nd:\n  <<: *b", "/d", "merge keys"),
        ("a: !!binary aGk=", "/a", "tag"),
        ("a: !!python/object/apply:os.system [x]", "/a", "tag"),
        ("a: &x [*x]", "/a/0", "stands for nothing"),
        ("a: *x", "/a", "stands for nothing"),
        ("a: 1\n---\nb: 2", "/", "line 2: a second document"),
        ('{"a": 1, "a": 2}', "/", "stands twice"),
        ('{"a": NaN}', "/", "no JSON"),
        ('{"a": "\\ud83d"}', "/a", "surrogate"),
        ('{"a/b": {"~": ' + "1" * 6000 + "}}", "/", "too large"),
        ('{"a/b": {"~": 9007199254740993}}', "/a~1b/~0", "too large"),
    ],
)
def test_what_readers_differ_on_is_refused_with_its_place(text: str, pointer: str, words: str) -> None:
    (fault,) = refusal(text).faults
    assert fault.pointer == pointer
    assert words in fault.detail


@pytest.mark.parametrize("text", ["a: [1,\n", "a: 'x", "\ta: 1", "{", '{"a" 1}', "a: b: c", "a: \x00"])
def test_what_is_no_yaml_is_refused(text: str) -> None:
    assert "that can be read" in refusal(text).message


@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, "{" * 200_000, '{"a":' * 200_000, "- " * 5_000 + "x", '{"a":' * 101 + "1" + "}" * 101],
    ids=["brackets", "braces", "json", "dashes", "just too deep"],
)
def test_deep_nesting_ends_in_an_error(text: str) -> None:
    assert f"deeper than {MAX_DEPTH} levels" in refusal(text).message


def test_the_deepest_that_is_read() -> None:
    text = "[" * MAX_DEPTH + "1" + "]" * MAX_DEPTH
    assert json.dumps(read(text)) == text


def test_aliases_can_t_make_much_of_little() -> None:
    bomb = "a: &a [" + ",".join(["x"] * 10) + "]\n"
    for before, letter in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{letter}: &{letter} [{','.join([f'*{before}'] * 10)}]\n"
    began = time.process_time()
    assert "aliases included" in refusal(bomb).message
    assert time.process_time() - began < 5


def test_a_long_text_is_not_looked_into() -> None:
    assert "characters" in refusal("a" * (MAX_BYTES + 1)).message


def test_an_empty_text_is_nothing() -> None:
    assert read("") is None
    assert read("# only a comment\n") is None

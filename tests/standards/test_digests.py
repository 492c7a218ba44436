from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards import digests
from standards.digests import MalformedDigest

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_digest_of_nothing_is_the_published_one(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert digests.of_bytes(b"") == digests.of_file(tmp_path / "empty") == EMPTY


@given(st.binary(max_size=300_000))
def test_a_file_and_its_bytes_have_one_digest(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("d") / "file"
    path.write_bytes(data)
    assert digests.of_file(path) == digests.of_bytes(data) == hashlib.sha256(data).hexdigest()


def test_a_document_has_one_digest_whatever_the_order_of_its_keys() -> None:
    assert digests.of_document({"a": 1, "b": [None]}) == digests.of_document({"b": [None], "a": 1})
    assert digests.of_document({}) == digests.of_bytes(b"{}")


@pytest.mark.parametrize(
    "text", [EMPTY, EMPTY.upper(), f"sha256:{EMPTY}", f"0x{EMPTY}", f" {EMPTY}\n", f"0X{EMPTY}"]
)
def test_a_digest_is_read_in_every_usual_form(text: str) -> None:
    assert digests.parse(text) == EMPTY


@pytest.mark.parametrize(
    "text",
    [
        "",
        EMPTY[:-1],
        EMPTY + "0",
        "g" + EMPTY[1:],
        f"sha512:{EMPTY}",
        f"0xsha256:{EMPTY}",
        f"{EMPTY}\n{EMPTY}",
        "０" * 64,
    ],
)
def test_what_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(MalformedDigest):
        digests.parse(text)


def test_a_missing_file_is_the_callers_to_explain(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        digests.of_file(tmp_path / "gone")

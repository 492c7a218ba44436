"""A file is what its content says; its name and its sender must say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.evidence.media import MalformedFileName, NotWhatItSays, UnknownMedium, of_file, require_file_name
from tests.catalog.evidence.files import NOTE, PDF, WAV, a_photo


def kept(folder: Path, data: bytes) -> Path:
    path = folder / "data"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (a_photo(), "a.JPG", "image/jpeg"),
        (a_photo(form="PNG"), "a.png", "image/png"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(40), "a.heic", "image/heic"),
        (PDF, "a.pdf", "application/pdf"),
        (WAV, "a.wav", "audio/wav"),
        (b"#!AMR\n\x3c" + bytes(40), "a.amr", "audio/amr"),
        (NOTE, "说明.txt", "text/plain"),
        (b"BM is how a bitmap begins, and this is a note", "a.md", "text/plain"),
        (b"ID3 too", "a.txt", "text/plain"),
    ],
)
def test_content_decides(tmp_path: Path, data: bytes, name: str, media_type: str) -> None:
    assert of_file(kept(tmp_path, data), name).media_type == media_type
    assert of_file(kept(tmp_path, data), name, f"{media_type}; charset=utf-8").media_type == media_type
    assert of_file(kept(tmp_path, data), name, "application/octet-stream").media_type == media_type


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (a_photo(form="PNG"), "a.jpg", "a.jpg is image/png by its content, and its name says image/jpeg"),
        (b"MZ" + bytes(200), "a.jpg", "a.jpg is application/x-msdownload by its content"),
        (PDF, "a.txt", "a.txt is application/pdf by its content"),
        (bytes(range(256)), "a.txt", "a.txt is of no known kind by its content"),
        (b" \n\t", "a.txt", "of no known kind"),
        (b"caf\xe9", "a.txt", "of no known kind"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    tmp_path: Path, data: bytes, name: str, said: str
) -> None:
    with pytest.raises(NotWhatItSays, match=said) as raised:
        of_file(kept(tmp_path, data), name)
    assert raised.value.hint


def test_a_file_that_is_not_what_its_sender_says_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotWhatItSays, match="was sent as application/pdf"):
        of_file(kept(tmp_path, a_photo()), "a.jpg", "application/pdf")
    assert of_file(kept(tmp_path, a_photo()), "a.jpg", "image/jpg").media_type == "image/jpeg"


@pytest.mark.parametrize("name", ["run.exe", "photo", "a.svg", "a.html"])
def test_a_name_that_says_no_known_kind_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownMedium) as raised:
        of_file(kept(tmp_path, NOTE), name)
    assert raised.value.hint
    assert ".jpg" in raised.value.hint


@pytest.mark.parametrize(
    "name", ["", "..", "../a.jpg", "a/b.jpg", "a\\b.jpg", "a\nb.jpg", "x" * 300 + ".jpg"]
)
def test_a_name_that_could_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(MalformedFileName):
        require_file_name(name)

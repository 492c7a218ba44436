from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.loading.encodings import UnknownEncoding, in_utf8

CHINESE = "户名,地址\n张三丰,沈阳市和平区文化路3号\n李四,“水务集团”（总部）\n"


def _text(tmp_path: Path, content: bytes, encoding: str | None = None) -> str:
    path = tmp_path / "source.csv"
    path.write_bytes(content)
    return in_utf8(path, encoding, tmp_path).read_bytes().decode()


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gbk", "gb18030"],
)
def test_what_marks_itself_or_reads_as_chinese_is_told_without_asking(tmp_path: Path, encoding: str) -> None:
    assert _text(tmp_path, CHINESE.encode(encoding)) == CHINESE


def test_plain_utf8_is_read_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "source.csv"
    path.write_text(CHINESE, encoding="utf-8")
    assert in_utf8(path, None, tmp_path) == path
    assert in_utf8(path, "UTF8", tmp_path) == path


def test_gb18030_with_four_byte_characters_is_told(tmp_path: Path) -> None:
    text = "户名\n张㐀\U00020000\n\U0002a6a5\n"
    assert _text(tmp_path, text.encode("gb18030")) == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("big5", "戶名\n臺北自來水事業處\n張三豐\n"),
        ("big5", "用戶,地址\n陳大文,香港九龍彌敦道\n"),
        ("latin-1", "name\nJosé Müller\n"),
        ("latin-1", "ÀÉÎÕÜ ÄÖÜß\n"),
        ("cp1252", "Größe – 5 €\n"),
        ("shift-jis", "東京都水道局\n"),
        ("koi8-r", "Водоканал города\n"),
    ],
)
def test_what_could_be_several_encodings_is_asked_for(tmp_path: Path, encoding: str, text: str) -> None:
    with pytest.raises(UnknownEncoding, match="can't be told") as caught:
        _text(tmp_path, text.encode(encoding))
    assert "--encoding" in (caught.value.hint or "")
    assert _text(tmp_path, text.encode(encoding), encoding) == text


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf-8-sig"])
def test_a_byte_order_mark_never_becomes_part_of_the_text(tmp_path: Path, encoding: str) -> None:
    assert _text(tmp_path, b"\xef\xbb\xbfname\n", encoding) == "name\n"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "ascii", "utf-16", "utf-16-le"])
def test_a_wrong_encoding_is_refused_with_the_place(tmp_path: Path, encoding: str) -> None:
    content = b"a" * 70_001 + b"\xe9\xff\x0a\x0a"
    with pytest.raises(UnknownEncoding, match=r"is not|truncated|BOM"):
        _text(tmp_path, content, encoding)


def test_the_offset_of_a_bad_byte_is_that_of_the_file(tmp_path: Path) -> None:
    content = "水".encode() * 400_000 + b"\xff" + b"a" * 10
    with pytest.raises(UnknownEncoding, match="byte 0xff at offset 1200000"):
        _text(tmp_path, content, "utf-8")


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "hex", "base64", "zip", "undefined", " ", "a\0b"])
def test_what_is_no_text_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(UnknownEncoding, match="no text encoding"):
        _text(tmp_path, b"name\n", encoding)


def test_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownEncoding):
        _text(tmp_path, rb"name\ud800", "unicode_escape")


@given(text=st.text(), encoding=st.sampled_from(["utf-8", "gb18030", "utf-16", "utf-16-be", "utf-32-le"]))
def test_text_survives_any_encoding_that_is_named(
    tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str
) -> None:
    if text.startswith("\ufeff"):
        return  # a mark, not text
    assert _text(tmp_path_factory.mktemp("e"), text.encode(encoding), encoding) == text

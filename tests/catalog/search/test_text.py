from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search.text import folded, mark, snippet, squeezed, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("居民用电量", ["居民用电量"]),
        ("DMA分区 入流", ["dma", "分区", "入流"]),
        ("ＤＭＡ－Inflow", ["dma", "inflow"]),
        ("1.5 m³/d", ["1", "5", "m3", "d"]),
        ("Größe GRÖSSE gro\u0308ße", ["grosse", "grosse", "grosse"]),
        ("meter.calibre_mm", ["meter", "calibre", "mm"]),
        ("한국어 データ", ["한국어", "データ"]),
        ("مقياس \u202eالماء\u202c", ["مقياس", "الماء"]),
        ("a\x00b\x1fc", ["a", "b", "c"]),
        ("a\u200bb", ["ab"]),
        ("\ud800x\udfff", ["x"]),
        ("！？，。 %_*\"'👍", []),
        ("", []),
    ],
)
def test_text_is_cut_into_folded_words(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_spellings_of_one_identifier_are_squeezed_into_the_same() -> None:
    assert {squeezed(each) for each in ("dma-inflow", "DMA inflow", "dma_inflow", "ＤＭＡ．inflow")} == {
        "dmainflow"
    }


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert words(folded(text)) == words(text)


@given(st.text(), st.lists(st.text(min_size=1), max_size=3))
def test_marked_text_is_the_text(text: str, wanted: list[str]) -> None:
    parts = mark(text, [word for each in wanted for word in words(each)])
    assert "".join(parts) == text
    assert all(parts[1:]), "only the first part may be empty"


@pytest.mark.parametrize(
    ("text", "wanted", "parts"),
    [
        ("居民用电量", ["用电"], ["居民", "用电", "量"]),
        ("Metered use of meters", ["meter"], ["", "Meter", "ed use of ", "meter", "s"]),
        ("ＤＭＡ入流", ["dma", "入"], ["", "ＤＭＡ入", "流"]),
        ("m³/d of metals", ["m3", "m"], ["", "m³", "/d of ", "m", "etals"]),
        ("the sum", ["m"], ["the sum"]),
        ("ﬁre", ["fi"], ["", "ﬁ", "re"]),
    ],
)
def test_hits_are_marked_where_they_stand(text: str, wanted: list[str], parts: list[str]) -> None:
    assert mark(text, wanted) == parts


def test_long_text_is_cut_around_its_first_hit() -> None:
    shown = snippet(mark("前" * 500 + "用电" + "后" * 500, ["用电"]))
    assert shown[1] == "用电"
    assert shown[0].startswith("…")
    assert shown[2].endswith("…")
    assert sum(map(len, shown)) < 200


@given(st.text(max_size=400), st.sampled_from(["a", "用电", "e"]))
def test_a_snippet_keeps_the_order_of_plain_and_hit(text: str, word: str) -> None:
    parts = mark(text, [word])
    for number, part in enumerate(snippet(parts)):
        if number % 2:
            assert part in text

"""How near is a column's header to what data elements are called?

Chinese by shared characters in their order, English by shared words, and headers of Latin letters also as
pinyin: whole syllables or first letters, as old databases have it (`yhbh`, `CHAOBIAORQ`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from catalog.suggesting.lexicon import Label, Words

_LEAST: Final = 0.3
_PINYIN_SURE: Final = 0.9
_GENERIC: Final = {
    "number",
    "name",
    "date",
    "type",
    "status",
    "level",
    "title",
    "编号",
    "名称",
    "日期",
    "类别",
    "状态",
}
"""What is said of anything: alone it says little of what."""
_GENERIC_SURE: Final = 0.4
_EVERYDAY: Final = (
    "customer",
    "meter",
    "reading",
    "bill",
    "account_card",
    "meter_book",
    "usage",
    "period",
    "area",
)
"""What files of a water utility are about, likeliest first; it decides where names are equally near."""


@dataclass(frozen=True)
class Named:
    """How near a data element's name is to a header, 0 to 1, and which of its names that was."""

    element: str
    score: float
    label: str
    how: str = "name"


class Names:
    """Compares headers with labels."""

    def __init__(self, labels: Sequence[Label], same: Words) -> None:
        self._labels = labels
        self._same = same
        self._syllables: dict[str, re.Pattern[str]] = {}

    def nearest(self, header: str) -> tuple[Named, ...]:
        """Return the elements whose names are near the header, nearest first."""
        zh, en = self._same.of(header)
        most = _GENERIC_SURE if {zh, *en} - {""} <= _GENERIC else 1.0
        best: dict[str, Named] = {}
        for label in self._labels:
            named = self._compared(label, zh, en, header)
            named = replace(named, score=min(named.score, most))
            if named.score >= _LEAST and named.score > best.get(label.element, _NOTHING).score:
                best[label.element] = named
        return tuple(
            sorted(best.values(), key=lambda named: (-named.score, _rank(named.element), named.element))
        )

    def _compared(self, label: Label, zh: str, en: tuple[str, ...], header: str) -> Named:
        if zh:
            return Named(label.element, label.weight * _of_characters(zh, label.zh), label.said)
        by_words = Named(label.element, label.weight * _of_words(en, label.en), label.said)
        if by_words.score == 0 and label.zh and self._is_pinyin(label.said, header):
            return Named(label.element, label.weight * _PINYIN_SURE, label.said, how="pinyin")
        return by_words

    def _is_pinyin(self, said: str, header: str) -> bool:
        letters = re.sub(r"[^a-z]", "", header.lower())
        if len(letters) < 2:
            return False
        if said not in self._syllables:
            from pypinyin import lazy_pinyin  # its tables take a tenth of a second

            ideographs = "".join(re.findall("[一-鿿]", said))
            parts = (f"(?:{syllable}|{syllable[0]})" for syllable in lazy_pinyin(ideographs))
            self._syllables[said] = re.compile("".join(parts))
        return self._syllables[said].fullmatch(letters) is not None


_NOTHING: Final = Named("", 0.0, "")


def _rank(element: str) -> int:
    about = element.partition(".")[0]
    return _EVERYDAY.index(about) if about in _EVERYDAY else len(_EVERYDAY)


def _of_characters(one: str, other: str) -> float:
    """Return the share of characters in common, in their order; the end of a name says what it is."""
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    shared = 2 * _common(one, other) / (len(one) + len(other))
    if one.endswith(other) or other.endswith(one):
        return min(0.95, shared + 0.15)
    return 0.9 * shared


def _common(one: str, other: str) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for here in one:
        diagonal = 0
        for place, there in enumerate(other, start=1):
            diagonal, row[place] = (
                row[place],
                diagonal + 1 if here == there else max(row[place], row[place - 1]),
            )
    return row[-1]


def _of_words(one: Iterable[str], other: Iterable[str]) -> float:
    here, there = set(one), set(other)
    if not here or not there:
        return 0.0
    if here == there:
        return 1.0
    return 0.9 * 2 * len(here & there) / (len(here) + len(there))

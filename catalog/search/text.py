"""Text as search sees it: one form for all ways of writing a thing, cut into words, mapped to its source.

Every character is decomposed (NFKD), case-folded and freed of its accents, so full-width letters, `m³`,
`Größe` and `GRÖSSE` meet. Whatever is neither letter nor digit only separates words. Chinese, Japanese and
Korean text has no spaces: a run of it is one word, and every part of a word can be searched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_IDEOGRAPHIC = (
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7AF),  # Hangul
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_CLASS = "".join(f"{chr(first)}-{chr(last)}" for first, last in _IDEOGRAPHIC)
_WORDS = re.compile(f"[{_CLASS}]+|[^ {_CLASS}]+")
_CJK = re.compile(f"[{_CLASS}]")


class _Folding(dict[int, str]):
    """Code point → what it is searched as; worked out once for every character met."""

    def __missing__(self, point: int) -> str:
        folded = _fold(chr(point))
        if len(self) < 200_000:  # every assigned character, and no attack on memory
            self[point] = folded
        return folded


def _fold(character: str) -> str:
    if unicodedata.category(character) in ("Mn", "Cf") or character in "\u00ad":
        return ""  # accents and invisible marks: what they stand on is searched without them
    if _CJK.match(character) and unicodedata.category(character) == "Lo" and ord(character) < 0xF900:
        return character
    decomposed = unicodedata.normalize("NFKD", character).casefold()
    kept = (each for each in unicodedata.normalize("NFKD", decomposed) if unicodedata.category(each) != "Mn")
    return "".join(each if each.isalnum() else " " for each in kept)


_FOLDING = _Folding()


def words(text: str) -> list[str]:
    """Return the words of a text, folded, in their order; a run of Chinese is one word."""
    return _WORDS.findall(text.translate(_FOLDING))


def is_cjk(word: str) -> bool:
    """Say whether a word is written without spaces."""
    return _CJK.match(word) is not None


def folded(text: str | None) -> str:
    """Return the words of a text with one space between them; nothing for None."""
    return " ".join(words(text)) if text else ""


def squeezed(text: str) -> str:
    """Return the words of a text without spaces: what makes `dma-inflow` and `DMA inflow` the same."""
    return "".join(words(text))


def mark(text: str, wanted: Sequence[str]) -> list[str]:
    """Return the text cut where words stand in it: plain, hit, plain, hit, …; joined, it is the text.

    A wanted word counts as in the search: anywhere inside, or at a word's beginning if it is short.
    """
    letters, origins = _mapped(text)
    hit = [False] * len(text)
    for start, end in _places(letters, wanted):
        for index in range(origins[start], origins[end - 1] + 1):
            hit[index] = True
    parts = [""]
    for index, character in enumerate(text):
        if hit[index] != (len(parts) % 2 == 0):
            parts.append("")
        parts[-1] += character
    return parts


def snippet(parts: Sequence[str], *, around: int = 40) -> list[str]:
    """Return marked text shortened to the surroundings of its first hit, with … where it was cut."""
    if sum(map(len, parts)) <= 3 * around:
        return list(parts)
    if len(parts) == 1:
        return [parts[0][: 3 * around] + "…"]
    shortened = list(parts)
    if len(parts[0]) > around:
        shortened[0] = "…" + parts[0][-around:]
    room, kept = 3 * around, list[str]()
    for part in shortened:
        if len(part) > room:
            kept.append(part[:room] + "…" if len(kept) % 2 == 0 else part)
            break
        kept.append(part)
        room -= len(part)
    return kept


def _mapped(text: str) -> tuple[str, list[int]]:
    """Return the folded text, every separator one space, and for each letter the index it came from."""
    letters: list[str] = []
    origins: list[int] = []
    for index, character in enumerate(text):
        for letter in _FOLDING[ord(character)]:
            letters.append(letter)
            origins.append(index)
    return "".join(letters), origins


def _places(letters: str, wanted: Iterable[str]) -> Iterable[tuple[int, int]]:
    for word in wanted:
        at = letters.find(word)
        while at >= 0:
            if not is_short(word) or at == 0 or letters[at - 1] == " " or is_cjk(letters[at - 1]):
                yield at, at + len(word)
            at = letters.find(word, at + 1)


def is_short(word: str) -> bool:
    """Say whether a word is too short to be looked for inside others: one or two letters or digits."""
    return len(word) < 3 and not is_cjk(word)

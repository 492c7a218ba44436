"""Ranking: which entries really hold what was asked for, and in which order they are shown.

0. What is retired or closed comes behind all that is in use.
1. How the whole query stands to a name: it is one (exact), begins one (prefix), is a name of a concept that
   links to the entry (linked), or its words are somewhere (word). What is only similar (near) comes last.
2. Points: for every word the best place it stands in, WEIGHTS, times 3 for a word of its own, 2 for the
   beginning of one, 1 inside.
3. The shorter title, the kind's precedence, the key. So the order is total, and the same on every database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import sqlalchemy as sa

from catalog.search.entries import GONE, Kind
from catalog.search.text import is_short

WEIGHTS = {"title": 8, "synonym": 6, "field": 4, "description": 2}
"""What a word is worth by where it stands; identifier and titles count alike."""

_TITLES = 3
_PRECEDENCE = {kind.value: number for number, kind in enumerate(Kind)}


class Match(IntEnum):
    """How an entry answers a query; less is better."""

    EXACT = 0
    PREFIX = 1
    LINKED = 2
    WORD = 3
    NEAR = 4


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry that answers the query, and its place among others."""

    row: sa.Row[Any]
    match: Match
    points: int
    via: str | None = None

    def or_better(self, other: Ranked | None) -> Ranked:
        """Return itself, with the other's points, unless the same entry answers better the other way."""
        if other is None:
            return self
        return other if other.match < self.match else replace(self, points=other.points)

    @property
    def place(self) -> tuple[bool, int, int, int, int, str]:
        """What results are sorted by."""
        row = self.row
        titles = [len(line) for line in row.names.split("\n", _TITLES)[1:_TITLES] if line]
        length = min(titles, default=0)
        return row.state in GONE, self.match, -self.points, length, _PRECEDENCE[row.kind], row.key


def rank(rows: Iterable[sa.Row[Any]], wanted: Sequence[str]) -> list[Ranked]:
    """Return the entries that hold every word, unsorted."""
    whole = "".join(wanted)
    found = []
    for row in rows:
        points = 0
        for word in wanted:
            worth = _worth(row, word)
            if not worth:
                break
            points += worth
        else:
            found.append(Ranked(row, _match(row.names, whole), points))
    return found


def _match(names: str, whole: str) -> Match:
    lines = "\n" + names.replace(" ", "") + "\n"
    if f"\n{whole}\n" in lines:
        return Match.EXACT
    return Match.PREFIX if f"\n{whole}" in lines else Match.WORD


def _worth(row: sa.Row[Any], word: str) -> int:
    names = row.names.split("\n", _TITLES)
    titles = "\n".join(names[:_TITLES])
    best = WEIGHTS["title"] * _fit(titles, word)
    if len(names) > _TITLES:
        best = max(best, WEIGHTS["synonym"] * _fit(names[_TITLES], word))
    if len(word) == 1 or is_short(word):
        return best
    if best < 3 * WEIGHTS["field"]:
        best = max(best, WEIGHTS["field"] * _fit(row.fields, word))
    if best < 3 * WEIGHTS["description"]:
        best = max(best, WEIGHTS["description"] * _fit(row.description, word))
    return best


def _fit(text: str, word: str) -> int:
    """Return 3 if a text has the word by itself, 2 at the beginning of one, 1 inside one, 0 nowhere."""
    if word not in text:
        return 0
    spaced = " " + text.replace("\n", " ") + " "
    if f" {word} " in spaced:
        return 3
    if f" {word}" in spaced:
        return 2
    return 0 if is_short(word) else 1

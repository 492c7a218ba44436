"""Grams: the pieces of folded text under which the native index keeps an entry.

A gram is one letter that says where the piece stands, and the piece itself. Names (identifier, titles,
synonyms) give every single character and every pair of a Chinese run, the beginning of every other word, and
its triples; other text gives pairs and triples only, so words of one character are looked for in names alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from catalog.search.entries import Facet
from catalog.search.text import is_cjk, is_short

NAME, BEGIN, BODY, FIRST, LAST, WHOLE, FACET = "t", "w", "b", "p", "e", "q", "f"
"""In a name; a word's beginning; in fields or description; a name's beginning, end, all of it; a facet."""

Clause = tuple[str, ...]
"""Grams of which one is enough."""

Query = tuple[Clause, ...]
"""Clauses of which each must hold."""


def of_entry(row: Mapping[str, Any]) -> set[str]:
    """Return the grams of an entry's row."""
    grams = {facet(each, row[each]) for each in Facet if row[each] is not None}
    for line in row["names"].split("\n"):
        if line:
            _of_name(line, grams)
    for line in row["fields"].split("\n"):
        grams.update(_of_field(line))
    grams.update(_of_body(row["description"]))
    return grams


def _of_body(text: str) -> set[str]:
    grams: set[str] = set()
    for word in text.split():
        size = 2 if is_cjk(word) else 3
        grams.update([BODY + word[at : at + size] for at in range(len(word) - size + 1)])
    return grams


_of_field = lru_cache(maxsize=5_000)(_of_body)
"""Many datasets have the same fields."""


def _of_name(line: str, grams: set[str]) -> None:
    for word in line.split(" "):
        if is_cjk(word):
            size = 2
            grams.update([NAME + letter for letter in word])
        else:
            size = 3
            grams.add(BEGIN + word[:1])
            grams.add(BEGIN + word[:2])
        grams.update([NAME + word[at : at + size] for at in range(len(word) - size + 1)])
    whole = line.replace(" ", "")
    grams.add(FIRST + whole[:1])
    grams.add(FIRST + whole[:2])
    grams.add(WHOLE + whole if len(whole) < 3 else LAST + whole[-2:])


@lru_cache(maxsize=10_000)
def facet(name: str, value: str) -> str:
    """Return the gram of all entries that have this value of a facet."""
    return FACET + hashlib.blake2b(f"{name}={value}".encode(), digest_size=6).hexdigest()


def anywhere(wanted: Iterable[str]) -> Query:
    """Return the query for entries that hold every word, wherever."""
    return tuple(_each(wanted, (NAME, BODY)))


def in_names(wanted: Iterable[str]) -> Query:
    """Return the query for entries whose names hold every word."""
    return tuple(_each(wanted, (NAME,)))


def at_beginning(wanted: Sequence[str]) -> Query:
    """Return the query for entries of which a name begins with the words."""
    whole = "".join(wanted)
    return ((FIRST + whole[:2],), *in_names(wanted))


def as_a_whole(wanted: Sequence[str]) -> Query:
    """Return the query for entries that have a name of these words and no others."""
    whole = "".join(wanted)
    if len(whole) < 3:
        return ((WHOLE + whole,),)
    return (*at_beginning(wanted), (LAST + whole[-2:],))


def _each(wanted: Iterable[str], places: Sequence[str]) -> Iterator[Clause]:
    seen: set[str] = set()
    for word in wanted:
        if is_short(word):
            yield (BEGIN + word,)
        elif len(word) == 1:
            yield (NAME + word,)
        else:
            size = 2 if is_cjk(word) else 3
            for piece in [word[at : at + size] for at in range(len(word) - size + 1)]:
                if piece not in seen:
                    seen.add(piece)
                    yield tuple(place + piece for place in places)

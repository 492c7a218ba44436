"""What a search takes and what it answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from catalog.search.entries import Kind
from catalog.search.text import words
from standards.errors import InvalidInput

SAMPLE = 500
"""Entries that are ranked and counted if more match: ids being hashes, the first by id are a fair sample."""

BEST = 200
"""Entries that are ranked besides, if more match, of those whose names match or begin with the query."""

DEEPEST = SAMPLE
"""Hits that can be paged through."""

LONGEST_QUERY, MOST_WORDS, MOST_HITS = 200, 12, 100


class NothingToSearch(InvalidInput):
    """A query without a letter or a digit."""

    code = "nothing-to-search"


class QueryTooLong(InvalidInput):
    """A query of more characters or words than a search takes."""

    code = "query-too-long"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SearchQuery(_Frozen):
    """What is looked for. Every word must be found; a filter that is given must hold."""

    text: str
    kinds: tuple[Kind, ...] = ()
    state: str | None = None
    security_level: str | None = None
    owner: str | None = None
    organisation: str | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_HITS)] = 20
    offset: Annotated[int, Field(ge=0, lt=DEEPEST)] = 0


class Highlight(_Frozen):
    """A text that holds words of the query, in parts: plain, hit, plain, hit, …"""

    place: str
    parts: tuple[str, ...]


class Hit(_Frozen):
    """One thing that was found. `match` says how; `via` the concept that led to it, if one did.

    `state` is registered or retired of datasets and products, open or closed of units of the organisation; a
    product that nobody registered has none.
    """

    kind: Kind
    key: str
    title_zh: str | None
    title_en: str | None
    match: str
    points: int
    via: str | None
    state: str | None
    security_level: str | None
    owner: str | None
    organisation: str | None
    highlights: tuple[Highlight, ...]


class Value(_Frozen):
    """A value of a facet, and how many results have it."""

    value: str
    count: int


class Found(_Frozen):
    """The answer. If `is_exact` is false, total and counts are estimated from a sample of the matches."""

    words: tuple[str, ...]
    total: int
    is_exact: bool
    facets: dict[str, tuple[Value, ...]]
    hits: tuple[Hit, ...]
    next_offset: int | None


def parse(text: str) -> tuple[str, ...]:
    """Return the words of a query, folded, each once. Raises NothingToSearch, QueryTooLong."""
    if len(text) > LONGEST_QUERY:
        raise QueryTooLong(
            f"the query has {len(text):,} characters; a search takes {LONGEST_QUERY}",
            hint="give the few words that matter",
        )
    wanted = tuple(dict.fromkeys(words(text)))
    if not wanted:
        raise NothingToSearch(
            "the query holds no letter and no digit", hint="give a word, a code or a part of one: 用电, meter"
        )
    if len(wanted) > MOST_WORDS:
        raise QueryTooLong(
            f"the query has {len(wanted)} words; a search takes {MOST_WORDS}",
            hint="give the few words that matter",
        )
    return wanted

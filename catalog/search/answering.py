"""Answering one query: candidates from the native index, ranked, counted, one page of them shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.search import grams, native, nearness
from catalog.search.entries import IDS, Facet, Kind
from catalog.search.query import BEST, DEEPEST, SAMPLE, Found, Highlight, Hit, SearchQuery, Value
from catalog.search.ranking import Match, Ranked, rank
from catalog.search.text import is_short, mark, snippet
from catalog.search.veiling import Veil
from catalog.tables import SearchEntryRow as Row

_MOST_VALUES = 50
_COLUMNS = tuple(
    getattr(Row, name)
    for name in (
        "id",
        "kind",
        "key",
        "names",
        "fields",
        "description",
        "state",
        "security_level",
        "owner",
        "organisation",
    )
)


def answer(
    session: Session, query: SearchQuery, wanted: Sequence[str], hidden: Collection[str], veil: Veil | None
) -> Found:
    """Return what answers the query, of all kinds but the hidden ones, through a veil if one is given.

    If fewer than SAMPLE match at all, all are at hand, and everything is exact. If not, the first by id are
    a fair sample to count with, and the better ways to match are asked for by themselves.
    """
    asking = _Asking(session, query, hidden, veil)
    rows = asking.find(grams.anywhere(wanted), SAMPLE)
    sample = rank(asking.permitted(rows), wanted)
    is_exact = len(rows) < SAMPLE
    scale = 1.0 if is_exact else IDS / (rows[-1].id + 1)
    ranked = {each.row.id: each for each in sample}
    if not is_exact:
        found = rank(asking.permitted(asking.best(wanted)), wanted)
        ranked.update((each.row.id, each) for each in found)
    extra = {each.row.id: each for each in asking.linked(wanted)}
    if not ranked and not extra:
        extra = {each.row.id: each for each in asking.near(wanted)}
    new = [each for id_, each in extra.items() if id_ not in ranked]
    ranked.update((id_, each.or_better(ranked.get(id_))) for id_, each in extra.items())
    best = sorted(ranked.values(), key=lambda each: each.place)[:DEEPEST]
    end = query.offset + query.limit
    return Found(
        words=tuple(wanted),
        total=round(len(sample) * scale) + len(new),
        is_exact=is_exact,
        facets={facet.value: _values(facet, sample, scale, new) for facet in Facet},
        hits=tuple(_hits(session, best[query.offset : end], wanted, veil)),
        next_offset=end if end < len(best) else None,
    )


class _Asking:
    """The candidates for one query, its filters applied."""

    def __init__(
        self, session: Session, query: SearchQuery, hidden: Collection[str], veil: Veil | None
    ) -> None:
        self._veil = veil
        self._session = session
        self._hidden = hidden
        self._filters: dict[str, tuple[str, ...]] = {
            Facet.KIND: tuple(kind.value for kind in query.kinds)
        } | {
            facet.value: (value,)
            for facet in (Facet.STATE, Facet.SECURITY_LEVEL, Facet.OWNER, Facet.ORGANISATION)
            if (value := getattr(query, facet))
        }

    def best(self, wanted: Sequence[str]) -> list[sa.Row[Any]]:
        """Return candidates for the first places: whose names begin with the words, or hold them."""
        beginning = self.find(grams.at_beginning(wanted), BEST)
        better = grams.in_names(wanted) if len(beginning) < BEST else grams.as_a_whole(wanted)
        return [*beginning, *self.find(better, BEST)]

    def find(self, query: grams.Query, limit: int) -> Sequence[sa.Row[Any]]:
        """Return the first candidates by id."""
        clauses = tuple(
            tuple(grams.facet(facet, value) for value in values)
            for facet, values in self._filters.items()
            if values
        )
        return native.find(self._session, query + clauses, _COLUMNS, limit)

    def permitted(self, rows: Sequence[sa.Row[Any]]) -> list[sa.Row[Any]]:
        """Return the rows that may be shown and pass the filters."""
        passing = [row for row in rows if self._passes(row)]
        return passing if self._veil is None else list(self._veil.rows(self._session, passing))

    def linked(self, wanted: Sequence[str]) -> Iterator[Ranked]:
        """Yield what the concepts of this very name link to."""
        concept = ((grams.facet(Facet.KIND, Kind.CONCEPT),),)
        rows = native.find(self._session, grams.as_a_whole(wanted) + concept, _COLUMNS, BEST)
        named = {
            e.row.key for e in rank(rows, wanted) if e.row.kind == Kind.CONCEPT and e.match is Match.EXACT
        }
        if not named:
            return
        documents = sa.select(Row.key, Row.document).where(Row.kind == Kind.CONCEPT.value, Row.key.in_(named))
        via = {
            tuple(link): concept.key
            for concept in self._session.execute(documents.order_by(Row.key))
            for link in concept.document.get("links", ())
        }
        by_kind: dict[str, list[str]] = {}
        for kind, key in via:
            by_kind.setdefault(kind, []).append(key)
        for kind, keys in by_kind.items():
            query = sa.select(*_COLUMNS).where(Row.kind == kind, Row.key.in_(keys[:BEST]))
            for row in self.permitted(self._session.execute(query).all()):
                yield Ranked(row, Match.LINKED, 0, via[row.kind, row.key])

    def near(self, wanted: Sequence[str]) -> Iterator[Ranked]:
        """Yield what has nearly this identifier."""
        steps = nearness.near(self._session, "".join(wanted))
        query = sa.select(*_COLUMNS).where(Row.id.in_(steps))
        for row in self.permitted(self._session.execute(query).all()):
            yield Ranked(row, Match.NEAR, -steps[row.id])

    def _passes(self, row: sa.Row[Any]) -> bool:
        if row.kind in self._hidden:
            return False
        return all(not values or getattr(row, facet) in values for facet, values in self._filters.items())


def _values(facet: Facet, sample: Sequence[Ranked], scale: float, new: Sequence[Ranked]) -> tuple[Value, ...]:
    """Return a facet's values, the most frequent first; counts of the sample are scaled to all matches."""
    counts: Counter[str] = Counter()
    for found, weight in ((sample, scale), (new, 1.0)):
        said = Counter(value for each in found if (value := getattr(each.row, facet)) is not None)
        counts.update({value: round(count * weight) for value, count in said.items()})
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Value(value=value, count=count) for value, count in ordered[:_MOST_VALUES])


def _hits(
    session: Session, page: Sequence[Ranked], wanted: Sequence[str], veil: Veil | None
) -> Iterator[Hit]:
    query = sa.select(Row.id, Row.document).where(Row.id.in_([each.row.id for each in page]))
    documents = {row.id: row.document for row in session.execute(query)}
    for each in page:
        row, document = each.row, documents.get(each.row.id)
        if document is None:  # changed since the candidates were read
            continue
        if veil is not None:
            document = veil.document(session, row.kind, row.key, document)
        yield Hit(
            kind=row.kind,
            key=row.key,
            title_zh=document.get("title_zh"),
            title_en=document.get("title_en"),
            match=each.match.name.lower(),
            points=each.points,
            via=each.via,
            state=row.state,
            security_level=row.security_level,
            owner=row.owner,
            organisation=row.organisation,
            highlights=tuple(_highlights(document, wanted)),
        )


def _highlights(document: dict[str, Any], wanted: Sequence[str]) -> Iterator[Highlight]:
    """Yield the texts that hold a word: of names each, of fields and description where they are needed."""
    for place in ("identifier", "title_zh", "title_en", "synonyms", "fields", "description"):
        said = document.get(place) or ()
        long = [word for word in wanted if len(word) > 1 and not is_short(word)]
        sought = wanted if place not in ("fields", "description") else long
        for text in [said] if isinstance(said, str) else said:
            parts = mark(text, sought)
            if len(parts) > 1:
                yield Highlight(place=place, parts=tuple(snippet(parts)))

"""The use cases: find, and write the whole index again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog.database import Database
from catalog.search import entries, index, native
from catalog.search.answering import answer
from catalog.search.entries import Entry, Kind
from catalog.search.query import Found, SearchQuery, parse
from catalog.search.veiling import Veil
from catalog.tables import ConceptRow, DatasetRow, PartyRow, SearchEntryRow, SearchSourceRow
from standards.library import Library

FORMAT = "2"
"""Changes when entries or grams of the same things do: an index of another format is written again."""

_OURS, _NEVER = "catalog", "never"
_STEP = 2_000


@dataclass(frozen=True)
class Source:
    """Things that live outside the database. Its digest tells whether the index still has them right."""

    name: str
    kinds: tuple[Kind, ...]
    digest: Callable[[], str]
    entries: Callable[[Session], Iterable[Entry]]


class Reindexed(BaseModel):
    """How many things of each kind are in the index now."""

    model_config = ConfigDict(frozen=True)

    entries: dict[str, int]


class Search:
    """Search across everything, on one index that is written with the things themselves.

    What lives in the database is indexed by whoever stores it; what lives outside, in whole or in part, comes
    from `sources`, and is compared by digest before the first search and after `index.forget_source`.
    """

    def __init__(self, database: Database, library: Library, sources: Sequence[Source] = ()) -> None:
        self._database = database
        self._library = library
        self._sources = tuple(sources)
        self._lock = threading.Lock()
        self._known: dict[str, str] | None = None

    def find(
        self, query: SearchQuery, *, without: Collection[Kind] = (), for_stranger: bool = False
    ) -> Found:
        """Return what answers the query, best first, of all kinds but those.

        A stranger finds no dataset by a sensitive field. Raises NothingToSearch, QueryTooLong.
        """
        wanted = parse(query.text)
        hidden = frozenset(kind.value for kind in without)
        veil = Veil(self._library.now()) if for_stranger else None
        with self._database.read() as session:
            if not self._stale(session):
                return answer(session, query, wanted, hidden, veil)
        self._refresh()
        with self._database.read() as session:
            return answer(session, query, wanted, hidden, veil)

    def reindex(self) -> Reindexed:
        """Write the whole index again from what is stored, in one transaction."""
        with self._database.write() as session:
            self._write_all(session)
            counts = sa.select(SearchEntryRow.kind, sa.func.count()).group_by(SearchEntryRow.kind)
            found = {row[0]: row[1] for row in session.execute(counts)}
        return Reindexed(entries={kind.value: found.get(kind.value, 0) for kind in Kind})

    def _refresh(self) -> None:
        """Bring the index up to date with this program and the outside sources, if it is not."""
        with self._lock, self._database.write() as session:
            stale = self._stale(session)
            if _OURS in stale:
                self._write_all(session)
                return
            for source in self._sources:
                if source.name in stale:
                    _write_source(session, source, _noted(session).get(source.name, _NEVER))

    def _stale(self, session: Session) -> tuple[str, ...]:
        """Return the names of what the index has not, or has in another state."""
        indexed = _noted(session)
        if indexed == self._known:
            return ()
        current = {_OURS: FORMAT} | {source.name: source.digest() for source in self._sources}
        if indexed == current:
            self._known = current
        return tuple(name for name, digest in current.items() if indexed.get(name) != digest)

    def _write_all(self, session: Session) -> None:
        index.clear(session)
        index.write(session, self._stored(session))
        for source in self._sources:
            _write_source(session, source, _NEVER)
        index.note_source(session, _OURS, FORMAT)
        native.settle(session)

    def _stored(self, session: Session) -> Iterator[Entry]:
        """Yield an entry for everything in the database that can be found."""
        from catalog.datasets.models import DatasetDraft
        from catalog.experience.register import of_rule
        from catalog.organisation.rows import units
        from catalog.parties import Party
        from standards.skos import Concept

        library = self._library.now()
        for dataset in session.scalars(sa.select(DatasetRow).execution_options(yield_per=_STEP)):
            draft = DatasetDraft.model_validate(dataset.document)
            yield entries.of_dataset(draft, library, state=dataset.state)
        yield from map(entries.of_unit, units(session))
        for party in session.scalars(sa.select(PartyRow)):
            yield entries.of_party(Party.model_validate({n: getattr(party, n) for n in Party.model_fields}))
        yield from map(entries.of_experience, of_rule(session))
        for concept in session.scalars(sa.select(ConceptRow)):
            yield entries.of_concept(Concept.model_validate(concept.document))


def standards(library: Library) -> Source:
    """Return the source of data elements, code lists and codes."""

    def found(_: Session) -> Iterator[Entry]:
        present = library.now()
        yield from map(entries.of_element, present.elements())
        for codes in present.code_lists():
            yield from entries.of_code_list(codes)

    return Source("standards", (Kind.DATA_ELEMENT, Kind.CODE_LIST, Kind.CODE), library.stamp, found)


def _write_source(session: Session, source: Source, seen: str) -> None:
    """Write a source's entries. A mark that it has changed meanwhile stays, and they are written again."""
    digest = source.digest()
    wanted = {(each.kind, each.key): each for each in source.entries(session)}
    for kind in source.kinds:
        present = session.scalars(sa.select(SearchEntryRow.key).where(SearchEntryRow.kind == kind.value))
        index.remove(session, kind, [key for key in present if (kind, key) not in wanted])
    index.write(session, wanted.values())
    index.note_source(session, source.name, digest, seen=seen)


def _noted(session: Session) -> dict[str, str]:
    """Return which state of each source is indexed."""
    rows = session.execute(sa.select(SearchSourceRow.name, SearchSourceRow.digest))
    return {row.name: row.digest for row in rows}

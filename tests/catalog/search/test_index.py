"""The index that grew is the index that is rebuilt; and it finds what reading everything would find."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.glossary import Glossary
from catalog.search import grams, index, native
from catalog.search.entries import Entry, Kind
from catalog.search.query import Found, NothingToSearch, SearchQuery
from catalog.search.ranking import rank
from catalog.search.searching import Search, Source
from catalog.search.text import words
from catalog.tables import DatasetRow, SearchEntryRow
from standards.skos import Concept
from tests.builders import Room, a_dataset, a_party, a_room

QUERIES = (
    "用",
    "用水",
    "水",
    "用水 表",
    "meter",
    "m",
    "me",
    "ete",
    "d1",
    "a",
    "漏损",
    "electri",
    "alice",
    "水量",
)
TITLES = st.text("用水电表量漏损 meter1", min_size=1, max_size=8).filter(words)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("register"), st.integers(0, 9), TITLES),
        st.tuples(st.just("change"), st.integers(0, 9), TITLES),
        st.tuples(st.just("party"), st.integers(0, 9), TITLES),
        st.tuples(st.just("concept"), st.integers(0, 5), TITLES),
        st.tuples(st.just("remove"), st.integers(0, 5), TITLES),
    ),
    max_size=8,
)


def everything(room: Room) -> list[tuple[Any, ...]]:
    with room.database.read() as session:
        rows = session.execute(sa.select(sa.inspect(SearchEntryRow).local_table).order_by("id"))
        return [tuple(row) for row in rows]


def answers(search: Search) -> list[Found]:
    return [search.find(SearchQuery(text=text, limit=100)) for text in QUERIES]


def take(room: Room, glossary: Glossary, step: tuple[str, int, str], number: int) -> None:
    """Do something that changes what can be found; what is refused changes nothing."""
    act, which, title = step
    if act == "register":
        if which not in {int(each.name[1:]) for each in room.datasets.list()}:
            room.enter(a_dataset(name=f"d{which}", title_zh=title))
    elif act == "change":  # as another room will: the row, and the index with it
        with room.database.write() as session:
            if row := session.get(DatasetRow, f"d{which}"):
                row.document = {**row.document, "title_zh": title}
                index.write(session, [_entry(room, row)])
    elif act == "party":
        room.parties.add(a_party(id=f"p{which}-{number}", name=title), by="alice")
    elif act == "concept":
        label = f"{title}{which}"
        glossary.put([Concept(id=f"c{which}", pref_zh=label.strip(), pref_en=f"c{which}")], by="alice")
    elif f"c{which}" in {each.id for each in glossary.list()}:
        glossary.remove(f"c{which}", by="alice")


def _entry(room: Room, row: DatasetRow) -> Entry:
    from catalog.datasets.models import DatasetDraft
    from catalog.search.entries import of_dataset

    return of_dataset(DatasetDraft.model_validate(row.document), room.library)


@given(steps=STEPS)
@settings(max_examples=12)
def test_the_index_that_grew_is_the_one_that_is_rebuilt(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, str]]
) -> None:
    room = a_room(Path(tmp_path_factory.mktemp("grown")))
    search = Search(room.database, room.library)
    glossary = Glossary(room.database, room.library, room.clock)
    search.find(SearchQuery(text="x"))
    for number, step in enumerate(steps):
        take(room, glossary, step, number)
    grown, found = everything(room), answers(search)
    search.reindex()
    assert everything(room) == grown
    assert answers(search) == found
    room.database.close()


def test_a_rebuilt_index_answers_the_same_on_each_database(room: Room) -> None:
    glossary = Glossary(room.database, room.library, room.clock)
    search = Search(room.database, room.library)
    search.find(SearchQuery(text="x"))
    steps = [
        (act, n, f"用水{act}{n}") for n in range(6) for act in ("register", "change", "party", "concept")
    ]
    for number, step in enumerate([*steps, ("remove", 3, "")]):
        take(room, glossary, step, number)
    grown, found = everything(room), answers(search)
    done = search.reindex()
    assert (done.entries["dataset"], done.entries["concept"], done.entries["party"]) == (6, 5, 10)
    assert everything(room) == grown
    assert answers(search) == found


WORDS = st.text("用水电表abc12- 。", max_size=12)


@given(
    titles=st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=12),
    texts=st.lists(WORDS, min_size=1, max_size=8),
)
@settings(max_examples=12)
def test_search_finds_what_reading_everything_finds(
    tmp_path_factory: pytest.TempPathFactory, titles: list[tuple[str, str, str]], texts: list[str]
) -> None:
    things = [
        Entry(Kind.PRODUCT, f"k{n}", f"k{n}", zh, en, description=about)
        for n, (zh, en, about) in enumerate(titles)
    ]
    room = a_room(Path(tmp_path_factory.mktemp("read")))
    source = Source("things", (Kind.PRODUCT,), lambda: "1", lambda _: things)
    search = Search(room.database, room.library, [source])
    for text in texts:
        try:
            found = search.find(SearchQuery(text=text, kinds=(Kind.PRODUCT,), limit=100))
        except NothingToSearch:
            assert not words(text)
            continue
        with room.database.read() as session:
            rows = session.execute(sa.select(sa.inspect(SearchEntryRow).local_table))
            read = rank([row for row in rows if row.kind == Kind.PRODUCT], found.words)
        hits = [hit.key for hit in found.hits if hit.match != "near"]
        assert hits == [each.row.key for each in sorted(read, key=lambda each: each.place)]
    room.database.close()


def test_the_first_by_id_are_found_however_many_match(room: Room) -> None:
    """PostgreSQL has three ways to them: for words that half, one in twenty and one in two hundred have."""
    things = [
        Entry(
            Kind.PRODUCT, f"k{n}", f"k{n}", f"漏损{'用水' * (n % 2)}{'电表' * (n % 20 == 0)}", None,
            description="井泵" if n % 200 == 0 else None,
        )
        for n in range(6_000)
    ]  # fmt: skip
    with room.database.write() as session:
        index.write(session, things, are_new=True)
        for word, every in (("漏损", 1), ("用水", 2), ("电表", 20), ("井泵", 200), ("氯气", 0)):
            found = native.find(session, grams.anywhere([word]), (SearchEntryRow.id,), 20)
            having = [t for n, t in enumerate(things) if every and n % every == (every == 2)]
            assert [row.id for row in found] == sorted(each.row()["id"] for each in having)[:20]


def test_many_things_are_indexed_as_each_would_be(room: Room) -> None:
    """A bulk has a way of its own into PostgreSQL."""
    search = Search(room.database, room.library)
    search.find(SearchQuery(text="x"))
    drafts = [a_dataset(name=f"d{n}", title_zh=f"第{n}号用水量") for n in range(1_100)]
    room.enter(*drafts)
    assert search.find(SearchQuery(text="d1099")).hits[0].key == "d1099"
    assert search.find(SearchQuery(text="第777号")).total == 1
    assert search.find(SearchQuery(text="用水量", kinds=(Kind.DATASET,))).total == pytest.approx(
        1_100, rel=0.2
    )

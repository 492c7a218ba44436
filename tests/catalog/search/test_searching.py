"""Search as a whole, on each database."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from catalog.glossary import Glossary
from catalog.search import index, query
from catalog.search.entries import Entry, Kind
from catalog.search.query import Found, NothingToSearch, QueryTooLong, SearchQuery
from catalog.search.searching import Search, Source, standards
from catalog.tables import SearchEntryRow
from standards.library import Library
from standards.skos import Concept
from tests.builders import Room, a_party


@pytest.fixture
def search(room: Room) -> Search:
    """Return a search that knows no standards: each test has its own things."""
    search = Search(room.database, room.library)
    search.find(SearchQuery(text="anything"))
    return search


def found(search: Search, text: str, **said: object) -> Found:
    return search.find(SearchQuery.model_validate({"text": text, "limit": 100} | said))


def keys(search: Search, text: str, **said: object) -> list[str]:
    return [f"{hit.kind}:{hit.key}" for hit in found(search, text, **said).hits]


def write(room: Room, *entries: Entry) -> None:
    with room.database.write() as session:
        index.write(session, entries)


def an_entry(key: str, **said: object) -> Entry:
    return Entry(
        **({"kind": Kind.DATASET, "key": key, "identifier": key, "title_zh": None, "title_en": None} | said)
    )  # type: ignore[arg-type]


def test_a_dataset_is_found_the_moment_it_is_registered(room: Room, search: Search) -> None:
    assert keys(search, "用电", kinds=["dataset"]) == []
    room.register(name="electricity", title_zh="居民用电量", title="Metered electricity")
    assert keys(search, "用电", kinds=["dataset"]) == ["dataset:electricity"]
    assert keys(search, "meter", kinds=["dataset"]) == ["dataset:electricity"]


@pytest.mark.parametrize(
    "text", ["用", "用电", "民用电", "居民用电量", "Ｅlectri", "lectric", "METERED", "m", "me", "居民 meter"]
)
def test_every_part_of_a_title_finds_it(room: Room, search: Search, text: str) -> None:
    room.register(name="electricity", title_zh="居民用电量", title="Metered electricity")
    assert "dataset:electricity" in keys(search, text)


@pytest.mark.parametrize("text", ["用水", "量居", "lectrix", "居民 gas", "tricity metered x"])
def test_what_is_not_there_is_not_found(room: Room, search: Search, text: str) -> None:
    room.register(name="electricity", title_zh="居民用电量", title="Metered electricity")
    assert "dataset:electricity" not in keys(search, text)


def test_standards_are_found_by_code_title_and_definition(room: Room) -> None:
    search = Search(room.database, room.library, [standards(room.library)])
    assert "code:gbt4754/67" in keys(search, "证券") or "code:gbt4754/671" in keys(search, "证券")
    assert keys(search, "4610")[0] == "code:gbt4754/4610"
    assert "data-element:meter.calibre_mm" in keys(search, "口径")
    assert "data-element:meter.calibre_mm" in keys(search, "meter.calibre_mm")
    assert keys(search, "gbt4754")[0] == "code-list:gbt4754"


def test_datasets_are_found_by_their_fields(room: Room, search: Search) -> None:
    room.register()
    assert keys(search, "area.code", kinds=["dataset"]) == ["dataset:inflow"]


def test_parties_are_found_where_they_may_be(room: Room, search: Search) -> None:
    room.parties.add(a_party(id="carol", name="Carol 王"), by="alice")
    assert keys(search, "Carol") == ["party:carol"]
    assert search.find(SearchQuery(text="Carol"), without=[Kind.PARTY]).hits == ()
    assert search.find(SearchQuery(text="Carol"), without=[Kind.PARTY]).total == 0


def test_exact_stands_before_prefix_before_part(room: Room, search: Search) -> None:
    write(
        room,
        an_entry("part", title_zh="居民用水"),
        an_entry("exact", title_zh="用水"),
        an_entry("longer", title_zh="用水量明细"),
        an_entry("prefix", title_zh="用水量"),
        an_entry("described", title_zh="水表", description="含用水"),
        an_entry("field", title_zh="水表", fields=("用水",)),
        an_entry("synonym", title_zh="水表", synonyms=("居民用水户",)),
    )
    hits = found(search, "用水", kinds=["dataset"]).hits
    assert [hit.key for hit in hits] == ["exact", "prefix", "longer", "field", "part", "synonym", "described"]
    assert [hit.match for hit in hits[:4]] == ["exact", "prefix", "prefix", "word"]


@pytest.mark.parametrize(
    "typo", ["dma-inflwo", "dma-inflo", "dmainflw", "dna-inflow", "dma-infflow", "bma-inflox"]
)
def test_a_mistyped_identifier_finds_what_was_meant(room: Room, search: Search, typo: str) -> None:
    room.register(name="dma-inflow")
    assert keys(search, typo) == ["dataset:dma-inflow"]


def test_a_mistyped_credit_code_finds_its_owner(room: Room, search: Search) -> None:
    write(room, an_entry("91210100MA0P4K7X2U"), an_entry("91210100MA0P4K7Y9B"))
    assert keys(search, "91210100MA0P4K7X2V") == ["dataset:91210100MA0P4K7X2U"]
    assert found(search, "91210100MA0P4KX72U").hits[0].match == "near"


def test_a_synonym_finds_the_concept_and_what_it_links_to(room: Room) -> None:
    search = Search(room.database, room.library, [standards(room.library)])
    room.register(name="balance", title_zh="水量平衡")
    concept = Concept(
        id="leakage-rate", pref_zh="漏损率", pref_en="leakage rate", alt_zh=("产销差率",), alt_en=("NRW",),
        datasets=("balance",), elements=("meter.number",),
    )  # fmt: skip
    Glossary(room.database, room.library, room.clock).put([concept], by="alice")
    for synonym in ("产销差率", "nrw", "漏损率", "Leakage Rate"):
        answer = found(search, synonym)
        assert [(h.key, h.match, h.via) for h in answer.hits] == [
            ("leakage-rate", "exact", None),
            ("balance", "linked", "leakage-rate"),
            ("meter.number", "linked", "leakage-rate"),
        ]
        assert answer.total == 3
    assert keys(search, "产销差率", kinds=["dataset"]) == ["dataset:balance"]


def test_what_a_concept_links_to_stands_before_what_only_holds_the_word(room: Room, search: Search) -> None:
    room.register(name="linked", title_zh="居民水表清单明细", title="A long title of a list")
    room.register(name="other", title_zh="旧水表", title="Old")
    concept = Concept(id="water-meter", pref_zh="水表", pref_en="water meter", datasets=("linked",))
    Glossary(room.database, room.library, room.clock).put([concept], by="alice")
    answer = found(search, "水表")
    assert [(h.key, h.match) for h in answer.hits] == [
        ("water-meter", "exact"),
        ("linked", "linked"),
        ("other", "word"),
    ]
    assert (answer.total, answer.facets["kind"][0].count) == (3, 2)


def test_facets_count_and_filter(room: Room, search: Search) -> None:
    write(
        room,
        *(an_entry(f"a{n}", title_zh="用水", security_level="general-2", owner="alice") for n in range(3)),
        *(
            an_entry(f"b{n}", title_zh="用水", security_level="general-3", organisation="office")
            for n in range(2)
        ),
        an_entry("c", kind=Kind.PRODUCT, title_zh="用水"),
    )
    only = {"kinds": ["dataset", "product"]}
    answer = found(search, "用水", **only)
    counts = {facet: {v.value: v.count for v in values} for facet, values in answer.facets.items()}
    assert counts == {
        "kind": {"dataset": 5, "product": 1},
        "state": {},
        "security_level": {"general-2": 3, "general-3": 2},
        "owner": {"alice": 3},
        "organisation": {"office": 2},
    }
    assert (answer.total, answer.is_exact) == (6, True)
    assert found(search, "用水", kinds=["product"]).total == 1
    assert found(search, "用水", security_level="general-3", **only).total == 2
    assert found(search, "用水", owner="alice", organisation="office", **only).total == 0


def test_pages_put_together_are_the_whole(room: Room, search: Search) -> None:
    write(room, *(an_entry(f"d{n:03d}", title_zh="净用水") for n in range(60)))
    whole = [hit.key for hit in found(search, "净用水").hits]
    assert whole == [f"d{n:03d}" for n in range(60)]
    pages, offset = [], 0
    while offset is not None:
        page = found(search, "净用水", limit=7, offset=offset)
        pages += [hit.key for hit in page.hits]
        offset = page.next_offset
    assert pages == whole


def test_hits_say_where_the_words_stand(room: Room, search: Search) -> None:
    room.register(name="electricity", title_zh="居民用电量", description="按月统计居民用电。")
    hit = found(search, "用电", kinds=["dataset"]).hits[0]
    assert {h.place: h.parts for h in hit.highlights} == {
        "title_zh": ("居民", "用电", "量"),
        "description": ("按月统计居民", "用电", "。"),
    }


def test_more_matches_than_are_ranked_are_estimated_and_the_best_are_first(
    room: Room, search: Search
) -> None:
    many = 4 * query.SAMPLE
    write(
        room,
        *(
            an_entry(f"d{n}", title_zh=f"城镇用水第{n}号", owner="odd" if n % 2 else "even")
            for n in range(many)
        ),
    )
    write(room, an_entry("best", title_zh="用水"), an_entry("next", title_zh="用水量"))
    answer = found(search, "用水", kinds=["dataset"])
    assert not answer.is_exact
    assert answer.total == pytest.approx(many, rel=0.2)
    assert {v.value: v.count for v in answer.facets["owner"]}["odd"] == pytest.approx(many / 2, rel=0.25)
    assert [hit.key for hit in answer.hits[:2]] == ["best", "next"]
    assert found(search, "d7").hits[0].key == "d7"
    assert found(search, "用水", owner="odd").hits


def test_what_changed_is_found_as_it_is_now(room: Room, search: Search) -> None:
    for title in ("用水", "用电", "用水", "用气"):
        write(room, an_entry("a", title_zh=title))
        assert keys(search, title, kinds=["dataset"]) == ["dataset:a"]
    assert keys(search, "用水", kinds=["dataset"]) == keys(search, "用电", kinds=["dataset"]) == []
    with room.database.write() as session:
        index.remove(session, Kind.DATASET, ["a"])
    assert keys(search, "用气", kinds=["dataset"]) == []


def test_what_is_undone_is_not_found(room: Room, search: Search) -> None:
    with pytest.raises(RuntimeError), room.database.write() as session:
        index.write(session, [an_entry("a", title_zh="用水")])
        raise RuntimeError
    assert keys(search, "用水", kinds=["dataset"]) == []


def test_an_outside_source_is_indexed_again_when_its_digest_changes(room: Room) -> None:
    titles = {"p": "第一"}
    source = Source(
        "products", (Kind.PRODUCT,), lambda: "".join(titles.values()),
        lambda _: [an_entry(key, kind=Kind.PRODUCT, title_zh=title) for key, title in titles.items()],
    )  # fmt: skip
    assert keys(Search(room.database, room.library, [source]), "第一", kinds=["product"]) == ["product:p"]
    titles["p"], titles["q"] = "第二", "第三"
    search = Search(room.database, room.library, [source])
    assert keys(search, "第一", kinds=["product"]) == []
    assert keys(search, "第二", kinds=["product"]) == ["product:p"]
    del titles["p"]
    with room.database.write() as session:
        index.forget_source(session, "products")
    assert keys(search, "第二", kinds=["product"]) == []
    assert keys(search, "第三", kinds=["product"]) == ["product:q"]


def test_an_index_of_another_format_is_written_again(room: Room, search: Search) -> None:
    room.register(name="electricity", title_zh="居民用电量")
    with room.database.write() as session:
        session.execute(sa.delete(SearchEntryRow))
        index.forget_source(session, "catalog")
    assert keys(search, "用电", kinds=["dataset"]) == ["dataset:electricity"]


HOSTILE = [
    "AND", "OR", "NOT", "NEAR", "用水 AND 用电", "NEAR(用水 用电, 5)", "*", "用*", "^用", "\"", "\"用水",
    "用水\"", "'", "''", "title:用水", "{title}:用", "-用水", "+", "(", ")", "((用水", "%", "_", "%%", "\\",
    "用\\水", ";", "用水; DROP TABLE datasets", "\x00", "用\x00水", "\x1b[31m", "\r\n", "\t", "👍",
    "👩\u200d👩\u200d👧", "用👍水", "\u202e用水", "مرحبا", "\u200fשלום", "！？。，", "\ufeff", "a", "水", "1",
    "²", "ａ", "𠀀", "𠀀𠀁", "\ud800", "&lt;", "<b>", "{{7*7}}", "${x}", "%s", "%(query)s", ":query",
    "ﷺ", "İ", "ß", "e\u0301" * 50, "水" * 200, "水 " * 12, "a" * 200, " ", "",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_answered_or_refused_by_name(room: Room, search: Search, text: str) -> None:
    room.register(name="electricity", title_zh="居民用电量、用水量")
    began = time.perf_counter()
    try:
        answer = found(search, text)
    except (NothingToSearch, QueryTooLong) as error:
        refused = error.hint
    else:
        refused = None
        assert answer.words
        assert len(answer.hits) <= answer.total
    assert refused is None or refused
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize("text", ["水" * 10_000, "a b " * 2_500, "a b c d e f g h i j k l m"])
def test_a_long_query_is_refused_by_its_length(search: Search, text: str) -> None:
    with pytest.raises(QueryTooLong):
        found(search, text)


@pytest.mark.parametrize("text", ["", " ", "！？", "👍", "\x00", "***", '"'])
def test_a_query_without_words_is_refused(search: Search, text: str) -> None:
    with pytest.raises(NothingToSearch, match="no letter"):
        found(search, text)


def test_an_imported_standard_is_found_at_once(room: Room) -> None:
    library = Library.load().beside(room.standards.documents)
    search = Search(room.database, library, [standards(library)])
    assert keys(search, "浑浊程度") == []
    element = library.element("area.name").model_copy(
        update={"id": "water.turbidity", "name_zh": "浑浊程度", "property": "turbidity", "synonyms": ()}
    )
    asked = room.changes.publish([element], by="alice")
    assert keys(search, "浑浊程度") == []
    room.changes.approve(asked.id, by="bob")
    assert keys(search, "浑浊程度") == ["data-element:water.turbidity"]

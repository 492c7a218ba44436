"""What was just written is found at once, whoever writes it, and as it now is."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.changes import Changes, GovernedKind
from catalog.changes.subjects import DatasetSubject, ProductSubject
from catalog.glossary import Glossary
from catalog.organisation import Organisation, UnitDraft
from catalog.search import index
from catalog.search.query import Hit, SearchQuery
from catalog.search.searching import Search, standards
from products.recipe import Recipes
from products.searchable import products
from standards.skos import Concept
from tests.builders import Room, a_dataset_document, a_party

DATASET, PRODUCT = GovernedKind.DATASET, GovernedKind.PRODUCT


@pytest.fixture
def search(room: Room) -> Search:
    search = Search(room.database, room.library, [standards(room.library), products(None, room.library)])
    search.find(SearchQuery(text="x"))  # it has begun: nothing of what follows is there because it begins
    return search


@pytest.fixture
def changes(room: Room) -> Changes:
    return Changes(room.database, [DatasetSubject(room.library), ProductSubject(Recipes().get)], room.clock)


def hits(search: Search, text: str, **said: object) -> tuple[Hit, ...]:
    return search.find(SearchQuery.model_validate({"text": text, **said})).hits


def found(search: Search, text: str, **said: object) -> list[tuple[str, str | None]]:
    return [(hit.key, hit.state) for hit in hits(search, text, **said)]


def rebuilt_is_the_same(search: Search, *texts: str) -> bool:
    grown = [search.find(SearchQuery(text=text)) for text in texts]
    search.reindex()
    return grown == [search.find(SearchQuery(text=text)) for text in texts]


def in_force(changes: Changes, number: int) -> None:
    changes.approve(number, by="bob")


def test_a_dataset_is_found_as_it_is_registered_changed_retired_and_reinstated(
    changes: Changes, search: Search
) -> None:
    asked = changes.register(DATASET, a_dataset_document(title_zh="泵站能耗台账"), by="alice")
    assert found(search, "泵站能耗") == []  # asked for, and not in force
    in_force(changes, asked.id)
    assert found(search, "泵站能耗") == [("inflow", "registered")]
    assert found(search, "泵站能耗", state="registered", organisation="water-group") == [
        ("inflow", "registered")
    ]
    asked = changes.change(DATASET, a_dataset_document(title_zh="水厂电耗台账"), by="alice", reason="renamed")
    in_force(changes, asked.id)
    assert (found(search, "泵站能耗"), found(search, "水厂电耗")) == ([], [("inflow", "registered")])
    in_force(changes, changes.retire(DATASET, "inflow", by="alice", reason="gone").id)
    assert found(search, "水厂电耗") == [("inflow", "retired")]
    assert found(search, "水厂电耗", state="registered") == []
    assert rebuilt_is_the_same(search, "水厂电耗")
    in_force(changes, changes.reinstate(DATASET, "inflow", by="alice", reason="back").id)
    assert found(search, "水厂电耗") == [("inflow", "registered")]


def test_what_is_retired_comes_behind_all_that_is_in_use(
    room: Room, changes: Changes, search: Search
) -> None:
    room.register(name="exact", title_zh="夜间最小流量")
    room.register(name="longer", title="Something else", title_zh="各分区夜间最小流量汇总")
    assert [key for key, _ in found(search, "夜间最小流量")] == ["exact", "longer"]
    in_force(changes, changes.retire(DATASET, "exact", by="alice", reason="gone").id)
    assert found(search, "夜间最小流量") == [("longer", "registered"), ("exact", "retired")]
    states = search.find(SearchQuery(text="夜间最小流量")).facets["state"]
    assert [(each.value, each.count) for each in states] == [("registered", 1), ("retired", 1)]


def test_a_product_is_found_by_who_answers_for_it_and_as_retired(changes: Changes, search: Search) -> None:
    who = {"owner": "alice", "steward": "bob", "organisation": "water-group"}
    assert found(search, "water-use-index", kinds=["product"]) == [("water-use-index", None)]
    asked = changes.register(PRODUCT, {"name": "water-use-index", **who}, by="alice")
    in_force(changes, asked.id)
    named = {"kinds": ["product"], "owner": "alice", "organisation": "water-group"}
    assert found(search, "water-use-index", **named) == [("water-use-index", "registered")]
    moved = {"name": "water-use-index", **who, "owner": "bob"}
    in_force(changes, changes.change(PRODUCT, moved, by="alice", reason="bob takes over").id)
    assert found(search, "water-use-index", **named) == []
    assert found(search, "water-use-index", owner="bob") == [("water-use-index", "registered")]
    in_force(changes, changes.retire(PRODUCT, "water-use-index", by="alice", reason="gone").id)
    assert found(search, "water-use-index", kinds=["product"]) == [("water-use-index", "retired")]
    assert rebuilt_is_the_same(search, "water-use-index")
    in_force(changes, changes.reinstate(PRODUCT, "water-use-index", by="alice", reason="back").id)
    assert found(search, "water-use-index", kinds=["product"]) == [("water-use-index", "registered")]


def test_a_unit_is_found_as_it_is_added_renamed_merged_and_closed(room: Room, search: Search) -> None:
    tree = Organisation(room.database, room.clock)
    units = [
        UnitDraft(code="g", kind="group", title="沈水集团", party="water-group"),
        UnitDraft(code="hn", kind="branch", title="浑南分公司", parent="g"),
        UnitDraft(code="tx", kind="branch", title="Tiexi branch", parent="g"),
    ]
    tree.add(units, by="alice")
    assert found(search, "浑南分公司") == [("hn", "open")]
    assert found(search, "Tiexi", kinds=["unit"]) == [("tx", "open")]
    assert found(search, "沈水", organisation="water-group") == [("g", "open")]
    assert {key for key, _ in found(search, "分公司", kinds=["unit"])} == {"hn", "tx"}  # by their level
    tree.rename("hn", "浑河分公司", by="alice")
    assert found(search, "浑南", kinds=["unit"]) == []
    assert found(search, "浑河") == [("hn", "open")]
    tree.merge("hn", "tx", by="alice")
    assert found(search, "浑河") == [("hn", "closed")]
    tree.close("tx", by="alice")
    assert found(search, "Tiexi", kinds=["unit"]) == [("tx", "closed")]
    assert rebuilt_is_the_same(search, "浑河", "Tiexi", "分公司")


def test_concepts_and_parties_are_found_as_they_are_written(room: Room, search: Search) -> None:
    glossary = Glossary(room.database, room.library, room.clock)
    glossary.put([Concept(id="surge", pref_zh="水锤", pref_en="water hammer")], by="alice")
    assert found(search, "水锤") == [("surge", None)]
    glossary.put([Concept(id="surge", pref_zh="水击", pref_en="water hammer")], by="alice")
    assert (found(search, "水锤"), found(search, "水击")) == ([], [("surge", None)])
    glossary.remove("surge", by="alice")
    assert found(search, "水击") == []
    room.parties.add(a_party(id="carol", name="Carol 王"), by="alice")
    assert found(search, "Carol") == [("carol", None)]


def test_a_change_of_a_source_while_it_is_being_written_is_not_lost(room: Room, search: Search) -> None:
    """Who writes what was before must not say afterwards that it is what is now."""
    with room.database.write() as session:
        index.note_source(session, "products", "of what was before", seen="never")
    noted = _noted(room)
    assert noted != "of what was before"
    with room.database.write() as session:
        index.forget_source(session, "products")
    with room.database.write() as session:
        index.note_source(session, "products", noted, seen=noted)
    assert _noted(room).startswith("changed ")
    search.find(SearchQuery(text="x"))
    assert _noted(room) == noted


def _noted(room: Room) -> str:
    import sqlalchemy as sa

    from catalog.tables import SearchSourceRow

    with room.database.read() as session:
        query = sa.select(SearchSourceRow.digest).where(SearchSourceRow.name == "products")
        return session.scalars(query).one()


def test_own_recipes_are_read_again_when_a_file_changes(room: Room, tmp_path: Path) -> None:
    recipe = Path(__file__).parents[3] / "products" / "recipes" / "water_use_index"
    own = tmp_path / "recipes" / "own"
    own.mkdir(parents=True)
    for path in recipe.iterdir():
        if path.suffix in (".yaml", ".sql"):
            text = path.read_text("utf-8").replace("water-use-index", "own-index", 1)
            (own / path.name).write_text(text, "utf-8")
    for word in ("first", "second"):
        declared = own / "recipe.yaml"
        lines = declared.read_text("utf-8").splitlines()
        titled = [f"title: {word}-wording" if line.startswith("title:") else line for line in lines]
        declared.write_text("\n".join(titled), "utf-8")
        search = Search(room.database, room.library, [products(own.parent, room.library)])
        assert [key for key, _ in found(search, f"{word}-wording")] == ["own-index"]

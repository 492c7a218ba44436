from __future__ import annotations

import threading
from typing import Any

import pytest

from catalog import glossary as module
from catalog.glossary import ConceptInUse, ConceptNotFound, Glossary, UnknownLink
from catalog.glossary_revisions import GlossaryRevisionNotFound, StaleGlossary
from catalog.parties import UnknownParty
from catalog.trail import Trail
from standards import digests, skos
from standards.errors import ShuizeError
from standards.skos import Concept, ContradictoryGlossary
from tests.builders import Room


def a_concept(id_: str = "meter", **changes: Any) -> Concept:
    return Concept.model_validate({"id": id_, "pref_zh": f"词{id_}", "pref_en": f"word {id_}"} | changes)


@pytest.fixture
def glossary(room: Room) -> Glossary:
    return Glossary(room.database, room.library, room.clock, lambda: {"water-use-index"})


def test_a_concept_comes_back_with_what_is_below_it(glossary: Glossary) -> None:
    done = glossary.put(
        [a_concept("a"), a_concept("b", broader=["a"]), a_concept("c", broader=["a"])], by="alice"
    )
    assert (done.added, done.changed, done.unchanged) == (3, 0, 0)
    assert glossary.get("a").narrower == ("b", "c")
    assert [each.id for each in glossary.list()] == ["a", "b", "c"]


def test_putting_again_changes_only_what_differs(glossary: Glossary) -> None:
    glossary.put([a_concept("a"), a_concept("b")], by="alice")
    done = glossary.put([a_concept("a"), a_concept("b", alt_en=["bee"]), a_concept("c")], by="bob")
    assert (done.added, done.changed, done.unchanged) == (1, 1, 1)
    assert glossary.get("bee").concept.id == "b"


def test_what_would_be_replaced_is_shown_before_and_after_it_is(room: Room, glossary: Glossary) -> None:
    glossary.put([a_concept("a"), a_concept("b")], by="alice")
    other = [a_concept("a", pref_en="other"), a_concept("b"), a_concept("c")]
    told = glossary.compare(other)
    assert told.dry_run
    assert (told.added, told.changed, told.unchanged) == (1, 1, 1)
    assert [str(each) for each in told.differences["a"]] == ['~ /pref_en  "word a" → "other"']
    assert [each.id for each in glossary.list()] == ["a", "b"]
    done = glossary.put(other, by="bob")
    assert done.differences == told.differences
    written = {e.subject: e.detail for e in Trail(room.database, room.clock).list() if e.by == "bob"}
    replaced = digests.of_document(a_concept("a").document())
    assert (written["a"]["replaced"], written["c"]["replaced"]) == (replaced, None)


@pytest.mark.parametrize("label", ["水表", "WATER METER", "表具", "water-meter", "meter device"])
def test_a_concept_is_shown_by_any_of_its_names(glossary: Glossary, label: str) -> None:
    said = {"pref_zh": "水表", "pref_en": "water meter", "alt_zh": ["表具"], "alt_en": ["meter device"]}
    glossary.put([a_concept("water-meter", **said)], by="alice")
    assert glossary.get(label).concept.id == "water-meter"


def test_two_concepts_may_exchange_their_labels(glossary: Glossary) -> None:
    glossary.put([a_concept("a", pref_en="one"), a_concept("b", pref_en="two")], by="alice")
    glossary.put([a_concept("a", pref_en="two"), a_concept("b", pref_en="one")], by="alice")
    assert glossary.get("a").concept.pref_en == "two"


def test_a_cycle_through_what_is_stored_is_refused_and_nothing_changes(glossary: Glossary) -> None:
    glossary.put([a_concept("a"), a_concept("b", broader=["a"])], by="alice")
    with pytest.raises(ContradictoryGlossary, match="above itself"):
        glossary.put([a_concept("c"), a_concept("a", broader=["b"])], by="alice")
    assert [each.id for each in glossary.list()] == ["a", "b"]
    assert glossary.get("a").concept.broader == ()


def test_a_label_that_a_stored_concept_has_is_refused(glossary: Glossary) -> None:
    glossary.put([a_concept("a", pref_zh="水表")], by="alice")
    with pytest.raises(ContradictoryGlossary, match="belongs to a and to b"):
        glossary.put([a_concept("b", pref_zh="水表")], by="alice")


def test_a_concept_given_twice_is_refused(glossary: Glossary) -> None:
    with pytest.raises(ContradictoryGlossary, match="the id"):
        glossary.put([a_concept("a"), a_concept("a", pref_en="other")], by="alice")


@pytest.mark.parametrize(
    "link",
    [{"elements": ["meter.nothing"]}, {"datasets": ["nothing"]}, {"fields": ["inflow.nothing"]},
     {"fields": ["nothing.area"]}, {"products": ["nothing"]}],
)  # fmt: skip
def test_a_link_to_nothing_is_refused(room: Room, glossary: Glossary, link: dict[str, Any]) -> None:
    room.register()
    with pytest.raises(UnknownLink) as caught:
        glossary.put([a_concept("a", **link)], by="alice")
    assert caught.value.faults[0].pointer == f"/a/{next(iter(link))}"


def test_links_to_what_is_there_are_kept(room: Room, glossary: Glossary) -> None:
    room.register()
    links = {
        "elements": ["meter.number"],
        "datasets": ["inflow"],
        "fields": ["inflow.area"],
        "products": ["water-use-index"],
    }
    glossary.put([a_concept("a", **links)], by="alice")
    assert glossary.get("a").concept.fields == ("inflow.area",)


def test_a_concept_others_refer_to_is_not_removed(glossary: Glossary) -> None:
    glossary.put([a_concept("a"), a_concept("b", broader=["a"])], by="alice")
    with pytest.raises(ConceptInUse, match="b refer"):
        glossary.remove("a", by="alice")
    glossary.remove("b", by="alice")
    glossary.remove("a", by="alice")
    assert glossary.list() == ()


def test_what_is_not_there_is_not_found(glossary: Glossary) -> None:
    with pytest.raises(ConceptNotFound):
        glossary.get("nothing")
    with pytest.raises(ConceptNotFound):
        glossary.remove("nothing", by="alice")
    with pytest.raises(UnknownParty):
        glossary.put([a_concept()], by="nobody")


def test_the_bundled_glossary_is_sound_and_complete() -> None:
    concepts = module.bundled()
    skos.require_sound(concepts)
    assert len(concepts) >= 40
    assert all(concept.definition_zh and concept.definition_en for concept in concepts)


def test_an_empty_glossary_begins_with_the_bundled_concepts_and_one_in_use_is_left_alone(
    room: Room, glossary: Glossary
) -> None:
    own = Glossary(room.database, room.library, room.clock, lambda: {"water-use-index", "customer-industry"})
    assert own.begin().added == len(module.bundled())
    assert glossary.get("漏损率").concept.id == "leakage-rate"
    own.put([a_concept("leakage-rate", pref_zh="漏损比")], by="alice")
    assert own.begin().added == 0
    assert glossary.get("leakage-rate").concept.pref_zh == "漏损比"


def test_a_concept_has_a_history_and_the_trail_names_its_revisions(room: Room, glossary: Glossary) -> None:
    assert glossary.revision() == 0
    first = glossary.put([a_concept("a"), a_concept("b")], by="alice")
    second = glossary.put([a_concept("a", pref_en="other"), a_concept("b")], by="bob")
    assert (first.revision, second.revision) == (1, 2)
    assert glossary.put([a_concept("b")], by="bob").revision is None
    glossary.remove("a", by="alice")
    assert glossary.revision() == 3
    found = [
        (each.number, each.concept and each.concept.pref_en, each.changed_by)
        for each in glossary.history("a")
    ]
    assert found == [(1, "word a", "alice"), (2, "other", "bob"), (3, None, "alice")]
    assert [each.number for each in glossary.history("b")] == [1]
    with pytest.raises(ConceptNotFound):
        glossary.history("c")
    entries = [e for e in Trail(room.database, room.clock).list() if e.subject == "a"]
    assert [(e.act, e.detail["revision"]) for e in entries] == [
        ("concept-written", 1), ("concept-written", 2), ("concept-removed", 3),
    ]  # fmt: skip


def test_a_file_written_on_a_past_revision_is_refused_with_the_conflict(glossary: Glossary) -> None:
    glossary.put([a_concept("a"), a_concept("b")], by="alice")
    glossary.put([a_concept("a", pref_en="theirs")], by="bob")
    mine = [a_concept("a", pref_en="mine"), a_concept("c")]
    for attempt in (lambda: glossary.put(mine, by="alice", base=1), lambda: glossary.compare(mine, base=1)):
        with pytest.raises(StaleGlossary) as caught:
            attempt()
        assert [(fault.pointer, fault.detail) for fault in caught.value.faults] == [
            ("/a/pref_en", 'was "word a", is now "theirs"; the request wants "mine"')
        ]
    with pytest.raises(ConceptNotFound):
        glossary.get("c")
    assert glossary.put([a_concept("b", pref_en="b!")], by="alice", base=1).changed == 1  # nobody touched b
    assert glossary.put(mine, by="alice", base=3).changed == 1
    for none in (-1, 99):
        with pytest.raises(GlossaryRevisionNotFound):
            glossary.put(mine, by="alice", base=none)


def test_what_was_taken_out_meanwhile_does_not_come_back_unseen(glossary: Glossary) -> None:
    glossary.put([a_concept("a"), a_concept("b")], by="alice")
    glossary.remove("a", by="bob")
    with pytest.raises(StaleGlossary):
        glossary.put([a_concept("a"), a_concept("b")], by="alice", base=1)
    assert glossary.put([a_concept("a")], by="alice", base=2).added == 1


def test_of_two_imports_at_once_from_one_revision_one_is_told(glossary: Glossary) -> None:
    glossary.put([a_concept("a")], by="alice")
    said: list[str] = []

    def put(word: str, by: str) -> None:
        try:
            glossary.put([a_concept("a", pref_en=word)], by=by, base=1)
            said.append("done")
        except ShuizeError as error:
            said.append(error.code)

    threads = [threading.Thread(target=put, args=each) for each in (("one", "alice"), ("two", "bob"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["done", "stale-glossary"]
    assert [each.number for each in glossary.history("a")] == [1, 2]

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards import skos, skos_rdf
from standards.skos import Concept, ContradictoryGlossary, MalformedGlossary

TURTLE = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix ex: <https://example.org/vocabulary/> .
ex:WaterMeter a skos:Concept ; skos:prefLabel "水表"@zh-CN, "water meter"@en-GB, "Wasserzähler"@de ;
    skos:altLabel "表具"@zh ; skos:narrower ex:smart_meter .
ex:smart_meter a skos:Concept ; skos:prefLabel "智能水表"@zh, "smart meter"@en ;
    skos:related ex:reading .
ex:reading a skos:Concept ; skos:prefLabel "读数"@zh, "reading"@en ; skos:definition "A register, read."@en .
"""


def a_concept(id_: str = "meter", **changes: Any) -> Concept:
    return Concept.model_validate({"id": id_, "pref_zh": f"词{id_}", "pref_en": f"word {id_}"} | changes)


def faults_of(*concepts: Concept) -> list[str]:
    with pytest.raises(ContradictoryGlossary) as caught:
        skos.require_sound(concepts)
    assert caught.value.hint
    return [f"{fault.pointer} {fault.detail}" for fault in caught.value.faults]


def test_concepts_that_agree_are_sound() -> None:
    skos.require_sound([a_concept("a"), a_concept("b", broader=["a"]), a_concept("c", broader=["a", "b"])])


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_cycle_of_broader_concepts_is_refused_by_all_that_are_in_it(length: int) -> None:
    ring = [a_concept(f"c{n}", broader=[f"c{(n + 1) % length}"]) for n in range(length)]
    above, below = a_concept("above"), a_concept("below", broader=["c0", "above"])
    found = faults_of(*ring, above, below)
    assert found == [f"/c{n}/broader concept c{n} stands above itself" for n in range(length)]


@pytest.mark.parametrize(
    ("language", "label"), [("pref_zh", "水 表"), ("pref_en", "WATER  meter"), ("pref_en", "ｗater meter")]
)
def test_two_concepts_with_one_preferred_label_are_refused(language: str, label: str) -> None:
    one = a_concept("one", pref_zh="水表", pref_en="water meter")
    assert "belongs to one and to two" in faults_of(one, a_concept("two", **{language: label}))[0]


def test_the_same_label_in_two_languages_is_no_conflict() -> None:
    skos.require_sound([a_concept("one", pref_zh="DMA"), a_concept("two", pref_en="DMA")])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"broader": ["nowhere"]}, "names the unknown concept nowhere"),
        ({"related": ["nowhere"]}, "names the unknown concept nowhere"),
        ({"related": ["meter"]}, "is related to and below meter"),
        ({"broader": ["other"], "related": ["other"]}, "is related to and below other"),
        ({"alt_zh": ["词meter"]}, "repeats its preferred label"),
    ],
)
def test_a_concept_that_contradicts_itself_is_refused(changes: dict[str, Any], told: str) -> None:
    assert any(told in fault for fault in faults_of(a_concept("other"), a_concept(**changes)))


def test_a_foreign_thesaurus_is_read() -> None:
    meter, smart, reading = sorted(
        skos_rdf.from_turtle(TURTLE, where="t"), key=lambda each: each.pref_en, reverse=True
    )
    assert (meter.id, meter.pref_zh, meter.pref_en, meter.alt_zh) == (
        "water-meter",
        "水表",
        "water meter",
        ("表具",),
    )
    assert (smart.id, smart.broader, smart.related) == ("smart-meter", ("water-meter",), ("reading",))
    assert reading.definition_en == "A register, read."


TEXT = st.text("水表用 ab-1\"'\\<>&", min_size=1, max_size=12).map(str.strip).filter(bool)
SLUG = st.from_regex(r"[a-z]{1,5}", fullmatch=True)
LINE = TEXT.map(lambda text: " ".join(text.split()))
CONCEPTS = st.lists(
    st.builds(
        Concept,
        id=SLUG,
        pref_zh=LINE,
        pref_en=LINE,
        alt_zh=st.lists(LINE, max_size=3).map(tuple),
        definition_en=st.none() | LINE,
        broader=st.lists(SLUG, max_size=2).map(tuple),
        datasets=st.lists(SLUG, max_size=2).map(tuple),
        fields=st.lists(SLUG.map(lambda slug: f"{slug}.{slug}"), max_size=2).map(tuple),
        elements=st.lists(SLUG.map(lambda slug: f"{slug}.x"), max_size=2).map(tuple),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda concept: concept.id,
)


@given(CONCEPTS)
@settings(max_examples=25)
def test_every_form_gives_the_concepts_back(concepts: list[Concept]) -> None:
    import yaml

    wanted = sorted(concepts, key=lambda each: each.id)
    assert list(skos.parse(yaml.safe_load(skos.to_yaml(concepts)), where="y")) == wanted
    assert (
        sorted(skos_rdf.from_json_ld(skos_rdf.to_json_ld(concepts), where="j"), key=lambda e: e.id) == wanted
    )
    assert sorted(skos_rdf.from_turtle(skos_rdf.to_turtle(concepts), where="t"), key=lambda e: e.id) == wanted


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("not turtle at all {", "not Turtle"),
        ("", "no list of concepts"),
        ("<a> <b> <c> .", "no list of concepts"),
        ("\x00", "not Turtle"),
    ],
)
def test_what_is_no_turtle_is_refused(text: str, told: str) -> None:
    with pytest.raises(MalformedGlossary, match=told):
        skos_rdf.from_turtle(text, where="file.ttl")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "1", "null", '{"@graph": 3}', "[" * 5_000])
def test_what_is_no_json_ld_is_refused(text: str) -> None:
    with pytest.raises(MalformedGlossary):
        skos_rdf.from_json_ld(text, where="file.jsonld")


@pytest.mark.parametrize(
    "context", ["https://example.org/context", ["http://127.0.0.1:1/"], {"@import": "file:///etc/passwd"}]
)
def test_a_context_elsewhere_is_never_fetched(context: object) -> None:
    document = json.loads(skos_rdf.to_json_ld([a_concept()]))
    document["@graph"][0]["@context"] = context
    with pytest.raises(MalformedGlossary, match="context elsewhere"):
        skos_rdf.from_json_ld(json.dumps(document), where="file.jsonld")


@pytest.mark.parametrize(
    "document",
    [
        None,
        1,
        "text",
        [],
        {},
        {"concepts": {}},
        {"concepts": [1]},
        [{"id": "A B"}],
        [{"id": "a", "pref_zh": "", "pref_en": "x"}],
        [{"id": "a", "pref_zh": "x", "pref_en": "y", "narrower": []}],
        [{"id": "a", "pref_zh": "x\n", "pref_en": "y"}],
    ],
)
def test_a_malformed_document_is_refused(document: object) -> None:
    with pytest.raises(MalformedGlossary):
        skos.parse(document, where="glossary.yaml")

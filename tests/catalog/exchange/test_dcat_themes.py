"""A thing is about the concepts that link to it, its fields or its elements."""

from __future__ import annotations

from typing import Any

from catalog.exchange.dcat_themes import Themes
from standards.skos import Concept


def a_concept(id_: str, **links: Any) -> Concept:
    """Return a concept with links."""
    return Concept(id=id_, pref_zh=f"{id_}(中)", pref_en=id_, **links)


def names(concepts: list[Concept]) -> list[str]:
    """Return the ids."""
    return [concept.id for concept in concepts]


def test_themes_come_by_dataset_field_product_and_element_once_and_in_order() -> None:
    themes = Themes.of(
        [
            a_concept(
                "z-flow", datasets=("inflow",), fields=("inflow.flow", "inflow.area"), elements=("a.flow",)
            ),
            a_concept("area", elements=("area.code",)),
            a_concept("index", products=("inflow", "water-index")),
            a_concept("alone"),
        ]
    )
    assert names(themes.of_dataset("inflow", [], ["area.code", "a.flow"])) == ["area", "z-flow"]
    assert names(themes.of_dataset("other", ["inflow.flow"], [])) == ["z-flow"]
    assert names(themes.of_dataset("flow", ["flow.inflow"], ["a.none"])) == []
    assert names(themes.of_dataset("in", [], [])) == []
    assert names(themes.of_product("inflow", [])) == ["index"]
    assert names(themes.of_product("water-index", ["area.code"])) == ["area", "index"]

"""Impact: who is affected by a change, and where security levels come from."""

from __future__ import annotations

import pytest

from catalog.lineage.finding import AmbiguousNode, NodeNotFound
from catalog.lineage.impact import Impact
from catalog.lineage.levels import Own, own_levels
from catalog.lineage.namespaces import PRODUCTS
from catalog.sensing.models import Sensed, SensitiveKind
from standards.library import Library
from standards.security import SecurityLevel
from tests.builders import Room, a_dataset, a_release, fields, some_terms
from tests.catalog.lineage.saying import a_run, columns, dataset, send

LIBRARY = Library.load()
PRODUCT = "water-use-index"
GENERAL_1 = SecurityLevel.GENERAL_1


def an_impact(room: Room, level: SecurityLevel | None = GENERAL_1) -> Impact:
    return Impact(room.database, lambda _product: level, LIBRARY)


def ours(name: str, **facets: object) -> dict[str, object]:
    return dataset(f"shuize|{name}", **facets)


def a_build(room: Room, **facets: object) -> None:
    """A recipe reads `inflow` and makes the product."""
    made = dataset(f"{PRODUCTS}|{PRODUCT}", **facets)
    send(room, a_run(f"build.{PRODUCT}", [ours("inflow")], [made]))


def flow(room: Room) -> None:
    """`inflow` becomes the product; of its columns `flow` becomes `index`, `area` decides on rows."""

    def field(name: str) -> dict[str, object]:
        return {"namespace": "shuize", "name": "inflow", "field": name}

    facet = {"fields": {"index": {"inputFields": [field("flow")]}}, "dataset": [field("area")]}
    a_build(room, columnLineage=facet)


def test_a_column_s_change_reaches_columns_products_grants_and_parties(room: Room) -> None:
    flow(room)
    draft = room.releases.keep_draft(a_release(product=PRODUCT))
    room.grants.intend(some_terms(product=PRODUCT), by="alice", aim="grant:1", action={})
    found = an_impact(room).of("datasetField:shuize:inflow:flow")
    assert [each.id for each in found.fields] == [f"datasetField:{PRODUCTS}:{PRODUCT}:index"]
    assert [each.id for each in found.datasets] == [f"dataset:{PRODUCTS}:{PRODUCT}"]
    assert found.whole == ()
    assert found.products == (PRODUCT,)
    assert [(each.version, each.manifest_digest) for each in found.releases] == [(1, draft.manifest_digest)]
    assert [(each.party, each.state) for each in found.grants] == [("partner", "intended")]
    assert found.parties == ("partner",)


def test_what_decides_on_rows_affects_the_product_too(room: Room) -> None:
    flow(room)
    room.releases.keep_draft(a_release(product=PRODUCT))
    assert an_impact(room).of("datasetField:shuize:inflow:area").products == (PRODUCT,)
    with pytest.raises(Exception, match="no event has spoken"):
        an_impact(room).of("datasetField:shuize:inflow:unused")


def test_where_a_job_says_no_columns_the_whole_is_affected(room: Room) -> None:
    send(
        room,
        a_run("one", ["a"], [_with_columns("b", {"x": ["a.p"], "y": ["a.q"]})]),
        a_run("two", ["b"], ["c"]),
        a_run("three", ["c"], [_with_columns("d", {"z": ["c.w"]})]),
    )
    found = an_impact(room).of("datasetField:ns:a:p")
    assert [each.id for each in found.datasets] == ["dataset:ns:b", "dataset:ns:d"]
    assert [each.id for each in found.whole] == ["dataset:ns:c"]
    assert {each.id for each in found.fields} >= {"datasetField:ns:b:x", "datasetField:ns:d:z"}
    assert "datasetField:ns:b:y" not in {each.id for each in found.fields}


def _with_columns(name: str, said: dict[str, list[str]]) -> dict[str, object]:
    return dataset(name, columnLineage=columns(said))


def test_of_a_dataset_everything_downstream_is_affected_and_cycles_end(room: Room) -> None:
    send(room, a_run("one", ["a"], ["b"]), a_run("two", ["b"], ["c", "a"]))
    found = an_impact(room).of("dataset:ns:a")
    assert [each.id for each in found.datasets] == ["dataset:ns:b", "dataset:ns:c"]
    assert [each.id for each in found.jobs] == ["job:ns:one", "job:ns:two"]
    assert [each.id for each in an_impact(room).of("job:ns:two").datasets] == [
        "dataset:ns:a", "dataset:ns:b", "dataset:ns:c",
    ]  # fmt: skip


def test_the_highest_level_goes_along_edges(room: Room) -> None:
    room.register(name="low", security_level="general-1", fields=fields(v="quality.hours_observed"))
    room.register(name="high", security_level="general-4")
    room.register(name="declared", security_level="general-3")
    send(
        room,
        a_run("one", [ours("low"), ours("high")], ["x"]),
        a_run("two", ["x"], [ours("declared")]),
        a_run("three", [ours("declared")], ["y", "x"]),
        a_run("four", [ours("low")], ["z"]),
    )
    impact = an_impact(room)
    found = impact.level("dataset:shuize:declared")
    assert (found.level, found.declared) == (SecurityLevel.GENERAL_4, SecurityLevel.GENERAL_3)
    assert (found.inherited, found.inherited_from) == (SecurityLevel.GENERAL_4, "dataset:shuize:high")
    assert impact.level("dataset:ns:y").level is SecurityLevel.GENERAL_4
    assert impact.level("dataset:ns:z").level is SecurityLevel.GENERAL_1
    assert impact.level("dataset:shuize:low").inherited is None
    levels = {each.node.name: each.level for each in impact.of("dataset:shuize:high").levels}
    assert levels == dict.fromkeys(("declared", "x", "y"), SecurityLevel.GENERAL_4)


def test_a_field_has_its_element_s_level_and_a_dataset_its_fields(room: Room) -> None:
    room.register(
        name="people", security_level="general-4",
        fields=fields(no="area.code", id="customer.resident_id"), key=["no"],
    )  # fmt: skip
    send(room, a_run("copy", [ours("people")], [_with_columns("b", {"x": ["a.p"]})]))
    made = {
        name: {"inputFields": [{"namespace": "shuize", "name": "people", "field": field}]}
        for name, field in (("y", "id"), ("z", "no"), ("w", "gone"))
    }
    send(room, a_run("read", [ours("people")], [dataset("c", columnLineage={"fields": made})]))
    impact = an_impact(room)
    found = impact.level("datasetField:shuize:people:id")
    assert (found.level, found.declared_by) == (
        SecurityLevel.GENERAL_4, "field id, element customer.resident_id",
    )  # fmt: skip
    assert impact.level("datasetField:shuize:people:no").level is LIBRARY.element("area.code").security_level
    assert impact.level("datasetField:shuize:people:gone").level is SecurityLevel.GENERAL_4
    assert impact.level("datasetField:ns:c:y").level is SecurityLevel.GENERAL_4
    assert impact.level("datasetField:ns:c:z").level is LIBRARY.element("area.code").security_level
    assert impact.level("datasetField:ns:c:z").inherited_from == "datasetField:shuize:people:no"


def test_what_was_sensed_raises_a_level_and_so_does_an_element_that_rose_since(room: Room) -> None:
    draft = a_dataset(fields=fields(v="reading.remark"), security_level="general-2")
    sensed = Sensed(field="v", kind=SensitiveKind.MOBILE, count=5, values=5, examples=())
    assert own_levels(draft, [sensed], LIBRARY)[""] == Own(
        SecurityLevel.GENERAL_3, "field v, in which mobile numbers are"
    )
    assert own_levels(draft, [], LIBRARY)[""] == Own(SecurityLevel.GENERAL_2, "its document")
    risen = draft.model_copy(update={"fields": a_dataset(fields=fields(v="customer.resident_id")).fields})
    assert own_levels(risen, [], LIBRARY)[""].level is SecurityLevel.GENERAL_4


def test_a_lower_level_counts_where_a_release_proves_it(room: Room) -> None:
    room.register(name="inflow", security_level="important")
    flow(room)
    send(room, a_run("share", [dataset(f"{PRODUCTS}|{PRODUCT}")], ["shared"]))
    assert an_impact(room).level(f"dataset:{PRODUCTS}:{PRODUCT}").level is SecurityLevel.IMPORTANT
    document = {"predicate": {"privacy": {"report": "0" * 64}}}
    room.releases.keep_draft(a_release(product=PRODUCT, manifest=document))
    found = an_impact(room).level(f"dataset:{PRODUCTS}:{PRODUCT}")
    assert (found.level, found.inherited) == (GENERAL_1, SecurityLevel.IMPORTANT)
    assert found.proved_by == f"{PRODUCT} 1"
    assert an_impact(room).level("dataset:ns:shared").level is GENERAL_1
    assert an_impact(room, None).level("dataset:ns:shared").level is SecurityLevel.IMPORTANT


def test_a_release_without_a_privacy_report_proves_nothing(room: Room) -> None:
    room.register(name="inflow", security_level="important")
    flow(room)
    room.releases.keep_draft(a_release(product=PRODUCT))
    assert an_impact(room).level(f"dataset:{PRODUCTS}:{PRODUCT}").level is SecurityLevel.IMPORTANT


def test_a_dataset_and_a_product_of_one_name_are_two_nodes(room: Room) -> None:
    room.register(name=PRODUCT, security_level="core")
    room.register(name="inflow", security_level="general-2")
    send(room, a_run("load", ["file"], [ours(PRODUCT)]))
    a_build(room)
    room.releases.keep_draft(a_release(product=PRODUCT))
    impact = an_impact(room)
    assert impact.of(f"dataset:shuize:{PRODUCT}").products == ()
    assert impact.of("inflow").products == (PRODUCT,)
    assert impact.level(f"dataset:shuize:{PRODUCT}").level is SecurityLevel.CORE
    assert impact.level(f"dataset:{PRODUCTS}:{PRODUCT}").level is SecurityLevel.GENERAL_2
    with pytest.raises(AmbiguousNode, match="a dataset and a product") as caught:
        impact.of(PRODUCT)
    assert f"dataset:{PRODUCTS}:{PRODUCT}" in str(caught.value.hint)


def test_a_name_without_colons_is_a_dataset_or_product_of_the_platform(room: Room) -> None:
    a_build(room)
    assert an_impact(room).of("inflow").start.id == "dataset:shuize:inflow"
    assert an_impact(room).of(PRODUCT).start.id == f"dataset:{PRODUCTS}:{PRODUCT}"
    for name in ("nosuch", "\ud800", "x" * 10_000):
        with pytest.raises(NodeNotFound, match="lineage knows no dataset or product"):
            an_impact(room).of(name)

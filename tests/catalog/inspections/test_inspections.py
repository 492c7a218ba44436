"""An inspection's list becomes findings and work orders; what came of each object is counted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from catalog.evidence.models import NoHandInOrder
from catalog.inspections import Figures, InspectionDraft, Inspections
from catalog.inspections.models import (
    InspectionExists,
    InspectionNotFound,
    MalformedInspection,
    NothingToInspect,
    NotInspected,
    Outcome,
    ResultDraft,
)
from catalog.stewardship.rechecking import ToRecheck
from tests.builders import Room, csv_text, fields
from tests.catalog.orders import acts

HEADER = ("no", "name", "flow")
ROWS = [("U1", "张三", "0"), ("U2", "李四", "900"), ("U3", "王五", None), ("U4", "赵六", "1000")]


@pytest.fixture
def inspections(room: Room) -> Inspections:
    made = fields(no="customer.number", name="customer.name", flow="reading.inflow_l_per_s")
    room.register(fields=made, key=["no"])
    room.load(csv_text(HEADER, ROWS))
    return Inspections(room.database, room.datasets, room.store, room.loader, room.clock)


def draft(**changes: Any) -> InspectionDraft:
    said = {
        "name": "big-users", "dataset": "inflow", "title": "Large users", "reason": "quarterly",
        "query": "SELECT no FROM rows WHERE flow > 500",
    } | changes  # fmt: skip
    return InspectionDraft.model_validate(said)


def objects(room: Room, digest: str) -> list[str]:
    return [row["object"] for row in pq.read_table(room.store.path(digest)).to_pylist()]


def test_a_query_becomes_findings_and_orders(room: Room, inspections: Inspections) -> None:
    made = inspections.create(draft(), by="alice")
    assert (made.version, made.objects, made.orders, made.rule) == (1, 2, 1, "inspection:big-users")
    assert objects(room, made.findings) == ['["U2"]', '["U4"]']
    assert acts(room, 1) == [("detected", "system")]
    assert inspections.list() == (inspections.get("big-users"),) == (made,)
    with pytest.raises(InspectionExists):
        inspections.create(draft(), by="alice")


@pytest.mark.parametrize("form", ["key", "row"])
def test_a_sheet_becomes_findings(room: Room, inspections: Inspections, form: str) -> None:
    text = "no,remark\nU4,loud\nU1,\nU4,again\n" if form == "key" else "#row\n4\n1\n"
    made = inspections.create(draft(query=None), room.file(text, "list.csv"), by="alice")
    assert (made.source_name, objects(room, made.findings)) == ("list.csv", ['["U1"]', '["U4"]'])


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT no FROM rows; DROP TABLE x", "not one SELECT"),
        ("DELETE FROM rows", "not one SELECT"),
        ("SELECT no FROM '/etc/passwd'", "not rows"),
        ("SELECT no FROM read_csv('/etc/passwd')", "read"),
        ("SELECT no FROM rows WHERE no IN (SELECT a FROM other)", "reads other, not rows"),
        ("SELECT getenv('HOME') AS no FROM rows", "getenv"),
        ("SELECT name FROM rows", "lacks no"),
        ("SELECT no FROM rows WHERE colour = 1", "the query failed"),
        ("SELECT 'U9' AS no FROM rows", "not in the dataset"),
        ("SELECT no FROM (", "the query is no SQL"),
    ],
)
def test_a_query_that_reads_more_or_says_too_little_is_refused(
    room: Room, inspections: Inspections, query: str, said: str
) -> None:
    with pytest.raises(MalformedInspection) as raised:
        inspections.create(draft(query=query), by="alice")
    assert said in raised.value.message
    assert raised.value.hint
    assert inspections.list() == ()


def test_a_list_of_nothing_is_refused(room: Room, inspections: Inspections) -> None:
    with pytest.raises(NothingToInspect):
        inspections.create(draft(query="SELECT no FROM rows WHERE flow > 5000"), by="alice")
    with pytest.raises(MalformedInspection, match="a query or a sheet"):
        inspections.create(draft(query=None), by="alice")


def test_results_are_counted_and_the_newest_of_an_object_counts(room: Room, inspections: Inspections) -> None:
    inspections.create(draft(), by="alice")
    asked = ToRecheck("inflow", 1, "inspection:big-users", "", 1)
    assert inspections.unsettled(asked) == {'["U2"]', '["U4"]'}
    inspections.record("big-users", ["U2"], ResultDraft(outcome=Outcome.REFUTED), by="alice")
    confirmed = ResultDraft(outcome=Outcome.CONFIRMED, recovered=Decimal("1234.50"), note="a second meter")
    kept = inspections.record("big-users", ["U2"], confirmed, by="alice")
    assert (kept.number, kept.object, kept.recovered) == (2, '["U2"]', Decimal("1234.50"))
    assert inspections.figures("big-users") == Figures(
        suspected=2, verified=1, confirmed=1, refuted=0, recovered=Decimal("1234.50")
    )
    inspections.record("big-users", ["U4"], ResultDraft(outcome=Outcome.REFUTED), by="alice")
    assert inspections.figures("big-users").refuted == 1
    assert inspections.unsettled(asked) == frozenset()
    assert [act for act, _ in acts(room, 1)] == ["detected", "inspected", "inspected", "inspected"]


def test_a_result_is_of_a_listed_object_by_who_has_a_hand(room: Room, inspections: Inspections) -> None:
    inspections.create(draft(), by="alice")
    result = ResultDraft(outcome=Outcome.REFUTED)
    with pytest.raises(NotInspected, match=r'does not list \["U1"\]'):
        inspections.record("big-users", ["U1"], result, by="alice")
    with pytest.raises(NoHandInOrder):
        inspections.record("big-users", ["U2"], result, by="bob")
    with pytest.raises(InspectionNotFound):
        inspections.record("nothing", ["U2"], result, by="alice")
    for recovered in (Decimal("0.001"), Decimal(-1), Decimal("NaN")):
        with pytest.raises(ValidationError):
            ResultDraft(outcome=Outcome.CONFIRMED, recovered=recovered)
    with pytest.raises(ValidationError, match="nothing is recovered"):
        ResultDraft(outcome=Outcome.REFUTED, recovered=Decimal(1))

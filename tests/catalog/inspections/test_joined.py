"""Evidence, corrections and inspections on the work orders that the loop really makes."""

from __future__ import annotations

import pytest

from catalog.corrections import CorrectionDraft, Corrections
from catalog.evidence import EvidenceRegister, Limits
from catalog.evidence.models import claimed
from catalog.inspections import InspectionDraft, Inspections
from catalog.inspections.models import Outcome, ResultDraft
from catalog.stewardship.deadlines import Deadlines
from catalog.stewardship.orders import WorkOrders
from catalog.stewardship.permits import OwnWork
from catalog.stewardship.rechecking import Rechecks
from catalog.stewardship.states import OrderState
from tests.builders import Room, csv_text, fields
from tests.catalog.evidence.files import NOTE
from tests.catalog.orders import acts


def test_an_inspected_order_goes_the_whole_way(room: Room) -> None:
    """Its re-check asks whether every object has a result; who mended does not review."""
    made = fields(no="customer.number", flow="reading.inflow_l_per_s")
    room.register(fields=made, key=["no"])
    room.load(csv_text(("no", "flow"), [("U1", "5"), ("U2", "900")]))
    inspections = Inspections(room.database, room.datasets, room.store, room.loader, room.clock)
    said = {"name": "big", "dataset": "inflow", "title": "Large", "reason": "odd"}
    query = {"query": "SELECT no FROM rows WHERE flow > 100"}
    inspections.create(InspectionDraft.model_validate(said | query), by="alice")
    orders = WorkOrders(room.database, room.clock, Deadlines())
    rechecks = Rechecks(room.database, inspections.unsettled, room.clock)
    orders.triage(1, by="alice")
    orders.dispatch(1, by="alice")
    orders.accept(1, by="alice")
    orders.start(1, by="alice")
    evidence = EvidenceRegister(room.database, room.store, room.clock, Limits())
    evidence.add(1, room.file(NOTE, "note.txt"), claimed({"name": "note.txt"}), by="alice")
    corrections = Corrections(room.database, room.datasets, room.store, room.loader, room.lineage, room.clock)
    draft = CorrectionDraft(dataset="inflow", work_orders=(1,), reason="read again")
    done = corrections.apply(draft, room.file("no,flow\nU2,90\n", "mended.csv"), by="alice")
    orders.submit(1, by="alice", statement="looked and read again")
    assert rechecks.recheck(1, by="alice").still == ('["U2"]',)
    inspections.record("big", ["U2"], ResultDraft(outcome=Outcome.CONFIRMED), by="alice")
    orders.submit(1, by="alice", statement="and recorded")
    found = rechecks.recheck(1, by="alice")
    assert (found.order.state, found.fixed, found.version) == (OrderState.RECHECKED, 1, done.version.number)
    with pytest.raises(OwnWork):
        orders.review(1, by="alice")
    orders.review(1, by="bob")
    orders.close(1, by="bob")
    assert evidence.verify(1).holds
    told = [act for act, _ in acts(room, 1)]
    assert told[5:7] == ["evidence-added", "corrected"]
    assert told[-1] == "closed"

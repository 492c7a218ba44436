"""Which work orders a correction is for, and whether it stays within what they are about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.corrections.cells import CELLS
from catalog.corrections.models import BeyondTheOrders, CorrectionDraft, MalformedCorrection
from catalog.engine import one_row
from catalog.evidence.hands import require_going_on, require_hand
from catalog.loading.columns import SHOWN_FAULTS
from catalog.parties import require_member
from catalog.stewardship import transitions
from catalog.tables import IssueRow
from standards.errors import Fault

_AT_A_TIME = 10_000


def require_orders(session: Session, draft: CorrectionDraft, by: str, at: datetime) -> None:
    """Raise unless each order is one of the dataset, not over, and `by` has a hand in it.

    Raises WorkOrderNotFound, MalformedCorrection, NoHandInOrder, WorkOrderOver, UnknownParty.
    """
    require_member(session, by, at)
    if len(set(draft.work_orders)) < len(draft.work_orders):
        raise MalformedCorrection("a work order is named twice", hint="name each once")
    for number in draft.work_orders:
        order = transitions.require_order(session, number)
        if order.dataset != draft.dataset:
            raise MalformedCorrection(
                f"work order {number} is of dataset {order.dataset}, not of {draft.dataset}",
                hint="name the orders whose problems the file mends",
            )
        require_going_on(order)
        require_hand(session, order, by, at.date())


def require_within(session: Session, connection: duckdb.DuckDBPyConnection, draft: CorrectionDraft) -> None:
    """Raise BeyondTheOrders if a changed row is in none of the orders' issues, unless it may be."""
    if draft.beyond:
        return
    connection.execute("CREATE TEMP TABLE meant (object VARCHAR)")
    query = sa.select(IssueRow.object).where(IssueRow.work_order.in_(draft.work_orders))
    for part in session.scalars(query.execution_options(yield_per=_AT_A_TIME)).partitions(_AT_A_TIME):
        _insert(connection, part)
    outside = (
        f"FROM (SELECT DISTINCT object, row FROM {CELLS}) WHERE object NOT IN (SELECT object FROM meant) "
        "AND '[\"#' || row || '\"]' NOT IN (SELECT object FROM meant) AND "
        "NOT EXISTS (FROM meant WHERE object = '[]')"
    )
    (count,) = one_row(connection, f"SELECT count(*) {outside}")
    if not count:
        return
    found = connection.execute(f"SELECT object, row {outside} ORDER BY row LIMIT {SHOWN_FAULTS}").fetchall()
    orders = ", ".join(map(str, draft.work_orders))
    raise BeyondTheOrders(
        f"no issue of work order {orders} is about {count:,} row{'s' if count > 1 else ''} to be changed",
        hint="take the rows out, name the orders that are about them, or say that it may: --beyond",
        faults=[
            Fault(f"row {row}, {object_}", "no issue of these orders is about it") for object_, row in found
        ],
    )


def _insert(connection: duckdb.DuckDBPyConnection, objects: Iterable[str]) -> None:
    connection.register("part", pa.table({"object": pa.array(list(objects), pa.string())}))
    connection.execute("INSERT INTO meant SELECT object FROM part")
    connection.unregister("part")

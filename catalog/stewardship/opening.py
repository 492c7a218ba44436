"""New issues and the work orders they are mended by: grouped in the engine, written many at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk import insert_all
from catalog.parties import SYSTEM
from catalog.roles import Role
from catalog.stewardship import transitions
from catalog.stewardship.assignment import Assignment, assignment
from catalog.stewardship.found import Found
from catalog.stewardship.states import IssueState, OrderState
from catalog.stewardship.transitions import Step
from catalog.tables import IssueRow, TransitionRow, WorkOrderRow

LARGEST = 100
"""Issues of one order at most.

It is what one person can go through within a deadline and a reviewer look at in one sitting; and since a
re-check that still finds one of them sends back the whole, no mended one waits for more than 99 others.
"""
_AT_A_TIME = 20_000
_ISSUES = sa.inspect(IssueRow).local_table
_ORDERS = sa.inspect(WorkOrderRow).local_table
_LOG = sa.inspect(TransitionRow).local_table
_ROLES = frozenset(Role)

_GROUP = f"""
CREATE TABLE grouped AS
WITH placed AS (
    SELECT matched.rule, matched.object, assigned.unit, assigned.path, assigned.responsible
    FROM matched JOIN assigned
        ON assigned.rule = matched.rule
        AND assigned.organisation IS NOT DISTINCT FROM matched.organisation
        AND assigned.answerable IS NOT DISTINCT FROM matched.answerable
    WHERE outcome = 'new'
), cut AS (
    SELECT *, (row_number() OVER (PARTITION BY rule, path, unit, responsible ORDER BY object) - 1)
        // {LARGEST} AS part
    FROM placed
)
SELECT *, dense_rank() OVER (ORDER BY rule, path, unit, responsible, part) AS work_order FROM cut
"""
_COLUMNS = ("rule", "organisation", "answerable", "unit", "path", "responsible")


@dataclass(frozen=True)
class Opened:
    """How many orders were opened, and how many of them for whom."""

    orders: int = 0
    to: dict[str, int] = field(default_factory=dict)


def open_all(session: Session, connection: duckdb.DuckDBPyConnection, found: Found, now: datetime) -> Opened:
    """Write what of the table `matched` is new, in the caller's transaction."""
    said = assignment(session, found.dataset, now.date())
    connection.register("assigned", _assigned(connection, found, said))
    connection.execute(_GROUP)
    to = Counter[str]()
    first = _next(session, WorkOrderRow.id)
    for orders in _orders(connection, found, first, now):
        to.update(order["responsible"] for order in orders)
        step = Step("detected", now, SYSTEM, found.detail)
        log = [transitions.opened(order, step) for order in orders]
        heads = [order | {"head": row["digest"]} for order, row in zip(orders, log, strict=True)]
        insert_all(session, _ORDERS, heads)
        insert_all(session, _LOG, log)
    _write_issues(session, connection, found, (_next(session, IssueRow.id), first), now)
    return Opened(orders=to.total(), to=dict(sorted(to.items())))


def _assigned(connection: duckdb.DuckDBPyConnection, found: Found, said: Assignment) -> pa.Table:
    """Return whose each kind of new finding is: by rule, unit and person named in the row."""
    query = "SELECT DISTINCT rule, organisation, answerable FROM matched WHERE outcome = 'new'"
    rows = []
    for rule, organisation, answerable in connection.execute(query).fetchall():
        place, owner = said.place(organisation), found.rules[rule].owner
        role = owner if owner in _ROLES else None  # others are duties, which nobody is given here
        person = said.responsible(place, answerable, role)
        rows.append((rule, organisation, answerable, place.unit, place.path, person))
    arrays = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    return pa.table(dict(zip(_COLUMNS, arrays, strict=True)))


def _orders(
    connection: duckdb.DuckDBPyConnection, found: Found, first: int, now: datetime
) -> Iterator[list[dict[str, Any]]]:
    query = """
        SELECT work_order, rule, unit, path, responsible, count(*) FROM grouped
        GROUP BY ALL ORDER BY work_order
    """
    same = {
        "dataset": found.dataset, "state": OrderState.DETECTED.value, "opened_at": now, "due_at": None,
        "rectified_by": None, "reopened": 0, "escalated": 0, "entries": 1,
    }  # fmt: skip
    for rows in _batches(connection, query):
        orders = []
        for number, rule_id, unit, path, responsible, count in rows:
            rule = found.rules[rule_id]
            own = {
                "id": first + number - 1, "rule": rule_id, "rule_version": rule.version,
                "rule_digest": rule.digest, "severity": rule.severity, "organisation": unit,
                "organisation_path": path, "responsible": responsible, "issues": count,
            }  # fmt: skip
            orders.append(own | same)
        yield orders


def _write_issues(
    session: Session, connection: duckdb.DuckDBPyConnection, found: Found, first: tuple[int, int],
    now: datetime,
) -> None:  # fmt: skip
    query = """
        SELECT row_number() OVER (ORDER BY work_order, object) - 1, work_order - 1, rule, object, unit
        FROM grouped ORDER BY 1
    """
    issue, order = first
    same = {
        "dataset": found.dataset, "state": IssueState.OPEN.value, "first_run": found.run,
        "last_run": found.run, "found_at": now, "last_found_at": now, "reopened": 0, "fixed_at": None,
        "fixed_in": None, "waiver": None, "waived_until": None,
    }  # fmt: skip
    for rows in _batches(connection, query):
        issues = [
            {
                "id": issue + number, "work_order": order + place, "rule": rule, "object": key,
                "organisation": unit, **same,
            }
            for number, place, rule, key, unit in rows
        ]  # fmt: skip
        insert_all(session, _ISSUES, issues)


def _batches(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[list[tuple[Any, ...]]]:
    for batch in connection.sql(query).to_arrow_reader(_AT_A_TIME):
        yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _next(session: Session, column: Any) -> int:
    """Return the first free number. Whoever opens orders has the turn `work orders`."""
    return (session.scalar(sa.select(sa.func.max(column))) or 0) + 1

"""Logs of work orders for tests: made by chance along the states' own ways, and put where they are wanted."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from catalog.database import Database
from catalog.figures.entries import SCHEMA, microseconds
from catalog.stewardship.states import FOLLOWING, OrderState
from catalog.tables import DatasetRow, TransitionRow, WorkOrderRow
from tests.builders import NOON
from tests.catalog.figures.reference import Entry

PATHS = ("city", "city/north", "city/north/n1", "city/north/n2", "city/south/s1/p1", "city/south", "north")
_DIGEST = "0" * 64


def a_walk(
    order: int, states: Sequence[str], at: datetime = NOON, hours: float = 1, **changes: Any
) -> list[Entry]:
    """Return the entries of one order that goes through states, so many hours apart."""
    befores = [None, *states[:-1]]
    return [
        replace(Entry(order, n, at + timedelta(hours=hours * (n - 1)), before, after), **changes)
        for n, (before, after) in enumerate(zip(befores, states, strict=True), 1)
    ]


def by_chance(seed: int, count: int, *, begins: datetime, days: int) -> list[Entry]:
    """Return orders that go allowed ways, with moves, new deadlines and other acts between."""
    chance = random.Random(seed)
    return [entry for order in range(1, count + 1) for entry in _one(chance, order, begins, days)]


def _one(chance: random.Random, order: int, begins: datetime, days: int) -> Iterable[Entry]:
    at = begins + timedelta(seconds=chance.randrange(days * 86_400))
    entry = Entry(
        order, 1, at, None, "detected",
        path=chance.choice(PATHS), responsible=chance.choice(("alice", "bo", "chen")),
        dataset=chance.choice(("inflow", "meters")), rule=chance.choice(("r1", "r2", "r3")),
        severity=chance.choice(("critical", "major", "minor")), issues=chance.randrange(1, 9),
        due_at=chance.choice((None, at + timedelta(hours=chance.randrange(1, 24 * days)))),
    )  # fmt: skip
    yield entry
    for _ in range(chance.randrange(0, 24)):
        waited = chance.choice((timedelta(0), timedelta(seconds=chance.randrange(1, 2 * 86_400))))
        changes: dict[str, Any] = {"number": entry.number + 1, "at": entry.at + waited, "before": entry.after}
        if chance.random() < 0.8:
            ways = FOLLOWING[OrderState(entry.after)]  # the first leads to the end
            changes["after"] = str(ways[0] if chance.random() < 0.8 else chance.choice(ways))
        if chance.random() < 0.1:
            changes |= {"responsible": chance.choice(("alice", "bo", "chen")), "path": chance.choice(PATHS)}
        if chance.random() < 0.1:
            changes |= {"due_at": entry.at + timedelta(hours=chance.randrange(1, 24 * days))}
        entry = replace(entry, **changes)
        yield entry


def as_table(entries: Iterable[Entry]) -> pa.Table:
    """Return entries as they are read from the database."""
    rows = [
        asdict(e)
        | {
            "at_us": microseconds(e.at),
            "due_us": e.due_at and microseconds(e.due_at),
            "organisation_path": e.path,
        }
        for e in entries
    ]
    return pa.Table.from_pylist(rows, SCHEMA)


def write(database: Database, entries: Iterable[Entry]) -> None:
    """Put entries into the log, with the orders and datasets they are of."""
    entries = list(entries)
    with database.write() as session:
        there = set(session.scalars(sa.select(DatasetRow.name)))
        session.add_all(_dataset(name) for name in {e.dataset for e in entries} - there)
        session.flush()
        orders = set(session.scalars(sa.select(WorkOrderRow.id)))
        session.add_all(
            _order(e) for e in {e.work_order: e for e in entries}.values() if e.work_order not in orders
        )
        session.flush()
        session.add_all(_transition(e) for e in entries)


def _dataset(name: str) -> DatasetRow:
    who = {"owner": "water-group", "steward": "alice", "organisation": "water-group"}
    return DatasetRow(name=name, document={}, registered_by="alice", registered_at=NOON, **who)


def _order(entry: Entry) -> WorkOrderRow:
    return WorkOrderRow(
        id=entry.work_order, dataset=entry.dataset, rule=entry.rule, rule_version="1", rule_digest=_DIGEST,
        severity=entry.severity, organisation_path=entry.path, responsible="alice", state=entry.after,
        issues=entry.issues, opened_at=entry.at, entries=1, head=_DIGEST,
    )  # fmt: skip


def _transition(entry: Entry) -> TransitionRow:
    said = asdict(entry)
    path = said.pop("path")
    return TransitionRow(
        **said,
        organisation_path=path,
        act=entry.after,
        by="alice",
        detail={},
        previous=_DIGEST,
        digest=_DIGEST,
    )

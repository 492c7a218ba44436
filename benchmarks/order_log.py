"""A made-up log of work orders (synthetic), as large as wanted, put into either database as it stands.

Orders begin at even distances through a year and take the ways below; every figure of a report has something
to count. Nothing but the log is made: figures read nothing else of the loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk import copying
from catalog.tables import TransitionRow

SEED = 20261122
BEGINS = datetime(2025, 11, 1, tzinfo=UTC)
DAYS = 365
UNITS = 400
RULES = 112
PEOPLE = 2_000
ORDERS_AT_A_TIME = 20_000

_OPEN = ["detected", "triaged", "dispatched", "accepted", "rectifying", "submitted"]
_DONE = [*_OPEN, "rechecked", "reviewed", "closed"]
WAYS: tuple[tuple[float, list[str]], ...] = (
    (0.58, _DONE),
    (0.12, [*_OPEN, "rectifying", *_DONE[5:]]),
    (0.05, [*_OPEN[:3], "returned", "dispatched", *_DONE[3:]]),
    (0.04, [*_DONE, "reopened", *_DONE[2:]]),
    (0.06, _OPEN[:3]),
    (0.08, _OPEN[:5]),
    (0.03, _OPEN),
    (0.02, [*_OPEN[:2], "rejected"]),
    (0.02, [*_OPEN[:2], "waived"]),
)
"""How likely an order takes which states; 1,000,000 orders write about 8.5 million entries."""


def entries(orders: int) -> Iterator[pa.Table]:
    """Yield the log's rows as the database holds them, in parts; same number, same rows."""
    for first in range(0, orders, ORDERS_AT_A_TIME):
        yield _part(first, min(ORDERS_AT_A_TIME, orders - first), orders)


def _part(first: int, count: int, orders: int) -> pa.Table:
    chosen = np.random.default_rng((SEED, first))
    way = chosen.choice(len(WAYS), count, p=[share for share, _ in WAYS])
    lengths = np.array([len(states) for _, states in WAYS])[way]
    order = np.repeat(np.arange(count), lengths)
    number = np.arange(len(order)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    opened_s = ((first + np.arange(count)) * (DAYS * 86_400 / orders)).astype(np.int64)
    # each step takes up to three days, and its instant is a whole second
    waited = np.where(number == 0, 0, chosen.integers(60, 3 * 86_400, len(order)))
    total = np.cumsum(waited)
    since = total - np.repeat(total[np.cumsum(lengths) - lengths], lengths)
    at = (int(BEGINS.timestamp()) + opened_s[order] + since) * 1_000_000
    due = (int(BEGINS.timestamp()) + opened_s + chosen.integers(7, 30, count) * 86_400) * 1_000_000
    states = np.array([name for _, names in WAYS for name in names])
    starts = np.cumsum([0, *(len(names) for _, names in WAYS[:-1])])
    after = states[starts[way][order] + number]
    before = np.where(number == 0, None, np.roll(after, 1))
    unit = chosen.integers(0, UNITS, count)[order]
    severity = np.array(["critical", "major", "minor"])[chosen.integers(0, 3, count)][order]
    numbered = pa.array(first + order + 1, pa.int64())
    digest = pc.utf8_lpad(pa.array(first * 20 + np.arange(len(order))).cast(pa.string()), 64, "0")
    return pa.table(
        {
            "work_order": numbered,
            "number": pa.array(number + 1, pa.int32()),
            "at": pa.array(at, pa.int64()),
            "act": pa.array(after, pa.string()),
            "by": _named("person-", chosen.integers(0, PEOPLE, len(order))),
            "before": pa.array(before, pa.string()),
            "after": pa.array(after, pa.string()),
            "dataset": _named("dataset-", unit % 8),
            "rule": _named("rule-", chosen.integers(0, RULES, count)[order]),
            "severity": pa.array(severity, pa.string()),
            "organisation_path": _path(unit),
            "responsible": _named("person-", chosen.integers(0, PEOPLE, count)[order]),
            "issues": pa.array(chosen.integers(1, 20, count)[order], pa.int32()),
            "due_at": pa.array(due[order], pa.int64(), mask=number < 2),
            "detail": pa.array(["{}"] * len(order)),
            "previous": digest,
            "digest": digest,
        }
    )


def _named(name: str, numbers: np.ndarray[Any, np.dtype[np.int64]]) -> pa.Array:
    return pc.binary_join_element_wise(name, pa.array(numbers).cast(pa.string()), "")


def _path(unit: np.ndarray[Any, np.dtype[np.int64]]) -> pa.Array:
    """Return a group, its 10 branches, 100 offices and 400 stations."""
    parts = [_named(letter, unit % many) for letter, many in (("b", 10), ("o", 100), ("s", UNITS))]
    return pc.binary_join_element_wise("city", *parts, "/")


def fill(session: Session, orders: int) -> int:
    """Put the log into the database, past its checks of foreign keys, and return how many entries it has."""
    connection = session.connection()
    written = 0
    for part in entries(orders):
        written += part.num_rows
        (_copy if connection.dialect.name == "postgresql" else _insert)(connection, _as_text(part))
    return written


def ending() -> datetime:
    """Return the end of the last whole month of the log."""
    return (BEGINS + timedelta(days=DAYS)).replace(day=1)


def _as_text(part: pa.Table) -> pa.Table:
    """Return the rows with instants as both databases take them."""
    for name in ("at", "due_at"):
        moments = pc.strftime(part[name].cast(pa.timestamp("us")), "%Y-%m-%d %H:%M:%S")
        part = part.set_column(part.schema.get_field_index(name), name, moments)
    return part


def _insert(connection: sa.Connection, part: pa.Table) -> None:
    names = ", ".join(f'"{name}"' for name in part.column_names)
    marks = ", ".join("?" * part.num_columns)
    rows = list(zip(*(column.to_pylist() for column in part.columns), strict=True))
    connection.exec_driver_sql(f"INSERT INTO transitions ({names}) VALUES ({marks})", rows)


def _copy(connection: sa.Connection, part: pa.Table) -> None:
    connection.exec_driver_sql("SET TimeZone = 'UTC'")
    connection.exec_driver_sql("SET session_replication_role = replica")
    names = ", ".join(f'"{name}"' for name in part.column_names)
    with copying(connection, f"COPY {TransitionRow.__table__} ({names}) FROM STDIN") as copy:
        for row in zip(*(column.to_pylist() for column in part.columns), strict=True):
            copy.write_row(row)

"""Count the folded orders: the figures of all of them, of each unit, person, severity, rule and dataset."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from catalog.figures.definitions import AGE_BANDS
from catalog.figures.entries import microseconds
from catalog.figures.models import AgeBand, Measure, Measures, OverdueOrder

_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
_COUNTS = """
    count(*) FILTER (was_opened) AS opened,
    count(*) FILTER (was_closed) AS closed,
    count(*) FILTER (was_due) AS due,
    count(*) FILTER (was_due AND was_in_time) AS in_time,
    count(*) FILTER (was_closed AND was_first_pass) AS first_pass,
    count(*) FILTER (was_reopened) AS reopened,
    count(*) FILTER (was_reopened OR was_closed) AS reopened_or_closed,
    count(*) FILTER (is_open) AS backlog,
    coalesce(sum(issues) FILTER (is_open), 0)::BIGINT AS backlog_issues,
    count(*) FILTER (is_overdue) AS overdue,
    count(*) FILTER (was_accepted) AS accepted,
    median(accept_us) FILTER (was_accepted) AS accept_us,
    median(close_us) FILTER (was_closed) AS close_us
"""


def rate(numerator: int, denominator: int) -> Measure:
    """Return a rate in per cent; of nothing there is none."""
    value = round(100 * numerator / denominator, 4) if denominator else None
    return Measure(value=value, numerator=numerator, denominator=denominator)


def hours(median_us: float | None, of: int) -> Measure:
    """Return a median in hours."""
    value = None if median_us is None else round(median_us / _HOUR_US, 4)
    return Measure(value=value, denominator=of)


def total(connection: duckdb.DuckDBPyConnection) -> Measures:
    """Return the figures of all folded orders."""
    ((_, measures),) = _grouped(connection, "''", "true")
    return measures


def by_level(connection: duckdb.DuckDBPyConnection, depth: int) -> dict[str, Measures]:
    """Return the figures of each unit whose path has so many parts, with what stands below it."""
    parts = "string_split(path, '/')"
    unit = f"array_to_string({parts}[1:{depth}], '/')"
    return dict(_grouped(connection, unit, f"len({parts}) >= {depth}"))


def by_column(connection: duckdb.DuckDBPyConnection, column: str) -> dict[str, Measures]:
    """Return the figures of the orders that share each value of a column."""
    return dict(_grouped(connection, column, "true"))


def ages(connection: duckdb.DuckDBPyConnection) -> tuple[AgeBand, ...]:
    """Return how old the backlog is."""
    found = []
    for first, before in AGE_BANDS:
        in_band = f"age_us >= {first * _DAY_US}" + (f" AND age_us < {before * _DAY_US}" if before else "")
        query = f"SELECT count(*), coalesce(sum(issues), 0)::BIGINT FROM orders WHERE is_open AND {in_band}"
        ((orders, issues),) = connection.execute(query).fetchall()
        found.append(AgeBand(from_days=first, before_days=before, orders=orders, issues=issues))
    return tuple(found)


def overdue(connection: duckdb.DuckDBPyConnection, end: datetime, most: int) -> tuple[OverdueOrder, ...]:
    """Return the overdue orders, those that have been longest first, at most so many."""
    end_us = microseconds(end)
    columns = "work_order, dataset, rule, severity, path, responsible, issues, due_us"
    query = f"SELECT {columns} FROM orders WHERE is_overdue ORDER BY due_us, work_order LIMIT {most}"
    return tuple(
        OverdueOrder(
            work_order=order, dataset=dataset, rule=rule, severity=severity, path=path,
            responsible=responsible, issues=issues, days=(end_us - due_us) // _DAY_US,
            due_at=datetime.fromtimestamp(0, UTC) + timedelta(microseconds=due_us),
        )
        for order, dataset, rule, severity, path, responsible, issues, due_us in connection.execute(
            query
        ).fetchall()
    )  # fmt: skip


def _grouped(connection: duckdb.DuckDBPyConnection, group: str, which: str) -> Iterator[tuple[str, Measures]]:
    query = f"SELECT any_value({group}), {_COUNTS} FROM orders WHERE {which}"
    if group != "''":
        query = f"SELECT {group}, {_COUNTS} FROM orders WHERE {which} GROUP BY 1 ORDER BY 1"
    found = connection.execute(query)
    names = [column[0] for column in found.description or ()][1:]
    for name, *counts in found.fetchall():
        yield name or "", _measures(dict(zip(names, counts, strict=True)))


def _measures(counted: dict[str, Any]) -> Measures:
    def count(name: str) -> Measure:
        return Measure(value=counted[name])

    return {
        "opened": count("opened"),
        "closed": count("closed"),
        "on-time-rate": rate(counted["in_time"], counted["due"]),
        "first-pass-rate": rate(counted["first_pass"], counted["closed"]),
        "hours-to-accept": hours(counted["accept_us"], counted["accepted"]),
        "hours-to-close": hours(counted["close_us"], counted["closed"]),
        "reopened-rate": rate(counted["reopened"], counted["reopened_or_closed"]),
        "backlog": count("backlog"),
        "backlog-issues": count("backlog_issues"),
        "overdue": count("overdue"),
    }


NOTHING = _measures(
    dict.fromkeys(
        (
            "opened", "closed", "due", "in_time", "first_pass", "reopened", "reopened_or_closed", "backlog",
            "backlog_issues", "overdue", "accepted",
        ),
        0,
    )
    | dict.fromkeys(("accept_us", "close_us"))
)  # fmt: skip
"""The figures of no orders at all."""

"""Fold the log: one row for each order that a period's figures speak of, as it stood at the period's end.

The statements are the definitions of `definitions.yaml`, carried out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from catalog.engine import located
from catalog.figures.entries import SCHEMA, microseconds
from catalog.figures.models import TrendPoint
from catalog.figures.partials import OVER, STEP, S, combined, partial
from catalog.figures.periods import Period
from catalog.figures.segments import Log

_COLUMNS = ", ".join(SCHEMA.names)

_ORDERS = f"""
CREATE TABLE orders AS
WITH judged AS (
    SELECT
        work_order, last_number,
        state NOT IN ({OVER}) AS is_open,
        is_open AND due_us BETWEEN 0 AND $end - 1 AS is_overdue,
        due_us,
        opened_us >= $begin AS was_opened,
        state = '{S.CLOSED}' AND closed_us >= $begin AS was_closed,
        coalesce(reopened_us >= $begin, false) AS was_reopened,
        due_us >= $begin AND due_us < $end AND state NOT IN ('{S.REJECTED}', '{S.WAIVED}') AS was_due,
        state = '{S.CLOSED}' AND closed_us <= due_us AS was_in_time,
        submissions = 1 AND reopened_us IS NULL AS was_first_pass,
        coalesce(accepted_us >= $begin AND accepted_number > dispatched_number, false) AS was_accepted,
        accepted_us - dispatched_us AS accept_us,
        closed_us - round_us AS close_us,
        $end - round_us AS age_us
    FROM folded
    WHERE is_open OR was_opened OR was_closed OR was_reopened OR was_due OR was_accepted
)
SELECT
    judged.*, last.organisation_path AS path,
    last.dataset, last.rule, last.severity, last.responsible, last.issues
FROM judged JOIN parts AS last USING (work_order, last_number)
"""

_WITHIN = """
DELETE FROM folded USING parts AS last
WHERE last.work_order = folded.work_order AND last.last_number = folded.last_number
    AND last.organisation_path <> $path AND NOT starts_with(last.organisation_path, $path || '/')
"""


def fold(connection: duckdb.DuckDBPyConnection, log: Log, span: tuple[datetime, datetime], path: str) -> None:
    """Make the table `orders` of a span, of the units at or below a path; the empty path stands for all."""
    begin, end = map(microseconds, span)
    connection.register("rest", log.rest)
    whole = [segment for segment in log.segments if segment.until <= span[1]]
    cut = [segment.entries for segment in log.segments if segment.until > span[1]]
    young = _together(f"SELECT {_COLUMNS} FROM rest", _COLUMNS, cut)
    connection.execute(f"CREATE TABLE young AS {partial(f'({young}) WHERE at_us < {end}')}")
    parts = _together("SELECT * FROM young", "*", [segment.fold for segment in whole])
    connection.execute(f"CREATE VIEW parts AS {parts}")
    connection.execute(f"CREATE TABLE folded AS {combined('parts')}")
    if path:
        connection.execute(_WITHIN, {"path": path})
    connection.execute(_ORDERS, {"begin": begin, "end": end})


def trend(
    connection: duckdb.DuckDBPyConnection, log: Log, periods: Sequence[Period], until: datetime, path: str
) -> tuple[TrendPoint, ...]:
    """Return how many orders began and ended in each of the periods, and how many were left.

    The orders are those that `fold` left there before. From their backlog at the end one counts back.
    """
    first = periods[0].begin
    needed = [segment.entries for segment in log.segments if segment.until > first]
    steps = _together(
        f"SELECT work_order, at_us, {STEP} AS step FROM rest", "work_order, at_us, step", needed
    )
    place = " + ".join(f"(at_us >= {microseconds(period.begin)})::INT" for period in periods)
    here = "AND work_order IN (SELECT work_order FROM folded)" if path else ""
    query = f"""
        SELECT {place} - 1, count(*) FILTER (step = 1), count(*) FILTER (step = -1) FROM ({steps})
        WHERE step <> 0 AND at_us >= {microseconds(first)} AND at_us < {microseconds(until)} {here} GROUP BY 1
    """
    counted = {index: (began, ended) for index, began, ended in connection.execute(query).fetchall()}
    ((backlog,),) = connection.execute("SELECT count(*) FROM orders WHERE is_open").fetchall()
    points = []
    for index, period in reversed(list(enumerate(periods))):
        began, ended = counted.get(index, (0, 0))
        points.append(TrendPoint(label=period.label, begun=began, ended=ended, backlog=backlog))
        backlog -= began - ended
    return tuple(reversed(points))


def _together(rest: str, columns: str, files: Iterable[Path]) -> str:
    """Return the query of some rows and of those columns of files."""
    named = ", ".join(map(located, files))
    if not named:
        return rest
    return f"{rest} UNION ALL SELECT {columns} FROM read_parquet([{named}], hive_partitioning=false)"

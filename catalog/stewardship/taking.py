"""Findings become issues, and issues work orders: once for each run, all of a run or nothing of it.

    new                  an issue, in a work order of its rule, unit and person
    found again, open    its last run moves on
    found again, fixed   the same issue and the same order are reopened, if what was found is not older than
                         the fix
    found, rejected      nothing: it was judged to be no problem
    found, waived        nothing until the waiver's last day, then reopened
    not found            nothing: only a re-check of its own order, and a reviewer, close it

A run that says nothing of an object may have run without its rule or without its column, so silence closes
no order. A run over a version older than one that was taken is noted and opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog.bulk import not_collecting
from catalog.database import Clock, Database, take_turns
from catalog.engine import engine
from catalog.quality.checking import QualityRunNotFound
from catalog.stewardship import opening, reopening
from catalog.stewardship.found import Found
from catalog.tables import IssueRow, QualityRunRow, TakingRow

_AT_A_TIME = 50_000
_COUNTED = ("new", "again", "reopened", "waived", "rejected", "older")
_ISSUES = pa.schema(
    [
        ("id", pa.int64()), ("rule", pa.string()), ("object", pa.string()), ("state", pa.string()),
        ("work_order", pa.int64()), ("fixed_us", pa.int64()), ("fixed_in", pa.int64()),
        ("waived_until", pa.date32()),
    ]
)  # fmt: skip

_MATCH = """
CREATE TABLE matched AS
WITH once AS (
    SELECT rule, object, min(organisation) AS organisation, min(answerable) AS answerable
    FROM findings GROUP BY rule, object
)
SELECT once.*, known.id, known.work_order,
    CASE
        WHEN known.id IS NULL THEN 'new'
        WHEN known.state = 'open' THEN 'again'
        WHEN known.state = 'waived' AND known.waived_until >= $today THEN 'waived'
        WHEN known.state = 'waived' THEN 'reopened'
        WHEN known.state = 'rejected' THEN 'rejected'
        WHEN $version > coalesce(known.fixed_in, 0)
            OR ($version = known.fixed_in AND $at_us > known.fixed_us) THEN 'reopened'
        ELSE 'older'
    END AS outcome
FROM once LEFT JOIN known USING (rule, object)
"""


class Taken(BaseModel):
    """What became of a run's findings.

    `new`, `again`, `reopened`, `waived` and `rejected` count issues; `older` what was fixed after the run.
    `orders` are new ones, `to` how many of them each person was given. `superseded`: the run is over a
    version older than one that was taken, so nothing was opened.
    """

    model_config = ConfigDict(frozen=True)

    run: int | None
    dataset: str
    version: int
    findings: int
    new: int = 0
    again: int = 0
    reopened: int = 0
    waived: int = 0
    rejected: int = 0
    older: int = 0
    orders: int = 0
    orders_reopened: int = 0
    to: dict[str, int] = {}
    superseded: bool = False


class Taking:
    """Takes runs. `found` reads what a run found, None of one that was kept before findings were."""

    def __init__(self, database: Database, found: Callable[[int], Found | None], clock: Clock) -> None:
        self._database = database
        self._found = found
        self._clock = clock

    def take(self, run: int, *, by: str) -> Taken:
        """Make a run's findings into issues and orders, after those of its dataset's earlier runs.

        One transaction a run. To repeat it changes nothing. Raises QualityRunNotFound, ObjectDamaged.
        """
        with self._database.read() as session:
            row = session.get(QualityRunRow, run)
            if row is None:
                raise QualityRunNotFound(
                    f"there is no check {run}", hint="run one: shuize dataset check NAME"
                )
            if (taken := _taken(session, run)) is not None:
                return taken
            waiting = _waiting(session, row.dataset, run)
        for each in waiting:
            done = self._take(each, by)
        return done

    def take_all(self, *, by: str) -> tuple[Taken, ...]:
        """Take every run that was kept and not taken: what a killed process left."""
        with self._database.read() as session:
            waiting = _waiting(session)
        return tuple(self._take(run, by) for run in waiting)

    def _take(self, run: int, by: str) -> Taken:
        found = self._found(run)
        with self._database.write() as session:
            take_turns(session, "work orders")
            if (taken := _taken(session, run)) is not None:
                return taken
            row = session.get_one(QualityRunRow, run)
            now = self._clock()
            outcome = Taken(run=run, dataset=row.dataset, version=row.version, findings=0)
            if found is not None and row.version < _newest(session, row.dataset):
                update = {"findings": found.findings.num_rows, "superseded": True}
                outcome = outcome.model_copy(update=update)
            elif found is not None:
                outcome = record(session, found, now)
            session.add(
                TakingRow(
                    run=run, dataset=row.dataset, version=row.version, taken_at=now, taken_by=by,
                    outcome=outcome.model_dump(mode="json"),
                )
            )  # fmt: skip
            return outcome


def record(session: Session, found: Found, now: datetime) -> Taken:
    """Make findings into issues and orders in the caller's transaction, which has the turn `work orders`."""
    with engine() as connection, not_collecting():
        connection.register("findings", found.findings)
        connection.register("known", _known(session, found))
        said = {"today": now.date(), "version": found.version, "at_us": _microseconds(found.at)}
        connection.execute(_MATCH, said)
        rows = connection.execute("SELECT outcome, count(*) FROM matched GROUP BY 1").fetchall()
        counts: Mapping[str, int] = dict(rows)
        opened = opening.Opened()
        if counts.get("new"):
            opened = opening.open_all(session, connection, found, now)
        reopening.move_on(session, _ids(connection, "again"), found, now)
        orders = reopening.reopen_all(session, _by_order(connection), found, now)
        return Taken(
            run=found.run, dataset=found.dataset, version=found.version,
            findings=found.findings.num_rows, orders=opened.orders, orders_reopened=orders, to=opened.to,
            **{name: counts.get(name, 0) for name in _COUNTED},
        )  # fmt: skip


def _taken(session: Session, run: int) -> Taken | None:
    row = session.get(TakingRow, run)
    return None if row is None else Taken.model_validate(row.outcome)


def _waiting(session: Session, dataset: str | None = None, until: int | None = None) -> list[int]:
    taken = sa.exists().where(TakingRow.run == QualityRunRow.id)
    query = sa.select(QualityRunRow.id).where(~taken).order_by(QualityRunRow.id)
    if dataset is not None:
        query = query.where(QualityRunRow.dataset == dataset, QualityRunRow.id <= until)
    return list(session.scalars(query))


def _newest(session: Session, dataset: str) -> int:
    """Return the newest version of which a run was taken."""
    query = sa.select(sa.func.max(TakingRow.version)).where(TakingRow.dataset == dataset)
    return session.scalar(query) or 0


def _known(session: Session, found: Found) -> pa.Table:
    """Return the issues there are of the rules that failed."""
    row = IssueRow
    query = sa.select(
        row.id, row.rule, row.object, row.state, row.work_order, row.fixed_at, row.fixed_in, row.waived_until
    ).where(row.dataset == found.dataset, row.rule.in_(list(found.rules)))
    batches = []
    for rows in session.execute(query, execution_options={"yield_per": _AT_A_TIME}).partitions():
        columns: list[Any] = [list(column) for column in zip(*rows, strict=True)]
        columns[5] = [at and _microseconds(at) for at in columns[5]]
        arrays = [pa.array(column, each.type) for column, each in zip(columns, _ISSUES, strict=True)]
        batches.append(pa.RecordBatch.from_arrays(arrays, schema=_ISSUES))
    return pa.Table.from_batches(batches, _ISSUES)


def _ids(connection: duckdb.DuckDBPyConnection, outcome: str) -> list[int]:
    query = "SELECT id FROM matched WHERE outcome = $outcome ORDER BY id"
    return [row[0] for row in connection.execute(query, {"outcome": outcome}).fetchall()]


def _by_order(connection: duckdb.DuckDBPyConnection) -> dict[int, list[int]]:
    """Return the issues to reopen by the order they belong to, in the order of their numbers."""
    query = """
        SELECT work_order, list(id ORDER BY id) FROM matched WHERE outcome = 'reopened'
        GROUP BY work_order ORDER BY work_order
    """
    return dict(connection.execute(query).fetchall())


def _microseconds(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)

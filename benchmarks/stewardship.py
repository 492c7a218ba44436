"""The stewardship loop at size, on SQLite and PostgreSQL: reports of figures over a million work orders.

The log is made up (synthetic, `order_log`): a year of orders that are dispatched, returned, mended, closed
and reopened. A report is asked for as the route does, and its page is made. Copying the log is told beside:
it is done once, before the first report.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from api.reports.page import page
from benchmarks import order_log
from benchmarks.claims import claim, parse_quick
from benchmarks.databases import each_kind
from catalog.database import Database
from catalog.figures import Calendar, Figures, PeriodKind, Segments
from catalog.store import FolderStore

GOAL_S = 2
TIMES = 5


def main() -> None:
    """Fill both databases, and report."""
    orders = 20_000 if parse_quick(__doc__) else 1_000_000
    for kind, opened in each_kind():
        with opened() as url, tempfile.TemporaryDirectory() as folder:
            database, store = Database(url), FolderStore(Path(folder) / "store")
            database.upgrade()
            store.prepare()
            filled = _fill(database, orders)
            _report(kind, database, store, orders, filled)
            database.close()


def _fill(database: Database, orders: int) -> int:
    if database.files:  # the log alone is made, without the orders that its rows refer to

        @sa.event.listens_for(database.engine, "connect")
        def _alone(connection: object, _record: object) -> None:
            connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]

        database.engine.dispose()
    with database.write() as session:
        filled = order_log.fill(session, orders)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE" if database.files else "VACUUM ANALYZE transitions"))
    return filled


def _report(kind: str, database: Database, store: FolderStore, orders: int, filled: int) -> None:
    def clock() -> datetime:
        return order_log.ending() + timedelta(hours=12)

    segments = Segments(database, store, clock, smallest=min(50_000, orders))
    figures = Figures(database, store, segments, Calendar(), clock)
    start = time.perf_counter()
    segments.seal()
    copying = time.perf_counter() - start
    for period in (PeriodKind.DAILY, PeriodKind.MONTHLY):
        took = []
        for _ in range(TIMES):
            start = time.perf_counter()
            report = figures.report(period)
            page(report)
            took.append(time.perf_counter() - start)
        assert report.figures["backlog"].value, "there is nothing to count"
        seconds = statistics.median(took)
        claim(
            f"KPI report over {orders:,} work orders ({filled:,} entries, synthetic), {kind}, "
            f"{period.value}, with its page, median of {TIMES}",
            seconds, "s", f"<= {GOAL_S}", seconds <= GOAL_S, packages=["duckdb", "sqlalchemy"],
            beside={"copying the log once, s": copying, "slowest, s": max(took)},
        )  # fmt: skip


if __name__ == "__main__":
    main()

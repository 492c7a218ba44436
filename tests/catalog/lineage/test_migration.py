"""Events that an earlier catalog kept are carried over, and drawn when lineage is first asked."""

from __future__ import annotations

import json

import sqlalchemy as sa

from catalog.database import Database
from catalog.lineage import Lineage
from tests.builders import an_event


def test_events_of_an_earlier_catalog_are_kept_once_and_drawn(tmp_path: object) -> None:
    database = Database(f"sqlite:///{tmp_path}/catalog.sqlite")
    database.upgrade("2026_11_21_governance")
    naive = an_event(eventTime="2026-02-01T12:00:00", outputs=[{"namespace": "shuize", "name": "other"}])
    row = sa.text(
        "INSERT INTO lineage_events (event_time, event_type, run_id, job, event) "
        "VALUES ('2026-03-01 12:00:00.000000', 'COMPLETE', :run, 'shuize:build-index', :event)"
    )
    with database.write() as session:
        for event in (an_event(), an_event(), naive):
            session.execute(row, {"run": event["run"]["runId"], "event": json.dumps(event)})
        session.execute(sa.text("INSERT INTO lineage_edges VALUES ('dataset:x:y', 'job:x:z')"))
    database.upgrade()
    lineage = Lineage(database)
    assert lineage.upstream("dataset:shuize:index") == ("dataset:shuize:inflow", "job:shuize:build-index")
    assert lineage.events() == (an_event(), naive)
    assert lineage.record(an_event()).new == 0
    database.close()

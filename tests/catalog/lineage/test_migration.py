"""Events that an earlier catalog kept are carried over, and drawn when lineage is first asked; or anew."""

from __future__ import annotations

import json
from contextlib import closing

import sqlalchemy as sa

from catalog.database import Database
from catalog.lineage import Direction, Lineage
from catalog.lineage.namespaces import PRODUCTS
from tests.builders import Room, an_event
from tests.catalog.lineage.saying import a_run, dataset, send


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


def a_build_of_before() -> dict[str, object]:
    """Return a build's event as it was when products were in the namespace of datasets."""
    event = a_run("build.index", [dataset("shuize|inflow")], [dataset("shuize|index")])
    return event | {"job": {"namespace": "shuize", "name": "build.index"}}


def test_products_drawn_among_the_datasets_move_to_a_namespace_of_their_own(empty_url: str) -> None:
    """The graph of that day is not at hand: one is drawn, and its product put where it would have been."""
    with closing(Database(empty_url)) as database:
        database.upgrade("2026_11_22_sensing")
        Lineage(database).record(a_build_of_before())
        with database.engine.begin() as connection:
            own = "(SELECT id FROM lineage_namespaces WHERE name = 'shuize')"
            connection.exec_driver_sql(f"UPDATE lineage_nodes SET namespace = {own} WHERE name = 'index'")
        database.upgrade()
        lineage, said = Lineage(database), list[str]()
        lineage.settle(said.append)
        assert said == ["drawing lineage: 1 of 1 events"]
        assert lineage.upstream(f"dataset:{PRODUCTS}:index") == (
            "dataset:shuize:inflow",
            "job:shuize:build.index",
        )
        assert lineage.upstream("dataset:shuize:index") == ()
        assert lineage.events() == (a_build_of_before() | {"run": lineage.events()[0]["run"]},)


def test_drawn_again_the_graph_is_the_same_and_the_steps_are_told(room: Room) -> None:
    send(room, a_build_of_before(), a_run("two", ["index"], ["c"]))
    before = room.lineage.graph.around("inflow", Direction.BOTH, 5)
    assert len(before.nodes) == 3
    said = list[str]()
    assert room.lineage.redraw(said.append) == 2
    assert said == ["drawing lineage: 2 of 2 events"]
    after = room.lineage.graph.around("inflow", Direction.BOTH, 5)
    assert (after.nodes, set(after.edges)) == (before.nodes, set(before.edges))

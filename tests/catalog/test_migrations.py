"""Every step that a catalog in use may stand on leads to the newest one, on both databases, with its rows."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import catalog
from catalog.database import Database, newest_revision
from catalog.search import native
from catalog.tables import Row
from tests.builders import NOON, FixedClock

SCRIPTS = ScriptDirectory(str(Path(catalog.__file__).parent / "migrations"))
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]

FIRST = "2026_11_21_first"
"""The rows below are as the program of the first revision wrote them; they never change with the program."""
_WHO = {"registered_by": "alice", "registered_at": NOON}
_DIGEST = "ab" * 32
FIRST_ROWS: dict[str, dict[str, Any]] = {
    "parties": {
        "id": "alice", "kind": "person", "name": "Alice 爱丽丝", "added_at": NOON,
        "chain_id": "0x" + "11" * 32,
    },
    "datasets": {
        "name": "inflow", "owner": "alice", "steward": "alice", "organisation": "alice", **_WHO,
        "document": {
            "name": "inflow", "title": "Inflow", "title_zh": "入流", "description": "Inflow.",
            "owner": "alice", "steward": "alice", "organisation": "alice", "security_level": "general-2",
            "update_frequency": "daily", "synthetic": False, "source": None, "licence": None,
            "fields": [
                {"name": "area", "element": "area.code", "column": None, "time_zone": None, "required": True}
            ],
            "key": ["area"], "rules": [],
        },
    },
    "dataset_versions": {
        "dataset": "inflow", "number": 1, "digest": _DIGEST, "size_bytes": 2**40, "row_count": 3,
        "source_name": "水.csv", "source_digest": _DIGEST, "profile": [],
        "loaded_by": "alice", "loaded_at": NOON,
    },
    "quality_runs": {
        "dataset": "inflow", "version": 1, "report_digest": _DIGEST, "ran_at": NOON,
        "report": {"subject": "inflow", "version": 1, "digest": _DIGEST, "rows": 3, "rules": []},
    },
    "findings": {
        "run": 1, "dataset": "inflow", "version": 1, "rule": "missing(area)", "failing": 2,
        "examples": ["row 1"], "responsible": "alice", "detected_at": NOON,
    },
    "releases": {
        "product": "index", "version": 1, "state": "published", "manifest": {"n": 1},
        "manifest_digest": _DIGEST, "content_root": _DIGEST, "built_by": "alice", "built_at": NOON,
        "files": [{"name": "a.csv", "digest": _DIGEST, "size_bytes": 3, "media_type": "text/csv"}],
        "published_by": "alice", "published_at": NOON, "chain": {"block": 7},
    },
    "grants": {
        "id": "g1", "product": "index", "party": "alice", "state": "active", "terms_digest": _DIGEST,
        "chain_index": 0, "issued_by": "alice", "issued_at": NOON,
        "terms": {
            "id": "g1", "product": "index", "party": "alice", "purpose": "study",
            "not_before": "2026-03-01T12:00:00Z", "not_after": "2026-04-01T12:00:00Z",
        },
    },
    "receipts": {
        "id": "r1", "party": "alice", "product": "index", "digest": _DIGEST, "issued_at": NOON,
        "document": {},
    },
    "chain_intents": {"aim": "publish:index:2", "action": {"n": 1}, "state": "open", "stored_at": NOON},
    "deployments": {"chain_id": 2**40, "contract": "0x" + "22" * 20, "outcome": {}, "deployed_at": NOON},
    "lineage_events": {
        "event_time": NOON, "event_type": "COMPLETE", "run_id": "r", "job": "shuize:build",
        "event": {
            "eventType": "COMPLETE", "eventTime": "2026-03-01T12:00:00Z", "producer": "https://example.org/shuize",
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": "r"}, "job": {"namespace": "shuize", "name": "build"},
            "inputs": [{"namespace": "shuize", "name": "inflow"}], "outputs": [],
        },
    },
    "lineage_edges": {"source": "dataset:shuize:inflow", "target": "job:shuize:build"},
}  # fmt: skip


def test_there_is_one_newest_revision() -> None:
    """Two migrations that follow the same one must be put in a row: change `down_revision` of the later."""
    assert len(SCRIPTS.get_heads()) == 1
    assert len(SCRIPTS.get_bases()) == 1
    assert newest_revision() == SCRIPTS.get_current_head()


def test_migrations_make_exactly_the_tables_of_the_program(empty_url: str) -> None:
    with closing(Database(empty_url)) as database:
        database.upgrade()
        assert _differences(database) == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_catalog_at_any_earlier_revision_comes_up_to_date_with_its_rows(
    empty_url: str, revision: str
) -> None:
    with closing(Database(empty_url)) as database:
        database.upgrade(revision)
        filled = _fill(database)
        database.upgrade()
        assert _differences(database) == []
        database.require_current()
        with database.engine.connect() as connection:
            kept = _tables(connection)
            for name in filled & set(kept) - _DERIVED:
                found = sa.select(sa.func.count()).select_from(kept[name])
                assert connection.scalar(found), f"{revision}: {name} has lost its row"


def test_a_catalog_of_the_first_revision_is_read_and_goes_on(empty_url: str) -> None:
    from catalog.datasets.register import Datasets
    from catalog.grants import Grants
    from catalog.intents import Intents
    from catalog.parties import Parties
    from catalog.releases.register import Releases

    clock = FixedClock()
    with closing(Database(empty_url)) as database:
        database.upgrade(FIRST)
        with database.engine.begin() as connection:
            tables = _tables(connection)
            for name, values in FIRST_ROWS.items():
                connection.execute(tables[name].insert().values(values))
            assert set(FIRST_ROWS) == set(tables)
        database.upgrade()
        datasets = Datasets(database, clock)
        assert Parties(database, clock).get("alice").name == "Alice 爱丽丝"
        assert datasets.get("inflow").document.title_zh == "入流"
        assert datasets.version("inflow").size_bytes == 2**40
        assert Releases(database, clock).published("index").chain == {"block": 7}
        assert Grants(database, clock).get("g1").issued_at == NOON
        intents = Intents(database, clock)
        assert [intent.aim for intent in intents.pending()] == ["publish:index:2"]
        assert intents.open("publish:index:3", {}).id == 2


def test_anchors_are_filled_in_from_the_outcomes_that_intents_recorded(empty_url: str) -> None:
    where = {"index": 3, "block": 9, "transaction": "0xaa", "chain_id": 13376, "contract": "0x" + "22" * 20}
    gone = {"block": 12, "reason": "meters were swapped", "chain_id": 13376, "contract": "0x" + "22" * 20}
    published, grant, intent = (FIRST_ROWS[name] for name in ("releases", "grants", "chain_intents"))
    rows = {
        "parties": [FIRST_ROWS["parties"]],
        "releases": [
            published | {"state": "withdrawn", "chain": {"block": 7}},
            published | {"version": 2, "chain": {"block": 8}},
            published | {"version": 3, "state": "withdrawn", "chain": {"block": 10}},
        ],
        "grants": [
            grant | {"id": name, "terms_digest": name[0] * 64} for name in ("carried", "refused", "open")
        ],
        "chain_intents": [
            intent | {"aim": aim, "state": state, "outcome": outcome}
            for aim, state, outcome in (
                ("grant:carried", "done", where),
                ("grant:refused", "failed", {"refused": "window-past"}),
                ("grant:open", "open", None),
                ("withdraw:index:1", "done", gone),
                ("publish:index:2", "done", {"block": 8}),
            )
        ],
    }
    with closing(Database(empty_url)) as database:
        database.upgrade(FIRST)
        with database.engine.begin() as connection:
            tables = _tables(connection)
            for name, values in rows.items():
                for each in values:
                    connection.execute(tables[name].insert().values(each))
        database.upgrade("2026_11_21_search")
        with database.engine.connect() as connection:
            assert "chain" not in _tables(connection)["grants"].c
        database.upgrade("2026_11_21_anchors")
        with database.engine.connect() as connection:
            tables = _tables(connection)
            grants, releases = tables["grants"].c, tables["releases"].c
            assert dict(connection.execute(sa.select(grants.id, grants.chain)).all()) == {
                "carried": where, "refused": None, "open": None,
            }  # fmt: skip
            assert dict(connection.execute(sa.select(releases.version, releases.chain)).all()) == {
                1: {"block": 7, "withdrawal": gone},
                2: {"block": 8},
                3: {"block": 10},  # nothing says how it was withdrawn
            }


def _differences(database: Database) -> list[Any]:
    def ours(_item: object, name: str | None, kind: str, *_: object) -> bool:
        return not (kind == "table" and native.is_ours(name))

    with database.engine.connect() as connection:
        options = {"compare_type": True, "include_object": ours}
        context = MigrationContext.configure(connection, opts=options)
        found: list[Any] = compare_metadata(context, Row.metadata)
    return found


def _tables(connection: sa.Connection) -> dict[str, sa.Table]:
    """Return the tables that are there, parents first."""
    metadata = sa.MetaData()
    metadata.reflect(connection, only=lambda name, _: not (name == "alembic_version" or native.is_ours(name)))
    return {table.name: table for table in metadata.sorted_tables}


_GIVEN: dict[str, Any] = {"trail.sequence": 1, "trail.previous": "0" * 64}
"""What the database itself insists on. Else a row is as the first program wrote it, or made up by types."""
_MADE_UP: dict[type[Any], Any] = {
    str: "a", int: 1, bool: True, float: 0.5, Decimal: Decimal(1), dict: {}, bytes: b"a",
    datetime: NOON, date: NOON.date(),
}  # fmt: skip


_DERIVED = {"lineage_edges"}
"""A migration may empty these: the program makes them anew from what is kept."""


def _fill(database: Database) -> set[str]:
    """Put a row into every table there is, parents first; return the tables' names."""
    with database.engine.begin() as connection:
        tables = _tables(connection)
        rows: dict[str, dict[str, Any]] = {}
        for name, table in tables.items():
            rows[name] = {column.name: _made_up(column, rows) for column in table.columns}
            connection.execute(table.insert().values(rows[name]))
    return set(tables)


def _made_up(column: sa.Column[Any], rows: dict[str, dict[str, Any]]) -> object:
    made = dict if isinstance(column.type, sa.JSON) else column.type.python_type
    first = FIRST_ROWS.get(column.table.name, {}).get(column.name)
    if isinstance(first, (made, list)):
        return first
    for key in column.foreign_keys:
        if key.column.table is not column.table:
            return rows[key.column.table.name][key.column.name]
        return None
    return _GIVEN.get(f"{column.table.name}.{column.name}", _MADE_UP[made])

from __future__ import annotations

import pytest
import sqlalchemy as sa

from catalog.changes import GovernedKind
from catalog.roles import RoleDraft, Roles
from catalog.trail import Trail
from catalog.trail_rows import COMPARED, Comparison
from tests.builders import Room
from tests.catalog.test_standards import a_code_list


@pytest.fixture
def trail(room: Room) -> Trail:
    return Trail(room.database, room.clock)


@pytest.fixture
def governed(room: Room) -> Room:
    """A room with a dataset that was changed, retired and taken into use again, and requests refused."""
    room.register()
    room.load("area,at,flow\nA,2021-01-01 00:00,1.0\n")
    changes, kind = room.changes, GovernedKind.DATASET
    document = changes.revision(kind, "inflow", 1).document
    said = changes.change(kind, {**document, "licence": "MIT"}, by="alice", reason="a licence")
    changes.approve(said.id, by="bob", reason="agreed")
    said = changes.retire(kind, "inflow", by="alice", reason="no longer measured")
    changes.reject(said.id, by="bob", reason="it is measured")
    said = changes.retire(kind, "inflow", by="alice", reason="no longer measured")
    changes.approve(said.id, by="bob")
    said = changes.reinstate(kind, "inflow", by="bob", reason="measured again")
    changes.approve(said.id, by="alice")
    said = changes.retire(kind, "inflow", by="bob", reason="a mistake")
    changes.withdraw(said.id, by="bob")
    changes.change(kind, {**document, "licence": "CC0-1.0"}, by="bob", reason="open data")
    draft = {"role": "reviewer", "subject_kind": "dataset", "subject": "inflow", "party": "bob"}
    Roles(room.database, room.clock).assign(RoleDraft.model_validate(draft), by="alice")
    return room


def _by_force(room: Room, statement: str) -> None:
    """Do what somebody who owns the database can."""
    with room.database.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            for name in ("revisions_no_update", "revisions_no_delete", "trail_no_update"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        else:
            connection.exec_driver_sql("ALTER TABLE revisions DISABLE TRIGGER ALL")
        connection.execute(sa.text(statement))


def test_rows_agree_with_the_trail_after_every_kind_of_decision(governed: Room, trail: Trail) -> None:
    found = trail.verify()
    assert found.holds, found
    assert found.rows is not None
    assert (found.rows.differing, found.rows.without_digest, found.rows.before_trail) == (0, 0, 0)
    assert found.rows.compared == 7 + 4 + 1 + 1 + 1  # requests, revisions, dataset, version, role


@pytest.mark.parametrize(
    ("statement", "table", "row", "what"),
    [
        ("UPDATE changes SET decided_by = 'alice' WHERE id = 2", "changes", "2", "decided_by"),
        ("UPDATE changes SET requested_by = 'bob' WHERE id = 2", "changes", "2", "requested_by"),
        ("UPDATE changes SET state = 'approved' WHERE id = 3", "changes", "3", "state"),
        ("UPDATE changes SET state = 'approved' WHERE id = 7", "changes", "7", "state"),
        ("UPDATE changes SET reason = 'x' WHERE id = 2", "changes", "2", "says: reason"),
        ("UPDATE changes SET decision_reason = 'x' WHERE id = 2", "changes", "2", "decision_reason"),
        ("UPDATE changes SET document = '{}' WHERE id = 7", "changes", "7", "document"),
        ("DELETE FROM changes WHERE id = 7", "changes", "7", "not there"),
        (
            "UPDATE revisions SET document = '{}' WHERE number = 1",
            "revisions",
            "dataset inflow 1",
            "document",
        ),
        (
            "UPDATE revisions SET made_by = 'alice' WHERE number = 1",
            "revisions",
            "dataset inflow 1",
            "made_by",
        ),
        ("DELETE FROM revisions WHERE number = 4", "revisions", "dataset inflow 4", "not there"),
        ("UPDATE datasets SET owner = 'bob'", "datasets", "inflow", "owner"),
        ("UPDATE datasets SET state = 'retired'", "datasets", "inflow", "state"),
        ("UPDATE dataset_versions SET loaded_by = 'bob'", "dataset_versions", "inflow 1", "loaded_by"),
        ("UPDATE role_assignments SET party = 'alice'", "role_assignments", "1", "party"),
    ],
)
def test_a_row_that_was_edited_or_removed_is_named(
    governed: Room, trail: Trail, statement: str, table: str, row: str, what: str
) -> None:
    _by_force(governed, statement)
    found = trail.verify()
    assert not found.holds
    assert found.broken is None
    assert found.rows is not None
    assert found.rows.differing == 1
    (only,) = found.rows.differences
    assert (only.table, only.row) == (table, row)
    assert what in only.what
    assert only.entry


def test_a_document_in_force_that_was_edited_is_named(governed: Room, trail: Trail) -> None:
    document = governed.changes.revision(GovernedKind.DATASET, "inflow", 4).document
    table = sa.table("datasets", sa.column("document", sa.JSON))
    with governed.database.write() as session:
        session.execute(sa.update(table).values(document={**document, "title": {"zh": "假", "en": "False"}}))
    rows = trail.verify().rows
    assert rows is not None
    assert [(each.table, each.what) for each in rows.differences] == [
        ("datasets", "not as the trail says: document")
    ]


def test_a_row_that_no_entry_speaks_of_is_named_unless_it_is_older(governed: Room, trail: Trail) -> None:
    columns = "role, subject_kind, subject, party, valid_from, valid_until, assigned_by"
    for number, at in (("8", "assigned_at"), ("9", "'2020-01-01 00:00:00'")):
        _by_force(
            governed,
            f"INSERT INTO role_assignments (id, {columns}, assigned_at) "
            f"SELECT {number}, {columns}, {at} FROM role_assignments WHERE id = 1",
        )
    rows = trail.verify().rows
    assert rows is not None
    assert [(each.row, each.what, each.entry) for each in rows.differences] == [
        ("8", "no entry speaks of it", None)
    ]
    assert rows.before_trail == 1


def test_entries_without_digests_are_counted_and_compared_as_far_as_they_go(room: Room, trail: Trail) -> None:
    """As earlier versions wrote them: no digest of the document in force, none of the reasons."""
    room.register()
    _by_force(room, "UPDATE revisions SET document = '{}'")
    comparison = Comparison()
    for entry in trail.list():
        kept = {name: value for name, value in entry.detail.items() if name not in ("in_force", "reason")}
        comparison.hear(entry.model_copy(update={"detail": kept}))
    with room.database.read() as session:
        found = comparison.rows(session)
    assert (found.differing, found.without_digest) == (0, 2)  # the revision, and the document in force


def test_an_imported_standard_that_was_edited_is_named(room: Room, trail: Trail) -> None:
    room.publish(a_code_list())
    assert trail.verify().holds
    with room.database.write() as session:
        edited = a_code_list(title_en="Others").document()
        session.execute(
            sa.update(sa.table("standards", sa.column("document", sa.JSON))).values(document=edited)
        )
    rows = trail.verify().rows
    assert rows is not None
    assert [(each.table, each.row) for each in rows.differences] == [("standards", "pump-station 1.0")]


def test_every_table_compared_is_one(room: Room) -> None:
    assert set(COMPARED) <= set(sa.inspect(room.database.engine).get_table_names())

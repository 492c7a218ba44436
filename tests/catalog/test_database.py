from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from catalog import database as module
from catalog.database import (
    Database,
    DatabaseBusy,
    DatabaseConflict,
    DatabaseNotReady,
    DatabaseUnavailable,
)
from catalog.parties import Parties
from catalog.search import native
from catalog.tables import PartyRow, Row
from tests.builders import NOON, FixedClock, Room, a_party

_OPTIONS = {
    "compare_type": True,
    "include_name": lambda name, kind, _parents: kind != "table" or not native.is_ours(name),
}


def _at(path: Path) -> Database:
    return Database(f"sqlite:///{path}")


def _party_row(name: str) -> PartyRow:
    return PartyRow(id=name, kind="person", name=name, chain_id=name, token_digest=None, added_at=NOON)


def test_migrations_make_exactly_the_tables_of_the_program(tmp_path: Path) -> None:
    database = _at(tmp_path / "a.sqlite")
    database.upgrade()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=_OPTIONS)
        assert compare_metadata(context, Row.metadata) == []
    database.close()


def test_partial_unique_indexes_are_partial_in_the_database(room: Room) -> None:
    with room.database.engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE name IN "
            "('uq_releases_living', 'uq_chain_intents_open_aim')"
        ).all()
    assert len(found) == 2
    assert all("UNIQUE" in sql and "WHERE state" in sql for _, sql in found)


def test_upgrading_a_current_database_changes_nothing(room: Room) -> None:
    room.database.upgrade()
    room.database.require_current()
    assert [party.id for party in room.parties.list()] == ["alice", "bob", "partner", "water-group"]


def test_processes_that_create_the_same_database_at_once_all_succeed(tmp_path: Path) -> None:
    program = "import sys; from catalog.database import Database; Database(sys.argv[1]).upgrade()"
    command = [sys.executable, "-c", program, f"sqlite:///{tmp_path / 'a.sqlite'}"]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    assert [(process.communicate()[1], process.returncode) for process in running] == [(b"", 0)] * 3
    _at(tmp_path / "a.sqlite").require_current()


def test_a_new_file_is_not_ready_and_the_error_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(DatabaseNotReady, match="revision none") as caught:
        _at(tmp_path / "a.sqlite").require_current()
    assert caught.value.hint == "run: shuize init"


def test_reading_before_the_tables_are_there_says_not_ready(tmp_path: Path) -> None:
    with pytest.raises(DatabaseNotReady, match="lacks tables"):
        Parties(_at(tmp_path / "a.sqlite"), FixedClock()).list()


def test_a_database_of_a_newer_program_is_neither_used_nor_upgraded(room: Room) -> None:
    with room.database.write() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '2099_01_01_later'"))
    with pytest.raises(DatabaseNotReady, match="2099_01_01_later"):
        room.database.require_current()
    with pytest.raises(DatabaseNotReady, match="another version of this program"):
        room.database.upgrade()


def test_a_file_that_is_no_database_is_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").write_bytes(b"name,flow\nA,1\n" * 100)
    for use in (Database.upgrade, Database.require_current):
        with pytest.raises(DatabaseUnavailable, match="damaged or is not a catalog"):
            use(_at(tmp_path / "a.sqlite"))


def test_a_database_with_overwritten_pages_is_called_damaged(room: Room, tmp_path: Path) -> None:
    room.database.close()
    content = bytearray((tmp_path / "catalog.sqlite").read_bytes())
    content[100:8000] = b"A" * 7900
    (tmp_path / "damaged.sqlite").write_bytes(content)
    with pytest.raises(DatabaseUnavailable, match="damaged or is not a catalog"):
        Parties(_at(tmp_path / "damaged.sqlite"), FixedClock()).list()


@pytest.mark.parametrize("place", ["file/a.sqlite", "nowhere/a.sqlite", "."])
def test_a_place_where_no_file_can_be_made_is_unavailable(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("a file, so nothing can lie below it")
    with pytest.raises(DatabaseUnavailable, match="unable to open database file"):
        _at(tmp_path / place).upgrade()


@pytest.mark.parametrize("url", ["nonsense", "mysql://user:secret@host/name"])
def test_an_url_that_names_no_usable_database_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        Database(url)
    assert "secret" not in str(caught.value)


def test_a_locked_database_is_waited_for(room: Room) -> None:
    other = sqlite3.connect(room.folder / "catalog.sqlite", check_same_thread=False, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, lambda: other.execute("COMMIT")).start()
    room.parties.add(a_party(id="carol", name="Carol"))
    assert room.parties.get("carol").name == "Carol"
    other.close()


def test_a_database_that_stays_locked_is_busy_and_can_still_be_read(room: Room) -> None:
    impatient = Database(f"sqlite:///{room.folder / 'catalog.sqlite'}")
    with impatient.engine.connect() as connection:  # the wait is 30 s; nobody waits for it in a test
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(room.folder / "catalog.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    parties = Parties(impatient, FixedClock())
    with pytest.raises(DatabaseBusy, match="locked"):
        parties.add(a_party(id="carol", name="Carol"))
    assert len(parties.list()) == 4
    other.close()
    impatient.close()
    assert module.LOCK_WAIT_SECONDS == 30


def test_two_processes_that_write_at_once_lose_nothing(room: Room) -> None:
    program = """
import sys
from catalog.database import Database, utc_now
from catalog.parties import Parties, PartyDraft
parties = Parties(Database(sys.argv[1]), utc_now)
for n in range(40):
    parties.add(PartyDraft(id=f"{sys.argv[2]}-{n}", name="x", kind="person"))
"""
    url = f"sqlite:///{room.folder / 'catalog.sqlite'}"
    running = [
        subprocess.Popen([sys.executable, "-c", program, url, name], stderr=subprocess.PIPE)
        for name in ("one", "two")
    ]
    assert [(process.communicate()[1], process.returncode) for process in running] == [(b"", 0)] * 2
    assert len(room.parties.list()) == 4 + 80


def test_an_exception_undoes_the_whole_transaction(room: Room) -> None:
    with pytest.raises(RuntimeError), room.database.write() as session:
        session.add(_party_row("carol"))
        session.flush()
        raise RuntimeError
    assert "carol" not in [party.id for party in room.parties.list()]


def test_what_another_process_stored_meanwhile_is_a_conflict_not_a_library_error(room: Room) -> None:
    with pytest.raises(DatabaseConflict), room.database.write() as session:
        session.add(_party_row("alice"))


def test_instants_come_back_in_utc_and_naive_ones_are_refused(room: Room) -> None:
    assert room.parties.get("alice").added_at == NOON
    with pytest.raises(sa.exc.StatementError, match="needs a time zone"), room.database.write() as session:
        row = _party_row("carol")
        row.added_at = NOON.replace(tzinfo=None)
        session.add(row)


def test_now_is_utc_without_microseconds() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", module.utc_now().isoformat())

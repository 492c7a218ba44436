from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog import database as module
from catalog.database import (
    BadDatabaseUrl,
    Database,
    DatabaseBusy,
    DatabaseConflict,
    DatabaseDamaged,
    DatabaseNotReady,
    DatabaseUnavailable,
    UnstorableValue,
)
from catalog.datasets.models import DatasetExists, DatasetVersion
from catalog.parties import Parties
from catalog.releases.models import NotADraft, ReleaseNotFound
from catalog.tables import PartyRow
from tests.builders import NOON, FixedClock, Room, a_dataset, a_digest, a_party, a_release


def _at(path: Path) -> Database:
    return Database(f"sqlite:///{path}")


def _party_row(name: str) -> PartyRow:
    return PartyRow(id=name, kind="person", name=name, chain_id=name, token_digest=None, added_at=NOON)


def test_partial_unique_indexes_are_partial_in_the_database(room: Room) -> None:
    with room.database.engine.connect() as connection:
        found = {
            index["name"]: index
            for table in ("releases", "chain_intents")
            for index in sa.inspect(connection).get_indexes(table)
        }
    kind = room.database.engine.dialect.name
    for name in ("uq_releases_living", "uq_chain_intents_open_aim"):
        assert found[name]["unique"]
        assert "state" in str(found[name]["dialect_options"][f"{kind}_where"])


def test_upgrading_a_current_database_changes_nothing(room: Room) -> None:
    room.database.upgrade()
    room.database.require_current()
    assert [party.id for party in room.parties.list()] == ["alice", "bob", "partner", "water-group"]


def test_processes_that_create_the_same_database_at_once_all_succeed(empty_url: str) -> None:
    program = "import sys; from catalog.database import Database; Database(sys.argv[1]).upgrade()"
    command = [sys.executable, "-c", program, empty_url]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    assert [(process.communicate()[1], process.returncode) for process in running] == [(b"", 0)] * 3
    with closing(Database(empty_url)) as database:
        database.require_current()


def test_a_new_database_is_not_ready_and_the_error_says_what_to_run(empty_url: str) -> None:
    with (
        closing(Database(empty_url)) as database,
        pytest.raises(DatabaseNotReady, match="revision none") as caught,
    ):
        database.require_current()
    assert caught.value.hint == "run: shuize init"


def test_reading_before_the_tables_are_there_says_not_ready(empty_url: str) -> None:
    with closing(Database(empty_url)) as database, pytest.raises(DatabaseNotReady, match="lacks tables"):
        Parties(database, FixedClock()).list()


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
        with pytest.raises(DatabaseDamaged, match="damaged or is not a catalog"):
            use(_at(tmp_path / "a.sqlite"))


def test_a_file_with_overwritten_pages_is_called_damaged(sqlite_room: Room, tmp_path: Path) -> None:
    sqlite_room.database.close()
    content = bytearray((tmp_path / "catalog.sqlite").read_bytes())
    content[100:8000] = b"A" * 7900
    (tmp_path / "damaged.sqlite").write_bytes(content)
    with pytest.raises(DatabaseDamaged, match="damaged or is not a catalog"):
        Parties(_at(tmp_path / "damaged.sqlite"), FixedClock()).list()


@pytest.mark.parametrize("place", ["file/a.sqlite", "nowhere/a.sqlite", "."])
def test_a_place_where_no_file_can_be_made_is_unavailable(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("a file, so nothing can lie below it")
    with pytest.raises(DatabaseUnavailable, match="unable to open database file"):
        _at(tmp_path / place).upgrade()


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "",
        "mysql://user:secret@host/name",
        "postgres://user:secret@host/name",
        "postgresql+asyncpg://user:secret@host/name",
        "postgresql://user:secret@host:port/name",
    ],
)
def test_an_url_that_names_no_usable_database_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadDatabaseUrl) as caught:
        Database(url)
    said = f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    assert "secret" not in said
    assert "%40" in said


def test_a_locked_file_is_waited_for(sqlite_room: Room) -> None:
    room = sqlite_room
    other = sqlite3.connect(room.folder / "catalog.sqlite", check_same_thread=False, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, lambda: other.execute("COMMIT")).start()
    room.parties.add(a_party(id="carol", name="Carol"), by="alice")
    assert room.parties.get("carol").name == "Carol"
    other.close()


def test_a_file_that_stays_locked_is_busy_and_can_still_be_read(sqlite_room: Room) -> None:
    room = sqlite_room
    impatient = Database(f"sqlite:///{room.folder / 'catalog.sqlite'}")
    with impatient.engine.connect() as connection:  # the wait is 30 s; nobody waits for it in a test
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(room.folder / "catalog.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    parties = Parties(impatient, FixedClock())
    with pytest.raises(DatabaseBusy, match="locked"):
        parties.add(a_party(id="carol", name="Carol"), by="alice")
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
    parties.add(PartyDraft(id=f"{sys.argv[2]}-{n}", name="x", kind="person"), by="alice")
"""
    running = [
        subprocess.Popen([sys.executable, "-c", program, room.url, name], stderr=subprocess.PIPE)
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


def test_a_document_that_is_no_json_is_refused_on_both_databases(room: Room) -> None:
    with pytest.raises(UnstorableValue, match="NaN"):
        room.intents.open("a", {"share": float("nan")})
    assert room.intents.pending() == ()


def test_a_document_comes_back_as_it_was_whatever_its_text(room: Room) -> None:
    document = {"b": 1, "a": [None, True, 1.5, 10**30], "文": '水则 \\ " \u2028 \x00 \ud800 𠮷', "": {}}
    intent = room.intents.open("a", document)
    kept = room.intents.pending()[0].action
    assert (kept, list(kept)) == (document, list(document)) == (intent.action, list(intent.action))


@pytest.mark.parametrize("name", ["Al\ud800ice"])
def test_text_that_is_no_unicode_is_unstorable(room: Room, name: str) -> None:
    with pytest.raises(UnstorableValue):
        room.parties.add(a_party(id="carol").model_copy(update={"name": name}), by="alice")


def test_numbers_beyond_any_column_are_unstorable_or_not_there(room: Room) -> None:
    with pytest.raises((UnstorableValue, ReleaseNotFound)):
        room.releases.get("index", 10**30)


def test_lists_are_in_the_order_of_code_points(room: Room) -> None:
    """Not in a language's, which would sort `ab` between `a` and `a-c`, otherwise on each machine."""
    for name in ("a-c", "ab", "a1", "a"):
        room.parties.add(a_party(id=name), by="alice")
    assert [p.id for p in room.parties.list()][:4] == ["a", "a-c", "a1", "ab"]


def test_what_reads_sees_one_state_while_others_write(room: Room) -> None:
    with room.database.read() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(PartyRow))
        room.parties.add(a_party(id="carol"), by="alice")
        assert session.scalar(sa.select(sa.func.count()).select_from(PartyRow)) == before
    assert len(room.parties.list()) == before + 1


def test_of_writers_that_find_the_same_gap_one_fills_it(room: Room) -> None:
    """Each looks up the newest number and takes the next one: without turns, two of them take the same."""
    room.register()
    ready = threading.Barrier(6)

    def add(name: str) -> int:
        ready.wait()
        draft = DatasetVersion(
            dataset="inflow", number=0, digest=a_digest(name), size_bytes=1, row_count=1, source_name=name,
            source_digest=a_digest(), profile=(), loaded_by="alice", loaded_at=NOON,
        )  # fmt: skip
        return room.datasets.add_version(draft).number

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(add, "abcdef")) == [1, 2, 3, 4, 5, 6]


def test_of_two_who_register_one_name_at_once_the_second_learns_so(room: Room) -> None:
    ready = threading.Barrier(4)

    def register(by: str) -> str:
        ready.wait()
        try:
            room.enter(a_dataset(), by=by, approved_by="bob" if by == "alice" else "alice")
        except DatasetExists as error:
            return error.code
        return by

    with ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(register, ("alice", "bob", "alice", "bob")))
    assert said.count("dataset-exists") == 3


def test_an_approval_never_meets_a_gap_between_a_draft_and_its_successor(room: Room) -> None:
    """A lock on the old draft's row would: it is replaced while one waits, and its successor not yet seen."""
    room.releases.keep_draft(a_release())
    stop = threading.Event()

    def build() -> None:
        n = 0
        while not stop.is_set():
            room.releases.keep_draft(a_release(manifest={"n": (n := n + 1)}))

    with ThreadPoolExecutor(1) as pool:
        building = pool.submit(build)
        try:
            for _ in range(30):
                with suppress(NotADraft):
                    room.releases.approve("water-use-index", None, by="bob")
        finally:
            stop.set()
        building.result()


def test_opening_another_connection_drops_no_lock(tmp_path: Path) -> None:
    """To close a second descriptor of the file drops every lock that this process has on it.

    Then another process takes itself for the last one, and removes the log that is still written here.
    """
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    database, other = Database(url), Database(url)
    database.upgrade()
    with database.read() as held:
        held.execute(sa.text("SELECT count(*) FROM parties"))
        with other.read() as session:
            session.execute(sa.text("SELECT count(*) FROM parties"))
        program = (
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
            "c.execute('SELECT count(*) FROM parties').fetchall(); c.close()"
        )
        subprocess.run([sys.executable, "-c", program, str(tmp_path / "catalog.db")], check=True)
        assert (tmp_path / "catalog.db-wal").exists()
    other.close()
    database.close()

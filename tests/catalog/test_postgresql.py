"""What only a server does: refuse a connection, end one, time out, deadlock, and have been made otherwise."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import postgresql as module
from catalog.database import (
    Database,
    DatabaseBusy,
    DatabaseConflict,
    DatabaseDriverMissing,
    DatabaseNotReady,
    DatabaseUnavailable,
    DatabaseUnsuitable,
    UnstorableValue,
    take_turns,
)
from catalog.parties import Parties, UnknownParty
from catalog.tables import PartyRow
from tests import postgres
from tests.builders import FixedClock, Room, a_party
from tests.postgres import Cluster


def _parties(url: str) -> list[str]:
    with closing(Database(url)) as database:
        return [party.id for party in Parties(database, FixedClock()).list()]


def _refusal(url: str) -> DatabaseUnavailable:
    with pytest.raises(DatabaseUnavailable) as caught:
        _parties(url)
    assert "SHUIZE_DATABASE_URL" in str(caught.value.hint)
    assert "\n" not in str(caught.value)
    return caught.value


def test_most_people_s_url_with_a_password_works(postgresql: Cluster, postgresql_room: Room) -> None:
    name = postgresql_room.database.engine.url.database
    assert name is not None
    for url in (postgresql.tcp_url(name), postgresql.tcp_url(name).replace("+psycopg", "")):
        assert "alice" in _parties(url)


def test_a_wrong_password_is_refused_and_never_shown(postgresql: Cluster) -> None:
    refusal = _refusal(postgresql.tcp_url("postgres", password="s3cret"))
    assert "password authentication failed" in str(refusal)
    assert "s3cret" not in f"{refusal} {refusal.hint} {refusal.__cause__}"


def test_a_password_among_the_options_is_never_shown(postgresql: Cluster) -> None:
    url = f"postgresql+psycopg://shuize@127.0.0.1:{postgresql.port}/postgres?password=s3cret"
    refusal = _refusal(url)
    assert "s3cret" not in f"{refusal} {refusal.hint}"
    with closing(Database(url)) as database:
        assert "s3cret" not in database.label


def test_a_database_that_is_not_there_is_unavailable(postgresql: Cluster) -> None:
    assert 'database "nothing" does not exist' in str(_refusal(postgresql.url("nothing")))


def test_a_port_where_nobody_listens_is_unavailable() -> None:
    url = f"postgresql+psycopg://shuize:s3cret@127.0.0.1:{postgres._free_port()}/shuize"
    refusal = _refusal(url)
    assert "refused" in str(refusal)
    assert "s3cret" not in str(refusal)


def test_a_host_that_never_answers_is_not_waited_for_long() -> None:
    url = "postgresql+psycopg://shuize@192.0.2.1/shuize?connect_timeout=2"
    with pytest.raises(DatabaseUnavailable, match=r"192\.0\.2\.1"):
        _parties(url)
    assert module.CONNECT_WAIT_SECONDS == 10


def test_an_option_that_nobody_knows_is_unavailable_not_a_fault_of_the_program(postgresql: Cluster) -> None:
    assert "sslmoode" in str(_refusal(postgresql.url("postgres") + "&sslmoode=require"))


def test_the_urls_own_options_are_kept_and_win(postgresql: Cluster) -> None:
    url = postgresql.url("postgres") + "&options=-c%20lock_timeout%3D7s&application_name=mine"
    with closing(Database(url)) as database, database.read() as session:
        said = [session.scalar(sa.text(f"SHOW {name}")) for name in _SHOWN]
    assert said == ["7s", "UTC", "mine", "UTF8", "repeatable read", "on"]
    with closing(Database(postgresql.url("postgres"))) as database, database.write() as session:
        assert session.scalar(sa.text("SHOW lock_timeout")) == f"{module.LOCK_WAIT_SECONDS}s"
        assert session.scalar(sa.text("SHOW transaction_read_only")) == "off"


_SHOWN = (
    "lock_timeout",
    "timezone",
    "application_name",
    "client_encoding",
    "transaction_isolation",
    "transaction_read_only",
)


@pytest.mark.parametrize("blocked", ["psycopg", "psycopg.pq"])
def test_without_the_driver_the_error_says_what_to_install(blocked: str) -> None:
    program = f"""
import sys
sys.modules[{blocked!r}] = None
from catalog.database import Database, DatabaseDriverMissing
try:
    Database("postgresql+psycopg://shuize:s3cret@127.0.0.1/shuize")
except DatabaseDriverMissing as error:
    print(error, "|", error.hint)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pip install 'shuize[postgres]'" in done.stdout
    assert "s3cret" not in done.stdout
    assert DatabaseDriverMissing.code == "database-driver-missing"


def test_sqlite_needs_no_driver_to_be_installed() -> None:
    program = (
        "import sys; sys.modules['psycopg'] = None; import catalog.database; from api.wiring import Platform"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_server_that_was_restarted_is_no_matter(postgresql: Cluster, postgresql_room: Room) -> None:
    """Every pooled connection is dead then; each is tried before it is used."""
    with postgresql_room.database.read(), postgresql_room.database.read():
        pass  # two in the pool
    with postgresql.stopped():
        pass
    assert len(postgresql_room.parties.list()) == 4
    postgresql_room.parties.add(a_party(id="carol"), by="alice")


def test_while_the_server_is_stopped_the_catalog_is_unavailable_and_then_it_is_back(
    postgresql: Cluster, postgresql_room: Room
) -> None:
    with postgresql.stopped():
        adding = partial(postgresql_room.parties.add, a_party(id="carol"), by="alice")
        for use in (postgresql_room.parties.list, adding):
            with pytest.raises(DatabaseUnavailable, match="did not answer"):
                use()
        with pytest.raises(DatabaseUnavailable):
            postgresql_room.database.require_current()
    assert "carol" not in [party.id for party in postgresql_room.parties.list()]


def test_a_connection_cut_in_the_middle_of_a_transaction_leaves_nothing(
    postgresql: Cluster, postgresql_room: Room
) -> None:
    with pytest.raises(DatabaseUnavailable), postgresql_room.database.write() as session:
        session.add(_row("carol"))
        session.flush()
        server = session.scalar(sa.text("SELECT pg_backend_pid()"))
        postgresql.run(f"SELECT pg_terminate_backend({server}, 10000)")
        session.add(_row("dave"))
    assert len(postgresql_room.parties.list()) == 4


def test_a_row_that_stays_locked_is_busy_and_can_still_be_read(postgresql_room: Room) -> None:
    url = f"{postgresql_room.url}&options=-c%20lock_timeout%3D100ms"
    with closing(Database(url)) as impatient:
        parties = Parties(impatient, FixedClock())
        with postgresql_room.database.write() as session:
            session.get(PartyRow, "partner", with_for_update=True)
            with pytest.raises(DatabaseBusy, match="lock timeout") as caught:
                parties.replace_token("partner", by="alice")
            assert len(parties.list()) == 4
        parties.replace_token("partner", by="alice")
    assert "try again" in str(caught.value.hint)


def test_a_turn_that_does_not_come_is_busy_and_other_turns_come(postgresql_room: Room) -> None:
    with closing(Database(f"{postgresql_room.url}&options=-c%20lock_timeout%3D100ms")) as impatient:
        with postgresql_room.database.write() as session:
            take_turns(session, "a")
            take_turns(session, "a")  # one's own again
            with pytest.raises(DatabaseBusy), impatient.write() as other:
                take_turns(other, "a")
            with impatient.write() as other:
                take_turns(other, "b")
        with impatient.write() as other:
            take_turns(other, "a")  # the other transaction has ended


def test_of_two_that_wait_for_each_other_one_is_busy_and_leaves_nothing(postgresql_room: Room) -> None:
    both = threading.Barrier(2)
    said: list[object] = []

    def cross(first: str, second: str) -> None:
        try:
            with postgresql_room.database.write() as session:
                _rename(session, first, f"renamed by who began with {first}")
                both.wait(20)
                _rename(session, second, f"renamed by who began with {first}")
        except DatabaseBusy as error:
            said.append(error)
        else:
            said.append(first)

    threads = [threading.Thread(target=cross, args=pair) for pair in (("alice", "bob"), ("bob", "alice"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = (each for each in said if isinstance(each, str))
    (loser,) = (each for each in said if not isinstance(each, str))
    assert "deadlock" in str(loser)
    names = {postgresql_room.parties.get(party).name for party in ("alice", "bob")}
    assert names == {f"renamed by who began with {winner}"}


def test_a_transaction_that_could_not_be_put_in_a_row_is_busy(postgresql_room: Room) -> None:
    """Ours are READ COMMITTED; a server may be set otherwise."""
    url = f"{postgresql_room.url}&options=-c%20default_transaction_isolation%3Dserializable"
    with (
        closing(Database(url)) as strict,
        pytest.raises(DatabaseBusy, match="could not serialize"),
        strict.write() as session,
    ):
        assert session.get_one(PartyRow, "alice").name == "Alice"
        with postgresql_room.database.write() as other:
            _rename(other, "alice", "first")
        _rename(session, "alice", "second")
    assert postgresql_room.parties.get("alice").name == "first"


def test_writing_where_only_reading_is_allowed_is_refused_by_the_database_itself(
    postgresql_room: Room,
) -> None:
    with pytest.raises(DatabaseUnavailable, match="read-only"), postgresql_room.database.read() as session:
        session.add(_row("carol"))
        session.flush()


def test_an_account_without_the_right_to_read_is_told_so(postgresql: Cluster, postgresql_room: Room) -> None:
    stranger = f"stranger_{postgresql_room.database.engine.url.database}"
    postgresql.run(f"CREATE ROLE {stranger} LOGIN")
    try:
        with pytest.raises(DatabaseUnavailable, match="permission denied") as caught:
            _parties(postgresql_room.url.replace("//shuize@", f"//{stranger}@"))
        assert "right" in str(caught.value.hint)
    finally:
        postgresql.run(f"DROP ROLE {stranger}")


@pytest.mark.parametrize(("name", "said"), [("a\x00b", "NUL"), ("𠮷" * 33, "too long")])
def test_text_that_a_column_can_t_hold_is_unstorable(postgresql_room: Room, name: str, said: str) -> None:
    """SQLite holds both: it has no lengths, and text of any bytes."""
    with pytest.raises(UnstorableValue, match=said), postgresql_room.database.write() as session:
        session.add(_row(name))
    if said == "NUL":
        with pytest.raises((UnknownParty, UnstorableValue)):
            postgresql_room.parties.get(name)


def test_what_the_program_does_wrong_is_no_expected_failure(postgresql_room: Room) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="syntax"), postgresql_room.database.read() as session:
        session.execute(sa.text("SELEC"))


def test_a_row_that_refers_to_nothing_is_a_conflict(postgresql_room: Room) -> None:
    statement = "INSERT INTO receipts VALUES ('r', 'nobody', 'p', '{}', 'd', now())"
    with pytest.raises(DatabaseConflict), postgresql_room.database.write() as session:
        session.execute(sa.text(statement))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("ENCODING LATIN1 LOCALE 'C'", "LATIN1"),
        ("ENCODING SQL_ASCII LOCALE 'C'", "SQL_ASCII"),
        ("LOCALE_PROVIDER icu ICU_LOCALE 'zh'", "rules of a language"),
    ],
)
def test_a_database_made_otherwise_is_refused_with_the_command_that_makes_a_right_one(
    postgresql: Cluster, options: str, said: str
) -> None:
    with postgresql.database(options=options) as name, closing(Database(postgresql.url(name))) as database:
        with pytest.raises(DatabaseUnsuitable, match=said) as caught:
            database.upgrade()
        assert "createdb --template=template0" in str(caught.value.hint)
        with pytest.raises(DatabaseNotReady, match="revision none"):
            database.require_current()


def test_the_command_in_the_hint_makes_a_right_one(postgresql: Cluster) -> None:
    words = module._MAKE_ONE.removeprefix("make one: ").split()
    server = ("-h", str(postgresql.folder), "-p", str(postgresql.port), "-U", postgres.USER)
    command = [str(postgresql.binaries / words[0]), *server, *words[1:-1], "by_hint"]
    subprocess.run(command, check=True, capture_output=True)
    try:
        with closing(Database(postgresql.url("by_hint"))) as database:
            database.upgrade()
    finally:
        postgresql.run("DROP DATABASE by_hint")


def test_a_server_of_the_tests_goes_with_the_process_that_asked_for_it(postgresql: Cluster) -> None:
    """However it goes: here by a signal that nothing can catch."""
    program = """
import os, signal, sys
from pathlib import Path
from tests import postgres
with postgres.cluster(Path(sys.argv[1])) as server:
    print(server.folder, (server.folder / "data" / "postmaster.pid").read_text().split()[0], flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    command = [sys.executable, "-c", program, str(postgresql.binaries)]
    said = subprocess.run(
        command, capture_output=True, text=True, cwd=Path(postgres.__file__).parents[1]
    ).stdout
    folder, server = said.split()
    _soon(lambda: not Path(folder).exists())
    _soon(lambda: not _runs(server))


def _runs(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes() != b""  # empty once it has ended
    except FileNotFoundError:
        return False


def _soon(happens: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(200):
        if happens():
            return
        waiting.wait(0.05)
    raise AssertionError("it did not happen")


def _row(name: str) -> PartyRow:
    return PartyRow(
        id=name, kind="person", name=name, chain_id=name, token_digest=None, added_at=FixedClock().now
    )


def _rename(session: Session, party: str, name: str) -> None:
    session.execute(sa.update(PartyRow).where(PartyRow.id == party).values(name=name))

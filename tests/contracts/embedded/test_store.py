"""The chain's file: what is and what is not one, and who may write."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.embedded import genesis, store
from contracts.embedded.rpc import EmbeddedChain
from contracts.embedded.store import Store
from standards.errors import InvalidInput


def test_the_same_chain_id_gives_the_same_block_0(tmp_path: Path) -> None:
    for name in ("a", "b"):
        genesis.create(tmp_path / name, 13_376)
    genesis.create(tmp_path / "c", 13_377)
    hashes = []
    for name in ("a", "b", "c"):
        with EmbeddedChain(tmp_path / name) as chain:
            hashes.append(_head_hash(chain))
    assert hashes[0] == hashes[1] != hashes[2]
    assert hashes[0] == "0xff0297814e1389b77362c247e497785978c1d65271da3aff158abebd87d39e43"


def _head_hash(chain: EmbeddedChain) -> str:
    answer = chain.handle(
        {"jsonrpc": "2.0", "id": 1, "method": "eth_getBlockByNumber", "params": ["latest", False]}
    )
    assert isinstance(answer, dict)
    return str(answer["result"]["hash"])


def test_a_new_chain_does_not_replace_a_file(chain_file: Path) -> None:
    before = chain_file.read_bytes()
    with pytest.raises(store.ChainFileExists):
        genesis.create(chain_file)
    assert chain_file.read_bytes() == before
    assert list(chain_file.parent.iterdir()) == [chain_file]


def test_of_two_who_create_the_same_file_one_succeeds(tmp_path: Path) -> None:
    outcomes = []

    def create() -> None:
        try:
            genesis.create(tmp_path / "chain")
        except store.ChainFileExists:
            outcomes.append("refused")
        else:
            outcomes.append("created")

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["created", "refused", "refused", "refused"]
    EmbeddedChain(tmp_path / "chain").close()


@pytest.mark.parametrize("chain_id", [0, -1, 2**53])
def test_an_impossible_chain_id_is_refused(tmp_path: Path, chain_id: int) -> None:
    with pytest.raises(InvalidInput, match="chain id"):
        genesis.create(tmp_path / "chain", chain_id)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_t_hold_the_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(store.ChainFileUnavailable):
        genesis.create(tmp_path / "file" / "chain")


@pytest.mark.parametrize(
    "content", [b"", b"hello", os.urandom(8192), b"SQLite format 3\0" + os.urandom(4096)]
)
def test_a_file_that_is_no_chain_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "chain"
    path.write_bytes(content)
    with pytest.raises(store.ChainFileUnreadable, match="chain"):
        EmbeddedChain(path)
    assert path.read_bytes() == content


def test_another_program_s_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    content = path.read_bytes()
    with pytest.raises(store.ChainFileUnreadable, match="not a chain file"):
        EmbeddedChain(path)
    assert path.read_bytes() == content


def test_a_folder_is_no_chain(tmp_path: Path) -> None:
    with pytest.raises(store.ChainFileMissing):
        EmbeddedChain(tmp_path)


@pytest.mark.parametrize("harm", ["DELETE FROM node", "DELETE FROM fact", "UPDATE fact SET value = 'x'"])
def test_a_chain_that_lacks_a_part_is_refused(chain_file: Path, harm: str) -> None:
    with sqlite3.connect(chain_file) as connection:
        connection.execute(harm)
    connection.close()
    with pytest.raises(store.ChainFileUnreadable):
        EmbeddedChain(chain_file)


def test_a_file_cut_short_is_refused(chain_file: Path) -> None:
    chain_file.write_bytes(chain_file.read_bytes()[:5000])
    with pytest.raises(store.ChainFileUnreadable):
        EmbeddedChain(chain_file)


def test_what_was_set_before_an_error_is_not_kept(chain_file: Path) -> None:
    file = Store(chain_file)

    def fail() -> None:
        with file.writing():
            file[b"key"] = b"value"
            assert file[b"key"] == b"value"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with file.reading():
        assert b"key" not in file
    file.close()


def test_nothing_is_written_outside_a_transaction_and_nothing_deleted(chain_file: Path) -> None:
    file = Store(chain_file)
    with pytest.raises(AssertionError):
        file[b"key"] = b"value"
    with file.writing(), pytest.raises(AssertionError):
        del file[b"key"]
    file.close()


@given(st.lists(st.dictionaries(st.binary(max_size=3), st.binary(max_size=3), max_size=4), max_size=5))
def test_the_store_is_a_dictionary_that_lasts(
    tmp_path_factory: pytest.TempPathFactory, batches: list[dict[bytes, bytes]]
) -> None:
    path = tmp_path_factory.mktemp("store") / "file"
    store.create(path, {}, {})
    expected: dict[bytes, bytes] = {}
    for batch in batches:
        file = Store(path)
        with file.writing():
            for key, value in batch.items():
                file[key] = value
        file.close()
        expected |= batch
    file = Store(path)
    with file.reading():
        assert all(file[key] == value for key, value in expected.items())
        assert b"none" not in file
    file.close()


def test_a_second_writer_waits_its_time_and_readers_do_not_wait(chain_file: Path) -> None:
    first, second = Store(chain_file), Store(chain_file, busy_seconds=0.2)
    with first.writing():
        first[b"key"] = b"value"
        with pytest.raises(store.ChainFileUnavailable, match="another writer"), second.writing():
            pass
        with second.reading():
            assert b"key" not in second
        with EmbeddedChain(chain_file) as third:
            assert _head_hash(third)
    with second.writing():
        assert second[b"key"] == b"value"
    first.close()
    second.close()


def test_two_threads_of_one_process_take_turns(chain_file: Path) -> None:
    file = Store(chain_file, busy_seconds=0.2)
    outcomes = []

    def write() -> None:
        try:
            with file.writing():
                outcomes.append("wrote")
        except store.ChainFileUnavailable:
            outcomes.append("gave up")

    with file.writing():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    write()
    assert outcomes == ["gave up", "wrote"]
    file.close()

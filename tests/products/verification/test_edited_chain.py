"""A chain file that somebody edits: what it then says is refused, and is neither a yes nor a no."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from contracts.chain import ChainUnavailable
from contracts.embedded import checking
from contracts.embedded.store import ChainFileUnreadable, Store
from contracts.verification import Outcome, verify_file
from standards import digests, manifest
from tests.products.builders import INDEX
from tests.products.homes import Home, a_copy, registry_of


def edited(chain_file: Path, old: bytes, new: bytes) -> int:
    """Put other bytes in the place of some in every entry of the file; return how many entries had them."""
    with sqlite3.connect(chain_file) as connection:
        rows = connection.execute("SELECT key, value FROM node").fetchall()
        found = [(value.replace(old, new), key) for key, value in rows if old in value]
        connection.executemany("UPDATE node SET value = ? WHERE key = ?", found)
    connection.close()
    return len(found)


@pytest.fixture
def copied(published: tuple[Home, Path], tmp_path: Path) -> Home:
    return a_copy(published[0], tmp_path / "home")


def checked(home: Home, noted: bytes | None = None) -> checking.CheckedChain:
    store = Store(home.settings.chain_file)
    try:
        return checking.check(store, noted)
    finally:
        store.close()


def forged(folder: Path) -> tuple[bytes, bytes]:
    """Change a figure of the release, and its manifest to suit; return the manifest's digests."""
    csv, place = folder / f"{INDEX}.csv", folder / manifest.FILE_NAME
    before = manifest.parse(place.read_bytes(), where="before").digest()
    changed = csv.read_bytes().replace(b"864", b"865", 1)
    assert changed != csv.read_bytes()
    text = place.read_bytes()
    old, new = digests.of_file(csv), digests.of_bytes(changed)
    csv.write_bytes(changed)
    place.write_bytes(text.replace(old.encode(), new.encode()))
    after = manifest.parse(place.read_bytes(), where="after").digest()
    return bytes.fromhex(before), bytes.fromhex(after)


def test_a_digest_put_in_the_place_of_another_is_no_anchor(copied: Home, folder: Path) -> None:
    genuine = (folder / f"{INDEX}.csv").read_bytes()
    before, after = forged(folder)
    assert edited(copied.settings.chain_file, before, after) > 0
    with pytest.raises(ChainUnavailable, match="was changed"), registry_of(copied) as registry:
        verify_file(folder / f"{INDEX}.csv", registry)
    (folder / f"{INDEX}.csv").write_bytes(genuine)
    with pytest.raises(ChainUnavailable), registry_of(copied) as registry:
        verify_file(folder / f"{INDEX}.csv", registry)
    with pytest.raises(ChainFileUnreadable, match="has another one"):
        checked(copied)


def test_a_whole_chain_leads_to_what_was_noted_and_to_nothing_else(copied: Home, folder: Path) -> None:
    with registry_of(copied) as registry:
        head = registry.chain.status()
        assert verify_file(folder / f"{INDEX}.csv", registry).outcome is Outcome.ANCHORED
    noted = bytes.fromhex(head.head_hash[2:])
    found = checked(copied, noted)
    assert (found.head_number, found.noted_block) == (head.head_number, head.head_number)
    copied.grant()
    later = checked(copied, noted)
    assert later.noted_block == head.head_number < later.head_number
    assert checked(copied, b"\0" * 32).noted_block is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("block-number-to-hash:3", "block-number-to-hash:2"),
        ("block-number-to-hash:3", None),
        ("v1:canonical_head_hash", None),
    ],
)
def test_look_ups_that_no_hash_vouches_for_are_checked(copied: Home, key: str, value: str | None) -> None:
    with sqlite3.connect(copied.settings.chain_file) as connection:
        if value is None:
            connection.execute("DELETE FROM node WHERE key = ?", (key.encode(),))
        else:
            other = connection.execute("SELECT value FROM node WHERE key = ?", (value.encode(),)).fetchone()
            connection.execute("UPDATE node SET value = ? WHERE key = ?", (other[0], key.encode()))
    connection.close()
    with pytest.raises(ChainFileUnreadable):
        checked(copied)


def test_an_older_head_is_another_head(copied: Home) -> None:
    """Who cuts blocks off makes a chain that is whole: only a hash that was noted tells."""
    with registry_of(copied) as registry:
        noted = bytes.fromhex(registry.chain.status().head_hash[2:])
        parent = registry.chain.ask("eth_getBlockByHash", "0x" + noted.hex(), False)["parentHash"]
    with sqlite3.connect(copied.settings.chain_file) as connection:
        connection.execute(
            "UPDATE node SET value = ? WHERE key = ?", (bytes.fromhex(parent[2:]), b"v1:canonical_head_hash")
        )
    connection.close()
    found = checked(copied, noted)
    assert found.noted_block is None

"""`eth_getProof` holds against the block's state root, on the embedded chain as on a real node."""

from __future__ import annotations

import rlp
from eth_utils import keccak
from hypothesis import given
from hypothesis import strategies as st
from trie import HexaryTrie

from contracts import artifact
from contracts.chain import Chain
from contracts.embedded import proofs
from contracts.words import product_word
from tests.contracts.builders import PRODUCT, Desk, a_digest


def proven(root: bytes, key: bytes, nodes: list[str]) -> bytes:
    """Return the value the nodes prove for a key under a root; empty if they prove there is none."""
    decoded = [rlp.decode(bytes.fromhex(node[2:])) for node in nodes]
    return bytes(HexaryTrie.get_from_proof(root, keccak(key), decoded))


def octets(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def release_slot(version: int) -> int:
    """Return where the contract keeps the manifest digest of a version: in a mapping of mappings."""
    inner = keccak(product_word(PRODUCT) + artifact.load().storage["_releases"].to_bytes(32, "big"))
    return int.from_bytes(keccak(version.to_bytes(32, "big") + inner), "big")


def test_a_release_is_proven_by_the_block_s_state_root_alone(desk: Desk) -> None:
    for version in (1, 2, 3):
        desk.publish(version)
    chain, address = desk.chain, desk.registry.address
    keys = [f"0x{release_slot(version):064x}" for version in (1, 2, 3, 4)]
    head = chain.ask("eth_getBlockByNumber", "latest", False)
    proof = chain.ask("eth_getProof", address, keys, head["number"])

    account = rlp.decode(proven(octets(head["stateRoot"]), octets(address), proof["accountProof"]))
    assert account[2] == octets(proof["storageHash"])
    assert account[3] == octets(proof["codeHash"]) == keccak(chain.code(address))
    for version, entry in zip((1, 2, 3), proof["storageProof"], strict=False):
        key = release_slot(version).to_bytes(32, "big")
        value = rlp.decode(proven(account[2], key, entry["proof"]))
        assert value.hex() == a_digest(f"{PRODUCT}/{version}")
        assert int(entry["value"], 16) == int.from_bytes(value, "big")
    absent = proof["storageProof"][3]
    assert int(absent["value"], 16) == 0
    assert proven(account[2], release_slot(4).to_bytes(32, "big"), absent["proof"]) == b""


def test_an_account_that_is_not_there_is_proven_absent(desk: Desk) -> None:
    nobody = "0x" + "77" * 20
    head = desk.chain.ask("eth_getBlockByNumber", "latest", False)
    proof = desk.chain.ask("eth_getProof", nobody, [], head["number"])
    assert proven(octets(head["stateRoot"]), octets(nobody), proof["accountProof"]) == b""
    assert int(proof["balance"], 16) == int(proof["nonce"], 16) == 0


def test_an_old_block_proves_the_old_state(desk: Desk) -> None:
    before = desk.chain.ask("eth_getBlockByNumber", "latest", False)
    desk.publish(1)
    key = f"0x{release_slot(1):064x}"
    proof = desk.chain.ask("eth_getProof", desk.registry.address, [key], before["number"])
    assert int(proof["storageProof"][0]["value"], 16) == 0
    account = rlp.decode(
        proven(octets(before["stateRoot"]), octets(desk.registry.address), proof["accountProof"])
    )
    assert account[2] == octets(proof["storageHash"])


def test_an_empty_chain_proves_nothing_there(embedded: Chain) -> None:
    proof = embedded.ask("eth_getProof", "0x" + "77" * 20, ["0x0"], "latest")
    assert proof["accountProof"] == []
    assert proof["storageProof"][0]["proof"] == []


@given(st.dictionaries(st.binary(min_size=1, max_size=3), st.binary(min_size=1, max_size=40), max_size=12))
def test_proofs_hold_whatever_the_shape_of_the_trie(entries: dict[bytes, bytes]) -> None:
    trie = HexaryTrie({})
    for key, value in entries.items():
        trie[key] = value
    for key in [*entries, b"none", b""]:
        value, nodes = proofs._walk(trie.db, trie.root_hash, key)  # type: ignore[arg-type]
        assert value == entries.get(key, b"")
        assert all(len(node) >= 32 for node in nodes[1:])
        if nodes:
            decoded = [rlp.decode(node) for node in nodes]
            assert HexaryTrie.get_from_proof(trie.root_hash, key, decoded) == value

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards import merkle

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [  # of the first 1 to 8 leaves; the reference tree of Certificate Transparency
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(hashes: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return merkle.node_hash(naive_root(hashes[:split]), naive_root(hashes[split:]))


def root_from_path(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """RFC 9162 §2.1.3.2, as the verifier of an inclusion proof computes the root."""
    node, last, result = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("the proof is too long")
        if node % 2 or node == last:
            result = merkle.node_hash(sibling, result)
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            result = merkle.node_hash(result, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return result


def inclusion_path(index: int, hashes: list[bytes]) -> list[bytes]:
    """RFC 6962 §2.1.1, word for word."""
    if len(hashes) == 1:
        return []
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    if index < split:
        return [*inclusion_path(index, hashes[:split]), naive_root(hashes[split:])]
    return [*inclusion_path(index - split, hashes[split:]), naive_root(hashes[:split])]


def test_a_tree_without_leaves_is_the_hash_of_nothing() -> None:
    assert merkle.root([]) == merkle.EMPTY_ROOT == hashlib.sha256(b"").digest()


def test_leaves_and_nodes_are_hashed_apart() -> None:
    assert merkle.leaf_hash(b"") == hashlib.sha256(b"\x00").digest()
    assert merkle.node_hash(b"a", b"b") == hashlib.sha256(b"\x01ab").digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_reference_tree_has_its_published_roots(size: int) -> None:
    assert (
        merkle.root(merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size]).hex() == ROOTS[size - 1]
    )


@given(st.lists(st.binary(max_size=3), max_size=200))
def test_the_root_is_that_of_the_recursive_definition(leaves: list[bytes]) -> None:
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    assert merkle.root(iter(hashes)) == naive_root(hashes)


@given(st.integers(1, 40).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_inclusion_paths_lead_to_the_root(place: tuple[int, int]) -> None:
    size, index = place
    hashes = [merkle.leaf_hash(bytes([n])) for n in range(size)]
    assert root_from_path(index, size, hashes[index], inclusion_path(index, hashes)) == merkle.root(hashes)


@given(st.lists(st.binary(max_size=3), min_size=2, max_size=30, unique=True), st.randoms())
def test_the_order_of_the_leaves_counts(leaves: list[bytes], random: object) -> None:
    moved = [*leaves[1:], leaves[0]]
    assert merkle.root(map(merkle.leaf_hash, leaves)) != merkle.root(map(merkle.leaf_hash, moved))


def test_every_aligned_run_of_a_power_of_two_leaves_is_a_node() -> None:
    hashes = [merkle.leaf_hash(n.to_bytes(4)) for n in range(4096 * 3 + 17)]
    runs = [merkle.root(hashes[start : start + 4096]) for start in range(0, len(hashes), 4096)]
    assert merkle.root(hashes) == naive_root(runs)


def test_public_inclusion_proofs_are_judged_as_published(reference_data: Path) -> None:
    files = sorted((reference_data / "merkle_rfc6962" / "inclusion").rglob("*.json"))
    assert len(files) > 50
    for file in files:
        case = json.loads(file.read_text(encoding="utf-8"))
        path = [base64.b64decode(node) for node in case["proof"] or []]
        leaf = base64.b64decode(case["leafHash"] or "")
        index, size = case["leafIdx"], case["treeSize"]
        holds = False
        if 0 <= index < size and all(len(node) == 32 for node in (leaf, *path)):
            with contextlib.suppress(ValueError):
                found = root_from_path(index, size, leaf, path)
                holds = found == base64.b64decode(case["root"] or "")
        assert holds != case["wantErr"], file.name

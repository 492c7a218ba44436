"""The Merkle tree of RFC 6962: one root for many leaves, and room for proofs about each of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ leaf), 32 bytes. Source: RFC 6962 §2.1."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right), 32 bytes. Source: RFC 6962 §2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the Merkle tree hash over leaf hashes in their order, holding log2(n) of them at a time."""
    pending: list[tuple[int, bytes]] = []  # (height, hash) of full subtrees, tallest first
    for leaf in leaf_hashes:
        height, right = 0, leaf
        while pending and pending[-1][0] == height:
            right = node_hash(pending.pop()[1], right)
            height += 1
        pending.append((height, right))
    if not pending:
        return EMPTY_ROOT
    right = pending.pop()[1]
    while pending:
        right = node_hash(pending.pop()[1], right)
    return right

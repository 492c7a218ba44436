"""Merkle proofs of accounts and storage against a block's state root, as `eth_getProof` gives them.

Source: EIP-1186.
"""

from __future__ import annotations

from dataclasses import dataclass

import rlp  # type: ignore[import-untyped]
from eth.rlp.accounts import Account
from eth_utils.crypto import keccak
from trie.hexary import HexaryTrie

from contracts.embedded import limits
from contracts.embedded.store import Store

_INLINE_BYTES = 32  # a shorter node lies inside its parent and is no element of a proof of its own


@dataclass(frozen=True)
class StorageProof:
    """One storage slot: its value, and the trie nodes from the account's storage root down to it."""

    slot: int
    value: int
    nodes: tuple[bytes, ...]


@dataclass(frozen=True)
class AccountProof:
    """An account, the trie nodes from the state root down to it, and the slots asked for."""

    account: Account
    nodes: tuple[bytes, ...]
    storage: tuple[StorageProof, ...]


def prove(store: Store, state_root: bytes, address: bytes, slots: list[int]) -> AccountProof:
    """Return the account (an empty one if there is none) and the slots with their proofs."""
    encoded, nodes = _walk(store, state_root, keccak(address))
    account = rlp.decode(encoded, sedes=Account) if encoded else Account()
    return AccountProof(
        account, nodes, tuple(_prove_slot(store, account.storage_root, slot) for slot in slots)
    )


def _prove_slot(store: Store, storage_root: bytes, slot: int) -> StorageProof:
    limits.look()
    encoded, nodes = _walk(store, storage_root, keccak(slot.to_bytes(32, "big")))
    value = rlp.decode(encoded, sedes=rlp.sedes.big_endian_int) if encoded else 0
    return StorageProof(slot, value, nodes)


def _walk(store: Store, root: bytes, key: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    trie = HexaryTrie(store, root_hash=root)
    encoded = [rlp.encode(node) for node in trie.get_proof(key)]  # type: ignore[no-untyped-call]
    nodes = tuple(node for i, node in enumerate(encoded) if i == 0 or len(node) >= _INLINE_BYTES)
    return trie.get(key), nodes

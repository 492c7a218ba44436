"""Block 0 of an embedded chain, and the chain that follows it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from eth.chains.base import MiningChain
from eth.db.atomic import AtomicDB
from eth.db.backends.memory import MemoryDB

from contracts.embedded import store
from contracts.embedded.rules import EmbeddedVM
from contracts.embedded.store import Store
from standards.errors import InvalidInput

DEFAULT_CHAIN_ID = 13376
"""The chain id of a new chain unless told otherwise; no public chain has it."""

BLOCK_GAS = 20_000_000
TRANSACTION_GAS = BLOCK_GAS // 2
"""The most gas one transaction may take.

EIP-1559 raises the price of gas after a block more than half full. A block here holds one transaction and a
transaction takes half a block at most, so a base fee that begins at 0 stays there and nobody needs funds,
with no rule of the protocol bent.
"""

_GENESIS_TIME = 1_735_689_600  # 2025-01-01T00:00:00Z, fixed so that the same chain id gives the same block 0
_MAX_CHAIN_ID = 2**53 - 1  # what a browser holds exactly


def create(path: Path, chain_id: int = DEFAULT_CHAIN_ID) -> None:
    """Write a new chain holding block 0 only; that block's hash follows from the chain id.

    Raises InvalidInput for an impossible chain id, ChainFileExists, ChainFileUnavailable.
    """
    if not 1 <= chain_id <= _MAX_CHAIN_ID:
        raise InvalidInput(
            f"{chain_id} can't be a chain id", hint=f"choose a number from 1 to {_MAX_CHAIN_ID}"
        )
    nodes = MemoryDB()
    _chain_class(chain_id).from_genesis(
        AtomicDB(nodes),
        {
            "timestamp": _GENESIS_TIME,
            "gas_limit": BLOCK_GAS,
            "base_fee_per_gas": 0,
            "extra_data": f"shuize/{chain_id}".encode(),
        },
    )
    store.create(path, {"chain-id": str(chain_id)}, nodes.kv_store)


def chain_over(file: Store) -> MiningChain:
    """Return py-evm's chain over an open file. Raises ChainFileUnreadable if its chain id is no number."""
    try:
        chain_id = int(file.fact("chain-id"))
    except ValueError as error:
        raise store.ChainFileUnreadable(f"{file.path} lacks its chain id", hint="restore a backup") from error
    return _chain_class(chain_id)(file)


@cache
def _chain_class(chain_id: int) -> type[MiningChain]:
    return MiningChain.configure(
        __name__="EmbeddedChain", vm_configuration=((0, EmbeddedVM),), chain_id=chain_id
    )

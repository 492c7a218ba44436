"""Check a whole chain file: every entry under its hash, every block linked to the one before it."""

from __future__ import annotations

import rlp  # type: ignore[import-untyped]
from eth.abc import BlockHeaderAPI
from eth.exceptions import PyEVMError
from eth_utils.crypto import keccak
from pydantic import BaseModel, ConfigDict

from contracts.embedded.ledger import Ledger
from contracts.embedded.store import ChainFileUnreadable, Store
from standards.progress import Progress, silent

_HASH_BYTES = 32
_TELL_EVERY = 1_000


class CheckedChain(BaseModel):
    """What a check of the file found whole. `noted_block` is where the hash stands that somebody noted."""

    model_config = ConfigDict(frozen=True)

    chain_id: int
    head_number: int
    head_hash: str
    entries: int
    noted_block: int | None


def check(store: Store, noted: bytes | None = None, progress: Progress = silent) -> CheckedChain:
    """Return what was found if the file is whole from its head down to block 0.

    `noted` is the hash of a block that somebody wrote down at some time: `noted_block` is None if this chain
    does not lead back to it. Raises ChainFileUnreadable, naming the first thing that is wrong.
    """
    ledger = Ledger(store)
    with store.reading():
        progress("every entry under its hash")
        entries = 0
        for key, value in store.entries():
            entries += 1
            if len(key) == _HASH_BYTES and keccak(value) != key:
                raise _wrong(store, f"what it holds under the hash 0x{key.hex()} has another one")
        header, found = ledger.head(), None
        head = header
        while True:
            _require_whole(store, ledger, header)
            if header.hash == noted:
                found = header.block_number
            if header.block_number == 0:
                break
            if header.block_number % _TELL_EVERY == 0:
                progress(f"block {header.block_number:,}")
            parent = ledger.header_of(header.parent_hash)
            if parent is None or parent.block_number != header.block_number - 1:
                raise _wrong(store, f"block {header.block_number} does not follow another one")
            header = parent
    return CheckedChain(
        chain_id=ledger.chain_id, head_number=head.block_number, head_hash="0x" + head.hash.hex(),
        entries=entries, noted_block=found,
    )  # fmt: skip


def _require_whole(store: Store, ledger: Ledger, header: BlockHeaderAPI) -> None:
    number = header.block_number
    by_number = ledger.header_at(number)
    if by_number is None or by_number.hash != header.hash:
        raise _wrong(store, f"block {number} is not the one that the next block follows")
    try:
        mined = ledger.mined_in(header)
        found = mined is None or ledger.mined(mined.transaction.hash) is not None
    except (PyEVMError, rlp.RLPException, KeyError) as error:
        raise _wrong(store, f"the transaction or receipt of block {number} can't be read") from error
    if not found:
        raise _wrong(store, f"the transaction of block {number} is not found by its hash")


def _wrong(store: Store, what: str) -> ChainFileUnreadable:
    return ChainFileUnreadable(
        f"{store.path} was changed: {what}",
        hint="nothing it says can be relied on; restore the file from a backup",
    )

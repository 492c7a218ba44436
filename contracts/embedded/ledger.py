"""The chain behind the RPC: blocks read from a store and mined into it, by py-evm under Prague rules."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import rlp  # type: ignore[import-untyped]
from eth.abc import BlockHeaderAPI, LogAPI, ReceiptAPI, SignedTransactionAPI, StateAPI
from eth.chains.base import MiningChain
from eth.exceptions import HeaderNotFound, PyEVMError, TransactionNotFound
from eth.vm.chain_context import ChainContext
from eth_bloom.bloom import BloomFilter
from eth_typing import Address, BlockNumber, Hash32
from eth_utils.exceptions import ValidationError

from contracts.embedded import limits
from contracts.embedded.failures import Refused
from contracts.embedded.genesis import TRANSACTION_GAS, chain_over
from contracts.embedded.store import ChainFileUnreadable, Store

_BLOB_TYPE = 3


@dataclass(frozen=True)
class Mined:
    """A transaction in its block. A block holds one transaction, so its index is always 0."""

    header: BlockHeaderAPI
    transaction: SignedTransactionAPI
    receipt: ReceiptAPI


class Ledger:
    """A chain over one store. Call its methods inside `store.reading()` or, for `mine`, `store.writing()`."""

    def __init__(self, store: Store) -> None:
        """Open the chain. Raises ChainFileUnreadable if its head can't be read."""
        self.store = store
        with store.reading():
            try:
                self._chain: MiningChain = chain_over(store)
                whole = self.head().state_root in store or self.head().block_number == 0
            except (PyEVMError, rlp.RLPException, ValidationError, KeyError) as error:
                raise _damaged(store) from error
        if not whole:
            raise _damaged(store)
        self.chain_id = self._chain.chain_id

    # ----------------------------------------------------------------------------------------------- blocks

    def head(self) -> BlockHeaderAPI:
        """Return the header of the latest block."""
        return self._chain.get_canonical_head()

    def header_at(self, number: int) -> BlockHeaderAPI | None:
        """Return the header of a block by its number."""
        limits.look()
        try:
            header = self._chain.get_canonical_block_header_by_number(BlockNumber(number))
        except HeaderNotFound:
            return None
        if header.block_number != number:  # the one look-up here that no hash vouches for
            raise _damaged(self.store)
        return header

    def header_of(self, block_hash: bytes) -> BlockHeaderAPI | None:
        """Return the header of a block by its hash."""
        try:
            header = self._chain.get_block_header_by_hash(Hash32(block_hash))
        except (HeaderNotFound, rlp.RLPException, ValueError):  # other things are kept by their hash too
            return None
        return header if header.hash == block_hash else None

    def mined_in(self, header: BlockHeaderAPI) -> Mined | None:
        """Return the block's transaction, or None for block 0."""
        if header.block_number == 0:
            return None
        transaction = self._chain.get_canonical_transaction_by_index(header.block_number, 0)
        receipt = self._chain.get_transaction_receipt_by_index(header.block_number, 0)
        return Mined(header, transaction, receipt)

    def mined(self, transaction_hash: bytes) -> Mined | None:
        """Return a transaction by its hash."""
        try:
            number, _ = self._chain.get_canonical_transaction_index(Hash32(transaction_hash))
        except TransactionNotFound:
            return None
        header = self.header_at(number)
        found = None if header is None else self.mined_in(header)
        if found is None or found.transaction.hash != transaction_hash:
            raise _damaged(self.store)
        return found

    def logs(
        self, first: int, last: int, addresses: frozenset[bytes], topics: tuple[frozenset[int], ...]
    ) -> Iterator[tuple[Mined, int, LogAPI]]:
        """Yield the logs of blocks `first` to `last` with their index in the block.

        An empty set matches everything; the n-th set of `topics` is what the n-th topic may be.
        """
        for number in range(first, last + 1):
            header = self.header_at(number)
            if header is None or not _may_hold(header, addresses, topics):
                continue
            mined = self.mined_in(header)
            for index, log in enumerate(mined.receipt.logs if mined else ()):
                if _matches(log, addresses, topics):
                    yield cast("Mined", mined), index, log

    # ------------------------------------------------------------------------------------------------ state

    def state(self, header: BlockHeaderAPI) -> StateAPI:
        """Return the state after the block, in the block's own context. Changes to it are lost."""
        vm = self._chain.get_vm_class(header)
        hashes = vm.get_prev_hashes(header.parent_hash, self._chain.chaindb) or ()
        return vm.build_state(self.store, header, ChainContext(self.chain_id), hashes)

    def next_header(self, head: BlockHeaderAPI) -> BlockHeaderAPI:
        """Return the header the next block would begin with: its time is now, never before its parent's."""
        return self._chain.create_header_from_parent(
            head, timestamp=max(int(time.time()), head.timestamp), gas_limit=head.gas_limit
        )

    # ----------------------------------------------------------------------------------------------- mining

    def decode(self, raw: bytes) -> SignedTransactionAPI:
        """Return the signed transaction, checked as far as that needs no state. Raises Refused."""
        builder = self._chain.get_vm_class_for_block_number(BlockNumber(0)).get_transaction_builder()
        try:
            transaction = builder.decode(raw)
            transaction.validate()
            transaction.check_signature_validity()
        except (rlp.RLPException, ValidationError, PyEVMError, ValueError, TypeError, IndexError) as error:
            raise Refused(f"invalid transaction: {error}") from error
        if transaction.type_id == _BLOB_TYPE:
            raise Refused("transaction type not supported: blobs need a beacon chain")
        if transaction.chain_id != self.chain_id:
            raise Refused(f"invalid chain id: have {transaction.chain_id}, want {self.chain_id}")
        if transaction.gas > TRANSACTION_GAS:
            raise Refused(f"exceeds block gas limit: a transaction may take {TRANSACTION_GAS}")
        if transaction.gas < transaction.intrinsic_gas:
            raise Refused(f"intrinsic gas too low: have {transaction.gas}, want {transaction.intrinsic_gas}")
        return transaction

    def mine(self, transaction: SignedTransactionAPI) -> None:
        """Put the transaction into a block of its own on top of the head. Raises Refused."""
        if self.mined(transaction.hash) is not None:
            raise Refused("already known")
        head = self.head()
        nonce = self.state(head).get_nonce(transaction.sender)
        if transaction.nonce != nonce:
            order = "low" if transaction.nonce < nonce else "high"
            raise Refused(f"nonce too {order}: next nonce {nonce}, tx nonce {transaction.nonce}")
        self._chain.header = self.next_header(head)
        try:
            self._chain.mine_all([transaction])
        except (ValidationError, PyEVMError) as error:
            raise Refused(str(error)) from error
        except RecursionError as error:
            raise Refused("calls nest too deep for this chain") from error


def contract_created(mined: Mined) -> Address | None:
    """Return the address of the contract the transaction created, if it was to create one."""
    from eth._utils.address import generate_contract_address

    if mined.transaction.to:
        return None
    return generate_contract_address(mined.transaction.sender, mined.transaction.nonce)


def _may_hold(
    header: BlockHeaderAPI, addresses: frozenset[bytes], topics: tuple[frozenset[int], ...]
) -> bool:
    bloom = BloomFilter(header.bloom)
    wanted = [addresses, *(frozenset(topic.to_bytes(32, "big") for topic in some) for some in topics)]
    return all(not some or any(item in bloom for item in some) for some in wanted)


def _matches(log: LogAPI, addresses: frozenset[bytes], topics: tuple[frozenset[int], ...]) -> bool:
    if addresses and log.address not in addresses:
        return False
    if len(topics) > len(log.topics):
        return False
    return all(not some or topic in some for some, topic in zip(topics, log.topics, strict=False))


def _damaged(store: Store) -> ChainFileUnreadable:
    return ChainFileUnreadable(f"{store.path} holds no whole chain", hint="restore the file from a backup")

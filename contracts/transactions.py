"""A transaction before and after: signed and ready to be sent, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from contracts.words import account_address, moment


class SignedTransaction(BaseModel):
    """A signed call, ready to be stored and sent. `raw` and `hash` are `0x` and hexadecimal digits.

    `replaces` are the hashes of transactions with the same nonce that offered less: one of them may be
    mined instead, and at most one of them all is.
    """

    model_config = ConfigDict(frozen=True)

    what: str
    chain_id: int
    sender: str
    nonce: int
    raw: str
    hash: str
    replaces: tuple[str, ...] = ()


class Receipt(BaseModel):
    """What became of a transaction. `succeeded` is False if the contract reverted; the gas is spent."""

    model_config = ConfigDict(frozen=True)

    hash: str
    succeeded: bool
    block_number: int
    block_hash: str
    block_time: datetime
    gas_used: int
    contract_address: str | None


def receipt(found: Any, block: Any) -> Receipt:
    """Return a node's receipt, with the time of its block, as it is kept here."""
    created = found.get("contractAddress")
    return Receipt(
        hash=found["transactionHash"],
        succeeded=int(found["status"], 16) == 1,
        block_number=int(found["blockNumber"], 16),
        block_hash=found["blockHash"],
        block_time=moment(int(block["timestamp"], 16)),
        gas_used=int(found["gasUsed"], 16),
        contract_address=account_address(created) if created else None,
    )

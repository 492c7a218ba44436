"""Signing calls and getting them onto the chain exactly once.

Sign, store the signed bytes, send, wait, store the receipt. A process that died anywhere in between begins
again with the stored bytes: their nonce lets the chain take them once only, so sending may be repeated.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from contracts.calls import DAY_SECONDS, Call
from contracts.calls import deploy as deploy_call
from contracts.chain import Chain, ChainUnavailable, WrongChain
from contracts.keys import Account
from contracts.node import NodeError
from contracts.refusals import ContractRefused, Refusal
from contracts.words import account_address, moment
from standards.errors import Conflict, ShuizeError, Unavailable

_GAS_MARGIN_PERCENT = 10  # for what other transactions may change before this one is mined
_WAIT_SECONDS = 60.0
_BUSY_CODES = {-32002, -32005, -32603}  # EIP-1474: unavailable, limit exceeded; JSON-RPC: internal error
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0


class SignedTransaction(BaseModel):
    """A signed call, ready to be stored and sent. `raw` and `hash` are `0x` and hexadecimal digits."""

    model_config = ConfigDict(frozen=True)

    what: str
    chain_id: int
    sender: str
    nonce: int
    raw: str
    hash: str


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


class TransactionLost(Conflict):
    """Another transaction of the account has this nonce and is on the chain, so this one never will be."""

    code = "transaction-lost"


class NotEnoughFunds(Conflict):
    """The account can't pay for the gas."""

    code = "not-enough-funds"


class TransactionRejected(Conflict):
    """The node did not take the transaction; it may take it later, so the signed bytes stay valid."""

    code = "transaction-rejected"


class NotMinedYet(Unavailable):
    """The transaction is in no block so far; wait again, or send it again."""

    code = "not-mined-yet"


class Sender:
    """One account's way onto one chain."""

    def __init__(self, chain: Chain, account: Account) -> None:
        self._chain = chain
        self._account = account

    @property
    def address(self) -> str:
        """The account's address."""
        return self._account.address

    def sign(self, call: Call) -> SignedTransaction:
        """Return the call signed with the account's next nonce; nothing is sent.

        A call the contract would refuse raises that refusal as a named error (see `refusals`). Of two calls
        signed before either was sent, one will be sent and the other raise TransactionLost.
        """
        target = {"to": call.to} if call.to else {}
        gas, nonce, block, gas_price = self._chain.ask_all(
            [
                ("eth_estimateGas", [{"from": self.address, "data": call.data, **target}]),
                ("eth_getTransactionCount", [self.address, "pending"]),
                ("eth_getBlockByNumber", ["latest", False]),
                ("eth_gasPrice", []),
            ]
        )
        with self._chain.node.reading("the state of the account"):
            fields: dict[str, Any] = {
                "chainId": self._chain.chain_id,
                "nonce": int(nonce, 16),
                "gas": int(gas, 16) * (100 + _GAS_MARGIN_PERCENT) // 100,
                "value": 0,
                "data": call.data,
                **target,
                **_fees(block.get("baseFeePerGas"), int(gas_price, 16)),
            }
        raw, hash_ = self._account.sign(fields)
        return SignedTransaction(
            what=call.what,
            chain_id=self._chain.chain_id,
            sender=self.address,
            nonce=fields["nonce"],
            raw="0x" + raw.hex(),
            hash="0x" + hash_.hex(),
        )

    def send(self, signed: SignedTransaction) -> None:
        """Hand the transaction to the node. One the node has, or that is in a block, may be sent again.

        Raises TransactionLost if it can never be mined, NotEnoughFunds or TransactionRejected if not now,
        WrongChain, ChainUnavailable.
        """
        if signed.chain_id != self._chain.chain_id:
            raise WrongChain(
                f"the transaction is signed for chain {signed.chain_id}, and this is {self._chain.chain_id}",
                hint="connect to the chain it was signed for",
            )
        try:
            self._chain.node.ask("eth_sendRawTransaction", signed.raw)
        except NodeError as error:
            self._weigh(signed, error)

    def wait(self, transaction_hash: str, timeout_seconds: float = _WAIT_SECONDS) -> Receipt:
        """Return the receipt once the transaction is in a block. Raises NotMinedYet or ChainUnavailable."""
        deadline, pause = time.monotonic() + timeout_seconds, _FIRST_PAUSE
        while (found := self._chain.ask("eth_getTransactionReceipt", transaction_hash)) is None:
            if time.monotonic() + pause > deadline:
                raise NotMinedYet(
                    f"transaction {transaction_hash} is in no block after {timeout_seconds:g} s",
                    hint="wait longer, or send the same transaction again",
                )
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        with self._chain.node.reading("the receipt"):
            block = self._chain.ask("eth_getBlockByHash", found["blockHash"], False)
            return _receipt(found, block)

    def complete(self, signed: SignedTransaction, timeout_seconds: float = _WAIT_SECONDS) -> Receipt:
        """Send, wait, and return the receipt of a transaction that did what it was to.

        Safe to repeat after a crash, as often as need be. Raises as `send` and `wait` do, and the contract's
        refusal if the transaction is in a block and was reverted.
        """
        self.send(signed)
        receipt = self.wait(signed.hash, timeout_seconds)
        if not receipt.succeeded:
            raise self._reason(receipt)
        return receipt

    def _weigh(self, signed: SignedTransaction, error: NodeError) -> None:
        """Raise what the node's refusal means, unless the chain has the transaction all the same."""
        if error.code in _BUSY_CODES:
            raise ChainUnavailable(f"{self._chain.label} is busy: {error.message}", hint="try again later")
        if self._chain.ask("eth_getTransactionByHash", signed.hash) is not None:
            return
        if self._chain.number("eth_getTransactionCount", signed.sender, "latest") > signed.nonce:
            raise TransactionLost(
                f"another transaction of {signed.sender} took nonce {signed.nonce}: "
                f"this one ({signed.what}) can never be mined",
                hint="prepare and sign the call again",
            )
        if "insufficient funds" in error.message.lower():
            raise NotEnoughFunds(
                f"{signed.sender} can't pay for the gas on chain {signed.chain_id}", hint="send it some funds"
            )
        raise TransactionRejected(
            f"{self._chain.label} did not take the transaction ({signed.what}): {error.message}",
            hint="send it again once earlier transactions of the account are mined",
        )

    def _reason(self, receipt: Receipt) -> ShuizeError:
        """Return why a mined transaction was reverted, by running its call once more after that block."""
        mined = self._chain.ask("eth_getTransactionByHash", receipt.hash)
        with self._chain.node.reading("the transaction"):
            call = {name: mined[name] for name in ("from", "to") if mined[name]} | {"data": mined["input"]}
        try:
            self._chain.ask("eth_call", call, hex(receipt.block_number))
        except Refusal as error:
            return error
        return ContractRefused(
            f"transaction {receipt.hash} was reverted in block {receipt.block_number}",
            hint="prepare and sign the call again",
        )


def deploy(sender: Sender, admin: str, *, admin_delay_seconds: int = DAY_SECONDS) -> tuple[str, Receipt]:
    """Put a new registry on the chain and return its address and the receipt. Raises as `Sender` does."""
    receipt = sender.complete(sender.sign(deploy_call(admin, admin_delay_seconds=admin_delay_seconds)))
    if receipt.contract_address is None:
        raise ContractRefused(f"transaction {receipt.hash} made no contract", hint="see the node's log")
    return receipt.contract_address, receipt


def _fees(base_fee: str | None, gas_price: int) -> dict[str, int]:
    """Return the price to offer: twice the base fee, which covers six full blocks, and the usual tip."""
    if base_fee is None:  # a chain without EIP-1559
        return {"gasPrice": gas_price}
    base = int(base_fee, 16)
    tip = max(gas_price - base, 0)
    return {"type": 2, "maxFeePerGas": 2 * base + tip, "maxPriorityFeePerGas": tip}


def _receipt(found: Any, block: Any) -> Receipt:
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

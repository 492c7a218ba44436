"""Signing calls and getting them onto the chain exactly once.

Sign, store the signed bytes, send, wait, store the receipt. A process that died anywhere in between begins
again with the stored bytes: their nonce lets the chain take them once only, so sending may be repeated.
"""

from __future__ import annotations

import time
from typing import Any

from contracts import fees
from contracts.calls import DAY_SECONDS, Call
from contracts.calls import deploy as deploy_call
from contracts.chain import Chain, ChainUnavailable, WrongChain
from contracts.keys import Account
from contracts.node import NodeError
from contracts.refusals import ContractRefused, Refusal
from contracts.transactions import Receipt, SignedTransaction, receipt
from standards.errors import Conflict, ShuizeError, Unavailable

_GAS_MARGIN_PERCENT = 10  # for what other transactions may change before this one is mined
_WAIT_SECONDS = 60.0
_BUSY_CODES = {-32002, -32005, -32603}  # EIP-1474: unavailable, limit exceeded; JSON-RPC: internal error
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0


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


class FeeTooLow(NotMinedYet):
    """The chain asks more for gas than the transaction offers at most; it waits for the price to fall."""

    code = "fee-too-low"


class SignedByAnother(Conflict):
    """Only the account that signed a transaction can put another in its place."""

    code = "signed-by-another"


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
                **fees.offered(block.get("baseFeePerGas"), int(gas_price, 16)),
            }
        return self._signed(call.what, fields)

    def replacement(self, signed: SignedTransaction) -> SignedTransaction:
        """Return the same call with the same nonce at a higher price; nothing is sent.

        The chain takes one of the two, whichever it is. Raises SignedByAnother, ChainUnavailable.
        """
        if signed.sender != self.address:
            raise SignedByAnother(
                f"{signed.what} was signed by {signed.sender}, and this account is {self.address}",
                hint="use the keystore of that account",
            )
        block, gas_price = self._chain.ask_all(
            [("eth_getBlockByNumber", ["latest", False]), ("eth_gasPrice", [])]
        )
        with self._chain.node.reading("the price of gas"):
            price = fees.offered(block.get("baseFeePerGas"), int(gas_price, 16))
        fields = fees.raised(fees.read(signed.raw, chain_id=signed.chain_id), price)
        return self._signed(signed.what, fields, replaces=(*signed.replaces, signed.hash))

    def next_nonce(self) -> int:
        """Return the nonce that the account's next transaction is to have."""
        return self._chain.number("eth_getTransactionCount", self.address, "pending")

    def is_mined(self, signed: SignedTransaction) -> bool:
        """Tell whether the transaction, or one that it replaces, is in a block."""
        return self._mined(signed) is not None

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

    def wait(self, signed: SignedTransaction, timeout_seconds: float = _WAIT_SECONDS) -> Receipt:
        """Return the receipt once the transaction, or one that it replaces, is in a block.

        Raises FeeTooLow or NotMinedYet, ChainUnavailable.
        """
        deadline, pause = time.monotonic() + timeout_seconds, _FIRST_PAUSE
        while (found := self._mined(signed)) is None:
            if time.monotonic() + pause > deadline:
                raise self._why_it_waits(signed) or NotMinedYet(
                    f"transaction {signed.hash} ({signed.what}) is in no block after {timeout_seconds:g} s",
                    hint="wait longer, or send the same transaction again",
                )
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        with self._chain.node.reading("the receipt"):
            block = self._chain.ask("eth_getBlockByHash", found["blockHash"], False)
            return receipt(found, block)

    def complete(self, signed: SignedTransaction, timeout_seconds: float = _WAIT_SECONDS) -> Receipt:
        """Send, wait, and return the receipt of a transaction that did what it was to.

        Safe to repeat after a crash, as often as need be. Raises as `send` and `wait` do, and the contract's
        refusal if the transaction is in a block and was reverted.
        """
        self.send(signed)
        receipt = self.wait(signed, timeout_seconds)
        if not receipt.succeeded:
            raise self._reason(receipt)
        return receipt

    def _weigh(self, signed: SignedTransaction, error: NodeError) -> None:
        """Raise what the node's refusal means, unless the chain has the transaction all the same."""
        if error.code in _BUSY_CODES:
            raise ChainUnavailable(f"{self._chain.label} is busy: {error.message}", hint="try again later")
        if self._chain.ask("eth_getTransactionByHash", signed.hash) is not None or self.is_mined(signed):
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
        raise self._why_it_waits(signed) or TransactionRejected(
            f"{self._chain.label} did not take the transaction ({signed.what}): {error.message}",
            hint="send it again once earlier transactions of the account are mined",
        )

    def _why_it_waits(self, signed: SignedTransaction) -> NotMinedYet | None:
        """Return what keeps it out of the blocks, if the chain tells: an earlier one, or its price."""
        block, count = self._chain.ask_all(
            [
                ("eth_getBlockByNumber", ["latest", False]),
                ("eth_getTransactionCount", [signed.sender, "latest"]),
            ]
        )
        with self._chain.node.reading("the price of gas"):
            base, nonce = int(block.get("baseFeePerGas") or "0x0", 16), int(count, 16)
        if (cap := fees.cap(signed.raw)) < base:
            return FeeTooLow(
                f"transaction {signed.hash} ({signed.what}, nonce {signed.nonce}) offers {cap} wei per gas "
                f"at most, and chain {signed.chain_id} asks {base}",
                hint="wait for the price to fall, or put one that offers more in its place",
            )
        if nonce < signed.nonce and self._chain.embedded is None:
            return NotMinedYet(
                f"transaction {signed.hash} ({signed.what}, nonce {signed.nonce}) waits behind nonce {nonce} "
                f"of {signed.sender}, which is in no block",
                hint="complete the earlier one first",
            )
        return None

    def _mined(self, signed: SignedTransaction) -> Any:
        """Return the node's receipt of the transaction, or of one that it replaces; None if there is none."""
        hashes = (signed.hash, *signed.replaces)
        receipts = self._chain.ask_all([("eth_getTransactionReceipt", [each]) for each in hashes])
        return next((found for found in receipts if found is not None), None)

    def _signed(self, what: str, fields: dict[str, Any], replaces: tuple[str, ...] = ()) -> SignedTransaction:
        raw, hash_ = self._account.sign(fields)
        return SignedTransaction(
            what=what,
            chain_id=fields["chainId"],
            sender=self.address,
            nonce=fields["nonce"],
            raw="0x" + raw.hex(),
            hash="0x" + hash_.hex(),
            replaces=replaces,
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

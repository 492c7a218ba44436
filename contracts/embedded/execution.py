"""Running code without leaving a trace: calls and gas estimates."""

from __future__ import annotations

from dataclasses import dataclass

from eth.abc import BlockHeaderAPI, ComputationAPI
from eth.exceptions import Revert
from eth.vm.forks.prague.transactions import PragueUnsignedLegacyTransaction
from eth.vm.spoof import SpoofTransaction
from eth_typing import Address
from eth_utils.exceptions import ValidationError

from contracts.embedded.failures import Halted, Reverted
from contracts.embedded.genesis import TRANSACTION_GAS
from contracts.embedded.ledger import Ledger

_NO_ADDRESS = b"\x00" * 20
_TOLERANCE = 0.015  # of an estimate above what is needed, as in other nodes


@dataclass(frozen=True)
class Message:
    """A call to run. Gas is free here, so any price is ignored."""

    sender: bytes = _NO_ADDRESS
    to: bytes = b""
    value: int = 0
    data: bytes = b""
    gas: int = TRANSACTION_GAS


def call(ledger: Ledger, message: Message, header: BlockHeaderAPI) -> bytes:
    """Return what the code gives back, run in the context and after the transactions of the block.

    Raises Reverted or Halted.
    """
    computation = _run(ledger, message, header, message.gas)
    _raise_failure(computation)
    return computation.output


def estimate_gas(ledger: Ledger, message: Message, header: BlockHeaderAPI) -> int:
    """Return a gas limit that suffices for the message in the block that begins with `header`.

    It is what the message takes, or 1.5 % above the need at most. Raises Reverted or Halted as the message
    does with all the gas it may have.
    """
    top = _run(ledger, message, header, message.gas)
    _raise_failure(top)
    taken = _gas_taken(top, message.gas)
    if not _run(ledger, message, header, taken).is_error:
        return taken
    # A call passes on 63/64 of its gas at most, so code with calls in it needs more than it takes.
    low, high = taken, message.gas
    while high - low > max(1, int(high * _TOLERANCE)):
        middle = (low + high) // 2
        if _run(ledger, message, header, middle).is_error:
            low = middle
        else:
            high = middle
    return high


def _run(ledger: Ledger, message: Message, header: BlockHeaderAPI, gas: int) -> ComputationAPI:
    state = ledger.state(header)
    sender = Address(message.sender)
    unsigned = PragueUnsignedLegacyTransaction(
        nonce=state.get_nonce(sender),
        gas_price=0,
        gas=gas,
        to=Address(message.to),
        value=message.value,
        data=message.data,
    )
    if gas < unsigned.intrinsic_gas:
        raise Halted(f"intrinsic gas too low: have {gas}, want {unsigned.intrinsic_gas}")
    try:
        return state.apply_transaction(SpoofTransaction(unsigned, from_=sender))  # type: ignore[arg-type]
    except ValidationError as error:
        raise Halted(str(error)) from error
    except RecursionError as error:
        raise Halted("calls nest too deep for this chain") from error


def _raise_failure(computation: ComputationAPI) -> None:
    if not computation.is_error:
        return
    if isinstance(computation.error, Revert):
        raise Reverted(computation.output)
    name = type(computation.error).__name__
    raise Halted(f"{name}: {computation.error}" if str(computation.error) else name)


def _gas_taken(computation: ComputationAPI, gas: int) -> int:
    """Return the gas taken before refunds, and the price floor of the data (EIP-7623) included."""
    return gas - computation.get_gas_remaining() + computation.data_floor_gas

"""Reading what a JSON-RPC caller sent."""

from __future__ import annotations

import re
from typing import Any

from eth.abc import BlockHeaderAPI

from contracts.embedded.execution import Message
from contracts.embedded.failures import BadParams, BlockMissing
from contracts.embedded.genesis import TRANSACTION_GAS
from contracts.embedded.ledger import Ledger

_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_ADDRESS_BYTES, _HASH_BYTES = 20, 32
_LATEST_TAGS = {"latest", "pending", "safe", "finalized"}
_MESSAGE_FIELDS = {
    *("from", "to", "value", "data", "input", "gas", "nonce", "type", "chainId", "accessList"),
    *("gasPrice", "maxFeePerGas", "maxPriorityFeePerGas"),
}


class Params:
    """The positional parameters of one call."""

    def __init__(self, values: list[Any], most: int) -> None:
        if len(values) > most:
            raise BadParams(f"too many arguments: {most} at most, {len(values)} given")
        self._values = values

    def get(self, place: int) -> Any:
        """Return the parameter as it came, or None."""
        return self._values[place] if place < len(self._values) else None

    def quantity(self, place: int) -> int:
        """Return a number. This and the next three raise BadParams."""
        return as_quantity(self.get(place), f"argument {place}")

    def data(self, place: int) -> bytes:
        """Return bytes of any length."""
        return as_data(self.get(place), f"argument {place}")

    def address(self, place: int) -> bytes:
        """Return the 20 bytes of an account's address."""
        return as_data(self.get(place), f"argument {place}", _ADDRESS_BYTES)

    def hash(self, place: int) -> bytes:
        """Return the 32 bytes of a hash."""
        return as_data(self.get(place), f"argument {place}", _HASH_BYTES)

    def flag(self, place: int) -> bool:
        """Return a truth value, False if there is none."""
        value = self.get(place)
        if value not in (None, True, False):
            raise BadParams(f"argument {place} must be true or false")
        return bool(value)

    def block(self, place: int, ledger: Ledger) -> BlockHeaderAPI:
        """Return the header the parameter names, `latest` if there is none. Raises BlockMissing."""
        header = find_block(self.get(place), ledger)
        if header is None:
            raise BlockMissing(f"no such block: {self.get(place)}")
        return header

    def message(self, place: int) -> Message:
        """Return the call object. Its gas is bounded by what a transaction may take."""
        value = self.get(place)
        if not isinstance(value, dict):
            raise BadParams(f"argument {place} must be a call object")
        if unknown := set(value) - _MESSAGE_FIELDS:
            raise BadParams(f"unknown field {min(unknown)!r} in the call object")
        data, input_ = value.get("data"), value.get("input")
        if data is not None and input_ is not None and data != input_:
            raise BadParams("data and input differ; give one of them")
        gas = _optional(as_quantity, value, "gas", TRANSACTION_GAS)
        return Message(
            sender=as_data(value.get("from") or "0x" + "00" * _ADDRESS_BYTES, "from", _ADDRESS_BYTES),
            to=as_data(value["to"], "to", _ADDRESS_BYTES) if value.get("to") else b"",
            value=_optional(as_quantity, value, "value", 0),
            data=as_data(input_ or data or "0x", "data"),
            gas=min(gas, TRANSACTION_GAS),
        )


def find_block(value: Any, ledger: Ledger) -> BlockHeaderAPI | None:
    """Return the header named by a tag, a number or an object (EIP-1898).

    `pending` means the latest block: there is no next one before a transaction arrives.
    """
    if isinstance(value, dict):
        if "blockHash" in value:
            return ledger.header_of(as_data(value["blockHash"], "blockHash", _HASH_BYTES))
        value = value.get("blockNumber", "")
    if value is None or (isinstance(value, str) and value in _LATEST_TAGS):
        return ledger.head()
    if value == "earliest":
        return ledger.header_at(0)
    return ledger.header_at(as_quantity(value, "block"))


def as_quantity(value: Any, what: str) -> int:
    """Return a number given as `0x` and up to 64 digits. Raises BadParams."""
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise BadParams(f"{what} must be a quantity such as 0x1a, not {value!r}")
    return int(value, 16)


def as_data(value: Any, what: str, size: int | None = None) -> bytes:
    """Return bytes given as `0x` and two digits each; `size` of them, if given. Raises BadParams."""
    if not isinstance(value, str) or not _DATA.fullmatch(value):
        raise BadParams(f"{what} must be 0x and pairs of hexadecimal digits")
    octets = bytes.fromhex(value[2:])
    if size is not None and len(octets) != size:
        raise BadParams(f"{what} must have {size} bytes, not {len(octets)}")
    return octets


def _optional(parse: Any, value: dict[str, Any], name: str, default: int) -> int:
    return default if value.get(name) is None else parse(value[name], name)

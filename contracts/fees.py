"""What a transaction offers for its gas: at first, and in place of one that offered too little."""

from __future__ import annotations

from typing import Any

import rlp  # type: ignore[import-untyped]

from contracts.words import account_address

_NAMES = ("nonce", "gasPrice", "gas", "to", "value", "data")
_NAMES_EIP1559 = (
    "chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas", "to", "value", "data",
)  # fmt: skip
_PRICES = ("gasPrice", "maxFeePerGas", "maxPriorityFeePerGas")
_OCTETS = {"to", "data"}


def offered(base_fee: str | None, gas_price: int) -> dict[str, int]:
    """Return the price to offer, in wei: twice the base fee (enough for six full blocks) and a tip."""
    if base_fee is None:  # a chain without EIP-1559
        return {"gasPrice": gas_price}
    base = int(base_fee, 16)
    tip = max(gas_price - base, 0)
    return {"type": 2, "maxFeePerGas": 2 * base + tip, "maxPriorityFeePerGas": tip}


def raised(fields: dict[str, Any], price: dict[str, int]) -> dict[str, Any]:
    """Return the fields at the price of today, and an eighth above the old one at least.

    Nodes take a transaction in place of another when it offers a tenth more in every part of the price.
    """
    old = {name: fields[name] for name in _PRICES if name in fields}
    return fields | {name: max(price.get(name, 0), was + was // 8 + 1) for name, was in old.items()}


def cap(raw: str) -> int:
    """Return the most that a signed transaction pays per unit of gas, in wei."""
    fields = read(raw, chain_id=0)
    return int(fields["maxFeePerGas"] if "maxFeePerGas" in fields else fields["gasPrice"])


def read(raw: str, *, chain_id: int) -> dict[str, Any]:
    """Return the fields of a transaction that `Sender` has signed, ready to be signed again.

    Written by RLP: a list as it is (legacy), or after the octet 2 (EIP-1559).
    """
    octets = bytes.fromhex(raw.removeprefix("0x"))
    names, body = (_NAMES_EIP1559, octets[1:]) if octets[0] == 2 else (_NAMES, octets)
    fields: dict[str, Any] = {"chainId": chain_id}
    for name, value in zip(names, rlp.decode(body), strict=False):
        fields[name] = "0x" + value.hex() if name in _OCTETS else int.from_bytes(value)
    if names is _NAMES_EIP1559:
        fields["type"] = 2
    to = fields.pop("to")
    return fields if to == "0x" else fields | {"to": account_address(to)}  # a deployment goes to nobody

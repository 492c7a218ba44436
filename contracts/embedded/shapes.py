"""The JSON forms of chain data, as the Ethereum JSON-RPC specification has them."""

from __future__ import annotations

from typing import Any

import rlp  # type: ignore[import-untyped]
from eth.abc import LogAPI

from contracts.embedded.ledger import Mined, contract_created
from contracts.embedded.proofs import AccountProof

JsonObject = dict[str, Any]
PragueHeader = Any
"""py-evm types a header with the fields of the oldest fork; those of Prague are there all the same."""

_DYNAMIC_FEE_TYPE = 2
_BLOOM_BYTES = 256


def quantity(number: int) -> str:
    """Return a number as `0x` and hexadecimal digits without leading zeros."""
    return hex(number)


def data(octets: bytes) -> str:
    """Return bytes as `0x` and two digits for each."""
    return "0x" + octets.hex()


def word(number: int) -> str:
    """Return a number as `0x` and 64 digits."""
    return f"0x{number:064x}"


def block(header: PragueHeader, mined: Mined | None, *, full: bool) -> JsonObject:
    """Return a block, with its transaction whole or by hash only."""
    transactions = [] if mined is None else [transaction(mined) if full else data(mined.transaction.hash)]
    size = len(rlp.encode(header)) + (len(mined.transaction.encode()) if mined else 0)
    return {
        "number": quantity(header.block_number),
        "hash": data(header.hash),
        "parentHash": data(header.parent_hash),
        "nonce": data(header.nonce),
        "mixHash": data(header.mix_hash),
        "sha3Uncles": data(header.uncles_hash),
        "logsBloom": f"0x{header.bloom:0{2 * _BLOOM_BYTES}x}",
        "transactionsRoot": data(header.transaction_root),
        "stateRoot": data(header.state_root),
        "receiptsRoot": data(header.receipt_root),
        "miner": data(header.coinbase),
        "difficulty": "0x0",
        "extraData": data(header.extra_data),
        "size": quantity(size),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
        "baseFeePerGas": quantity(header.base_fee_per_gas),
        "withdrawalsRoot": data(header.withdrawals_root),
        "withdrawals": [],
        "blobGasUsed": quantity(header.blob_gas_used),
        "excessBlobGas": quantity(header.excess_blob_gas),
        "parentBeaconBlockRoot": data(header.parent_beacon_block_root),
        "requestsHash": data(header.requests_hash),
        "transactions": transactions,
        "uncles": [],
    }


def transaction(mined: Mined) -> JsonObject:
    """Return a mined transaction."""
    it = mined.transaction
    kind = it.type_id or 0
    shape: JsonObject = {
        "hash": data(it.hash),
        "type": quantity(kind),
        "blockHash": data(mined.header.hash),
        "blockNumber": quantity(mined.header.block_number),
        "transactionIndex": "0x0",
        "from": data(it.sender),
        "to": data(it.to) if it.to else None,
        "nonce": quantity(it.nonce),
        "gas": quantity(it.gas),
        "gasPrice": quantity(_gas_price(mined)),
        "value": quantity(it.value),
        "input": data(it.data),
        "chainId": quantity(it.chain_id or 0),
        "r": quantity(it.r),
        "s": quantity(it.s),
    }
    if kind == 0:
        return {**shape, "v": quantity(it.v)}  # type: ignore[attr-defined]
    shape |= {"v": quantity(it.y_parity), "yParity": quantity(it.y_parity), "accessList": _access_list(mined)}
    if kind >= _DYNAMIC_FEE_TYPE:
        shape["maxFeePerGas"] = quantity(it.max_fee_per_gas)
        shape["maxPriorityFeePerGas"] = quantity(it.max_priority_fee_per_gas)
    return shape


def receipt(mined: Mined) -> JsonObject:
    """Return a transaction's receipt."""
    it, created = mined.receipt, contract_created(mined)
    return {
        "transactionHash": data(mined.transaction.hash),
        "transactionIndex": "0x0",
        "blockHash": data(mined.header.hash),
        "blockNumber": quantity(mined.header.block_number),
        "from": data(mined.transaction.sender),
        "to": data(mined.transaction.to) if mined.transaction.to else None,
        "cumulativeGasUsed": quantity(it.gas_used),
        "gasUsed": quantity(it.gas_used),
        "effectiveGasPrice": quantity(_gas_price(mined)),
        "contractAddress": data(created) if created else None,
        "logs": [log(mined, index, entry) for index, entry in enumerate(it.logs)],
        "logsBloom": f"0x{it.bloom:0{2 * _BLOOM_BYTES}x}",
        "type": quantity(mined.transaction.type_id or 0),
        "status": "0x1" if it.state_root == b"\x01" else "0x0",
    }


def log(mined: Mined, index: int, entry: LogAPI) -> JsonObject:
    """Return a log with its place."""
    return {
        "address": data(entry.address),
        "topics": [word(topic) for topic in entry.topics],
        "data": data(entry.data),
        "blockHash": data(mined.header.hash),
        "blockNumber": quantity(mined.header.block_number),
        "blockTimestamp": quantity(mined.header.timestamp),
        "transactionHash": data(mined.transaction.hash),
        "transactionIndex": "0x0",
        "logIndex": quantity(index),
        "removed": False,
    }


def proof(address: bytes, proven: AccountProof, keys: list[str]) -> JsonObject:
    """Return an account proof; `keys` repeats the slots as they were asked for."""
    return {
        "address": data(address),
        "accountProof": [data(node) for node in proven.nodes],
        "balance": quantity(proven.account.balance),
        "codeHash": data(proven.account.code_hash),
        "nonce": quantity(proven.account.nonce),
        "storageHash": data(proven.account.storage_root),
        "storageProof": [
            {"key": key, "value": quantity(slot.value), "proof": [data(node) for node in slot.nodes]}
            for key, slot in zip(keys, proven.storage, strict=True)
        ],
    }


def _gas_price(mined: Mined) -> int:
    header: PragueHeader = mined.header
    it = mined.transaction
    return min(it.max_fee_per_gas, it.max_priority_fee_per_gas + int(header.base_fee_per_gas))


def _access_list(mined: Mined) -> list[JsonObject]:
    return [
        {"address": data(address), "storageKeys": [word(slot) for slot in slots]}
        for address, slots in mined.transaction.access_list
    ]

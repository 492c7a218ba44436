"""The JSON-RPC methods of the embedded chain: each a function of ledger and parameters to a JSON value."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any, NamedTuple

from contracts.embedded import execution, shapes
from contracts.embedded.failures import BadParams, LimitExceeded
from contracts.embedded.ledger import Ledger, Mined
from contracts.embedded.params import Params, as_data, as_quantity, find_block
from contracts.embedded.proofs import prove

LOG_BLOCKS = 10_000
"""The longest range of blocks one `eth_getLogs` looks through."""
LOG_RESULTS = 10_000
PROOF_SLOTS = 1_000
_FEE_BLOCKS = 1_024
_FILTER_FIELDS = {"fromBlock", "toBlock", "blockHash", "address", "topics"}
_MOST_TOPICS = 4


class Method(NamedTuple):
    """A method and how many parameters it takes at most."""

    answer: Callable[[Ledger, Params], Any]
    most: int


def _client_version(_: Ledger, __: Params) -> str:
    return f"shuize-embedded/py-evm-{version('py-evm')}/prague"


def _block_by_number(ledger: Ledger, params: Params) -> Any:
    header = find_block(params.get(0), ledger)
    return None if header is None else shapes.block(header, ledger.mined_in(header), full=params.flag(1))


def _block_by_hash(ledger: Ledger, params: Params) -> Any:
    header = ledger.header_of(params.hash(0))
    return None if header is None else shapes.block(header, ledger.mined_in(header), full=params.flag(1))


def _of_mined(shape: Callable[[Mined], Any]) -> Callable[[Ledger, Params], Any]:
    def answer(ledger: Ledger, params: Params) -> Any:
        mined = ledger.mined(params.hash(0))
        return None if mined is None else shape(mined)

    return answer


def _nonce(ledger: Ledger, params: Params) -> str:
    return shapes.quantity(ledger.state(params.block(1, ledger)).get_nonce(params.address(0)))  # type: ignore[arg-type]


def _balance(ledger: Ledger, params: Params) -> str:
    return shapes.quantity(ledger.state(params.block(1, ledger)).get_balance(params.address(0)))  # type: ignore[arg-type]


def _code(ledger: Ledger, params: Params) -> str:
    return shapes.data(ledger.state(params.block(1, ledger)).get_code(params.address(0)))  # type: ignore[arg-type]


def _storage(ledger: Ledger, params: Params) -> str:
    state = ledger.state(params.block(2, ledger))
    return shapes.word(state.get_storage(params.address(0), params.quantity(1)))  # type: ignore[arg-type]


def _call(ledger: Ledger, params: Params) -> str:
    return shapes.data(execution.call(ledger, params.message(0), params.block(1, ledger)))


def _estimate(ledger: Ledger, params: Params) -> str:
    # In the block the transaction would go into, so that time limits in code are met as they will be.
    following = ledger.next_header(params.block(1, ledger))
    return shapes.quantity(execution.estimate_gas(ledger, params.message(0), following))


def _fee_history(ledger: Ledger, params: Params) -> Any:
    newest = params.block(1, ledger).block_number
    count = min(params.quantity(0), newest + 1, _FEE_BLOCKS)
    oldest = newest - count + 1
    headers = [header for n in range(oldest, newest + 1) if (header := ledger.header_at(n))]
    rewards = params.get(2)
    answer = {
        "oldestBlock": shapes.quantity(oldest),
        "baseFeePerGas": ["0x0"] * (count + 1),
        "gasUsedRatio": [header.gas_used / header.gas_limit for header in headers],
    }
    return {**answer, "reward": [["0x0"] * len(rewards)] * count} if rewards else answer


def _logs(ledger: Ledger, params: Params) -> Any:
    query = params.get(0)
    if not isinstance(query, dict) or set(query) - _FILTER_FIELDS:
        raise BadParams(f"argument 0 must be a filter with {', '.join(sorted(_FILTER_FIELDS))}")
    first, last = _log_range(ledger, query)
    if last - first >= LOG_BLOCKS:
        raise LimitExceeded(f"query exceeds the range of {LOG_BLOCKS} blocks")
    address = query.get("address") or []
    addresses = frozenset(
        as_data(each, "address", 20) for each in (address if isinstance(address, list) else [address])
    )
    found: list[Any] = []
    for mined, index, entry in ledger.logs(first, last, addresses, _topics(query.get("topics") or [])):
        if len(found) == LOG_RESULTS:
            raise LimitExceeded(f"query has more than {LOG_RESULTS} results")
        found.append(shapes.log(mined, index, entry))
    return found


def _log_range(ledger: Ledger, query: dict[str, Any]) -> tuple[int, int]:
    if "blockHash" in query:
        header = ledger.header_of(as_data(query["blockHash"], "blockHash", 32))
        if header is None or "fromBlock" in query or "toBlock" in query:
            raise BadParams("blockHash must be a known block and excludes fromBlock and toBlock")
        return header.block_number, header.block_number
    ends = []
    for name in ("fromBlock", "toBlock"):
        header = find_block(query.get(name), ledger)
        ends.append(as_quantity(query[name], name) if header is None else header.block_number)
    return ends[0], min(ends[1], ledger.head().block_number)


def _topics(value: Any) -> tuple[frozenset[int], ...]:
    if not isinstance(value, list) or len(value) > _MOST_TOPICS:
        raise BadParams(f"topics must be a list of {_MOST_TOPICS} at most")
    sets = []
    for some in value:
        listed = some if isinstance(some, list) else [] if some is None else [some]
        sets.append(frozenset(int.from_bytes(as_data(each, "topic", 32), "big") for each in listed))
    return tuple(sets)


def _proof(ledger: Ledger, params: Params) -> Any:
    keys = params.get(1)
    if not isinstance(keys, list) or len(keys) > PROOF_SLOTS:
        raise BadParams(f"argument 1 must be a list of {PROOF_SLOTS} storage keys at most")
    slots = [as_quantity(key, "storage key") for key in keys]
    header = params.block(2, ledger)
    return shapes.proof(
        params.address(0), prove(ledger.store, header.state_root, params.address(0), slots), keys
    )


def _constant(value: Any) -> Callable[[Ledger, Params], Any]:
    return lambda _, __: value


METHODS: dict[str, Method] = {
    "eth_accounts": Method(_constant([]), 0),
    "eth_blockNumber": Method(lambda ledger, _: shapes.quantity(ledger.head().block_number), 0),
    "eth_call": Method(_call, 2),
    "eth_chainId": Method(lambda ledger, _: shapes.quantity(ledger.chain_id), 0),
    "eth_estimateGas": Method(_estimate, 2),
    "eth_feeHistory": Method(_fee_history, 3),
    "eth_gasPrice": Method(_constant("0x0"), 0),
    "eth_getBalance": Method(_balance, 2),
    "eth_getBlockByHash": Method(_block_by_hash, 2),
    "eth_getBlockByNumber": Method(_block_by_number, 2),
    "eth_getCode": Method(_code, 2),
    "eth_getLogs": Method(_logs, 1),
    "eth_getProof": Method(_proof, 3),
    "eth_getStorageAt": Method(_storage, 3),
    "eth_getTransactionByHash": Method(_of_mined(shapes.transaction), 1),
    "eth_getTransactionCount": Method(_nonce, 2),
    "eth_getTransactionReceipt": Method(_of_mined(shapes.receipt), 1),
    "eth_maxPriorityFeePerGas": Method(_constant("0x0"), 0),
    "eth_syncing": Method(_constant(False), 0),
    "net_version": Method(lambda ledger, _: str(ledger.chain_id), 0),
    "web3_clientVersion": Method(_client_version, 0),
}
"""Every reading method. `eth_sendRawTransaction`, the only one that writes, is in `rpc`."""

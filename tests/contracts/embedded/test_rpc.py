"""The embedded chain's JSON-RPC: what it answers, and how it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eth_account import Account as EthAccount
from hypothesis import given
from hypothesis import strategies as st

from contracts.chain import Chain, open_chain
from contracts.embedded import genesis, methods
from contracts.embedded.rpc import BATCH_REQUESTS, EmbeddedChain
from contracts.words import product_word
from tests.contracts.builders import PRODUCT, Desk, a_desk
from tests.contracts.embedded.asking import ask, error_of

CHAIN_ID = genesis.DEFAULT_CHAIN_ID


# --------------------------------------------------------------------------------------------------- envelope


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"nan"])
def test_a_body_that_is_no_json_is_a_parse_error(rpc: EmbeddedChain, body: bytes) -> None:
    answer = json.loads(rpc.handle_bytes(body))
    assert answer["error"]["code"] == -32700
    assert answer["id"] is None


@pytest.mark.parametrize(
    "request_",
    [
        7,
        "eth_chainId",
        None,
        [],
        {},
        {"jsonrpc": "2.0", "id": 1},
        {"jsonrpc": "2.0", "id": 1, "method": 7},
        {"jsonrpc": "1.0", "id": 1, "method": "eth_chainId"},
        {"id": 1, "method": "eth_chainId"},
        {"jsonrpc": "2.0", "id": [1], "method": "eth_chainId"},
        [{"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}] * (BATCH_REQUESTS + 1),
    ],
)
def test_what_is_no_request_is_invalid(rpc: EmbeddedChain, request_: object) -> None:
    answer = rpc.handle(request_)
    assert isinstance(answer, dict)
    assert answer["error"]["code"] == -32600


def test_a_batch_is_answered_one_by_one_and_notifications_not(rpc: EmbeddedChain) -> None:
    answer = json.loads(
        rpc.handle_bytes(
            json.dumps(
                [
                    {"jsonrpc": "2.0", "id": "a", "method": "eth_chainId"},
                    {"jsonrpc": "2.0", "method": "eth_chainId", "params": []},
                    {"jsonrpc": "2.0", "id": None, "method": "net_version", "params": []},
                    {"jsonrpc": "2.0", "id": 2, "method": "none"},
                    7,
                ]
            ).encode()
        )
    )
    assert [each["id"] for each in answer] == ["a", None, 2, None]
    assert answer[0]["result"] == hex(CHAIN_ID)
    assert answer[1]["result"] == str(CHAIN_ID)
    assert [each["error"]["code"] for each in answer[2:]] == [-32601, -32600]


def test_notifications_alone_are_not_answered(rpc: EmbeddedChain) -> None:
    note = {"jsonrpc": "2.0", "method": "eth_chainId"}
    assert rpc.handle(note) is None
    assert rpc.handle([note, note]) is None
    assert rpc.handle_bytes(json.dumps(note).encode()) == b""


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["latest", "0x0", "0x"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["to", "data", "topics"]), inner)
    ),
    max_leaves=6,
)


@given(
    st.sampled_from([*methods.METHODS, "eth_sendRawTransaction", "other"]), st.lists(JSON, max_size=4) | JSON
)
def test_no_parameters_upset_it(rpc: EmbeddedChain, method: str, params: object) -> None:
    answer = rpc.handle({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    assert isinstance(answer, dict)
    assert set(answer) in ({"jsonrpc", "id", "result"}, {"jsonrpc", "id", "error"})
    assert answer.get("error", {}).get("code") != -32603, answer


@given(st.binary(max_size=120))
def test_no_bytes_are_mined_that_are_no_transaction(rpc: EmbeddedChain, raw: bytes) -> None:
    code, message = error_of(rpc, "eth_sendRawTransaction", "0x" + raw.hex())
    assert code == -32000
    assert message.startswith("invalid")
    assert ask(rpc, "eth_blockNumber") == {"result": "0x0"}


# ----------------------------------------------------------------------------------------------------- params


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("eth_getBalance", []),
        ("eth_getBalance", ["0x12"]),
        ("eth_getBalance", ["0x" + "12" * 20, "newest"]),
        ("eth_getBalance", ["0x" + "12" * 20, "latest", 1]),
        ("eth_getBlockByNumber", ["0x0", "yes"]),
        ("eth_getBlockByNumber", [7]),
        ("eth_getBlockByHash", ["0x12"]),
        ("eth_getTransactionReceipt", ["12" * 32]),
        ("eth_call", ["0x"]),
        ("eth_call", [{"to": "0x12"}]),
        ("eth_call", [{"data": "0x1"}]),
        ("eth_call", [{"data": "0x01", "input": "0x02"}]),
        ("eth_call", [{"unknown": "0x"}]),
        ("eth_call", [{"data": "0x"}, "latest", {}]),
        ("eth_getLogs", [{"topics": "0x"}]),
        ("eth_getLogs", [{"topics": [None] * 5}]),
        ("eth_getLogs", [{"address": "0x12"}]),
        ("eth_getLogs", [{"blockHash": "0x" + "12" * 32}]),
        ("eth_getLogs", [{"other": 1}]),
        ("eth_getProof", ["0x" + "12" * 20, "0x0", "latest"]),
        ("eth_feeHistory", ["4", "latest"]),
        ("eth_sendRawTransaction", []),
        ("eth_sendRawTransaction", ["0xabc"]),
    ],
)
def test_parameters_that_do_not_fit_are_named(rpc: EmbeddedChain, method: str, params: list[object]) -> None:
    code, message = error_of(rpc, method, *params)
    assert code == -32602
    assert message


def test_named_parameters_are_not_taken(rpc: EmbeddedChain) -> None:
    answer = rpc.handle({"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": {"a": 1}})
    assert isinstance(answer, dict)
    assert answer["error"]["code"] == -32602


def test_state_of_a_block_that_is_not_there_is_missing(rpc: EmbeddedChain) -> None:
    for block in ("0x99", {"blockNumber": "0x99"}, {"blockHash": "0x" + "12" * 32}):
        assert error_of(rpc, "eth_getBalance", "0x" + "12" * 20, block)[0] == -32001
    assert ask(rpc, "eth_getBlockByNumber", "0x99", False) == {"result": None}
    assert ask(rpc, "eth_getBlockByHash", "0x" + "12" * 32, False) == {"result": None}
    assert ask(rpc, "eth_getTransactionByHash", "0x" + "12" * 32) == {"result": None}
    assert ask(rpc, "eth_getTransactionReceipt", "0x" + "12" * 32) == {"result": None}


def test_tags_name_blocks(embedded: Chain) -> None:
    a_desk(embedded)
    head = embedded.status().head_number
    numbers = {
        tag: int(embedded.ask("eth_getBlockByNumber", tag, False)["number"], 16)
        for tag in ("earliest", "latest", "safe", "finalized", "pending")
    }
    assert numbers.pop("earliest") == 0
    assert set(numbers.values()) == {head}


# --------------------------------------------------------------------------------------------- shapes of data


def test_a_real_node_tells_nothing_more(embedded: Chain, anvil_url: str) -> None:
    with open_chain(anvil_url) as anvil:
        ours, theirs = _shapes(a_desk(embedded)), _shapes(a_desk(anvil))
    assert ours.keys() == theirs.keys()
    for name, fields in theirs.items():
        assert set(fields) - set(ours[name]) <= ANVIL_ALONE, name
        for field in set(fields) & set(ours[name]):
            assert type(ours[name][field]) is type(fields[field]), (name, field)


ANVIL_ALONE = {"blockTimestamp", "totalDifficulty", "blobGasPrice", "baseFeePerBlobGas", "blobGasUsedRatio"}
"""Fields that the specification does not ask for here, or for other kinds of transaction only."""


def _shapes(desk: Desk) -> dict[str, dict[str, Any]]:
    chain, receipt = desk.chain, desk.publish(1)
    deployed = chain.ask("eth_getBlockByNumber", hex(receipt.block_number - 5), True)
    return {
        "block": chain.ask("eth_getBlockByHash", receipt.block_hash, False),
        "transaction": chain.ask("eth_getTransactionByHash", receipt.hash),
        "transaction in block": chain.ask("eth_getBlockByHash", receipt.block_hash, True)["transactions"][0],
        "deploying transaction": deployed["transactions"][0],
        "receipt": (found := chain.ask("eth_getTransactionReceipt", receipt.hash)),
        "log": found["logs"][0],
        "deploying receipt": chain.ask("eth_getTransactionReceipt", deployed["transactions"][0]["hash"]),
        "fee history": chain.ask("eth_feeHistory", "0x2", "latest", [50]),
        "proof": chain.ask("eth_getProof", desk.registry.address, ["0x" + "00" * 32], "latest"),
    }


@pytest.mark.parametrize(
    "kind",
    [
        {"gasPrice": 0},
        {"gasPrice": 0, "accessList": [{"address": "0x" + "12" * 20, "storageKeys": ["0x" + "00" * 32]}]},
        {"maxFeePerGas": 0, "maxPriorityFeePerGas": 0},
    ],
)
def test_every_kind_of_transaction_comes_back_as_it_was_signed(
    embedded: Chain, kind: dict[str, object]
) -> None:
    account = EthAccount.create()
    signed = account.sign_transaction(
        {
            "chainId": CHAIN_ID,
            "nonce": 0,
            "gas": 50_000,
            "to": account.address,
            "value": 0,
            "data": "0x12",
            **kind,
        }
    )
    hash_ = embedded.web3.eth.send_raw_transaction(signed.raw_transaction)
    assert hash_ == signed.hash
    found = embedded.web3.eth.get_transaction(hash_)
    assert (found["r"], found["s"]) == (_word(signed.r), _word(signed.s))
    assert found["from"] == account.address
    assert bytes(found["input"]) == b"\x12"
    assert EthAccount.recover_transaction(signed.raw_transaction) == found["from"]
    receipt = embedded.web3.eth.wait_for_transaction_receipt(hash_)
    assert receipt["status"] == 1
    assert receipt["type"] == found["type"] == {"gasPrice": 0, "accessList": 1}.get(list(kind)[-1], 2)


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


# ------------------------------------------------------------------------------------------------------- logs


def test_logs_are_found_by_place_address_and_topic(desk: Desk) -> None:
    desk.do(desk.registry.calls.register("other"))
    receipts = [desk.publish(1), desk.publish(2), desk.publish(1, product="other")]
    first, last = receipts[0].block_number, receipts[-1].block_number
    word = "0x" + product_word(PRODUCT).hex()

    def blocks(**query: object) -> list[int]:
        here = {"fromBlock": hex(first), "toBlock": hex(last), "address": desk.registry.address}
        return [int(each["blockNumber"], 16) for each in desk.chain.ask("eth_getLogs", here | query)]

    assert blocks() == [first, first + 1, last]
    assert blocks(address=["0x" + "12" * 20, desk.registry.address]) == [first, first + 1, last]
    assert blocks(address="0x" + "12" * 20) == []
    assert blocks(topics=[None, word]) == [first, first + 1]
    assert blocks(topics=[None, ["0x" + product_word("other").hex(), word]]) == [first, first + 1, last]
    assert blocks(topics=[None, word, f"0x{2:064x}"]) == [first + 1]
    assert blocks(topics=[word]) == []
    assert blocks(toBlock=hex(first)) == [first]
    assert blocks(fromBlock=hex(last), toBlock="latest") == [last]
    only = desk.chain.ask("eth_getLogs", {"blockHash": receipts[1].block_hash})
    assert [each["transactionHash"] for each in only] == [receipts[1].hash]


def test_a_range_too_long_for_one_answer_is_refused(embedded: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    assert embedded.embedded is not None
    a_desk(embedded)
    monkeypatch.setattr(methods, "LOG_BLOCKS", 3)
    code, message = error_of(embedded.embedded, "eth_getLogs", {"fromBlock": "0x0", "toBlock": "0x3"})
    assert (code, "3 blocks" in message) == (-32005, True)
    assert "result" in ask(embedded.embedded, "eth_getLogs", {"fromBlock": "0x0", "toBlock": "0x2"})
    monkeypatch.setattr(methods, "LOG_RESULTS", 0)
    assert error_of(embedded.embedded, "eth_getLogs", {"fromBlock": "0x1", "toBlock": "0x2"})[0] == -32005

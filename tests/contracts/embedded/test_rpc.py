"""The embedded chain's JSON-RPC: what it answers, and how it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from eth_account import Account as EthAccount
from hypothesis import given
from hypothesis import strategies as st

from contracts.chain import Chain, open_chain
from contracts.embedded import genesis, methods
from contracts.embedded.rpc import BATCH_REQUESTS, EmbeddedChain
from contracts.words import product_word
from tests.contracts.builders import PRODUCT, Desk, a_desk, a_digest

CHAIN_ID = genesis.DEFAULT_CHAIN_ID
REASON = (
    bytes.fromhex("08c379a0")
    + (32).to_bytes(32, "big")
    + (6).to_bytes(32, "big")
    + b"not me".ljust(32, b"\0")
)


@pytest.fixture(scope="module")
def rpc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedChain]:
    """Yield an embedded chain that the tests of this module share and don't change."""
    path = tmp_path_factory.mktemp("rpc") / "chain"
    genesis.create(path)
    with EmbeddedChain(path) as chain:
        yield chain


def ask(rpc: EmbeddedChain, method: str, *params: object) -> dict[str, Any]:
    answer = rpc.handle({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
    assert isinstance(answer, dict)
    assert answer.pop("jsonrpc") == "2.0"
    assert answer.pop("id") == 1
    return answer


def error_of(rpc: EmbeddedChain, method: str, *params: object) -> tuple[int, str]:
    error = ask(rpc, method, *params)["error"]
    return error["code"], error["message"]


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


def test_a_batch_that_works_too_long_is_cut_off(rpc: EmbeddedChain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contracts.embedded.rpc.BATCH_SECONDS", 0.05)
    loop = {"data": "0x5b5f56", "gas": hex(800_000)}
    endless = {"jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": [loop]}
    answers = rpc.handle([endless, endless | {"id": 2}])
    assert isinstance(answers, list)
    assert [each["id"] for each in answers] == [1, 2]
    assert [each["error"]["code"] for each in answers] == [-32000, -32005]


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


# ------------------------------------------------------------------------------------------------------ calls


def code_reverting_with(data: bytes) -> str:
    """Return code that reverts with `data`, which lies behind it."""
    # PUSH1 len PUSH1 offset PUSH0 CODECOPY PUSH1 len PUSH0 REVERT
    return "0x" + (bytes([0x60, len(data), 0x60, 10, 0x5F, 0x39, 0x60, len(data), 0x5F, 0xFD]) + data).hex()


@pytest.mark.parametrize("method", ["eth_call", "eth_estimateGas"])
def test_a_revert_tells_its_reason_and_its_data(rpc: EmbeddedChain, method: str) -> None:
    answer = ask(rpc, method, {"data": code_reverting_with(REASON)})
    assert answer["error"] == {
        "code": 3,
        "message": "execution reverted: not me",
        "data": "0x" + REASON.hex(),
    }
    answer = ask(rpc, method, {"data": code_reverting_with(b"\x01\x02")})
    assert answer["error"] == {"code": 3, "message": "execution reverted", "data": "0x0102"}


@pytest.mark.parametrize(
    ("code", "why"), [("0xfe", "InvalidInstruction"), ("0x5b5f56", "OutOfGas"), ("0x01", "Stack")]
)
def test_code_that_fails_otherwise_is_told_so(rpc: EmbeddedChain, code: str, why: str) -> None:
    number, message = error_of(rpc, "eth_call", {"data": code, "gas": hex(200_000)})
    assert number == -32000
    assert why in message


def test_a_call_sees_the_block_it_is_asked_at(embedded: Chain) -> None:
    desk = a_desk(embedded)
    before = embedded.status().head_number
    desk.publish(1)
    count = desk.registry.calls.register("x").model_copy(update={"data": _count_data()})
    call = {"to": count.to, "data": count.data}
    assert int(embedded.ask("eth_call", call, hex(before)), 16) == 0
    assert int(embedded.ask("eth_call", call, "latest"), 16) == 1
    assert int(embedded.ask("eth_call", call, {"blockNumber": hex(before)}), 16) == 0
    # NUMBER PUSH0 MSTORE PUSH1 32 PUSH0 RETURN
    assert int(embedded.ask("eth_call", {"data": "0x435f5260205ff3"}, hex(before)), 16) == before


def _count_data() -> str:
    from contracts import abi

    return "0x" + abi.function("releaseCount").pack(product_word(PRODUCT)).hex()


def test_an_estimate_suffices_and_is_close(embedded: Chain) -> None:
    desk = a_desk(embedded)
    call = desk.registry.calls.publish(PRODUCT, 1, a_digest("m"), a_digest("r"))
    estimate = embedded.number(
        "eth_estimateGas", {"from": desk.sender.address, "to": call.to, "data": call.data}
    )
    used = desk.do(call).gas_used
    assert estimate == used
    assert embedded.number("eth_estimateGas", {"to": "0x" + "12" * 20}) == 21_000


def test_calls_that_nest_too_deep_are_refused_and_harm_nothing(embedded: Chain) -> None:
    assert embedded.embedded is not None
    # ADDRESS calls itself with all its gas: PUSH0 x5 ADDRESS GAS CALL
    body = bytes.fromhex("5f5f5f5f5f305af1")
    # PUSH8 body PUSH0 MSTORE PUSH1 8 PUSH1 24 RETURN
    raw = signed(to=None, data="0x67" + body.hex() + "5f5260086018f3", gas=200_000)
    hash_ = ask(embedded.embedded, "eth_sendRawTransaction", raw)["result"]
    address = embedded.ask("eth_getTransactionReceipt", hash_)["contractAddress"]
    assert embedded.code(address) == body
    code, message = error_of(embedded.embedded, "eth_call", {"to": address})
    assert (code, message) == (-32000, "calls nest too deep for this chain")
    code, message = error_of(
        embedded.embedded, "eth_sendRawTransaction", signed(to=bytes.fromhex(address[2:]), gas=9_000_000)
    )
    assert (code, message) == (-32000, "calls nest too deep for this chain")
    assert embedded.status().head_number == 1
    assert "result" in ask(embedded.embedded, "eth_call", {"to": address, "gas": hex(60_000)})


# ------------------------------------------------------------------------------------------------------- send


def signed(**changes: object) -> str:
    account = EthAccount.create()
    fields = {
        "chainId": CHAIN_ID,
        "nonce": 0,
        "gas": 30_000,
        "to": account.address,
        "value": 0,
        "data": "0x",
        "maxFeePerGas": 0,
        "maxPriorityFeePerGas": 0,
    }
    fields |= changes
    fields = {name: value for name, value in fields.items() if value is not None}
    return "0x" + bytes(account.sign_transaction(fields).raw_transaction).hex()


LEGACY: dict[str, object] = {"maxFeePerGas": None, "maxPriorityFeePerGas": None, "gasPrice": 0}


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (signed(chainId=1), "invalid chain id: have 1"),
        (signed(**LEGACY, chainId=None), "invalid chain id: have None"),
        (signed(gas=20_999), "intrinsic gas too low"),
        (signed(gas=genesis.TRANSACTION_GAS + 1), "exceeds block gas limit"),
        (signed(nonce=1), "nonce too high: next nonce 0, tx nonce 1"),
        (signed(maxFeePerGas=1), "cannot afford|insufficient funds"),
        (signed(value=1), "insufficient funds|not have enough"),
        (signed()[:-2], "invalid transaction"),
        ("0x05" + signed()[4:], "invalid transaction"),
    ],
)
def test_a_transaction_that_can_t_be_mined_is_refused(rpc: EmbeddedChain, raw: str, why: str) -> None:
    import re

    code, message = error_of(rpc, "eth_sendRawTransaction", raw)
    assert code == -32000
    assert re.search(why, message), message
    assert ask(rpc, "eth_blockNumber") == {"result": "0x0"}


def test_a_mined_transaction_is_known_and_its_nonce_used(embedded: Chain) -> None:
    assert embedded.embedded is not None
    account = EthAccount.create()
    fields = {"chainId": CHAIN_ID, "gas": 30_000, "to": account.address, "value": 0, "gasPrice": 0}
    first = account.sign_transaction(fields | {"nonce": 0, "data": "0x01"}).raw_transaction
    other = account.sign_transaction(fields | {"nonce": 0, "data": "0x02"}).raw_transaction
    assert "result" in ask(embedded.embedded, "eth_sendRawTransaction", "0x" + first.hex())
    assert error_of(embedded.embedded, "eth_sendRawTransaction", "0x" + first.hex()) == (
        -32000,
        "already known",
    )
    assert "nonce too low" in error_of(embedded.embedded, "eth_sendRawTransaction", "0x" + other.hex())[1]
    assert embedded.status().head_number == 1


def test_a_transaction_that_runs_out_of_gas_is_mined_and_failed(embedded: Chain) -> None:
    assert embedded.embedded is not None
    raw = signed(to=None, data="0x5b5f56", gas=100_000)  # JUMPDEST PUSH0 JUMP, for ever
    hash_ = ask(embedded.embedded, "eth_sendRawTransaction", raw)["result"]
    receipt = embedded.ask("eth_getTransactionReceipt", hash_)
    assert receipt["status"] == "0x0"
    assert receipt["gasUsed"] == hex(100_000)
    assert receipt["logs"] == []


def test_gas_stays_free_however_full_the_blocks(embedded: Chain) -> None:
    assert embedded.embedded is not None
    ask(
        embedded.embedded,
        "eth_sendRawTransaction",
        signed(to=None, data="0x5b5f56", gas=genesis.TRANSACTION_GAS),
    )
    block = embedded.ask("eth_getBlockByNumber", "latest", False)
    assert int(block["gasUsed"], 16) * 2 == int(block["gasLimit"], 16)
    assert "result" in ask(embedded.embedded, "eth_sendRawTransaction", signed())
    assert embedded.ask("eth_getBlockByNumber", "latest", False)["baseFeePerGas"] == "0x0"


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

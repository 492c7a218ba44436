"""The embedded chain's JSON-RPC: calls that change nothing, and transactions that do."""

from __future__ import annotations

import pytest
from eth_account import Account as EthAccount

from contracts.chain import Chain
from contracts.embedded import genesis
from contracts.embedded.rpc import EmbeddedChain
from contracts.words import product_word
from tests.contracts.builders import PRODUCT, a_desk, a_digest
from tests.contracts.embedded.asking import ask, error_of

CHAIN_ID = genesis.DEFAULT_CHAIN_ID
REASON = (
    bytes.fromhex("08c379a0")
    + (32).to_bytes(32, "big")
    + (6).to_bytes(32, "big")
    + b"not me".ljust(32, b"\0")
)


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

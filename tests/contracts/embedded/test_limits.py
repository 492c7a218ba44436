"""What strangers may ask of the embedded chain: bounded work, in turns, with nobody waiting for it."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from contracts import abi
from contracts.chain import Chain
from contracts.embedded import limits
from contracts.embedded.rpc import EmbeddedChain
from contracts.words import product_word
from tests.contracts.builders import PRODUCT, a_desk
from tests.contracts.embedded.asking import ask
from tests.contracts.embedded.test_rpc_calls import signed

LOOP = {"data": "0x5b5f56"}  # JUMPDEST PUSH0 JUMP, for ever
DEAR = range(0x05, 0x12)


def as_guest(rpc: EmbeddedChain, method: str, *params: object) -> dict[str, Any]:
    call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    answer = rpc.handle(call, guest=True)
    assert isinstance(answer, dict)
    return answer


def error_for_guest(rpc: EmbeddedChain, method: str, *params: object) -> tuple[int, str]:
    error = as_guest(rpc, method, *params)["error"]
    return error["code"], error["message"]


def calling(precompile: int) -> str:
    """Return code that calls a precompile with no data."""
    return f"0x5f5f5f5f60{precompile:02x}5afa00"  # PUSH0 x4 PUSH1 precompile GAS STATICCALL STOP


# ------------------------------------------------------------------------------------------------ precompiles


@pytest.mark.parametrize("number", DEAR)
def test_a_precompile_too_slow_in_python_is_refused_before_it_runs(rpc: EmbeddedChain, number: int) -> None:
    why = (-32000, f"this chain does not run the precompile 0x{number:02x}")
    for method in ("eth_call", "eth_estimateGas"):
        assert error_for_guest(rpc, method, {"to": f"0x{number:040x}"}) == why
        assert error_for_guest(rpc, method, {"data": calling(number)}) == why
    mined = signed(to=None, data=calling(number), gas=1_000_000)
    assert error_for_guest(rpc, "eth_sendRawTransaction", mined) == why
    assert ask(rpc, "eth_blockNumber") == {"result": "0x0"}


@pytest.mark.parametrize(
    ("number", "starts"),
    [
        (2, "0x2c26b46b68ffc68f"),  # SHA-256 of "foo"
        (4, "0x666f6f"),
    ],
)
def test_the_quick_ones_answer(rpc: EmbeddedChain, number: int, starts: str) -> None:
    answer = as_guest(rpc, "eth_call", {"to": f"0x{number:040x}", "data": "0x666f6f"})
    assert answer["result"].startswith(starts)


# ----------------------------------------------------------------------------------------------------- bounds


@pytest.mark.parametrize("method", ["eth_call", "eth_estimateGas"])
def test_a_guest_s_endless_call_is_cut_off(
    rpc: EmbeddedChain, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CALL_SECONDS", 0.1)
    began = time.thread_time()
    code, message = error_for_guest(rpc, method, LOOP)
    assert (code, message) == (-32005, "the call works longer than 0.1 s; ask for less at once")
    assert time.thread_time() - began < 0.5
    assert ask(rpc, method, LOOP)["error"]["code"] == -32000  # the program itself may use up its gas


def test_a_guest_s_batch_is_cut_off(rpc: EmbeddedChain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CALL_SECONDS", 0.05)
    monkeypatch.setattr(limits, "REQUEST_SECONDS", 0.12)
    batch = [{"jsonrpc": "2.0", "id": n, "method": "eth_call", "params": [LOOP]} for n in range(20)]
    began = time.thread_time()
    answers = rpc.handle(batch, guest=True)
    assert time.thread_time() - began < 0.6
    assert isinstance(answers, list)
    assert [each["id"] for each in answers] == list(range(20))
    assert {each["error"]["code"] for each in answers} == {-32005}
    assert "the request works longer than 0.12 s" in answers[-1]["error"]["message"]


def test_a_guest_who_waited_too_long_is_told_that_the_chain_is_busy(
    rpc: EmbeddedChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ANSWER_SECONDS", -1.0)
    code, message = error_for_guest(rpc, "eth_blockNumber")
    assert code == -32005
    assert "busy" in message


def test_a_transaction_that_works_too_long_is_not_mined_and_harms_nothing(
    embedded: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert embedded.embedded is not None
    monkeypatch.setattr(limits, "CALL_SECONDS", 0.2)
    endless = signed(to=None, data=LOOP["data"], gas=10_000_000)
    code, _ = error_for_guest(embedded.embedded, "eth_sendRawTransaction", endless)
    assert code == -32005
    assert embedded.status().head_number == 0
    assert "result" in as_guest(embedded.embedded, "eth_sendRawTransaction", signed())
    assert embedded.status().head_number == 1


def test_long_lists_are_cut_off_too(embedded: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = a_desk(embedded)
    assert embedded.embedded is not None
    monkeypatch.setattr(limits, "CALL_SECONDS", 0.0)
    slots = ["eth_getProof", desk.registry.address, ["0x0", "0x1"], "latest"]
    blocks = ["eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"}]
    for method, *params in (slots, blocks, ["eth_feeHistory", "0x5", "latest"]):
        assert error_for_guest(embedded.embedded, str(method), *params)[0] == -32005
        assert "result" in ask(embedded.embedded, str(method), *params)


def test_an_answer_grows_no_longer_than_it_may(rpc: EmbeddedChain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ANSWER_BYTES", 1_000)
    batch = [{"jsonrpc": "2.0", "id": n, "method": "web3_clientVersion"} for n in range(20)]
    answers = json.loads(rpc.handle_bytes(json.dumps(batch).encode(), guest=True))
    refused = [each["id"] for each in answers if "error" in each]
    assert 5 < len(refused) < 20
    assert refused == list(range(20))[-len(refused) :]
    assert {each["error"]["code"] for each in answers[-len(refused) :]} == {-32005}
    assert b"error" not in rpc.handle_bytes(json.dumps(batch).encode())


# ------------------------------------------------------------------------------------------------------ turns


def test_nobody_waits_for_a_guest_s_endless_calls(embedded: Chain) -> None:
    """Who asks a little is answered while every one of twelve endless calls is still being worked on."""
    desk = a_desk(embedded)
    rpc = embedded.embedded
    assert rpc is not None
    view = {"to": desk.registry.address, "data": _count_data()}
    with ThreadPoolExecutor(12) as pool:
        endless = [pool.submit(as_guest, rpc, "eth_call", LOOP) for _ in range(12)]
        _begun(endless)
        assert desk.registry.release_count(PRODUCT) == 0
        assert as_guest(rpc, "eth_call", view)["result"] == "0x" + "00" * 32
        assert "result" in as_guest(rpc, "eth_getProof", desk.registry.address, ["0x0"], "latest")
        desk.publish(1)
        assert not any(each.done() for each in endless)
        assert {each.result()["error"]["code"] for each in endless} == {-32005}
    assert desk.registry.release_count(PRODUCT) == 1


def _count_data() -> str:
    return "0x" + abi.function("releaseCount").pack(product_word(PRODUCT)).hex()


def _begun(calls: list[Future[dict[str, Any]]]) -> None:
    while not all(each.running() for each in calls):
        time.sleep(0.01)


def test_who_comes_anew_and_who_waits_on_are_called_alternately() -> None:
    turns, called = limits.Turns(), []
    turns.take()

    def wait(name: str, further: bool) -> None:
        turns.take(further=further)
        called.append(name)
        turns.give()

    threads = []
    for name, further in (("on 1", True), ("on 2", True), ("on 3", True), ("new 1", False), ("new 2", False)):
        threads.append(threading.Thread(target=wait, args=(name, further)))
        threads[-1].start()
        time.sleep(0.05)  # so that they come in this order
    turns.give()
    for thread in threads:
        thread.join(30)
    assert [name for name in called if name.startswith("on")] == ["on 1", "on 2", "on 3"]
    assert [name for name in called if name.startswith("new")] == ["new 1", "new 2"]
    assert [name.split()[0] for name in called[:4]] in (["on", "new"] * 2, ["new", "on"] * 2)
    turns.take()  # and nobody holds it in the end

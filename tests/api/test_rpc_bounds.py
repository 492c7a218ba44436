"""/rpc under attack: a real server answers everyone else meanwhile."""

from __future__ import annotations

import json
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
import requests
from anyio import CapacityLimiter
from starlette.testclient import TestClient

from api.routes import chain
from contracts.chain import open_chain
from contracts.registry import DataRegistry
from tests.api.shell import PATIENCE_SECONDS, City

LOOP = {"data": "0x5b5f56"}  # JUMPDEST PUSH0 JUMP, for ever
LOOPS = 6

PAIRINGS = {  # sixty pairs of points at infinity, and room for a minute of work at py-evm's pace
    "0x08": {"to": f"0x{8:040x}", "data": "0x" + "00" * 192 * 60},
    "0x0f": {"to": f"0x{15:040x}", "data": "0x" + "00" * 384 * 60},
}


def ask(address: str, method: str, *params: object) -> dict[str, Any]:
    call: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    answer = requests.post(f"{address}/rpc", json=call, timeout=PATIENCE_SECONDS)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def test_everyone_else_is_answered_while_endless_calls_are_worked_on(address: str, city: City) -> None:
    with ThreadPoolExecutor(LOOPS) as pool:
        endless: list[Future[dict[str, Any]]] = [
            pool.submit(ask, address, "eth_call", LOOP) for _ in range(LOOPS)
        ]
        time.sleep(0.5)  # so that the server has them all
        with open_chain(f"{address}/rpc") as other:
            assert DataRegistry(other, city.contract).release_count("water-use-index") == 1
        assert ask(address, "eth_getProof", city.contract, ["0x0"], "latest")["result"]
        for path in ("/chain", "/products", "/products/water-use-index/rows?limit=10"):
            answer = requests.get(address + path, headers=city.bearer, timeout=PATIENCE_SECONDS)
            assert answer.status_code == 200, path
        assert not any(each.done() for each in endless)
        assert {each.result()["error"]["code"] for each in endless} == {-32005}


@pytest.mark.parametrize("precompile", sorted(PAIRINGS))
def test_arithmetic_that_would_take_minutes_is_refused(address: str, precompile: str) -> None:
    for method in ("eth_call", "eth_estimateGas"):
        error = ask(address, method, PAIRINGS[precompile])["error"]
        assert error["message"] == f"this chain does not run the precompile {precompile}"


def test_one_request_too_many_is_told_to_come_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "_places", CapacityLimiter(0))
    answer = client.post("/rpc", content=json.dumps({"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}))
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["error"]["code"] == -32005
    assert "try again" in answer.json()["error"]["message"]

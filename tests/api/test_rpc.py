"""/rpc: the embedded chain for everyone, from any page, in bounds."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from eth_account import Account
from starlette.testclient import TestClient

from api.app import create_app
from api.problems import PROBLEM_JSON
from api.routes.chain import MAX_BODY_BYTES
from api.settings import Settings
from api.wiring import Platform
from contracts.chain import open_chain
from contracts.registry import DataRegistry
from tests.api.shell import City


def ask(client: TestClient, method: str, *params: Any) -> dict[str, Any]:
    """Return the whole answer to one request."""
    call = {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)}
    answer = client.post("/rpc", json=call)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    body: dict[str, Any] = answer.json()
    assert body["id"] == 7
    return body


def test_one_request_and_many_in_a_batch(client: TestClient) -> None:
    assert int(ask(client, "eth_chainId")["result"], 16) == 13376
    batch = [{"jsonrpc": "2.0", "id": n, "method": "eth_blockNumber", "params": []} for n in range(20)]
    answers = client.post("/rpc", json=batch).json()
    assert [answer["id"] for answer in answers] == list(range(20))
    assert len({answer["result"] for answer in answers}) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b"[]", -32600),
        (b"17", -32600),
        (b"{}", -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":7}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_noSuch","params":[]}', -32601),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x1"]}', -32602),
        (b"[" * 50_000, -32700),
    ],
)
def test_what_is_no_request_gets_the_error_json_rpc_has_for_it(
    client: TestClient, body: bytes, code: int
) -> None:
    answer = client.post("/rpc", content=body)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["error"]["code"] == code
    assert "Traceback" not in answer.text


def test_a_body_beyond_bounds_is_refused_and_the_page_may_read_why(client: TestClient) -> None:
    answer = client.post("/rpc", content=b" " * (MAX_BODY_BYTES + 1), headers={"Origin": "null"})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == PROBLEM_JSON
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["type"] == "urn:shuize:problem:body-too-large"


@pytest.mark.parametrize("origin", ["null", "https://regulator.example"])
def test_a_page_of_any_origin_may_ask(client: TestClient, origin: str) -> None:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    preflight = client.options("/rpc", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert "content-type" in preflight.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in preflight.headers
    call = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
    assert (
        client.post("/rpc", json=call, headers={"Origin": origin}).headers["access-control-allow-origin"]
        == "*"
    )


def test_rows_are_for_no_other_origin_s_page(client: TestClient, city: City) -> None:
    answer = client.get(
        "/products/water-use-index/rows", headers={**city.bearer, "Origin": "https://evil.example"}
    )
    assert "access-control-allow-origin" not in answer.headers


def test_get_is_told_to_post(client: TestClient) -> None:
    answer = client.get("/rpc")
    assert answer.status_code == 405
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "does not answer GET" in answer.json()["detail"]


def test_a_proof_of_the_contract_s_storage_comes_through(client: TestClient, city: City) -> None:
    proof = ask(client, "eth_getProof", city.contract, ["0x" + "00" * 32], "latest")["result"]
    assert proof["address"].lower() == city.contract.lower()
    assert proof["accountProof"]
    assert len(proof["storageProof"]) == 1


def test_a_signed_transaction_is_taken_and_junk_is_not(own_city: City) -> None:
    platform = Platform(Settings(home=own_city.home, rpc_transactions="anyone"))
    account = Account.create()
    signed = account.sign_transaction(
        {"to": account.address, "value": 0, "gas": 21_000, "gasPrice": 0, "nonce": 0, "chainId": 13376}
    )
    with TestClient(create_app(platform)) as client:
        taken = ask(client, "eth_sendRawTransaction", "0x" + bytes(signed.raw_transaction).hex())
        receipt = ask(client, "eth_getTransactionReceipt", taken["result"])["result"]
        again = ask(client, "eth_sendRawTransaction", "0x" + bytes(signed.raw_transaction).hex())
        junk = [ask(client, "eth_sendRawTransaction", each) for each in ("0x", "0x00", "zz", 7, None)]
        others = [
            ask(client, method, {"from": account.address, "to": account.address})
            for method in (
                "eth_sendTransaction",
                "eth_sign",
                "personal_unlockAccount",
                "evm_mine",
                "anvil_mine",
            )
        ]
    platform.close()
    assert receipt["status"] == "0x1"
    assert "error" in again or again["result"] == taken["result"]
    assert all("error" in answer for answer in junk + others)


@pytest.mark.parametrize(
    ("taken_from", "member", "stranger"),
    [("none", "takes no transactions", "takes no transactions"), ("members", None, "holds no role")],
)
def test_transactions_are_taken_from_whom_the_setting_says(
    own_city: City, taken_from: Literal["none", "members"], member: str | None, stranger: str
) -> None:
    platform = Platform(Settings(home=own_city.home, rpc_transactions=taken_from))
    account = Account.create()
    foreign = account.sign_transaction(
        {"to": account.address, "value": 0, "gas": 21_000, "gasPrice": 0, "nonce": 0, "chainId": 13376}
    )
    own = platform.sender.sign(platform.registry.calls.register("another-product"))
    with TestClient(create_app(platform)) as client:
        head = ask(client, "eth_blockNumber")["result"]
        refused = ask(client, "eth_sendRawTransaction", "0x" + bytes(foreign.raw_transaction).hex())
        assert stranger in refused["error"]["message"]
        assert refused["error"]["code"] == -32000
        assert ask(client, "eth_blockNumber")["result"] == head
        answer = ask(client, "eth_sendRawTransaction", own.raw)
        if member is None:
            assert ask(client, "eth_getTransactionReceipt", answer["result"])["result"]["status"] == "0x1"
        else:
            assert member in answer["error"]["message"]
    platform.close()


def test_another_program_reads_the_registry_through_it(address: str, city: City) -> None:
    with open_chain(f"{address}/rpc", expected_chain_id=13376) as chain:
        registry = DataRegistry(chain, city.contract)
        assert registry.release_count("water-use-index") == 1
        assert registry.grant_count("water-use-index") == 2


def test_on_a_node_of_its_own_the_platform_has_no_rpc(address: str, city: City) -> None:
    platform = Platform(Settings(home=city.home, chain=f"{address}/rpc"))
    with TestClient(create_app(platform)) as client:
        answer = client.post("/rpc", json={"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []})
        page = client.get("/").text
    platform.close()
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:shuize:problem:no-embedded-chain"
    assert "--rpc NODE" in page

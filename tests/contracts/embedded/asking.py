"""Asking an embedded chain by JSON-RPC."""

from __future__ import annotations

from typing import Any

from contracts.embedded.rpc import EmbeddedChain


def ask(rpc: EmbeddedChain, method: str, *params: object) -> dict[str, Any]:
    answer = rpc.handle({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
    assert isinstance(answer, dict)
    assert answer.pop("jsonrpc") == "2.0"
    assert answer.pop("id") == 1
    return answer


def error_of(rpc: EmbeddedChain, method: str, *params: object) -> tuple[int, str]:
    error = ask(rpc, method, *params)["error"]
    return error["code"], error["message"]

"""The embedded chain as a provider of web3.py, over the same requests as HTTP but with no server between."""

from __future__ import annotations

from typing import Any, cast

from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from contracts.embedded.rpc import BATCH_REQUESTS, EmbeddedChain


class EmbeddedProvider(JSONBaseProvider):
    """Hands web3.py's requests to an embedded chain."""

    def __init__(self, chain: EmbeddedChain) -> None:
        super().__init__()
        self.chain = chain

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Return the chain's answer to one request."""
        return self.decode_rpc_response(self.chain.handle_bytes(self.encode_rpc_request(method, params)))

    def make_batch_request(self, requests: list[tuple[RPCEndpoint, Any]]) -> list[RPCResponse] | RPCResponse:
        """Return the chain's answers in the order of the requests."""
        answers: list[RPCResponse] = []
        for start in range(0, len(requests), BATCH_REQUESTS):
            batch = self.encode_batch_rpc_request(requests[start : start + BATCH_REQUESTS])
            answers += cast("list[RPCResponse]", self.decode_rpc_response(self.chain.handle_bytes(batch)))
        return answers

    def is_connected(self, show_traceback: bool = False) -> bool:
        """Return True: the chain is in this process."""
        return True

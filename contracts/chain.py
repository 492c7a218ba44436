"""A connection to a chain: an embedded one in a file, or any node with Ethereum's JSON-RPC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from contracts.node import ChainUnavailable, Node, NodeError
from contracts.refusals import refusal
from contracts.words import moment
from standards.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from web3 import Web3

    from contracts.embedded.rpc import EmbeddedChain

__all__ = ["Chain", "ChainStatus", "ChainUnavailable", "UnknownLocation", "WrongChain", "open_chain"]

_CONNECT_SECONDS, _ANSWER_SECONDS = 5, 30
_REVERT_CODE = 3
_UNKNOWN_METHOD = -32601
_HOST_AND_PORT = re.compile(r"[\w.-]+:\d+(/|$)|\[[0-9a-fA-F:]+\]")


class WrongChain(Conflict):
    """The chain is another one than expected."""

    code = "wrong-chain"


class UnknownLocation(InvalidInput):
    """The text is neither a path nor an address of a node."""

    code = "unknown-chain-location"


class ChainStatus(BaseModel):
    """What the chain says of itself. The time of the head is in UTC."""

    model_config = ConfigDict(frozen=True)

    client: str
    chain_id: int
    head_number: int
    head_hash: str
    head_time: datetime


def open_chain(location: str | Path, *, expected_chain_id: int | None = None) -> Chain:
    """Return a connection to the chain file at a path, or to the node at an http or https address.

    Raises WrongChain if the chain has not the expected id; ChainUnavailable or UnknownLocation for a node;
    ChainFileMissing, ChainFileUnreadable or ChainFileUnavailable for a file.
    """
    remote = isinstance(location, str) and "://" in location
    if not remote and _HOST_AND_PORT.match(str(location)) and not Path(location).exists():
        raise UnknownLocation(
            "the address of a node begins with http:// or https://, and no file is called so",
            hint=f"put http:// or https:// before {str(location).split('/')[0]}…",
        )
    chain = _open_node(str(location)) if remote else _open_file(Path(location))
    try:
        chain.require_id(expected_chain_id)
    except WrongChain:
        chain.close()
        raise
    return chain


class Chain:
    """An open chain. Safe to use from several threads."""

    def __init__(self, node: Node, embedded: EmbeddedChain | None = None) -> None:
        """Connect. Raises ChainUnavailable if the node does not tell its chain id."""
        self.node = node
        self.label = node.label
        self.embedded = embedded
        """The embedded chain behind this connection, to serve its JSON-RPC; None with a node."""
        self.chain_id = self.number("eth_chainId")

    def close(self) -> None:
        """Close the file of an embedded chain."""
        if self.embedded is not None:
            self.embedded.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def web3(self) -> Web3:
        """The connection as web3.py has it."""
        from web3 import Web3

        return Web3(self.node.provider)

    def require_id(self, expected: int | None) -> None:
        """Raise WrongChain if another chain was expected."""
        if expected is not None and self.chain_id != expected:
            raise WrongChain(
                f"{self.label} is chain {self.chain_id}, and chain {expected} was expected",
                hint="correct the address or the expected chain id",
            )

    def is_syncing(self) -> bool:
        """Tell whether the node says that it has not caught up. Raises ChainUnavailable."""
        try:
            return bool(self.node.ask("eth_syncing"))
        except NodeError as error:
            if error.code == _UNKNOWN_METHOD:
                return False
            raise ChainUnavailable(
                f"{self.label} could not answer: {error.message}", hint="see the node's log, then try again"
            ) from None

    def status(self) -> ChainStatus:
        """Return who answers, and the latest block. Raises ChainUnavailable."""
        client, head = self.ask_all([("web3_clientVersion", []), ("eth_getBlockByNumber", ["latest", False])])
        with self.node.reading("the latest block"):
            return ChainStatus(
                client=client,
                chain_id=self.chain_id,
                head_number=int(head["number"], 16),
                head_hash=head["hash"],
                head_time=moment(int(head["timestamp"], 16)),
            )

    def code(self, address: str) -> bytes:
        """Return the code at an address, empty if there is none."""
        return self._octets(self.ask("eth_getCode", address, "latest"))

    def call(self, to: str, data: bytes) -> bytes:
        """Return what a view answers. Raises the contract's refusal as a named error, or ChainUnavailable."""
        return self._octets(self.ask("eth_call", {"to": to, "data": "0x" + data.hex()}, "latest"))

    def calls(self, to: str, data: Sequence[bytes]) -> list[bytes]:
        """Return what many views answer, in their order, in as few round trips as the node allows."""
        requests = [("eth_call", [{"to": to, "data": "0x" + each.hex()}, "latest"]) for each in data]
        return [self._octets(answer) for answer in self.ask_all(requests)]

    def ask(self, method: str, *params: Any) -> Any:
        """Return the JSON result of any reading method. Raises as `call` does."""
        return self.ask_all([(method, list(params))])[0]

    def ask_all(self, requests: list[tuple[str, list[Any]]]) -> list[Any]:
        """Return the JSON results of many reading methods in their order. Raises as `call` does."""
        try:
            if len(requests) == 1:
                return [self.node.ask(requests[0][0], *requests[0][1])]
            return self.node.ask_all(requests)
        except NodeError as error:
            if error.code == _REVERT_CODE or error.data is not None:
                raise refusal(error.data, error.message) from None
            raise ChainUnavailable(
                f"{self.label} could not answer: {error.message}", hint="see the node's log, then try again"
            ) from None

    def number(self, method: str, *params: Any) -> int:
        """Return the result of a method that answers with a quantity. Raises as `call` does."""
        answer = self.ask(method, *params)
        with self.node.reading(method):
            return int(answer, 16)

    def _octets(self, answer: Any) -> bytes:
        with self.node.reading("the data"):
            return bytes.fromhex(answer.removeprefix("0x"))


def _open_node(location: str) -> Chain:
    from web3.providers.rpc import HTTPProvider

    try:
        parts = urlsplit(location)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in {"http", "https"}:
        raise UnknownLocation(
            "the address of a node must begin with http:// or https:// and name a host",
            hint="give such an address, or the path of a chain file",
        )
    # A user name, a path or a query may be the key of a paid service, so messages name the host only.
    label = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    provider = HTTPProvider(
        location,
        request_kwargs={"timeout": (_CONNECT_SECONDS, _ANSWER_SECONDS)},
        exception_retry_configuration=None,
    )
    return Chain(Node(provider, label))


def _open_file(path: Path) -> Chain:
    from contracts.embedded.provider import EmbeddedProvider
    from contracts.embedded.rpc import EmbeddedChain

    embedded = EmbeddedChain(path)
    return Chain(Node(EmbeddedProvider(embedded), str(path)), embedded)

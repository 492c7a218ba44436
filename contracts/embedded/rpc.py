"""The embedded chain as a JSON-RPC 2.0 service: requests in, answers out, as dicts and lists or as bytes."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from contracts.embedded.failures import BadParams, LimitExceeded, Refused, RpcFailure, UnknownMethod
from contracts.embedded.ledger import Ledger
from contracts.embedded.methods import METHODS
from contracts.embedded.params import Params
from contracts.embedded.store import BUSY_SECONDS, Store
from standards.errors import ShuizeError

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
INTERNAL_ERROR = -32603
UNAVAILABLE = -32002  # EIP-1474: the resource is there and can't be used now

BATCH_REQUESTS = 100
"""How many requests one batch may hold."""
BATCH_SECONDS = 20.0
"""How long a batch may work; what is left of it then is refused."""

Admit = Callable[[str], str | None]
"""Says of a sender's address why its transactions are not taken, or None."""

_log = logging.getLogger(__name__)


class EmbeddedChain:
    """A chain in a file, for any number of threads; other processes may use the same file at the same time.

    Reading has a connection of its own, so a question is answered while a transaction waits for its turn.
    """

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Open the chain. Raises ChainFileMissing, ChainFileUnreadable or ChainFileUnavailable."""
        self.path = path
        with ExitStack() as opened:
            self._reader, self._writer = (
                Ledger(opened.enter_context(closing(Store(path, busy_seconds=busy_seconds))))
                for _ in range(2)
            )
            self._opened = opened.pop_all()
        self.chain_id = self._reader.chain_id

    def close(self) -> None:
        """Close the file."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -------------------------------------------------------------------------------------------- requests

    def handle_bytes(self, body: bytes, admit: Admit | None = None) -> bytes:
        """Return the answer to the body of an HTTP request; empty if it held notifications only.

        `admit` is asked of the sender of every raw transaction; without it all are taken.
        """
        try:
            request = json.loads(body)
        except (ValueError, RecursionError):
            return json.dumps(_failure(PARSE_ERROR, "the body is not JSON")).encode()
        answer = self.handle(request, admit)
        return b"" if answer is None else json.dumps(answer).encode()

    def handle(
        self, request: object, admit: Admit | None = None
    ) -> dict[str, Any] | list[dict[str, Any]] | None:
        """Return the answer to a request or to a batch of them; None to notifications. Never raises."""
        if not isinstance(request, list):
            return self._one(request, admit)
        if not 1 <= len(request) <= BATCH_REQUESTS:
            return _failure(INVALID_REQUEST, f"a batch holds 1 to {BATCH_REQUESTS} requests")
        end = time.monotonic() + BATCH_SECONDS
        return [answer for each in request if (answer := self._one(each, admit, end)) is not None] or None

    def _one(self, request: object, admit: Admit | None, end: float = math.inf) -> dict[str, Any] | None:
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            return _failure(INVALID_REQUEST, "a request is an object with jsonrpc, id, method and params")
        number = request.get("id")
        if request.get("jsonrpc") != "2.0" or not isinstance(number, str | int | float | None):
            return _failure(INVALID_REQUEST, 'jsonrpc must be "2.0" and id a string or a number')
        name, values = request["method"], request.get("params") or []
        answer = self._answer(lambda: self._call(name, values, admit, end), name)
        return {"jsonrpc": "2.0", "id": number, **answer} if "id" in request else None

    def _answer(self, call: Callable[[], Any], name: str) -> dict[str, Any]:
        """Return `result` or `error` of one call. This is the chain's outermost edge: nothing passes it."""
        try:
            return {"result": call()}
        except RpcFailure as failure:
            error: dict[str, Any] = {"code": failure.code, "message": str(failure)}
            return {"error": error if failure.data is None else {**error, "data": failure.data}}
        except ShuizeError as error_:
            return {"error": {"code": UNAVAILABLE, "message": error_.message}}
        except Exception:
            _log.exception("the embedded chain failed at %s", name)
            return {"error": {"code": INTERNAL_ERROR, "message": "internal error"}}

    def _call(self, name: str, values: object, admit: Admit | None, end: float) -> Any:
        if time.monotonic() > end:
            raise LimitExceeded(f"the batch works longer than {BATCH_SECONDS:g} s")
        if not isinstance(values, list):
            raise BadParams("params must be a list")
        if name == "eth_sendRawTransaction":
            return self._send(Params(values, 1).data(0), admit)
        method = METHODS.get(name)
        if method is None:
            raise UnknownMethod(f"the method {name} does not exist or is not available")
        with self._reader.store.reading():
            return method.answer(self._reader, Params(values, method.most))

    def _send(self, raw: bytes, admit: Admit | None) -> str:
        """Mine the transaction; once its hash is answered, its block is on the disk."""
        transaction = self._writer.decode(raw)
        if admit is not None and (reason := admit("0x" + transaction.sender.hex())) is not None:
            raise Refused(reason)
        with self._writer.store.writing():
            self._writer.mine(transaction)
        return "0x" + transaction.hash.hex()


def _failure(code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}

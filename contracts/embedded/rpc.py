"""The embedded chain as a JSON-RPC 2.0 service: requests in, answers out, as dicts and lists or as bytes."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Full, LifoQueue
from types import TracebackType
from typing import Any, Self

from contracts.embedded import limits
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

_IDLE_GUESTS = 4  # connections kept open for the next guests

Admit = Callable[[str], str | None]
"""Says of a sender's address why its transactions are not taken, or None."""

_log = logging.getLogger(__name__)


class EmbeddedChain:
    """A chain in a file, for any number of threads; other processes may use the same file at the same time.

    Reading has a connection of its own, so a question is answered while a transaction waits for its turn.
    Guests (whoever asks over HTTP) read through further ones, so the program itself never waits for a guest.
    """

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Open the chain. Raises ChainFileMissing, ChainFileUnreadable or ChainFileUnavailable."""
        self.path = path
        self._busy_seconds = busy_seconds
        self._turns = limits.Turns()
        self._guests: LifoQueue[Ledger] = LifoQueue(_IDLE_GUESTS)
        self._reader = self._open()
        try:
            self._writer = self._open()
        except BaseException:
            self._reader.store.close()
            raise
        self.chain_id = self._reader.chain_id

    def close(self) -> None:
        """Close the file."""
        self._reader.store.close()
        self._writer.store.close()
        while not self._guests.empty():
            self._guests.get().store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> Ledger:
        store = Store(self.path, busy_seconds=self._busy_seconds)
        try:
            return Ledger(store)
        except BaseException:
            store.close()
            raise

    @contextmanager
    def _reading(self, guest: bool) -> Iterator[Ledger]:
        """Yield a ledger to read from, which no other guest uses meanwhile."""
        if not guest:
            yield self._reader
            return
        try:
            ledger = self._guests.get_nowait()
        except Empty:
            ledger = self._open()
        try:
            yield ledger
        finally:
            try:
                self._guests.put_nowait(ledger)
            except Full:
                ledger.store.close()

    # -------------------------------------------------------------------------------------------- requests

    def handle_bytes(self, body: bytes, admit: Admit | None = None, *, guest: bool = False) -> bytes:
        """Return the answer to the body of an HTTP request; empty if it held notifications only.

        `admit` is asked of the sender of every raw transaction; without it all are taken. A guest works in
        turns with the others and within the bounds of `limits`.
        """
        with limits.limited(self._turns if guest else None):
            try:
                request = json.loads(body)
            except (ValueError, RecursionError):
                return json.dumps(_failure(PARSE_ERROR, "the body is not JSON")).encode()
            texts = []
            for answer in self._answers(request, admit, guest):
                texts.append(json.dumps(answer))
                limits.answered(len(texts[-1]))
            text = ", ".join(texts)
            return (f"[{text}]" if texts and _is_batch(request) else text).encode()

    def handle(
        self, request: object, admit: Admit | None = None, *, guest: bool = False
    ) -> dict[str, Any] | list[dict[str, Any]] | None:
        """Return the answer to a request or to a batch of them; None to notifications. Never raises."""
        with limits.limited(self._turns if guest else None):
            answers = list(self._answers(request, admit, guest))
            return (answers if _is_batch(request) else answers[0]) if answers else None

    def _answers(self, request: object, admit: Admit | None, guest: bool) -> Iterator[dict[str, Any]]:
        if isinstance(request, list) and not _is_batch(request):
            yield _failure(INVALID_REQUEST, f"a batch holds 1 to {BATCH_REQUESTS} requests")
            return
        for each in request if isinstance(request, list) else [request]:
            if (answer := self._one(each, admit, guest)) is not None:
                yield answer

    def _one(self, request: object, admit: Admit | None, guest: bool) -> dict[str, Any] | None:
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            return _failure(INVALID_REQUEST, "a request is an object with jsonrpc, id, method and params")
        number = request.get("id")
        if request.get("jsonrpc") != "2.0" or not isinstance(number, str | int | float | None):
            return _failure(INVALID_REQUEST, 'jsonrpc must be "2.0" and id a string or a number')
        name, values = request["method"], request.get("params") or []
        answer = self._answer(lambda: self._call(name, values, admit, guest), name)
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

    def _call(self, name: str, values: object, admit: Admit | None, guest: bool) -> Any:
        limits.begin_call()
        if not isinstance(values, list):
            raise BadParams("params must be a list")
        if name == "eth_sendRawTransaction":
            return self._send(Params(values, 1).data(0), admit)
        method = METHODS.get(name)
        if method is None:
            raise UnknownMethod(f"the method {name} does not exist or is not available")
        with self._reading(guest) as ledger, ledger.store.reading():
            return method.answer(ledger, Params(values, method.most))

    def _send(self, raw: bytes, admit: Admit | None) -> str:
        """Mine the transaction; once its hash is answered, its block is on the disk."""
        transaction = self._writer.decode(raw)
        with limits.aside():  # who waits for a writer keeps no reader waiting
            if admit is not None and (reason := admit("0x" + transaction.sender.hex())) is not None:
                raise Refused(reason)
            with self._writer.store.writing():
                self._writer.mine(transaction)
        return "0x" + transaction.hash.hex()


def _is_batch(request: object) -> bool:
    return isinstance(request, list) and 1 <= len(request) <= BATCH_REQUESTS


def busy(why: str) -> bytes:
    """Return the answer to the body of a request that can't be worked on now."""
    return json.dumps(_failure(LimitExceeded.code, why)).encode()


def _failure(code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}

"""How much is done for a stranger at once: so much work a call and a request, in turns with the others."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from contracts.embedded.failures import LimitExceeded

CALL_SECONDS = 1.0
"""How long one call may work, in seconds of its thread's CPU time: waiting does not count."""
REQUEST_SECONDS = 10.0
"""How long all calls of one request may work together, in seconds of CPU time."""
ANSWER_SECONDS = 30.0
"""How long after a request came it is still worked on: clients wait no longer."""
ANSWER_BYTES = 16 << 20
"""How long the answer to one request may become; whatever of a batch comes after that is refused."""
TURN_SECONDS = 0.01
"""How long a request works before one that waits has its turn, in seconds of CPU time."""

_STEPS = 32  # between two looks at the clock, which costs more than a step


class Turns:
    """One works at a time. Who comes anew and who waits for a further turn are called alternately.

    So a short question is answered soon, however many long ones are being worked on.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._next: deque[threading.Lock] = deque()
        self._after_next: deque[threading.Lock] = deque()
        self._new, self._further = self._next, self._after_next

    def take(self, *, further: bool = False) -> None:
        """Wait for the turn."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            called = threading.Lock()
            called.acquire()
            (self._further if further else self._new).append(called)
        called.acquire()

    def give(self) -> None:
        """Hand the turn on."""
        with self._guard:
            self._next, self._after_next = self._after_next, self._next
            waiting = self._next or self._after_next
            if waiting:
                waiting.popleft().release()
            else:
                self._taken = False


class _Allowance:
    """What is left to the request that this thread works on."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._passing = True
        self._steps = 0
        self._answered_bytes = 0
        self._answer_end = time.monotonic() + ANSWER_SECONDS
        now = time.thread_time()
        self._turn_end = now + TURN_SECONDS
        self._call_end = self._request_end = now + REQUEST_SECONDS

    def answered(self, size: int) -> None:
        self._answered_bytes += size

    def begin_call(self) -> None:
        if self._answered_bytes > ANSWER_BYTES:
            raise LimitExceeded(f"the answer is longer than {ANSWER_BYTES:,} bytes; send smaller batches")
        self._call_end = time.thread_time() + CALL_SECONDS
        self.look()

    def step(self) -> None:
        self._steps += 1
        if self._steps >= _STEPS:
            self.look()

    def look(self) -> None:
        self._steps = 0
        now = time.thread_time()
        if now > self._request_end:
            raise LimitExceeded(f"the request works longer than {REQUEST_SECONDS:g} s; send smaller batches")
        if now > self._call_end:
            raise LimitExceeded(f"the call works longer than {CALL_SECONDS:g} s; ask for less at once")
        if time.monotonic() > self._answer_end:
            raise LimitExceeded(f"the chain is busy: no answer within {ANSWER_SECONDS:g} s; try again later")
        if self._passing and now > self._turn_end:
            self._turns.give()
            self._turns.take(further=True)
            self._turn_end = time.thread_time() + TURN_SECONDS

    @contextmanager
    def aside(self) -> Iterator[None]:
        self._passing = False
        self._turns.give()
        try:
            yield
        finally:
            self._turns.take(further=True)
            self._passing = True
            self._turn_end = time.thread_time() + TURN_SECONDS


_allowance: ContextVar[_Allowance | None] = ContextVar("_allowance", default=None)


@contextmanager
def limited(turns: Turns | None) -> Iterator[None]:
    """Work on one request: in turns and within bounds, or without either for the program itself (None)."""
    if turns is None:
        token = _allowance.set(None)
        try:
            yield
        finally:
            _allowance.reset(token)
        return
    allowance = _Allowance(turns)
    turns.take()
    token = _allowance.set(allowance)
    try:
        yield
    finally:
        _allowance.reset(token)
        turns.give()


@contextmanager
def aside() -> Iterator[None]:
    """Let others have their turns meanwhile: for what may wait for a lock. The bounds stay."""
    allowance = _allowance.get()
    if allowance is None:
        yield
    else:
        with allowance.aside():
            yield


def begin_call() -> None:
    """Begin the next call of the request. This, `step` and `look` raise LimitExceeded."""
    if (allowance := _allowance.get()) is not None:
        allowance.begin_call()


def answered(size: int) -> None:
    """Say how many bytes the answer to a call has."""
    if (allowance := _allowance.get()) is not None:
        allowance.answered(size)


def step() -> None:
    """Say that a small piece of work comes next, some microseconds."""
    if (allowance := _allowance.get()) is not None:
        allowance.step()


def look() -> None:
    """Say that a larger piece of work comes next, a millisecond or so."""
    if (allowance := _allowance.get()) is not None:
        allowance.look()

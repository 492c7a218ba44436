"""The kinds of expected failure. One class is one fact; `api/problems.py` alone knows HTTP and exit codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One wrong thing inside a larger input: where it stands (`pointer`) and what is wrong with it."""

    pointer: str
    detail: str


class ShuizeError(Exception):
    """An expected failure.

    `code` is public and stable. The message says what failed and where; `hint` says how to mend it;
    `faults` lists the places when there are several.
    """

    code = "error"

    def __init__(self, message: str, *, hint: str | None = None, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.faults = tuple(faults)


class InvalidInput(ShuizeError):
    """What was handed in can't be used as it is."""

    code = "invalid-input"


class NotFound(ShuizeError):
    """A name or number that nothing here answers to."""

    code = "not-found"


class Conflict(ShuizeError):
    """The request is well formed, and the present state forbids it."""

    code = "conflict"


class Denied(ShuizeError):
    """The asker may not do this."""

    code = "denied"


class VerificationFailed(ShuizeError):
    """It was checked, and the answer is no."""

    code = "verification-failed"


class Unavailable(ShuizeError):
    """Something this depends on did not answer; nothing is known, and trying again may help."""

    code = "unavailable"

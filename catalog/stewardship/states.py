"""The states of a work order, and which step leads from which to which."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType


class OrderState(StrEnum):
    """Where a work order stands."""

    DETECTED = "detected"
    TRIAGED = "triaged"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    RECTIFYING = "rectifying"
    SUBMITTED = "submitted"
    RECHECKED = "rechecked"
    REVIEWED = "reviewed"
    CLOSED = "closed"
    REJECTED = "rejected"
    WAIVED = "waived"
    REOPENED = "reopened"

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do, unless the order is reopened."""
        return self in (OrderState.CLOSED, OrderState.REJECTED, OrderState.WAIVED)


class IssueState(StrEnum):
    """Where an issue stands: `rejected` is no problem after all, `waived` is lived with until a day."""

    OPEN = "open"
    FIXED = "fixed"
    REJECTED = "rejected"
    WAIVED = "waived"


_S = OrderState
FOLLOWING = MappingProxyType(
    {
        _S.DETECTED: (_S.TRIAGED, _S.REJECTED, _S.WAIVED),
        _S.TRIAGED: (_S.DISPATCHED, _S.REJECTED, _S.WAIVED),
        _S.DISPATCHED: (_S.ACCEPTED, _S.RETURNED, _S.WAIVED),
        _S.RETURNED: (_S.DISPATCHED, _S.REJECTED, _S.WAIVED),
        _S.ACCEPTED: (_S.RECTIFYING, _S.RETURNED, _S.WAIVED),
        _S.RECTIFYING: (_S.SUBMITTED, _S.WAIVED),
        _S.SUBMITTED: (_S.RECHECKED, _S.RECTIFYING),
        _S.RECHECKED: (_S.REVIEWED, _S.RECTIFYING),
        _S.REVIEWED: (_S.CLOSED, _S.RECTIFYING),
        _S.CLOSED: (_S.REOPENED,),
        _S.REJECTED: (_S.REOPENED,),
        _S.WAIVED: (_S.REOPENED,),
        _S.REOPENED: (_S.DISPATCHED, _S.REJECTED, _S.WAIVED),
    }
)
"""Which states may follow which. Back to rectifying lead a re-check that still fails, a reviewer who sends it
back, and a run that finds something again before the order is closed."""

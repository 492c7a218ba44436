"""Change requests: nothing is registered, changed, retired or reinstated but by two people.

One asks, with a reason, on a base revision; another decides. What is approved becomes the next revision,
which never changes. A request whose base is no longer the present revision is refused with what has changed
since.
"""

from catalog.changes.differences import Difference
from catalog.changes.models import (
    Change,
    ChangeAct,
    ChangeDecided,
    ChangeFilter,
    ChangeNotFound,
    ChangeState,
    GovernedKind,
    Revision,
    StaleBase,
)
from catalog.changes.requests import Changes

__all__ = [
    "Change",
    "ChangeAct",
    "ChangeDecided",
    "ChangeFilter",
    "ChangeNotFound",
    "ChangeState",
    "Changes",
    "Difference",
    "GovernedKind",
    "Revision",
    "StaleBase",
]

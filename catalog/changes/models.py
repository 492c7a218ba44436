"""Change requests and revisions as they are read back, and what can go wrong with them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from catalog.changes.differences import Difference
from standards.digests import Digest
from standards.documents import StandardRef
from standards.errors import Conflict, Denied, InvalidInput, NotFound


class ChangeNotFound(NotFound):
    """No change request has this number."""

    code = "change-not-found"


class RevisionNotFound(NotFound):
    """The dataset or product has no such revision."""

    code = "revision-not-found"


class ChangeDecided(Conflict):
    """The request has been decided; a decision is final."""

    code = "change-decided"


class StaleBase(Conflict):
    """The revision that a request was made on is no longer the present one; the faults show what changed."""

    code = "stale-base"


class RegistrationOpen(Conflict):
    """Somebody has asked already that this be registered, and it is not decided."""

    code = "registration-open"


class NothingChanges(Conflict):
    """The request would leave everything as it is."""

    code = "nothing-changes"


class NoReason(InvalidInput):
    """A request or a rejection that does not say why."""

    code = "no-reason"


class OwnRequest(Denied):
    """Nobody decides about what they asked for themselves."""

    code = "own-request"


class NotARequester(Denied):
    """Only who made a request takes it back."""

    code = "not-the-requester"


class NotAReviewer(Denied):
    """Reviewers are named for this, and the party is none of them."""

    code = "not-a-reviewer"


class GovernedKind(StrEnum):
    """What change requests are about."""

    DATASET = "dataset"
    PRODUCT = "product"
    STANDARDS = "standards"


class ChangeAct(StrEnum):
    """What is asked for."""

    REGISTER = "register"
    CHANGE = "change"
    RETIRE = "retire"
    REINSTATE = "reinstate"
    PUBLISH = "publish"

    @property
    def done(self) -> str:
        """The act in the past tense, as the trail has it."""
        return _DONE[self]


_DONE = {
    ChangeAct.REGISTER: "registered",
    ChangeAct.CHANGE: "changed",
    ChangeAct.RETIRE: "retired",
    ChangeAct.REINSTATE: "reinstated",
    ChangeAct.PUBLISH: "published",
}


class ChangeState(StrEnum):
    """Whether a request waits, and what became of it."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Change(BaseModel):
    """A change request. `document` is what is wanted, whole; `revision` what an approval made of it.

    `as_reviewer` is in the answer to a decision: whether a named reviewer took it, or there is none.
    `stale` is in lists: whether it waits, though another revision came into force meanwhile.
    """

    model_config = ConfigDict(frozen=True)

    id: int
    subject_kind: GovernedKind
    subject: str
    act: ChangeAct
    base_revision: int
    document: dict[str, Any]
    digest: Digest
    differences: tuple[Difference, ...]
    reason: str
    requested_by: str
    requested_at: datetime
    state: ChangeState
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    revision: int | None
    as_reviewer: bool | None = None
    stale: bool | None = None


class Revision(BaseModel):
    """A document as it stood from one approval to the next; `change` is the request that led to it.

    `standards` are what a dataset's fields meant then, by id, version and digest; None where it was not kept.
    """

    model_config = ConfigDict(frozen=True)

    subject_kind: GovernedKind
    subject: str
    number: int
    state: str
    document: dict[str, Any]
    digest: Digest
    change: int | None
    made_by: str
    made_at: datetime
    standards: tuple[StandardRef, ...] | None = None


class ChangeFilter(BaseModel):
    """Which requests to list: those for which everything given holds, `limit` of them, after a number."""

    model_config = ConfigDict(frozen=True)

    after: int = 0
    limit: int | None = None

    state: ChangeState | None = None
    subject_kind: GovernedKind | None = None
    subject: str | None = None
    requested_by: str | None = None

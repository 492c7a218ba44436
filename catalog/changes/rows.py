"""The rows of change requests and revisions, and the entries of the trail that go with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from catalog.changes.differences import Difference, compared
from catalog.changes.models import (
    Change,
    ChangeAct,
    ChangeNotFound,
    ChangeState,
    GovernedKind,
    NoReason,
    NotAReviewer,
    NothingChanges,
    Revision,
)
from catalog.changes.subjects import IN_USE, RETIRED, InForce, Present
from catalog.datasets.models import DatasetExists, DatasetNotFound
from catalog.product_register import ProductNotRegistered
from catalog.roles import Role, SubjectKind, holders, holders_up
from catalog.tables import ChangeRow, RevisionRow
from catalog.trail import Act, Detail
from standards import digests
from standards.errors import Conflict, NotFound


class ProductExists(Conflict):
    """The product is registered already."""

    code = "product-exists"


def new_request(
    kind: GovernedKind, act: ChangeAct, name: str, present: Present, wanted: dict[str, Any]
) -> ChangeRow:
    """Return a request that nobody has made yet. Raises NothingChanges."""
    found = [
        {"pointer": pointer, "before": before, "after": after}
        for pointer, before, after in compared(present.document, wanted)
    ]
    if act is ChangeAct.CHANGE and not found:
        raise NothingChanges(
            f"the document says what revision {present.revision} of {kind} {name} says",
            hint="edit the document first",
        )
    state = {ChangeAct.RETIRE: RETIRED, ChangeAct.REINSTATE: IN_USE}.get(act)
    if state is not None:
        found = [{"pointer": "/state", "before": present.state, "after": state}]
    return ChangeRow(
        subject_kind=kind.value,
        subject=name,
        act=act.value,
        base_revision=present.revision,
        document=wanted,
        digest=digests.of_document(wanted),
        differences=found,
    )


def decide(row: ChangeRow, state: ChangeState, by: str, at: datetime, reason: str) -> None:
    """Write a decision into the row."""
    row.state, row.decided_by, row.decided_at = state.value, by, at
    row.decision_reason = reason.strip() or None


def require_reviewer(
    session: Session, row: ChangeRow, document: dict[str, Any], by: str, now: datetime
) -> None:
    """If anybody is named reviewer, on the thing or up the tree, then it takes one of them."""
    kind, organisation = SubjectKind(row.subject_kind), document["organisation"]
    if row.base_revision:
        found = holders(session, Role.REVIEWER, kind, row.subject, now.date())
    else:  # nobody can hold a role on what is not there
        found = holders_up(session, Role.REVIEWER, organisation, now.date())
    named = {holder.party for holder in found}
    if named - {row.requested_by} and by not in named:
        raise NotAReviewer(
            f"{by} is no reviewer of {row.subject_kind} {row.subject}",
            hint="its reviewers: " + ", ".join(sorted(named)),
        )


def require_reason(reason: str, what: str) -> None:
    """Raise NoReason for blank text."""
    if not reason.strip():
        raise NoReason(f"{what} needs a reason", hint='give --reason "why"')


def require_change(session: Session, number: int) -> ChangeRow:
    """Return the row as it is now. Raises ChangeNotFound."""
    row = session.get(ChangeRow, number, populate_existing=True)
    if row is None:
        raise ChangeNotFound(f"there is no change request {number}", hint="see: shuize change list")
    return row


def missing(kind: GovernedKind, name: str) -> NotFound:
    """Return the error for a name that nothing has."""
    if kind is GovernedKind.DATASET:
        return DatasetNotFound(f"no dataset is called {name!r}", hint="see: shuize dataset list")
    return ProductNotRegistered(f"product {name} is not registered", hint="see: shuize product list")


def exists(kind: GovernedKind, name: str) -> Conflict:
    """Return the error for a name that is taken."""
    refusal = DatasetExists if kind is GovernedKind.DATASET else ProductExists
    return refusal(
        f"a {kind} {name} is registered already",
        hint=f"see `shuize {kind} show {name}`; ask for a change: shuize {kind} change",
    )


def document_of(session: Session, row: ChangeRow, number: int) -> dict[str, Any]:
    """Return the document of a revision of the subject; revision 0 is empty."""
    found = session.get(RevisionRow, (row.subject_kind, row.subject, number))
    return found.document if found else {}


def revision_values(row: ChangeRow, coming: InForce, by: str) -> dict[str, Any]:
    """Return the row of the revision that an approval makes."""
    return {
        "subject_kind": row.subject_kind,
        "subject": row.subject,
        "number": coming.revision,
        "state": coming.state,
        "document": coming.document,
        "digest": row.digest if coming.document is row.document else digests.of_document(coming.document),
        "change": row.id,
        "made_by": by,
        "made_at": coming.at,
    }


def asking(row: ChangeRow) -> Act:
    """Return the entry of a request."""
    detail: Detail = {"change": row.id, "act": row.act, "base": row.base_revision, "document": row.digest}
    return Act("change-requested", row.subject_kind, row.subject, row.requested_by, detail)


def approval(row: ChangeRow, coming: InForce) -> Act:
    """Return the entry of an approval: the act itself, by who approved it."""
    detail: Detail = {"change": row.id, "revision": coming.revision, "document": row.digest}
    act = f"{row.subject_kind}-{ChangeAct(row.act).done}"
    return Act(act, row.subject_kind, row.subject, row.decided_by, detail)


def decision(act: str, row: ChangeRow) -> Act:
    """Return the entry of another decision."""
    return Act(act, row.subject_kind, row.subject, row.decided_by, {"change": row.id})


def differences_of(row: ChangeRow) -> tuple[Difference, ...]:
    """Return what the request would change."""
    return tuple(Difference.model_validate(each) for each in row.differences)


def change_of(row: ChangeRow) -> Change:
    """Return the request of a row."""
    return Change.model_validate({name: getattr(row, name) for name in Change.model_fields})


def made_change(row: ChangeRow) -> Change:
    """Return the request of a row that was just made here, which needs no second look."""
    values = {name: getattr(row, name) for name in Change.model_fields}
    enums = {"subject_kind": GovernedKind, "act": ChangeAct, "state": ChangeState}
    found = tuple(Difference.model_construct(**each) for each in row.differences)
    known = {name: kind(values[name]) for name, kind in enums.items()}
    return Change.model_construct(**values | known | {"differences": found})


def revision_of(row: RevisionRow) -> Revision:
    """Return the revision of a row."""
    return Revision.model_validate({name: getattr(row, name) for name in Revision.model_fields})

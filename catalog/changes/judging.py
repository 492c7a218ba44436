"""Whether a request fits what is in force: acts that fit its state, bases that still hold."""

from __future__ import annotations

from sqlalchemy.orm import Session

from catalog.changes.differences import clashes, differences
from catalog.changes.models import (
    ChangeAct,
    GovernedKind,
    RevisionNotFound,
    StaleBase,
)
from catalog.changes.registering import NOTHING
from catalog.changes.rows import Values, differences_of, document_of, exists, missing
from catalog.changes.subjects import RETIRED, Present
from catalog.datasets.models import DatasetRetired
from catalog.product_register import ProductRetired
from standards.errors import Conflict, ShuizeError


class NotRetired(Conflict):
    """What is in use can't be taken into use again."""

    code = "not-retired"


def stale(session: Session, row: Values, present: Present | None) -> ShuizeError:
    """Return the error for a request whose base is past, with what changed and what it wanted there."""
    kind, name, number = row["subject_kind"], row["subject"], row["base_revision"]
    now = present or NOTHING
    if row["act"] == ChangeAct.REGISTER:
        return StaleBase(
            f"request {row['id']} would register {kind} {name}, which has been registered meanwhile",
            hint=f"see `shuize {kind} show {name}`; reject the request: shuize change reject {row['id']} "
            f"--reason …; what it wants otherwise is a change: shuize {kind} change",
        )
    base = document_of(session, row, number)
    faults = clashes(differences(base, now.document), differences_of(row))
    return StaleBase(
        f"the request was made on revision {number}, and {kind} {name} is now at "
        f"revision {now.revision} ({now.state})",
        hint=f"look at the differences listed, then ask again on the present revision: shuize {kind} change",
        faults=faults,
    )


def no_revision(kind: GovernedKind, name: str, number: int, newest: int) -> RevisionNotFound:
    """Return the error for a revision that never was."""
    return RevisionNotFound(
        f"{kind} {name} has no revision {number}, it has 1 to {newest}", hint="ask for one of these"
    )


def fitting(act: ChangeAct, kind: GovernedKind, name: str, present: Present | None) -> Present:
    """Return what is in force, or nothing in revision 0; raise if the act does not fit it."""
    if act in (ChangeAct.REGISTER, ChangeAct.PUBLISH):
        if present is not None:
            raise exists(kind, name)
        return NOTHING
    if present is None:
        raise missing(kind, name)
    if act is ChangeAct.REINSTATE and present.state != RETIRED:
        raise NotRetired(
            f"{kind} {name} is in use", hint=f"nothing is left to do; see: shuize {kind} show {name}"
        )
    if act is not ChangeAct.REINSTATE and present.state == RETIRED:
        refusal = DatasetRetired if kind is GovernedKind.DATASET else ProductRetired
        raise refusal(f"{kind} {name} is retired", hint=f"first: shuize {kind} reinstate {name} --reason …")
    return present

"""Registering many datasets at once: every one with its request, its approval and its revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from catalog import trail
from catalog.answering import require_all
from catalog.bulk import insert_all, new_numbers
from catalog.changes.acts import approval, asking
from catalog.changes.models import ChangeAct, ChangeState, GovernedKind, OwnRequest
from catalog.changes.rows import (
    CHANGES,
    REVISIONS,
    Decision,
    asked,
    new_request,
    require_reviewer,
    revision_values,
)
from catalog.changes.subjects import IN_USE, DatasetSubject, InForce, Present, Wanted, responsible, taken
from catalog.datasets.models import DatasetDraft, DatasetExists
from catalog.datasets.series import require_series
from standards.errors import Fault

NOTHING = Present({}, 0, IN_USE)
"""What is in force before the first revision."""


@dataclass(frozen=True)
class Two:
    """Who asks, who approves, and why."""

    by: str
    approved_by: str
    reason: str


def register_all(
    session: Session, subject: DatasetSubject, wanted: Sequence[Wanted], two: Two, now: datetime
) -> tuple[int, ...]:
    """Register datasets in the caller's transaction, and return the numbers of their requests.

    The trail's turn comes first: it keeps away whoever else registers or approves.
    """
    trail.lock(session)
    _require_fit(session, wanted, two, now)
    approved = Decision(ChangeState.APPROVED, two.approved_by, now, revision=1).columns()
    numbers = new_numbers(session, CHANGES.c.id, len(wanted))
    rows = []
    for number, each in zip(numbers, wanted, strict=True):
        request = new_request(GovernedKind.DATASET, ChangeAct.REGISTER, each.draft.name, NOTHING, each)
        rows.append({"id": number, **asked(request, two.by, now, two.reason), **approved})
    for of_one in {row["document"]["organisation"]: row for row in rows}.values():
        require_reviewer(session, of_one, of_one["document"], two.approved_by, now)
    coming = [InForce(each, 1, IN_USE, two.by, now, now) for each in wanted]
    insert_all(session, CHANGES, rows)
    subject.put_in_force(session, coming)
    revisions = [revision_values(row, each) for row, each in zip(rows, coming, strict=True)]
    insert_all(session, REVISIONS, revisions)
    pairs = zip(rows, revisions, strict=True)
    trail.record_all(session, now, (act for row, made in pairs for act in (asking(row), approval(row, made))))
    return tuple(numbers)


def _require_fit(session: Session, wanted: Sequence[Wanted], two: Two, now: datetime) -> None:
    if two.by == two.approved_by:
        raise OwnRequest(f"{two.by} can't approve what {two.by} asks for", hint="name another party")
    if there := taken(session, [each.draft.name for each in wanted]):
        raise DatasetExists(
            f"{len(there)} of these datasets are registered already: {', '.join(sorted(there)[:3])}",
            hint="leave them out, or register under other names",
            faults=[Fault(f"/{i}/name", "taken") for i, e in enumerate(wanted) if e.draft.name in there],
        )
    drafts = [each.draft for each in wanted if isinstance(each.draft, DatasetDraft)]
    require_series(session, ((f"/{i}", draft) for i, draft in enumerate(drafts)))
    answering = (one for each in wanted for one in responsible(each.document))
    require_all(session, [two.by, two.approved_by], answering, now)

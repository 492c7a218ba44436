"""The use cases of change requests: ask, decide, look up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import trail
from catalog.changes.differences import clashes, differences
from catalog.changes.models import (
    Change,
    ChangeAct,
    ChangeDecided,
    ChangeFilter,
    ChangeState,
    GovernedKind,
    NotARequester,
    OwnRequest,
    Revision,
    RevisionNotFound,
    StaleBase,
)
from catalog.changes.rows import (
    approval,
    asking,
    change_of,
    decide,
    decision,
    differences_of,
    document_of,
    exists,
    made_change,
    missing,
    new_request,
    require_change,
    require_reason,
    require_reviewer,
    revision_of,
    revision_values,
)
from catalog.changes.subjects import (
    IN_USE,
    RETIRED,
    DatasetSubject,
    InForce,
    Present,
    Subject,
    require_parties,
    taken,
)
from catalog.database import Clock, Database, take_turns
from catalog.datasets.models import DatasetDraft, DatasetExists, DatasetRetired
from catalog.datasets.series import require_series
from catalog.parties import require_member
from catalog.product_register import ProductRetired
from catalog.tables import ChangeRow, PartyRow, RevisionRow
from standards.errors import Conflict, Fault, ShuizeError

FIRST = "first registration"
NOTHING = Present({}, 0, IN_USE)
"""What is in force before the first revision."""
_AT_A_TIME = 5_000


class NotRetired(Conflict):
    """What is in use can't be taken into use again."""

    code = "not-retired"


class Changes:
    """The register of change requests, and of the revisions they led to."""

    def __init__(self, database: Database, subjects: Sequence[Subject], clock: Clock) -> None:
        self._database = database
        self._subjects = {subject.kind: subject for subject in subjects}
        self._clock = clock

    def register(
        self,
        kind: GovernedKind,
        document: object,
        *,
        by: str,
        reason: str = FIRST,
        where: str = "the document",
    ) -> Change:
        """Ask that something be registered.

        Raises MalformedDataset, MalformedProduct, DatasetExists, ProductExists, UnknownParty, NoReason.
        """
        wanted = self._subjects[kind].parsed(document, where)
        return self._ask(kind, ChangeAct.REGISTER, wanted["name"], wanted, by=by, reason=reason)

    def change(
        self, kind: GovernedKind, document: object, *, by: str, reason: str, base: int | None = None,
        where: str = "the document",
    ) -> Change:  # fmt: skip
        """Ask that a document take the place of the present one, or of revision `base`.

        Raises as `register`; DatasetNotFound, ProductNotRegistered, DatasetRetired, ProductRetired,
        StaleBase, NothingChanges, IncompatibleFields.
        """
        wanted = self._subjects[kind].parsed(document, where)
        return self._ask(kind, ChangeAct.CHANGE, wanted["name"], wanted, by=by, reason=reason, base=base)

    def retire(self, kind: GovernedKind, name: str, *, by: str, reason: str) -> Change:
        """Ask that something no longer be used. Raises as `change`."""
        return self._ask(kind, ChangeAct.RETIRE, name, None, by=by, reason=reason)

    def reinstate(self, kind: GovernedKind, name: str, *, by: str, reason: str) -> Change:
        """Ask that something retired be used again. Raises as `change`, and NotRetired."""
        return self._ask(kind, ChangeAct.REINSTATE, name, None, by=by, reason=reason)

    def approve(self, number: int, *, by: str, reason: str = "") -> Change:
        """Approve a request, as someone who did not make it; what it asks for is then in force.

        Of two who decide at once the second one learns that it is decided. If reviewers are named for the
        thing, or up the tree for its organisation, only they approve. Raises ChangeNotFound, ChangeDecided,
        OwnRequest, NotAReviewer, StaleBase, and as the request itself, which is judged again.
        """
        now = self._clock()
        with self._database.write() as session:
            row = self._to_decide(session, number, by, now)
            subject = self._subjects[GovernedKind(row.subject_kind)]
            present = subject.present(session, row.subject)
            document = self._still_fit(session, subject, row, present)
            require_reviewer(session, row, document, by, now)
            subject.require_fit(session, document, now)
            state = RETIRED if row.act == ChangeAct.RETIRE else IN_USE
            coming = InForce(document, row.base_revision + 1, state, row.requested_by, now)
            subject.put_in_force(session, row.subject, coming)
            decide(row, ChangeState.APPROVED, by, now, reason)
            row.revision = coming.revision
            session.flush()
            session.execute(sa.insert(RevisionRow), [revision_values(row, coming, by)])
            trail.record(session, now, approval(row, coming))
            return change_of(row)

    def reject(self, number: int, *, by: str, reason: str) -> Change:
        """Reject a request with a reason, as someone who did not make it.

        Raises ChangeNotFound, ChangeDecided, OwnRequest, NotAReviewer, NoReason.
        """
        require_reason(reason, "a rejection")
        now = self._clock()
        with self._database.write() as session:
            row = self._to_decide(session, number, by, now)
            require_reviewer(session, row, row.document, by, now)
            decide(row, ChangeState.REJECTED, by, now, reason)
            trail.record(session, now, decision("change-rejected", row))
            return change_of(row)

    def withdraw(self, number: int, *, by: str, reason: str = "") -> Change:
        """Take a request back, as who made it. Raises ChangeNotFound, ChangeDecided, NotARequester."""
        now = self._clock()
        with self._database.write() as session:
            row = self._open(session, number, by, now)
            if row.requested_by != by:
                raise NotARequester(
                    f"{row.requested_by} made request {number}, and only they take it back",
                    hint=f"reject it: shuize change reject {number} --reason … --as {by}",
                )
            decide(row, ChangeState.WITHDRAWN, by, now, reason)
            trail.record(session, now, decision("change-withdrawn", row))
            return change_of(row)

    def register_all(
        self, drafts: Sequence[DatasetDraft], *, by: str, approved_by: str, reason: str = FIRST
    ) -> tuple[Change, ...]:
        """Register many new datasets at once that two people have gone through: a migration, a harvest.

        Each has its request, its approval and its revision, all in one transaction. Raises OwnRequest,
        DatasetExists, MalformedDataset, UnknownParty.
        """
        require_reason(reason, "a request")
        subject = self._subjects[GovernedKind.DATASET]
        assert isinstance(subject, DatasetSubject)
        wanted = subject.all_parsed(drafts)
        now = self._clock()
        with self._database.write() as session:
            trail.lock(session)
            require_member(session, by, now)
            require_member(session, approved_by, now)
            if by == approved_by:
                raise OwnRequest(f"{by} can't approve what {by} asks for", hint="name another party")
            if there := taken(session, [document["name"] for document in wanted]):
                raise DatasetExists(
                    f"{len(there)} of these datasets are registered already: {', '.join(sorted(there)[:3])}",
                    hint="leave them out, or register under other names",
                    faults=[Fault(f"/{i}/name", "taken") for i, d in enumerate(wanted) if d["name"] in there],
                )
            require_series(session, ((f"/{i}", draft) for i, draft in enumerate(drafts)))
            _look_up_parties(session, (party for document in wanted for party in _responsible(document)))
            for some in {_responsible(document): document for document in wanted}.values():
                require_parties(session, some, now)
            rows = []
            for document in wanted:
                row = new_request(
                    GovernedKind.DATASET, ChangeAct.REGISTER, document["name"], NOTHING, document
                )
                row.reason, row.requested_by, row.requested_at = reason.strip(), by, now
                decide(row, ChangeState.APPROVED, approved_by, now, "")
                row.revision = 1
                rows.append(row)
            for of_one in {row.document["organisation"]: row for row in rows}.values():
                require_reviewer(session, of_one, of_one.document, approved_by, now)
            coming = [
                (row.subject, InForce(row.document, 1, IN_USE, by, now, draft))
                for row, draft in zip(rows, drafts, strict=True)
            ]
            return self._store_all(session, rows, coming, now)

    def get(self, number: int) -> Change:
        """Return a request. Raises ChangeNotFound."""
        with self._database.read() as session:
            return change_of(require_change(session, number))

    def list(self, chosen: ChangeFilter | None = None) -> tuple[Change, ...]:
        """Return requests, oldest first."""
        query = sa.select(ChangeRow).order_by(ChangeRow.id)
        for name, value in (chosen or ChangeFilter()).model_dump(mode="json", exclude_none=True).items():
            query = query.where(getattr(ChangeRow, name) == value)
        with self._database.read() as session:
            return tuple(map(change_of, session.scalars(query)))

    def revisions(self, kind: GovernedKind, name: str) -> tuple[Revision, ...]:
        """Return every revision of a dataset's or product's document, oldest first.

        Raises DatasetNotFound, ProductNotRegistered.
        """
        with self._database.read() as session:
            here = (RevisionRow.subject_kind == kind.value, RevisionRow.subject == name)
            rows = session.scalars(sa.select(RevisionRow).where(*here).order_by(RevisionRow.number)).all()
            if not rows:
                raise missing(kind, name)
            return tuple(map(revision_of, rows))

    def revision(self, kind: GovernedKind, name: str, number: int) -> Revision:
        """Return one revision. Raises DatasetNotFound, ProductNotRegistered, RevisionNotFound."""
        for revision in (found := self.revisions(kind, name)):
            if revision.number == number:
                return revision
        raise RevisionNotFound(
            f"{kind} {name} has no revision {number}, it has 1 to {len(found)}", hint="ask for one of these"
        )

    def _ask(
        self, kind: GovernedKind, act: ChangeAct, name: str, wanted: dict[str, Any] | None, *, by: str,
        reason: str, base: int | None = None,
    ) -> Change:  # fmt: skip
        require_reason(reason, "a request")
        now, subject = self._clock(), self._subjects[kind]
        with self._database.write() as session:
            take_turns(session, f"{kind} {name}")
            require_member(session, by, now)
            present = _fitting(act, kind, name, subject.present(session, name))
            row = new_request(kind, act, name, present, wanted or present.document)
            if base is not None and base != present.revision:
                row.base_revision = base
                base_document = document_of(session, row, base)
                found = differences(base_document, row.document)
                row.differences = [each.model_dump(mode="json") for each in found]
                raise self._stale(session, row, present)
            subject.require_fit(session, row.document, now)
            row.reason, row.requested_by, row.requested_at = reason.strip(), by, now
            row.state = ChangeState.OPEN.value
            session.add(row)
            session.flush()
            trail.record(session, now, asking(row))
            return change_of(row)

    def _to_decide(self, session: Session, number: int, by: str, now: datetime) -> ChangeRow:
        row = self._open(session, number, by, now)
        if row.requested_by == by:
            raise OwnRequest(
                f"{by} made request {number} and can't decide about it",
                hint=f"ask another party: shuize change approve {number} --as PARTY",
            )
        return row

    def _open(self, session: Session, number: int, by: str, now: datetime) -> ChangeRow:
        """Return an open request; nobody else decides about it, or about its subject, before we are done."""
        row = require_change(session, number)
        take_turns(session, f"{row.subject_kind} {row.subject}")
        trail.lock(session)  # before anything is written that who holds it may be waiting for
        require_member(session, by, now)
        row = require_change(session, number)  # again, as it is now that nobody else can change it
        if row.state != ChangeState.OPEN:
            assert row.decided_at is not None  # whatever ended it
            when = f"{row.decided_at:%Y-%m-%d %H:%M} UTC"
            why = f": {row.decision_reason}" if row.decision_reason else ""
            raise ChangeDecided(
                f"request {number} was {row.state} by {row.decided_by} at {when}{why}",
                hint=f"see: shuize change show {number}",
            )
        return row

    def _still_fit(
        self, session: Session, subject: Subject, row: ChangeRow, present: Present | None
    ) -> dict[str, Any]:
        """Return the document, judged again: standards and names may have moved on since it was asked for."""
        if (present.revision if present else 0) != row.base_revision:
            raise self._stale(session, row, present)
        if row.act in (ChangeAct.RETIRE, ChangeAct.REINSTATE):
            return row.document
        return subject.parsed(row.document, f"request {row.id}")

    def _stale(self, session: Session, row: ChangeRow, present: Present | None) -> ShuizeError:
        base = document_of(session, row, row.base_revision)
        now = present or NOTHING
        faults = clashes(differences(base, now.document), differences_of(row))
        base_named = f"revision {row.base_revision}" if row.base_revision else "nothing being there"
        return StaleBase(
            f"the request was made on {base_named}, and {row.subject_kind} {row.subject} is now at "
            f"revision {now.revision} ({now.state})",
            hint="look at the differences listed, then ask again on the present revision: "
            f"shuize {row.subject_kind} change",
            faults=faults,
        )

    def _store_all(
        self,
        session: Session,
        rows: Sequence[ChangeRow],
        coming: Sequence[tuple[str, InForce]],
        now: datetime,
    ) -> tuple[Change, ...]:
        subject = self._subjects[GovernedKind.DATASET]
        assert isinstance(subject, DatasetSubject)
        _store_requests(session, rows)
        subject.put_all_in_force(session, coming)
        pairs = list(zip(rows, (each for _, each in coming), strict=True))
        revisions = [revision_values(row, each, row.decided_by or "") for row, each in pairs]
        for start in range(0, len(revisions), _AT_A_TIME):
            session.execute(sa.insert(RevisionRow), revisions[start : start + _AT_A_TIME])
        acts = [act for row, each in pairs for act in (asking(row), approval(row, each))]
        trail.record_all(session, now, acts)
        return tuple(map(made_change, rows))


def _store_requests(session: Session, rows: Sequence[ChangeRow]) -> None:
    """Insert the rows and let the database number them: it would give numbers of ours a second time."""
    names = [column.key for column in sa.inspect(ChangeRow).columns if column.key != "id"]
    statement = sa.insert(ChangeRow).returning(ChangeRow.id, sort_by_parameter_order=True)
    for start in range(0, len(rows), _AT_A_TIME):
        some = rows[start : start + _AT_A_TIME]
        values = [{name: getattr(row, name) for name in names} for row in some]
        for row, number in zip(some, session.scalars(statement, values), strict=True):
            row.id = number


def _look_up_parties(session: Session, parties: Iterable[str]) -> None:
    """Have the session know parties, so that asking for each is no query."""
    wanted = sorted(set(parties))
    for start in range(0, len(wanted), _AT_A_TIME):
        session.scalars(sa.select(PartyRow).where(PartyRow.id.in_(wanted[start : start + _AT_A_TIME]))).all()


def _responsible(document: dict[str, Any]) -> tuple[str, str, str]:
    return document["owner"], document["steward"], document["organisation"]


def _fitting(act: ChangeAct, kind: GovernedKind, name: str, present: Present | None) -> Present:
    """Return what is in force, or nothing in revision 0; raise if the act does not fit it."""
    if act is ChangeAct.REGISTER:
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

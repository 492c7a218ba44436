"""The use cases of change requests: ask, decide, look up."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import trail
from catalog.answering import require_all
from catalog.bulk import not_collecting
from catalog.changes.acts import approval, asking, other_decision
from catalog.changes.differences import differences
from catalog.changes.judging import fitting, no_revision, stale
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
)
from catalog.changes.publishing import StandardsSubject
from catalog.changes.registering import Two, register_all
from catalog.changes.rows import (
    CHANGES,
    IS_STALE,
    Decision,
    Values,
    add_revision,
    asked,
    change_of,
    decide,
    document_of,
    missing,
    new_request,
    require_change,
    require_reason,
    require_reviewer,
    require_subject,
    revision_of,
    store,
)
from catalog.changes.subjects import (
    IN_USE,
    RETIRED,
    DatasetSubject,
    InForce,
    Present,
    ProductSubject,
    Wanted,
    responsible,
)
from catalog.database import Clock, Database
from catalog.datasets.models import DatasetDraft
from catalog.tables import RevisionRow
from standards.documents import Document

FIRST, IMPORT = "first registration", "standards of our own"


Subject = DatasetSubject | ProductSubject | StandardsSubject


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

        Raises MalformedDataset, MalformedProduct, DatasetExists, ProductExists, RegistrationOpen,
        UnknownParty, CannotAnswer, NoReason.
        """
        wanted = self._subjects[kind].parsed(document, where)
        return self._ask(kind, ChangeAct.REGISTER, wanted.draft.name, wanted, by=by, reason=reason)

    def change(
        self, kind: GovernedKind, document: object, *, by: str, reason: str, base: int | None = None,
        where: str = "the document",
    ) -> Change:  # fmt: skip
        """Ask that a document take the place of the present one, or of revision `base`.

        Raises as `register`; DatasetNotFound, ProductNotRegistered, DatasetRetired, ProductRetired,
        RevisionNotFound for a base that never was, StaleBase, NothingChanges, IncompatibleFields.
        """
        wanted = self._subjects[kind].parsed(document, where)
        return self._ask(kind, ChangeAct.CHANGE, wanted.draft.name, wanted, by=by, reason=reason, base=base)

    def retire(self, kind: GovernedKind, name: str, *, by: str, reason: str) -> Change:
        """Ask that something no longer be used. Raises as `change`."""
        return self._ask(kind, ChangeAct.RETIRE, name, None, by=by, reason=reason)

    def reinstate(self, kind: GovernedKind, name: str, *, by: str, reason: str) -> Change:
        """Ask that something retired be used again. Raises as `change`, and NotRetired."""
        return self._ask(kind, ChangeAct.REINSTATE, name, None, by=by, reason=reason)

    def publish(
        self, documents: Sequence[Document], *, by: str, reason: str = IMPORT, lowers: bool = False
    ) -> Change:
        """Ask that standards of the utility's own be published, all or none.

        Those that are there word for word are left out. Raises NothingChanges; StandardPublished if a version
        is there with another content; StandardIdTaken; MalformedStandard if one speaks of a standard that is
        nowhere, the import included; ProtectionLowered unless `lowers` says that it is meant.
        """
        subject = self._subjects[GovernedKind.STANDARDS]
        assert isinstance(subject, StandardsSubject)
        wanted = subject.wanted(documents, lowers=lowers)
        kind, act = GovernedKind.STANDARDS, ChangeAct.PUBLISH
        return self._ask(kind, act, wanted.draft.name, wanted, by=by, reason=reason)

    def approve(self, number: int, *, by: str, reason: str = "") -> Change:
        """Approve a request, as someone who did not make it; what it asks for is then in force.

        Of two who decide at once the second one learns that it is decided. If reviewers other than the
        requester are named for the thing, or up the tree, only the nearest approve. Raises ChangeNotFound,
        ChangeDecided, OwnRequest, NotAReviewer, StaleBase, and as the request itself, which is judged again.
        """
        now = self._clock()
        subjects = {kind: subject.now() for kind, subject in self._subjects.items()}
        with self._database.write() as session:
            row = self._to_decide(session, number, by)
            kind = GovernedKind(row["subject_kind"])
            subject = subjects[kind]
            present = subject.present(session, row["subject"])
            wanted = self._still_fit(session, subject, row, present)
            require_all(session, [by], responsible(wanted.document), now)
            row = require_reviewer(session, row, wanted.document, by, now)
            subject.require_fit(session, wanted, present)
            state = RETIRED if row["act"] == ChangeAct.RETIRE else IN_USE
            since = (present and present.registered_at) or now
            number_now = row["base_revision"] + 1
            coming = InForce(wanted, number_now, state, row["requested_by"], now, since)
            subject.put_in_force(session, [coming])
            row = decide(session, row, Decision(ChangeState.APPROVED, by, now, reason, number_now))
            revision = add_revision(session, row, coming)
            trail.record(session, now, approval(row, revision))
            return change_of(row)

    def reject(self, number: int, *, by: str, reason: str) -> Change:
        """Reject a request with a reason, as someone who did not make it.

        Raises ChangeNotFound, ChangeDecided, OwnRequest, NotAReviewer, NoReason.
        """
        require_reason(reason, "a rejection")
        now = self._clock()
        with self._database.write() as session:
            row = self._to_decide(session, number, by)
            require_all(session, [by], (), now)
            row = require_reviewer(session, row, row["document"], by, now)
            row = decide(session, row, Decision(ChangeState.REJECTED, by, now, reason))
            trail.record(session, now, other_decision("change-rejected", row))
            return change_of(row)

    def withdraw(self, number: int, *, by: str, reason: str = "") -> Change:
        """Take a request back, as who made it. Raises ChangeNotFound, ChangeDecided, NotARequester."""
        now = self._clock()
        with self._database.write() as session:
            row = self._open(session, number)
            require_all(session, [by], (), now)
            if row["requested_by"] != by:
                raise NotARequester(
                    f"{row['requested_by']} made request {number}, and only they take it back",
                    hint=f"reject it: shuize change reject {number} --reason … --as {by}",
                )
            row = decide(session, row, Decision(ChangeState.WITHDRAWN, by, now, reason))
            trail.record(session, now, other_decision("change-withdrawn", row))
            return change_of(row)

    def register_all(
        self, drafts: Sequence[DatasetDraft], *, by: str, approved_by: str, reason: str = FIRST
    ) -> tuple[int, ...]:
        """Register many new datasets at once that two people have gone through: a migration, a harvest.

        Each has its request, its approval and its revision, all in one transaction. Returns the numbers of
        the requests. Raises OwnRequest, DatasetExists, MalformedDataset, UnknownParty, CannotAnswer.
        """
        require_reason(reason, "a request")
        subject = self._subjects[GovernedKind.DATASET]
        assert isinstance(subject, DatasetSubject)
        now = self._clock()
        with not_collecting():
            wanted = subject.all_parsed(drafts)
            with self._database.write() as session:
                return register_all(session, subject, wanted, Two(by, approved_by, reason), now)

    def get(self, number: int) -> Change:
        """Return a request. Raises ChangeNotFound."""
        with self._database.read() as session:
            return change_of(require_change(session, number))

    def list(self, chosen: ChangeFilter | None = None) -> tuple[Change, ...]:
        """Return requests, oldest first, with whether an open one was made on a revision that is past."""
        chosen = chosen or ChangeFilter()
        query = sa.select(CHANGES, IS_STALE).where(CHANGES.c.id > chosen.after).order_by(CHANGES.c.id)
        query = query.limit(chosen.limit)
        equal = chosen.model_dump(mode="json", exclude_none=True, exclude={"after", "limit"})
        for name, value in equal.items():
            query = query.where(CHANGES.c[name] == value)
        with self._database.read() as session:
            return tuple(change_of(dict(row)) for row in session.execute(query).mappings())

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
        raise no_revision(kind, name, number, len(found))

    def _ask(
        self, kind: GovernedKind, act: ChangeAct, name: str, wanted: Wanted | None, *, by: str,
        reason: str, base: int | None = None,
    ) -> Change:  # fmt: skip
        require_reason(reason, "a request")
        now, subject = self._clock(), self._subjects[kind]
        if wanted is None:
            subject = subject.now()
        with self._database.write() as session:
            present = fitting(act, kind, name, subject.present(session, name))
            wanted = wanted or subject.kept(present.document)
            if base is not None and not 1 <= base <= present.revision:
                raise no_revision(kind, name, base, present.revision)
            row = asked(new_request(kind, act, name, present, wanted), by, now, reason)
            if base is not None and base != present.revision:
                found = differences(document_of(session, row, base), wanted.document)
                wants = [each.model_dump(mode="json") for each in found]
                raise stale(session, row | {"base_revision": base, "differences": wants}, present)
            require_all(session, [by], responsible(wanted.document), now)
            subject.require_fit(session, wanted, present)
            trail.lock(session)  # so that of two who ask for one name at once the second sees the first
            row = store(session, row)
            trail.record(session, now, asking(row))
            return change_of(row)

    def _to_decide(self, session: Session, number: int, by: str) -> Values:
        row = self._open(session, number)
        if row["requested_by"] == by:
            raise OwnRequest(
                f"{by} made request {number} and can't decide about it",
                hint=f"ask another party: shuize change approve {number} --as PARTY",
            )
        return row

    def _open(self, session: Session, number: int) -> Values:
        """Return an open request; nobody else decides about it, or about its subject, before we are done."""
        kind, name = require_subject(session, number)
        trail.lock(session, f"{kind} {name}")  # before anything is written that who holds it may wait for
        row = require_change(session, number)  # as it is now that nobody else can change it
        if row["state"] != ChangeState.OPEN:
            when = f"{row['decided_at']:%Y-%m-%d %H:%M} UTC"
            why = f": {row['decision_reason']}" if row["decision_reason"] else ""
            raise ChangeDecided(
                f"request {number} was {row['state']} by {row['decided_by']} at {when}{why}",
                hint=f"see: shuize change show {number}",
            )
        return row

    def _still_fit(self, session: Session, subject: Subject, row: Values, present: Present | None) -> Wanted:
        """Return the document, judged again: standards and names may have moved on since it was asked for."""
        if (present.revision if present else 0) != row["base_revision"]:
            raise stale(session, row, present)
        if row["act"] in (ChangeAct.RETIRE, ChangeAct.REINSTATE):
            return subject.kept(row["document"])
        return subject.parsed(row["document"], f"request {row['id']}")

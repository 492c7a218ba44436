"""The rows of change requests and revisions, and the entries of the trail that go with them.

Rows are plain values, written and read by statements made once: the ORM took most of a registration's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.bulk import insert_all
from catalog.changes.differences import Difference, compared, differences
from catalog.changes.models import (
    Change,
    ChangeAct,
    ChangeNotFound,
    ChangeState,
    GovernedKind,
    NoReason,
    NotAReviewer,
    NothingChanges,
    RegistrationOpen,
    Revision,
)
from catalog.changes.subjects import IN_USE, RETIRED, Document, InForce, Present, Wanted
from catalog.datasets.citing import standards_of
from catalog.datasets.models import DatasetDraft, DatasetExists, DatasetNotFound
from catalog.product_register import ProductNotRegistered
from catalog.roles import Role, SubjectKind, holders, holders_at_top, holders_up
from catalog.tables import ChangeRow, RevisionRow
from standards import digests
from standards.errors import Conflict, NotFound

Values = dict[str, Any]
"""A row by the names of its columns."""

CHANGES = ChangeRow.metadata.tables[ChangeRow.__tablename__]
REVISIONS = RevisionRow.metadata.tables[RevisionRow.__tablename__]
_NEWEST = (
    sa.select(sa.func.coalesce(sa.func.max(REVISIONS.c.number), 0))
    .where(REVISIONS.c.subject_kind == CHANGES.c.subject_kind, REVISIONS.c.subject == CHANGES.c.subject)
    .scalar_subquery()
)
IS_STALE = sa.and_(CHANGES.c.state == ChangeState.OPEN.value, CHANGES.c.base_revision != _NEWEST).label(
    "stale"
)
"""Whether a request waits that can no longer be approved: another revision came into force meanwhile."""
_NUMBER = CHANGES.c.id == sa.bindparam("number")
_FIND = sa.select(CHANGES).where(_NUMBER)
_SUBJECT = sa.select(CHANGES.c.subject_kind, CHANGES.c.subject).where(_NUMBER)
_FIRST = (ChangeAct.REGISTER, ChangeAct.PUBLISH)
"""Acts of which one may wait for a thing, not two."""
_ASKED = CHANGES.alias()
_FIRST_ASKED = (
    sa.select(sa.func.min(_ASKED.c.id))
    .where(
        _ASKED.c.subject_kind == sa.bindparam("of_kind"),
        _ASKED.c.subject == sa.bindparam("of_name"),
        _ASKED.c.act.in_([act.value for act in _FIRST]),
        _ASKED.c.state == ChangeState.OPEN.value,
    )
    .scalar_subquery()
)
_STORE = sa.insert(CHANGES).returning(CHANGES.c.id)
_STORE_REGISTRATION = sa.insert(CHANGES).returning(CHANGES.c.id, _FIRST_ASKED.label("first"))
_DECIDE = sa.update(CHANGES).where(_NUMBER)


@dataclass(frozen=True)
class Decision:
    """What was decided about a request, by whom; `revision` is what an approval made."""

    state: ChangeState
    by: str
    at: datetime
    reason: str = ""
    revision: int | None = None

    def columns(self) -> Values:
        """Return the columns of a request that say so."""
        return {
            "state": self.state.value,
            "decided_by": self.by,
            "decided_at": self.at,
            "decision_reason": self.reason.strip() or None,
            "revision": self.revision,
        }


class ProductExists(Conflict):
    """The product is registered already."""

    code = "product-exists"


def new_request(kind: GovernedKind, act: ChangeAct, name: str, present: Present, wanted: Wanted) -> Values:
    """Return a request that nobody has made yet. Raises NothingChanges.

    What a registration adds is all of its document, so no differences are kept with it.
    """
    document = wanted.document
    found = [] if act is ChangeAct.REGISTER else _differences(act, present, wanted)
    if act is ChangeAct.CHANGE and not found:
        raise NothingChanges(
            f"the document says what revision {present.revision} of {kind} {name} says",
            hint="edit the document first",
        )
    return {
        "subject_kind": kind.value,
        "subject": name,
        "act": act.value,
        "base_revision": present.revision,
        "document": document,
        "digest": digests.of_document(document),
        "differences": found,
        "state": ChangeState.OPEN.value,
        "decided_by": None,
        "decided_at": None,
        "decision_reason": None,
        "revision": None,
    }


def asked(request: Values, by: str, at: datetime, reason: str) -> Values:
    """Return the request as somebody makes it."""
    return request | {"requested_by": by, "requested_at": at, "reason": reason.strip()}


def store(session: Session, request: Values) -> Values:
    """Store a request, which then has a number. Raises RegistrationOpen."""
    if request["act"] not in _FIRST:
        return {"id": session.connection().execute(_STORE, request).scalar_one(), **request}
    kind, name = request["subject_kind"], request["subject"]
    values = request | {"of_kind": kind, "of_name": name}
    number, first = session.connection().execute(_STORE_REGISTRATION, values).one()
    if first not in (None, number):  # SQLite has the new row among those it looks at, PostgreSQL has not
        raise RegistrationOpen(
            f"request {first} asks already that {kind} {name} be {ChangeAct(request['act']).done}",
            hint=f"see: shuize change show {first}; have it decided, or withdrawn by who asked, then ask",
        )
    return {"id": number, **request}


def decide(session: Session, row: Values, decision: Decision) -> Values:
    """Write a decision, and return the row as it now is, with what else was found out about it."""
    said = decision.columns()
    session.connection().execute(_DECIDE, {"number": row["id"], **said})
    return row | said


def add_revision(session: Session, row: Values, coming: InForce) -> Values:
    """Store the revision that the approval of a request makes, and return its row."""
    values = revision_values(row, coming)
    insert_all(session, REVISIONS, [values])
    return values


def revision_values(row: Values, coming: InForce) -> Values:
    """Return the row of the revision that an approval makes."""
    document = coming.wanted.document
    return {
        "subject_kind": row["subject_kind"],
        "subject": row["subject"],
        "number": coming.revision,
        "state": coming.state,
        "document": document,
        "digest": row["digest"] if document == row["document"] else digests.of_document(document),
        "change": row["id"],
        "made_by": row["decided_by"],
        "made_at": coming.at,
        "standards": _standards(coming.wanted),
    }


def _standards(wanted: Wanted) -> list[Values] | None:
    """Return what a dataset's document cites; a product's manifest does so itself."""
    if not isinstance(wanted.draft, DatasetDraft) or wanted.library is None:
        return None
    return standards_of(wanted.draft, wanted.library)


def require_reviewer(session: Session, row: Values, document: Document, by: str, now: datetime) -> Values:
    """Return the row with `as_reviewer`: whether a named reviewer decides. Raises NotAReviewer.

    The reviewers are those named on the thing, else the nearest up the tree, the requester left out, for
    they can't decide; of standards, which hold for everybody, those at the top. If there are none at all,
    anybody of the utility decides who did not ask.
    """
    kind, day, requester = row["subject_kind"], now.date(), row["requested_by"]
    if kind == GovernedKind.STANDARDS:
        found = holders_at_top(session, Role.REVIEWER, day, besides=requester)
    elif row["base_revision"]:
        named_for = SubjectKind(kind), row["subject"]
        found = holders(session, Role.REVIEWER, *named_for, day, besides=requester)
    else:  # nobody can hold a role on what is not there
        found = holders_up(session, Role.REVIEWER, document["organisation"], day, besides=requester)
    named = {holder.party for holder in found}
    if named and by not in named:
        raise NotAReviewer(
            f"{by} is no reviewer of {kind} {row['subject']}",
            hint="its reviewers: " + ", ".join(sorted(named)),
        )
    return row | {"as_reviewer": bool(named)}


def require_reason(reason: str, what: str) -> None:
    """Raise NoReason for blank text."""
    if not reason.strip():
        raise NoReason(f"{what} needs a reason", hint='give --reason "why"')


def require_change(session: Session, number: int) -> Values:
    """Return the row as it is now. Raises ChangeNotFound."""
    return _required(session.connection().execute(_FIND, {"number": number}), number)


def require_subject(session: Session, number: int) -> tuple[str, str]:
    """Return what a request is about, kind and name, which never changes. Raises ChangeNotFound."""
    row = _required(session.connection().execute(_SUBJECT, {"number": number}), number)
    return row["subject_kind"], row["subject"]


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


def document_of(session: Session, row: Values, number: int) -> Document:
    """Return the document of a revision of the subject; revision 0 is empty."""
    found = session.get(RevisionRow, (row["subject_kind"], row["subject"], number))
    return found.document if found else {}


def differences_of(row: Values) -> tuple[Difference, ...]:
    """Return what the request would change."""
    if row["act"] == ChangeAct.REGISTER:
        return differences({}, row["document"])
    return tuple(Difference.model_validate(each) for each in row["differences"])


def change_of(row: Values) -> Change:
    """Return the request of a row."""
    return Change.model_validate(row | {"differences": differences_of(row)})


def revision_of(row: RevisionRow) -> Revision:
    """Return the revision of a row."""
    return Revision.model_validate({name: getattr(row, name) for name in Revision.model_fields})


def _differences(act: ChangeAct, present: Present, wanted: Wanted) -> list[Values]:
    if wanted.differences is not None:
        return [each.model_dump(mode="json") for each in wanted.differences]
    state = {ChangeAct.RETIRE: RETIRED, ChangeAct.REINSTATE: IN_USE}.get(act)
    if state is not None:
        return [{"pointer": "/state", "before": present.state, "after": state}]
    found = compared(present.document, wanted.document)
    return [{"pointer": pointer, "before": before, "after": after} for pointer, before, after in found]


def _required(found: sa.CursorResult[Any], number: int) -> Values:
    row = found.mappings().first()
    if row is None:
        raise ChangeNotFound(f"there is no change request {number}", hint="see: shuize change list")
    return dict(row)

"""Roles: who answers for a dataset, a product or a unit of the organisation, from which day to which.

Who holds a role is looked for on the thing itself first, then, for owner and steward, in the document it is
registered with, and then at the unit it belongs to and up the tree: the nearest answers. A day is a day in
UTC; `valid_until` is the last day.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from catalog import trail
from catalog.answering import MEMBERS, CannotAnswer
from catalog.database import Clock, Database
from catalog.parties import PersonLeft, require_member, require_party
from catalog.tables import DatasetRow, PartyRow, ProductRow, RoleRow, UnitRow, UnitStateRow
from catalog.trail import Act, Detail
from standards.errors import Conflict, InvalidInput, NotFound

_ON = sa.bindparam("on", type_=sa.Date)
_HELD = sa.and_(UnitStateRow.since <= _ON, sa.or_(UnitStateRow.before.is_(None), UnitStateRow.before > _ON))
_PLACE_OF = (
    sa.select(UnitRow.code, UnitStateRow.path)
    .outerjoin(UnitStateRow, sa.and_(UnitStateRow.unit == UnitRow.code, _HELD))
    .where(UnitRow.party == sa.bindparam("party"))
    .order_by(UnitStateRow.number.desc())
    .limit(1)
)
_ASSIGNED = (
    sa.select(RoleRow.subject, RoleRow.party)
    .join(PartyRow, PartyRow.id == RoleRow.party)
    .where(
        RoleRow.subject_kind == sa.bindparam("kind"),
        RoleRow.subject.in_(sa.bindparam("subjects", expanding=True)),
        RoleRow.role == sa.bindparam("role"),
        RoleRow.valid_from <= _ON,
        sa.or_(RoleRow.valid_until.is_(None), RoleRow.valid_until >= _ON),
        sa.or_(PartyRow.left_on.is_(None), PartyRow.left_on >= _ON),
    )
    .order_by(RoleRow.id)
)


class NoSuchSubject(NotFound):
    """Nothing of this kind has this name, so nobody can answer for it."""

    code = "no-such-subject"


class RoleNotFound(NotFound):
    """No role assignment has this number."""

    code = "role-not-found"


class BadValidity(InvalidInput):
    """A last day that comes before the first."""

    code = "bad-validity"


class RoleOverlap(Conflict):
    """Somebody holds the role in that time."""

    code = "role-overlap"


class Role(StrEnum):
    """What somebody answers for. One owner and one steward at a time; of the others there may be several."""

    OWNER = "owner"
    STEWARD = "steward"
    CUSTODIAN = "custodian"
    REVIEWER = "reviewer"

    @property
    def is_single(self) -> bool:
        """Whether only one party holds it at a time."""
        return self in (Role.OWNER, Role.STEWARD)


class SubjectKind(StrEnum):
    """What a role can be held on."""

    DATASET = "dataset"
    PRODUCT = "product"
    UNIT = "unit"


class RoleAssignment(BaseModel):
    """A role given to a party, from a first day to a last one, if it is known."""

    model_config = ConfigDict(frozen=True)

    id: int
    role: Role
    subject_kind: SubjectKind
    subject: str
    party: str
    valid_from: date
    valid_until: date | None
    assigned_by: str
    assigned_at: datetime


class RoleDraft(BaseModel):
    """A role to be given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Role
    subject_kind: SubjectKind
    subject: str
    party: str
    valid_from: date | None = None
    valid_until: date | None = None


class Holder(BaseModel):
    """Who holds a role, and by what: `assignment` or `document`, on which thing."""

    model_config = ConfigDict(frozen=True)

    party: str
    role: Role
    by: str
    subject_kind: SubjectKind
    subject: str


class Roles:
    """The register of role assignments."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def assign(self, draft: RoleDraft, *, by: str) -> RoleAssignment:
        """Give a role, from today by default, until further notice by default.

        Raises NoSuchSubject, UnknownParty, CannotAnswer, PersonLeft, BadValidity, RoleOverlap.
        """
        now = self._clock()
        first, last = draft.valid_from or now.date(), draft.valid_until
        if last is not None and last < first:
            raise BadValidity(
                f"a role can't end on {last} and begin on {first}", hint="give a later last day"
            )
        with self._database.write() as session:
            trail.lock(session)
            require_member(session, by, now)
            _require_subject(session, draft.subject_kind, draft.subject)
            _require_there(session, draft.party, last or first)
            _require_free(session, draft, first, last)
            row = RoleRow(
                **draft.model_dump(mode="json", exclude={"valid_from", "valid_until"}),
                valid_from=first,
                valid_until=last,
                assigned_by=by,
                assigned_at=now,
            )
            session.add(row)
            session.flush()
            trail.record(session, now, _act("role-assigned", row, by))
            return _assignment(row)

    def end(self, number: int, *, by: str, last_day: date | None = None) -> RoleAssignment:
        """Let an assignment end with a day, yesterday by default; one ended before it began never held.

        Raises RoleNotFound, BadValidity.
        """
        now = self._clock()
        last_day = last_day or now.date() - timedelta(days=1)
        with self._database.write() as session:
            trail.lock(session)
            require_member(session, by, now)
            row = session.get(RoleRow, number, populate_existing=True)
            if row is None:
                raise RoleNotFound(f"there is no role assignment {number}", hint="see: shuize role list")
            if row.valid_until is not None and row.valid_until <= last_day:
                raise BadValidity(
                    f"assignment {number} ends on {row.valid_until} already",
                    hint="nothing is left to end; see: shuize role list",
                )
            row.valid_until = last_day
            trail.record(session, now, _act("role-ended", row, by))
            return _assignment(row)

    def list(
        self, *, kind: SubjectKind | None = None, subject: str | None = None, party: str | None = None,
        on: date | None = None, after: int = 0, limit: int | None = None,
    ) -> tuple[RoleAssignment, ...]:  # fmt: skip
        """Return assignments, oldest first, those after a number; with `on`, those that hold on the day."""
        query = sa.select(RoleRow).where(RoleRow.id > after).order_by(RoleRow.id).limit(limit)
        if kind is not None:
            query = query.where(RoleRow.subject_kind == kind.value)
        if subject is not None:
            query = query.where(RoleRow.subject == subject)
        if party is not None:
            query = query.where(RoleRow.party == party)
        if on is not None:
            query = query.where(_holds(on))
        with self._database.read() as session:
            return tuple(map(_assignment, session.scalars(query)))

    def holders(
        self, role: Role, kind: SubjectKind, subject: str, on: date | None = None
    ) -> tuple[Holder, ...]:
        """Return who holds a role on a thing today or on a day: the nearest up the tree.

        Raises NoSuchSubject.
        """
        with self._database.read() as session:
            _require_subject(session, kind, subject)
            return holders(session, role, kind, subject, on or self._clock().date())


def holders(
    session: Session, role: Role, kind: SubjectKind, subject: str, on: date, *, besides: str | None = None
) -> tuple[Holder, ...]:
    """Return, in the caller's transaction, who holds a role on a thing on a day: the nearest up the tree.

    With `besides`, the nearest who are not this party.
    """
    if found := _assigned(session, role, kind, [subject], on, besides):
        return found
    if kind is SubjectKind.UNIT:
        return _assigned(session, role, SubjectKind.UNIT, _above(session, subject, on), on, besides)
    row = _registered(session, kind, subject)
    if row is None:
        return ()
    party = {Role.OWNER: row.owner, Role.STEWARD: row.steward}.get(role)
    if party not in (None, besides) and not _has_left(session, party, on):
        return (Holder(party=party, role=role, by="document", subject_kind=kind, subject=subject),)
    return holders_up(session, role, row.organisation, on, besides=besides)


def holders_up(
    session: Session, role: Role, organisation: str, on: date, *, besides: str | None = None
) -> tuple[Holder, ...]:
    """Return who holds a role for a party's unit of the organisation, or the nearest above it."""
    place = session.connection().execute(_PLACE_OF, {"party": organisation, "on": on}).first()
    if place is None:
        return ()
    above = (place.path or "").split("/")[-2::-1]
    return _assigned(session, role, SubjectKind.UNIT, [place.code, *above], on, besides)


def holders_at_top(
    session: Session, role: Role, on: date, *, besides: str | None = None
) -> tuple[Holder, ...]:
    """Return who holds a role for the whole organisation: on a unit that stands under no other."""
    is_top = UnitStateRow.parent.is_(None)
    held = (UnitStateRow.since <= on, sa.or_(UnitStateRow.before.is_(None), UnitStateRow.before > on))
    tops = session.scalars(sa.select(UnitStateRow.unit).where(is_top, *held).order_by(UnitStateRow.unit))
    found = (_assigned(session, role, SubjectKind.UNIT, [top], on, besides) for top in tops.all())
    return tuple(holder for some in found for holder in some)


def end_roles(session: Session, on: date, *which: sa.ColumnElement[bool]) -> None:
    """Let assignments end the day before, in the caller's transaction."""
    last = on - timedelta(days=1)
    going_on = sa.or_(RoleRow.valid_until.is_(None), RoleRow.valid_until > last)
    for row in session.scalars(sa.select(RoleRow).where(going_on, *which)):
        row.valid_until = last
    session.flush()


def _assigned(
    session: Session, role: Role, kind: SubjectKind, subjects: list[str], on: date, besides: str | None
) -> tuple[Holder, ...]:
    """Return the holders on the first of the things that has any `besides` a party."""
    asked = {"kind": kind.value, "subjects": subjects, "role": role.value, "on": on}
    rows = session.connection().execute(_ASSIGNED, asked).all()
    for subject in subjects:
        found = [
            Holder(party=row.party, role=role, by="assignment", subject_kind=kind, subject=subject)
            for row in rows
            if row.subject == subject and row.party != besides
        ]
        if found:
            return tuple(found)
    return ()


def _above(session: Session, code: str, on: date) -> list[str]:
    """Return the units that a unit stood under on a day, the nearest first."""
    held = (UnitStateRow.since <= on, sa.or_(UnitStateRow.before.is_(None), UnitStateRow.before > on))
    query = sa.select(UnitStateRow.path).where(UnitStateRow.unit == code, *held)
    path = session.scalar(query.order_by(UnitStateRow.number.desc()).limit(1))
    return (path or "").split("/")[-2::-1]


def _registered(session: Session, kind: SubjectKind, subject: str) -> DatasetRow | ProductRow | None:
    if kind is SubjectKind.DATASET:
        return session.get(DatasetRow, subject)
    return session.get(ProductRow, subject) if kind is SubjectKind.PRODUCT else None


def _require_subject(session: Session, kind: SubjectKind, subject: str) -> None:
    row = session.get(UnitRow, subject) if kind is SubjectKind.UNIT else _registered(session, kind, subject)
    if row is None:
        noun = "organisation" if kind is SubjectKind.UNIT else kind.value
        raise NoSuchSubject(f"no {kind} is called {subject!r}", hint=f"see: shuize {noun} list")


def _require_there(session: Session, party: str, on: date) -> None:
    row = require_party(session, party)
    if row.kind not in MEMBERS:
        raise CannotAnswer(
            f"{party} is a {row.kind} and can't answer for data",
            hint="give the role to a person or an organisation of the utility; see: shuize party list",
        )
    if _has_left(session, party, on):
        raise PersonLeft(f"{party} has left by {on}", hint="give the role to somebody who is there")


def _require_free(session: Session, draft: RoleDraft, first: date, last: date | None) -> None:
    same = [
        RoleRow.role == draft.role.value,
        RoleRow.subject_kind == draft.subject_kind.value,
        RoleRow.subject == draft.subject,
        sa.or_(RoleRow.valid_until.is_(None), RoleRow.valid_until >= first),
        sa.or_(RoleRow.valid_until.is_(None), RoleRow.valid_until >= RoleRow.valid_from),
    ]
    if last is not None:
        same.append(RoleRow.valid_from <= last)
    if not draft.role.is_single:
        same.append(RoleRow.party == draft.party)
    row = session.scalar(sa.select(RoleRow).where(*same).order_by(RoleRow.valid_from).limit(1))
    if row is not None:
        until = f"until {row.valid_until}" if row.valid_until else "until further notice"
        raise RoleOverlap(
            f"{row.party} is {draft.role} of {draft.subject_kind} {draft.subject} "
            f"from {row.valid_from} {until} (assignment {row.id})",
            hint=f"end that one first: shuize role end {row.id} --on LAST-DAY; or give other days",
        )


def _holds(on: date) -> sa.ColumnElement[bool]:
    return sa.and_(RoleRow.valid_from <= on, sa.or_(RoleRow.valid_until.is_(None), RoleRow.valid_until >= on))


def _has_left(session: Session, party: str, on: date) -> bool:
    row = session.get(PartyRow, party)
    return row is not None and row.left_on is not None and row.left_on < on


def _act(act: str, row: RoleRow, by: str) -> Act:
    detail: Detail = {
        "assignment": row.id,
        "role": row.role,
        "party": row.party,
        "from": row.valid_from.isoformat(),
        "until": row.valid_until.isoformat() if row.valid_until else None,
    }
    return Act(act, row.subject_kind, row.subject, by, detail)


def _assignment(row: RoleRow) -> RoleAssignment:
    return RoleAssignment.model_validate({name: getattr(row, name) for name in RoleAssignment.model_fields})

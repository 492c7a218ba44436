"""Who may do what with a work order.

    govern     triage, reject, dispatch, reassign, reopen, approve a waiver: an owner or steward of the
               dataset, or of the order's unit or one above it
    rectify    accept, return, start, submit, ask for a waiver: the responsible person, or who governs
    review     review and close: a reviewer named for the dataset or, nearest up the tree, for its unit; where
               none is, any member. Never who rectified it, in any round
    comment    any member of the utility

A member is a person or an organisation of the utility who has not left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.parties import require_member
from catalog.roles import Holder, Role, SubjectKind, holders
from catalog.tables import RoleRow, TransitionRow, WorkOrderRow
from standards.errors import Denied

_ANSWERING = (Role.OWNER, Role.STEWARD)
RECTIFYING = ("started", "submitted", "corrected")
"""The acts that make somebody one of those who rectified an order."""

Permit = Callable[[Session, WorkOrderRow, str, datetime], None]


class NotYours(Denied):
    """A step of a work order that is for others to take."""

    code = "not-your-order"


class OwnWork(Denied):
    """Who rectified an order can't be the one who finds it good."""

    code = "own-work"


def comment(session: Session, order: WorkOrderRow, party: str, now: datetime) -> None:
    """Raise PartnersDontGovern or PersonLeft unless the party is a member."""
    require_member(session, party, now)


def govern(session: Session, order: WorkOrderRow, party: str, now: datetime) -> None:
    """Raise NotYours unless the party governs the order."""
    require_member(session, party, now)
    if not governs(session, order, party, now.date()):
        raise _not_yours(session, order, party, now.date())


def rectify(session: Session, order: WorkOrderRow, party: str, now: datetime) -> None:
    """Raise NotYours unless the party is responsible for the order or governs it."""
    require_member(session, party, now)
    if party != order.responsible and not governs(session, order, party, now.date()):
        raise _not_yours(session, order, party, now.date(), order.responsible)


def review(session: Session, order: WorkOrderRow, party: str, now: datetime) -> None:
    """Raise OwnWork for who rectified the order, NotYours where others are named its reviewers."""
    require_member(session, party, now)
    acted = sa.exists().where(
        TransitionRow.work_order == order.id, TransitionRow.by == party, TransitionRow.act.in_(RECTIFYING)
    )
    if party == order.rectified_by or session.scalar(sa.select(acted)):
        raise OwnWork(
            f"{party} rectified work order {order.id} and can't review or close it",
            hint="ask somebody else: --as PARTY",
        )
    named = reviewers(session, order, now.date())
    if named and party not in named:
        raise NotYours(
            f"{party} is no reviewer of work order {order.id}",
            hint="its reviewers: " + ", ".join(sorted(named)),
        )


def governs(session: Session, order: WorkOrderRow, party: str, on: date) -> bool:
    """Tell whether a party is owner or steward of the order's dataset, its unit, or one above."""
    units = order.organisation_path.split("/")
    return bool(governed_units(session, party, on).intersection(units)) or governs_dataset(
        session, order.dataset, party, on
    )


def governs_dataset(session: Session, dataset: str, party: str, on: date) -> bool:
    """Tell whether a party is owner or steward of a dataset."""
    return any(
        party in _parties(holders(session, role, SubjectKind.DATASET, dataset, on)) for role in _ANSWERING
    )


def governed_units(session: Session, party: str, on: date) -> frozenset[str]:
    """Return the units that a party is owner or steward of."""
    query = sa.select(RoleRow.subject).where(
        RoleRow.subject_kind == SubjectKind.UNIT.value,
        RoleRow.role.in_([role.value for role in _ANSWERING]),
        RoleRow.party == party,
        RoleRow.valid_from <= on,
        sa.or_(RoleRow.valid_until.is_(None), RoleRow.valid_until >= on),
    )
    return frozenset(session.scalars(query))


def reviewers(session: Session, order: WorkOrderRow, on: date) -> frozenset[str]:
    """Return who is named to review: for the dataset, else for the unit or the nearest above it."""
    besides = order.rectified_by
    found = holders(session, Role.REVIEWER, SubjectKind.DATASET, order.dataset, on, besides=besides)
    if not found and order.organisation is not None:
        found = holders(session, Role.REVIEWER, SubjectKind.UNIT, order.organisation, on, besides=besides)
    return _parties(found)


def _parties(found: Iterable[Holder]) -> frozenset[str]:
    return frozenset(holder.party for holder in found)


def _not_yours(session: Session, order: WorkOrderRow, party: str, on: date, *others: str) -> NotYours:
    may = [*others]
    for role in _ANSWERING:
        may += sorted(_parties(holders(session, role, SubjectKind.DATASET, order.dataset, on)))
    return NotYours(
        f"work order {order.id} is not for {party} to decide about",
        hint=f"ask {', '.join(dict.fromkeys(may))}, or an owner or steward of its unit or above: --as PARTY",
    )

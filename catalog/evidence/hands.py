"""Who has a hand in a work order, and may therefore see its evidence: photos of homes, voices, names."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.evidence.models import NoHandInOrder
from catalog.roles import Role, SubjectKind, holders
from catalog.stewardship.states import OrderState
from catalog.tables import TransitionRow, WorkOrderRow
from standards.errors import Conflict


class WorkOrderOver(Conflict):
    """The work order is closed, rejected or waived; nothing is added to it unless it is reopened."""

    code = "work-order-over"


_ANSWERING = (Role.OWNER, Role.STEWARD, Role.REVIEWER)


def require_hand(session: Session, order: WorkOrderRow, party: str, on: date) -> None:
    """Raise NoHandInOrder unless the party has a hand in the order.

    So have who is responsible, whoever acted on it, and who owns, keeps or reviews its dataset or unit.
    """
    if party in (order.responsible, order.rectified_by) or _acted(session, order.id, party):
        return
    subjects = [(SubjectKind.DATASET, order.dataset)]
    if order.organisation is not None:
        subjects.append((SubjectKind.UNIT, order.organisation))
    for kind, subject in subjects:
        for role in _ANSWERING:
            if party in {holder.party for holder in holders(session, role, kind, subject, on)}:
                return
    raise NoHandInOrder(
        f"{party} has no hand in work order {order.id}, and its evidence is personal data",
        hint=f"ask {order.responsible}, who is responsible for it, or whoever owns dataset {order.dataset}",
    )


def require_going_on(order: WorkOrderRow) -> None:
    """Raise WorkOrderOver."""
    if OrderState(order.state).is_over:
        raise WorkOrderOver(
            f"work order {order.id} is {order.state}",
            hint=f"reopen it first, with a reason: shuize order reopen {order.id}",
        )


def _acted(session: Session, order: int, party: str) -> bool:
    acted = sa.exists().where(TransitionRow.work_order == order, TransitionRow.by == party)
    return bool(session.scalar(sa.select(acted)))

"""Who acts in a change request and who is to answer for data by its document, judged together by one look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.parties import PartyKind, PersonLeft, require_party, require_standing
from catalog.tables import PartyRow
from standards.errors import Fault, InvalidInput

MEMBERS = (PartyKind.PERSON.value, PartyKind.ORGANISATION.value)
_MAY_BE = {"owner": MEMBERS, "steward": MEMBERS, "organisation": (PartyKind.ORGANISATION.value,)}
_AT_A_TIME = 500
_IS_ONE_OF = PartyRow.id.in_(sa.bindparam("ids", expanding=True))
_STANDING = sa.select(PartyRow.id, PartyRow.kind, PartyRow.left_on).where(_IS_ONE_OF)


class CannotAnswer(InvalidInput):
    """A party named to answer for data that can't: a partner, a system, or a person as the organisation."""

    code = "cannot-answer"


class Answering(NamedTuple):
    """The parties whom a document names to answer for a thing."""

    owner: str
    steward: str
    organisation: str


def require_all(
    session: Session, actors: Iterable[str], answering: Iterable[Answering], at: datetime
) -> None:
    """Raise unless these may act now and those may answer for data, in the caller's transaction.

    Raises UnknownParty, PersonLeft, for actors PartnersDontGovern, for the others CannotAnswer.
    """
    actors, answering = list(actors), sorted(set(answering))
    found = _standing(session, dict.fromkeys((*actors, *(party for each in answering for party in each))))
    for party in actors:
        require_standing(found[party], at)
    for each in answering:
        for role, party in each._asdict().items():
            _require_answering(found[party], role, at)


def _standing(session: Session, parties: Iterable[str]) -> dict[str, sa.Row[Any]]:
    wanted, found = list(parties), dict[str, sa.Row[Any]]()
    for start in range(0, len(wanted), _AT_A_TIME):
        some = {"ids": wanted[start : start + _AT_A_TIME]}
        found |= {row.id: row for row in session.connection().execute(_STANDING, some)}
    for party in wanted:
        if party not in found:
            require_party(session, party)
    return found


def _require_answering(row: sa.Row[Any], role: str, at: datetime) -> None:
    if row.left_on is not None and row.left_on < at.date():
        raise PersonLeft(
            f"{row.id} left on {row.left_on} and can't be {role}",
            hint=f"name another {role} in the document; see: shuize party list",
        )
    if row.kind not in _MAY_BE[role]:
        what = "an organisation" if role == "organisation" else "a person or an organisation of the utility"
        raise CannotAnswer(
            f"{row.id} is a {row.kind} and can't be {role}",
            hint=f"name {what} as {role}; see: shuize party list",
            faults=[Fault(f"/{role}", f"{row.id} is a {row.kind}, not {what}")],
        )

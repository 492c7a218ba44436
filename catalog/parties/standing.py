"""Who may act: the checks that every use case makes in its own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from catalog.parties.models import PartnersDontGovern, PartyKind, PersonLeft, UnknownParty
from catalog.tables import PartyRow


def require_party(session: sa.orm.Session, party_id: str) -> PartyRow:
    """Return the party's row in the caller's transaction. Raises UnknownParty."""
    row = session.get(PartyRow, party_id)
    if row is None:
        raise UnknownParty(
            f"no party has the id {party_id!r}",
            hint=f'see `shuize party list`, or add it: shuize party add {party_id} --name "…"',
        )
    return row


def require_actor(session: sa.orm.Session, party_id: str, at: datetime) -> PartyRow:
    """Return the row of a party who may act at this instant. Raises UnknownParty, PersonLeft."""
    row = require_party(session, party_id)
    _require_still_there(row, at)
    return row


def require_member(session: sa.orm.Session, party_id: str, at: datetime) -> PartyRow:
    """Return the row of a party of the utility who may act. Raises PartnersDontGovern and as above."""
    row = require_party(session, party_id)
    require_standing(row, at)
    return row


def require_standing(row: PartyRow | sa.Row[Any], at: datetime) -> None:
    """Raise PersonLeft or PartnersDontGovern unless the party of the row may act for the utility."""
    _require_still_there(row, at)
    _require_of_the_utility(row)


def _require_still_there(row: PartyRow | sa.Row[Any], at: datetime) -> None:
    if row.left_on is not None and row.left_on < at.date():
        raise PersonLeft(
            f"{row.id} left on {row.left_on}",
            hint="let another party do it: --as PARTY; see: shuize party list",
        )


def _require_of_the_utility(row: PartyRow | sa.Row[Any]) -> None:
    if row.kind not in (PartyKind.PERSON, PartyKind.ORGANISATION):
        raise PartnersDontGovern(
            f"{row.id} is a {row.kind}",
            hint="let a person or an organisation of the utility do it: --as PARTY",
        )

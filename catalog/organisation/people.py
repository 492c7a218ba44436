"""The people of the organisation: where each has a place, and when somebody leaves."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from catalog.database import Clock, Database
from catalog.organisation.acts import record, writing
from catalog.organisation.rows import (
    BadDay,
    a_posting,
    at_or_below,
    end_postings,
    held,
    insert,
    open_state,
    unit_of,
)
from catalog.organisation.units import Posting
from catalog.parties import MalformedParty, PartyKind, require_actor, require_party
from catalog.roles import end_roles
from catalog.tables import PostingRow, RoleRow, UnitStateRow
from catalog.trail import Act


class People:
    """The people in the organisation tree."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def post(self, party: str, unit: str, *, by: str, since: date | None = None) -> Posting:
        """Give a person a place in the organisation from a day on; an earlier place ends the day before.

        Raises UnknownParty, MalformedParty, PersonLeft, UnitNotFound, UnitClosed, BadDay.
        """
        with writing(self._database, self._clock(), by) as (session, today):
            since = since or today
            if require_actor(session, party, self._clock()).kind != PartyKind.PERSON:
                raise MalformedParty(f"{party} is no person", hint="post people; an organisation is a unit")
            open_state(session, unit, since)
            if session.scalar(
                sa.select(PostingRow.id).where(PostingRow.party == party, PostingRow.valid_from >= since)
            ):
                raise BadDay(f"{party} has a place from {since} on or later", hint="give a later day")
            end_postings(session, since, PostingRow.party == party)
            insert(session, PostingRow, [a_posting(since, party, unit)])
            record(session, self._clock(), Act("person-posted", "party", party, by, {"unit": unit}), since)
            return Posting(party=party, unit=unit, valid_from=since, valid_until=None)

    def leave(self, party: str, *, by: str, last_day: date | None = None) -> date:
        """Record a person's last day: place and roles end with it, and afterwards the person acts no more.

        Raises UnknownParty, MalformedParty, PersonLeft.
        """
        with writing(self._database, self._clock(), by) as (session, today):
            last_day = last_day or today
            row = require_actor(session, party, self._clock())
            if row.kind != PartyKind.PERSON:
                raise MalformedParty(f"{party} is no person", hint="only people leave")
            row.left_on = last_day
            end_postings(session, last_day + timedelta(days=1), PostingRow.party == party)
            end_roles(session, last_day + timedelta(days=1), RoleRow.party == party)
            record(session, self._clock(), Act("person-left", "party", party, by), last_day)
            return last_day

    def list(
        self, unit: str | None = None, *, party: str | None = None, on: date | None = None
    ) -> tuple[Posting, ...]:
        """Return who has which place today or on a day: in a unit and below it, or of one person."""
        on = on or self._clock().date()
        with self._database.read() as session:
            query = sa.select(PostingRow).where(
                PostingRow.valid_from <= on,
                sa.or_(PostingRow.valid_until.is_(None), PostingRow.valid_until >= on),
            )
            if party is not None:
                require_party(session, party)
                query = query.where(PostingRow.party == party)
            if unit is not None:
                there = at_or_below(unit_of(session, unit, on).path)
                units = sa.select(UnitStateRow.unit).where(held(on), there)
                query = query.where(PostingRow.unit.in_(units))
            rows = session.scalars(query.order_by(PostingRow.unit, PostingRow.party))
            return tuple(
                Posting.model_validate({n: getattr(r, n) for n in Posting.model_fields}) for r in rows
            )

"""Grants as the catalog keeps them: the terms in full; the chain holds their digest and the window."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import sqlalchemy as sa
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from catalog import intents, trail
from catalog.database import Clock, Database
from catalog.parties import require_member, require_party
from catalog.product_register import require_product_in_use
from catalog.releases.anchors import after, same_anchor
from catalog.tables import GrantRow
from catalog.trail import Act
from standards import digests
from standards.digests import Digest
from standards.errors import Conflict, InvalidInput, NotFound


class GrantNotFound(NotFound):
    """No grant has this id."""

    code = "grant-not-found"


class EmptyWindow(InvalidInput):
    """A grant whose window holds no moment from now on."""

    code = "empty-window"


class AlreadyRevoked(Conflict):
    """The grant was revoked before."""

    code = "already-revoked"


class GrantNotActive(Conflict):
    """The grant is not on the chain, so it can't be revoked there."""

    code = "grant-not-active"


class GrantState(StrEnum):
    """Intended (not yet on the chain), active, revoked; refused if the contract would not have it."""

    INTENDED = "intended"
    REFUSED = "refused"
    ACTIVE = "active"
    REVOKED = "revoked"


def _in_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


class Terms(BaseModel):
    """What is granted to whom, for what, when. `id` makes two equal grants two; instants are UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    product: str
    party: str
    purpose: str = Field(min_length=1)
    not_before: Annotated[AwareDatetime, AfterValidator(_in_utc)]
    not_after: Annotated[AwareDatetime, AfterValidator(_in_utc)]

    def document(self) -> dict[str, Any]:
        """Return the terms as plain JSON values."""
        return self.model_dump(mode="json")

    def digest(self) -> Digest:
        """Return the digest of the canonical document, which goes on the chain."""
        return digests.of_document(self.document())


class Grant(BaseModel):
    """A grant. `chain` says where on which chain it stands, `chain_index` its place among the product's."""

    model_config = ConfigDict(frozen=True)

    id: str
    product: str
    party: str
    state: GrantState
    terms: Terms
    terms_digest: Digest
    chain_index: int | None
    chain: dict[str, Any] | None = None
    issued_by: str
    issued_at: datetime
    revoked_by: str | None
    revoked_at: datetime | None
    revoke_reason: str | None


class Grants:
    """The register of grants."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def to_issue(self, terms: Terms, *, by: str) -> None:
        """Raise EmptyWindow, UnknownParty, ProductRetired if `by` can't issue such a grant now."""
        _require_window(terms, self._clock())
        with self._database.read() as session:
            require_party(session, terms.party)
            require_product_in_use(session, terms.product)
            require_member(session, by, self._clock())

    def intend(self, terms: Terms, *, by: str, aim: str, action: dict[str, Any]) -> Grant:
        """Keep a grant that is about to go on the chain, with the intent to put it there, together.

        Raises EmptyWindow, UnknownParty.
        """
        now = self._clock()
        _require_window(terms, now)
        with self._database.write() as session:
            require_party(session, terms.party)
            require_product_in_use(session, terms.product)
            require_member(session, by, self._clock())
            row = GrantRow(
                id=terms.id, product=terms.product, party=terms.party, state=GrantState.INTENDED,
                terms=terms.document(), terms_digest=terms.digest(), issued_by=by, issued_at=now,
            )  # fmt: skip
            session.add(row)
            intents.begin(session, aim, action, now)
            return _grant(row)

    def get(self, grant_id: str) -> Grant:
        """Return the grant. Raises GrantNotFound."""
        with self._database.read() as session:
            return _grant(_require(session, grant_id))

    def list(self, *, product: str | None = None, party: str | None = None) -> tuple[Grant, ...]:
        """Return the grants, oldest first."""
        query = sa.select(GrantRow).order_by(GrantRow.issued_at, GrantRow.id)
        if product is not None:
            query = query.where(GrantRow.product == product)
        if party is not None:
            query = query.where(GrantRow.party == party)
        with self._database.read() as session:
            return tuple(map(_grant, session.scalars(query)))

    def mark_active(self, grant_id: str, index: int, *, chain: dict[str, Any], intent: int) -> Grant:
        """Record that the grant is on the chain and close its intent, together."""
        with self._database.write() as session:
            row = _require(session, grant_id, lock=True)
            now = self._clock()
            if row.state == GrantState.INTENDED:
                row.state, row.chain_index, row.chain = GrantState.ACTIVE, index, chain
                trail.record(session, now, _act("grant-issued", row, row.issued_by))
            intents.close(session, intent, chain, now)
            return _grant(row)

    def living(self) -> tuple[Grant, ...]:
        """Return the grants that are active and whose window is not over, oldest first."""
        now = self._clock()
        return tuple(g for g in self.list() if g.state is GrantState.ACTIVE and g.terms.not_after >= now)

    def mark_moved(self, grant_id: str, index: int, *, by: str, chain: dict[str, Any], intent: int) -> Grant:
        """Record where the grant stands on another registry now, and close the intent, together.

        The place it had goes to the end of `chain["earlier"]`.
        """
        with self._database.write() as session:
            row = _require(session, grant_id, lock=True)
            now = self._clock()
            if row.chain_index != index or not same_anchor(row.chain, chain):
                row.chain, row.chain_index = after(row.chain, chain), index
                trail.record(session, now, _act("grant-moved", row, by))
            intents.close(session, intent, chain, now)
            return _grant(row)

    def mark_refused(self, grant_id: str, why: dict[str, Any], *, intent: int) -> Grant:
        """Record that the contract refused the grant and close its intent, together."""
        with self._database.write() as session:
            row = _require(session, grant_id, lock=True)
            if row.state == GrantState.INTENDED:
                row.state = GrantState.REFUSED
            intents.close(session, intent, why, self._clock(), state="failed")
            return _grant(row)

    def to_revoke(self, grant_id: str, *, by: str) -> Grant:
        """Return the grant that may be revoked now. Raises GrantNotFound, AlreadyRevoked, GrantNotActive."""
        with self._database.read() as session:
            require_member(session, by, self._clock())
            grant = _grant(_require(session, grant_id))
        if grant.state is GrantState.REVOKED:
            raise AlreadyRevoked(
                f"grant {grant_id} was revoked {grant.revoked_at:%Y-%m-%d %H:%M} UTC",
                hint="nothing is left to do; to grant the product again: shuize grant issue",
            )
        if grant.state is GrantState.REFUSED:
            raise GrantNotActive(
                f"grant {grant_id} was refused by the contract and never held",
                hint="nothing is left to revoke",
            )
        if grant.state is not GrantState.ACTIVE:
            raise GrantNotActive(
                f"grant {grant_id} has not reached the chain", hint="complete it first: shuize chain resume"
            )
        return grant

    def mark_revoked(
        self, grant_id: str, *, by: str, reason: str, chain: dict[str, Any], intent: int
    ) -> Grant:
        """Record the revocation and close its intent, together."""
        with self._database.write() as session:
            row = _require(session, grant_id, lock=True)
            now = self._clock()
            if row.state == GrantState.ACTIVE:
                row.state, row.revoked_by, row.revoked_at = GrantState.REVOKED, by, now
                row.revoke_reason = reason
                trail.record(session, now, _act("grant-revoked", row, by))
            intents.close(session, intent, chain, now)
            return _grant(row)


def _require_window(terms: Terms, now: datetime) -> None:
    if terms.not_after <= terms.not_before:
        raise EmptyWindow(
            f"the window is empty: it ends {terms.not_after.isoformat()}, not after it begins",
            hint="give --until later than --from",
        )
    if terms.not_after <= now:
        raise EmptyWindow(
            f"the window ended {terms.not_after.isoformat()}, in the past", hint="give a later --until"
        )


def _require(session: Session, grant_id: str, *, lock: bool = False) -> GrantRow:
    row = session.get(GrantRow, grant_id, with_for_update=lock)
    if row is None:
        raise GrantNotFound(f"no grant has the id {grant_id!r}", hint="see: shuize grant list")
    return row


def _act(act: str, row: GrantRow, by: str) -> Act:
    detail = {"product": row.product, "party": row.party, "terms": row.terms_digest}
    return Act(act, "grant", row.id, by, detail)


def _grant(row: GrantRow) -> Grant:
    return Grant.model_validate({name: getattr(row, name) for name in Grant.model_fields})

"""The register of parties: adding them, finding them, and their tokens."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime

import sqlalchemy as sa

from catalog import trail
from catalog.database import Clock, Database
from catalog.parties.models import (
    AddedParty,
    MalformedParty,
    NobodyActs,
    Party,
    PartyDraft,
    PartyExists,
    PartyKind,
    UnknownToken,
)
from catalog.parties.standing import require_actor, require_member, require_party
from catalog.search import entries
from catalog.search import index as search_index
from catalog.tables import PartyRow
from catalog.trail import Act
from standards.names import require_name
from standards.texts import is_line

SYSTEM = "system"
"""Who does what the platform does by itself, such as adding the first party. No party has this id."""

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_WITH_TOKEN = (PartyKind.PARTNER, PartyKind.SYSTEM)


class Parties:
    """The register of parties."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, draft: PartyDraft, *, by: str | None = None) -> AddedParty:
        """Add a party; a partner or a system gets a bearer token.

        While there is nobody of the utility yet who could, the system adds, whatever `by` says.

        Raises PartyExists, MalformedParty, MalformedName, NobodyActs, UnknownParty, PersonLeft,
        PartnersDontGovern.
        """
        _require_sound(draft)
        token = f"szt_{secrets.token_urlsafe(32)}" if draft.kind in _WITH_TOKEN else None
        now = self._clock()
        with self._database.write() as session:
            trail.lock(session)  # two first parties at once: only one of them is the first
            by = _adder(session, by, now)
            if session.get(PartyRow, draft.id):
                raise PartyExists(f"a party {draft.id} exists already", hint="see: shuize party list")
            row = PartyRow(
                id=draft.id,
                kind=draft.kind.value,
                name=draft.name.strip(),
                chain_id=_chain_id(draft),
                token_digest=token and _token_digest(token),
                added_at=now,
            )
            if session.scalar(sa.select(PartyRow.id).where(PartyRow.chain_id == row.chain_id)):
                raise PartyExists(
                    f"the address {draft.address} belongs to another party",
                    hint="give the address of this party's own key, or leave it out; see: shuize party list",
                )
            session.add(row)
            session.flush()
            search_index.write(session, [entries.of_party(_party(row))])
            trail.record(session, now, Act("party-added", "party", row.id, by, {"kind": row.kind}))
            return AddedParty(party=_party(row), token=token)

    def get(self, party_id: str) -> Party:
        """Return the party. Raises UnknownParty."""
        with self._database.read() as session:
            return _party(require_party(session, party_id))

    def list(self) -> tuple[Party, ...]:
        """Return every party, by id."""
        with self._database.read() as session:
            return tuple(map(_party, session.scalars(sa.select(PartyRow).order_by(PartyRow.id))))

    def of_token(self, token: str) -> Party:
        """Return whose bearer token this is. Raises UnknownToken."""
        with self._database.read() as session:
            row = session.scalar(sa.select(PartyRow).where(PartyRow.token_digest == _token_digest(token)))
            if row is None:
                raise UnknownToken(
                    "this bearer token belongs to no party",
                    hint="use the one that `shuize party add` printed, or replace it: shuize party token ID",
                )
            return _party(row)

    def require_member(self, party_id: str) -> Party:
        """Return a party of the utility who may act now. Raises PartnersDontGovern, PersonLeft."""
        with self._database.read() as session:
            return _party(require_member(session, party_id, self._clock()))

    def require_teller(self, party_id: str) -> Party:
        """Return a party that may tell lineage now: any but a partner. Raises as above, UnknownParty."""
        with self._database.read() as session:
            row = require_actor(session, party_id, self._clock())
            return _party(
                row if row.kind == PartyKind.SYSTEM else require_member(session, row.id, self._clock())
            )

    def replace_token(self, party_id: str, *, by: str) -> AddedParty:
        """Give a partner, a system or a person a new token; an old one stops working.

        Raises UnknownParty, MalformedParty, PersonLeft, PartnersDontGovern.
        """
        token, now = f"szt_{secrets.token_urlsafe(32)}", self._clock()
        with self._database.write() as session:
            row = require_party(session, party_id)
            require_member(session, by, now)
            if row.kind == PartyKind.ORGANISATION:
                raise MalformedParty(
                    f"{party_id} is an organisation; it has no token, its people have",
                    hint="name a person, a partner or a system; see: shuize party list",
                )
            row.token_digest = _token_digest(token)
            trail.record(session, now, Act("token-replaced", "party", row.id, by))
            return AddedParty(party=_party(row), token=token)


def _require_sound(draft: PartyDraft) -> None:
    require_name(draft.id, what="party id")
    if draft.id == SYSTEM:
        raise MalformedParty(
            f"{SYSTEM!r} is what the platform itself is called in the trail", hint="give another id"
        )
    if not draft.name.strip():
        raise MalformedParty(f"party {draft.id} has no name", hint="give --name")
    if not is_line(draft.name):
        raise MalformedParty(
            f"the name of party {draft.id} holds control characters", hint="give one line of text"
        )


def _adder(session: sa.orm.Session, by: str | None, at: datetime) -> str:
    """Return who adds a party: the system, as long as there is nobody else who could."""
    members = (PartyKind.PERSON.value, PartyKind.ORGANISATION.value)
    if not session.scalar(sa.select(sa.exists().where(PartyRow.kind.in_(members)))):
        return SYSTEM
    if by is None:
        raise NobodyActs("adding a party needs to know who acts", hint="give --as PARTY, or set SHUIZE_PARTY")
    return require_member(session, by, at).id


def _party(row: PartyRow) -> Party:
    return Party.model_validate({name: getattr(row, name) for name in Party.model_fields})


def _chain_id(draft: PartyDraft) -> str:
    if draft.address is None:
        return "0x" + secrets.token_hex(32)
    if not _ADDRESS.fullmatch(draft.address):
        raise MalformedParty(
            f"{draft.address!r} is not an account address", hint="give 0x and 40 hexadecimal characters"
        )
    if int(draft.address, 16) == 0:
        raise MalformedParty("the zero account belongs to nobody", hint="give the party's own account")
    return "0x" + draft.address[2:].lower().rjust(64, "0")


def _token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()  # 256 random bits need no slow hash

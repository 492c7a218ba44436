"""Parties as they are added and as they are read back, and why one may be refused."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from standards.errors import Conflict, Denied, InvalidInput, NotFound


class UnknownParty(NotFound):
    """No party has this id."""

    code = "unknown-party"


class PartyExists(Conflict):
    """The id is taken."""

    code = "party-exists"


class UnknownToken(Denied):
    """A bearer token that belongs to nobody."""

    code = "unknown-token"


class MalformedParty(InvalidInput):
    """A party that can't be added as described."""

    code = "malformed-party"


class NobodyActs(InvalidInput):
    """A command that changes something, and nobody who does it."""

    code = "nobody-acts"


class PersonLeft(Denied):
    """Who has left acts no more, and is given nothing to answer for."""

    code = "person-left"


class PartnersDontGovern(Denied):
    """Partners and systems don't decide what the utility's data are: its people and organisations do."""

    code = "partners-dont-govern"


class PartyKind(StrEnum):
    """A person or an organisation of the utility, a partner outside who reads under a grant, or a system.

    A system is a program of the utility's own that tells lineage what it does, and may read it.
    """

    PERSON = "person"
    ORGANISATION = "organisation"
    PARTNER = "partner"
    SYSTEM = "system"


class PartyDraft(BaseModel):
    """A party to be added. `address` is its Ethereum-style account, if it has one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    kind: PartyKind
    address: str | None = None


class Party(BaseModel):
    """A party. `chain_id` is its `bytes32` on the chain: its account's address, left-padded, or random.

    A random one tells a reader of the chain nothing about who it is. `left_on` is a person's last day.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    kind: PartyKind
    chain_id: str
    added_at: datetime
    left_on: date | None = None


class AddedParty(BaseModel):
    """What adding answered. The token is shown once; the catalog keeps only its digest."""

    model_config = ConfigDict(frozen=True)

    party: Party
    token: str | None

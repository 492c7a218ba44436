"""Parties: the people, the organisations and the partners who own, approve, receive and read data.

`models` are what is said of a party, `register` keeps them and their tokens, `standing` says who may act.
"""

from catalog.parties.models import (
    AddedParty,
    MalformedParty,
    NobodyActs,
    PartnersDontGovern,
    Party,
    PartyDraft,
    PartyExists,
    PartyKind,
    PersonLeft,
    UnknownParty,
    UnknownToken,
)
from catalog.parties.register import SYSTEM, Parties
from catalog.parties.standing import require_actor, require_member, require_party, require_standing

__all__ = [
    "SYSTEM",
    "AddedParty",
    "MalformedParty",
    "NobodyActs",
    "Parties",
    "PartnersDontGovern",
    "Party",
    "PartyDraft",
    "PartyExists",
    "PartyKind",
    "PersonLeft",
    "UnknownParty",
    "UnknownToken",
    "require_actor",
    "require_member",
    "require_party",
    "require_standing",
]

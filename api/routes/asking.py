"""What routes ask for: the platform, and who is asking."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AwareDatetime, BeforeValidator

from api import instants
from api.wiring import Platform
from catalog.disclosure import Reader
from catalog.parties import PartnersDontGovern, Party, PartyKind, UnknownToken
from standards.errors import Denied


class TokenMissing(UnknownToken):
    """This needs a bearer token, and the request brought none."""

    code = "token-missing"


class TokenOfAnotherKind(Denied):
    """A bearer token of a party of another kind than this is for."""

    code = "token-of-another-kind"


_bearer = HTTPBearer(auto_error=False, description="The token that the utility gave you.")


def _platform(request: Request) -> Platform:
    platform: Platform = request.app.state.platform
    return platform


Wired = Annotated[Platform, Depends(_platform)]


def _party(
    platform: Wired, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Party:
    if credentials is None:
        raise TokenMissing("this needs a bearer token", hint="send the header Authorization: Bearer TOKEN")
    return platform.parties.of_token(credentials.credentials)


Asking = Annotated[Party, Depends(_party)]
"""The partner whose token came with the request. Raises TokenMissing, UnknownToken; 401."""


def _member(platform: Wired, asking: Asking) -> Party:
    return platform.parties.require_member(asking.id)


Member = Annotated[Party, Depends(_member)]
"""The person of the utility whose token came with the request. Raises as Asking; PartnersDontGovern, 403."""


def _reader(
    platform: Wired, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Reader:
    if credentials is None:
        return Reader.STRANGER
    try:
        _member(platform, _party(platform, credentials))
    except PartnersDontGovern:
        return Reader.PARTNER
    return Reader.MEMBER


Reading = Annotated[Reader, Depends(_reader)]
"""Who reads: somebody without a token, with that of a partner or system, or of a person of the utility.
Raises UnknownToken."""


def _lineage_party(
    platform: Wired, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Party | None:
    if credentials is not None:
        return platform.parties.of_token(credentials.credentials)
    if platform.settings.lineage_open:
        return None
    raise TokenMissing(
        "lineage needs the bearer token of a system, or to be read that of a person of the utility",
        hint="ask the utility for one, and send the header Authorization: Bearer TOKEN",
    )


_LineageParty = Annotated[Party | None, Depends(_lineage_party)]


def _producer(party: _LineageParty) -> str | None:
    if party is None:
        return None
    if party.kind is not PartyKind.SYSTEM:
        raise TokenOfAnotherKind(
            f"{party.id} is a {party.kind.value}; events need a system's bearer token",
            hint="ask the utility for a token of the kind system",
        )
    return party.id


Producing = Annotated[str | None, Depends(_producer)]
"""The system whose token came with the request, None where lineage is open. Raises UnknownToken, or
TokenOfAnotherKind, 403."""


def _tracer(platform: Wired, party: _LineageParty) -> str | None:
    if party is None or party.kind is PartyKind.SYSTEM:
        return None if party is None else party.id
    if party.kind is PartyKind.PARTNER:
        raise TokenOfAnotherKind(
            f"{party.id} is a partner; lineage is read by systems and people of the utility",
            hint="use the token of a system or of a person of the utility",
        )
    return platform.parties.require_member(party.id).id


Tracing = Annotated[str | None, Depends(_tracer)]
"""The system or the person of the utility who reads lineage. Raises as Producing."""


def _last_instant(said: object) -> object:
    try:
        return instants.last_instant(str(instants.day(str(said))))
    except instants.BadInstant:
        return said


LastInstant = Annotated[AwareDatetime, BeforeValidator(_last_instant)]
"""An instant with its offset, or a day, which stands for its last second in UTC as on the command line."""

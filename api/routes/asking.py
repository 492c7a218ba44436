"""What routes ask for: the platform, and who is asking."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.wiring import Platform
from catalog.parties import PartnersDontGovern, Party, PartyKind, UnknownToken


class TokenMissing(UnknownToken):
    """This needs a bearer token, and the request brought none."""

    code = "token-missing"


class TokenOfAnotherKind(UnknownToken):
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


def _maybe_member(
    platform: Wired, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Party | None:
    if credentials is None:
        return None
    try:
        return _member(platform, _party(platform, credentials))
    except PartnersDontGovern:
        return None


MaybeMember = Annotated[Party | None, Depends(_maybe_member)]
"""The person of the utility whose token came with the request, None for others. Raises UnknownToken."""


def _producer(
    platform: Wired, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> str | None:
    if credentials is None:
        if platform.settings.lineage_open:
            return None
        raise TokenMissing(
            "lineage needs a system's bearer token",
            hint="ask the utility for one, and send the header Authorization: Bearer TOKEN",
        )
    party = platform.parties.of_token(credentials.credentials)
    if party.kind is not PartyKind.SYSTEM:
        raise TokenOfAnotherKind(
            f"{party.id} is a {party.kind.value}; lineage needs a system's bearer token",
            hint="ask the utility for a token of the kind system",
        )
    return party.id


Producing = Annotated[str | None, Depends(_producer)]
"""The system whose token came with the request, None where lineage is open. Raises UnknownToken or below."""

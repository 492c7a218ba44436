"""shuize party: who owns, approves, receives."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.cli import frame

app = typer.Typer(
    name="party", help="Parties: people, organisations, partners, systems.", no_args_is_help=True
)


class Kind(StrEnum):
    person = "person"
    organisation = "organisation"
    partner = "partner"
    system = "system"


TokenFile = Annotated[
    Path | None, typer.Option(help="Write the token to this new file instead of printing it.")
]


@app.command()
def add(
    party: Annotated[str, typer.Argument(help="A short id: lower-case letters, digits, hyphens.")],
    name: Annotated[str, typer.Option(help="The name people know.")],
    kind: Annotated[Kind, typer.Option(help="What it is; partners and systems get a token.")] = Kind.person,
    address: Annotated[str | None, typer.Option(help="Its account on the chain, 0x….")] = None,
    token_file: TokenFile = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Add a party. The bearer token of a partner or a system is shown once and kept only as a digest.

    The first person or organisation of a home is added by the system: nobody is there yet who could.

    Example: shuize party add blue-lab --name "Blue Lab" --kind partner --as water-group
    """
    from catalog.parties import PartyDraft, PartyKind

    if token_file and kind not in (Kind.partner, Kind.system):
        raise typer.BadParameter("--token-file is for partners and systems: add --kind partner")
    _require_place(token_file)
    with frame.platform() as platform:
        draft = PartyDraft(id=party, name=name, kind=PartyKind(kind.value), address=address)
        _show(platform.parties.add(draft, by=by or platform.settings.party), token_file, json)


@app.command()
def token(
    party: Annotated[str, typer.Argument(help="A partner's, a system's or a person's id.")],
    token_file: TokenFile = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Give a partner, a system or a person a new token.

    An old one stops working.

    Example: shuize party token hydro-lab --as water-group
    """
    _require_place(token_file)
    with frame.platform() as platform:
        replaced = platform.parties.replace_token(party, by=frame.actor(platform, by))
        _show(replaced, token_file, json)


@app.command("list")
def list_(json: frame.Json = False) -> None:
    """List all parties.

    Example: shuize party list
    """
    with frame.platform() as platform:
        found = platform.parties.list()
    if json:
        frame.document(found)
    else:
        frame.rows(
            ("id", "kind", "name", "on the chain"), ((p.id, p.kind, p.name, p.chain_id) for p in found)
        )


def _require_place(token_file: Path | None) -> None:
    """Refuse a file that can't take the token before there is a token, for it is shown only once."""
    from api.secrets import require_place

    if token_file:
        require_place(token_file)


def _show(added: object, token_file: Path | None, json: bool) -> None:
    from api.secrets import write_secret
    from catalog.parties import AddedParty

    assert isinstance(added, AddedParty)
    if added.token and token_file:
        write_secret(token_file, added.token)
        added = added.model_copy(update={"token": None})
        frame.note(f"token written to {token_file}")
    if json:
        frame.document(added)
        return
    party = added.party
    frame.facts(
        [
            ("party", party.id),
            ("kind", party.kind),
            ("name", party.name),
            ("on the chain", party.chain_id),
            ("token", added.token),
        ],
    )
    if added.token:
        frame.note("keep the token now: it is not stored and can't be shown again")

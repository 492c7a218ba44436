"""shuize grant: issue, revoke, list."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from catalog.grants import Grant

app = typer.Typer(
    name="grant", help="Who may use which product, for what, and until when.", no_args_is_help=True
)


@app.command()
def issue(
    product: Annotated[str, typer.Argument(help="The product's name.")],
    party: Annotated[str, typer.Argument(help="Who receives it.")],
    purpose: Annotated[str, typer.Option(help="What it is for.")],
    until: Annotated[
        str, typer.Option(help="The last day in UTC, 2027-06-30, or an instant: 2027-06-30T23:59:59+08:00.")
    ],
    since: Annotated[
        str | None, typer.Option("--from", help="The first day in UTC, or an instant. Default: now.")
    ] = None,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Grant a party the use of a product. Window and terms digest go on the chain.

    A plain day is one in UTC, so that it is the same for all who read the terms: in China it ends at 08:00 of
    the next morning. For a local day give its last second with the offset.

    Example: shuize grant issue water-use-index hydro-lab --purpose "leak study" --until 2099-12-31 --as li-na
    """
    from api.instants import ending, first_instant, last_instant

    not_after = last_instant(until)
    if (said := ending(until, not_after)) is not None:
        frame.note(said)
    with frame.platform() as platform, frame.progress() as progress:
        grant = platform.publisher.grant(
            product,
            party,
            purpose=purpose,
            not_before=first_instant(since) if since else None,
            not_after=not_after,
            by=frame.actor(platform, by),
            progress=progress,
        )
    _show(grant, json)


@app.command()
def revoke(
    grant: Annotated[str, typer.Argument(help="The grant's id; see `list`.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Revoke a grant on the chain. It stays listed there, with the time it ended.

    Example: shuize grant revoke $GRANT --reason "study finished" --as li-na
    """
    with frame.platform() as platform, frame.progress() as progress:
        revoked = platform.publisher.revoke(
            grant, reason=reason, by=frame.actor(platform, by), progress=progress
        )
    _show(revoked, json)


@app.command("list")
def list_(
    product: Annotated[str | None, typer.Option(help="Of one product.")] = None,
    party: Annotated[str | None, typer.Option(help="Of one party.")] = None,
    json: frame.Json = False,
) -> None:
    """List grants, oldest first.

    Example: shuize grant list --product water-use-index
    """
    with frame.platform() as platform:
        grants = platform.grants.list(product=product, party=party)
    if json:
        frame.document(grants)
        return
    frame.rows(
        ("id", "product", "party", "state", "from", "until", "purpose"),
        (
            (
                g.id,
                g.product,
                g.party,
                g.state,
                _day(g.terms.not_before),
                _day(g.terms.not_after),
                g.terms.purpose,
            )
            for g in grants
        ),
    )


def _show(grant: Grant, json: bool) -> None:
    if json:
        frame.document(grant)
        return
    frame.facts(
        [
            ("grant", grant.id),
            ("product", grant.product),
            ("party", grant.party),
            ("state", grant.state),
            ("purpose", grant.terms.purpose),
            ("from", _day(grant.terms.not_before)),
            ("until", _day(grant.terms.not_after)),
            ("terms sha-256", grant.terms_digest),
            ("place on chain", grant.chain_index),
            ("revoked", grant.revoked_at and _day(grant.revoked_at)),
            ("reason", grant.revoke_reason),
        ],
    )


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"

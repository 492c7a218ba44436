"""shuize chain: what the chain says, completing what a crash interrupted, and moving to another chain."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import frame

app = typer.Typer(name="chain", help="The chain and the registry contract on it.", no_args_is_help=True)


@app.command()
def status(json: frame.Json = False) -> None:
    """Show the chain and the contract.

    Also who holds its roles, who is appointed admin and may accept from when, what is published, and what an
    interrupted run left open.

    Example: shuize chain status
    """
    with frame.platform() as platform:
        registry = platform.registry
        head, roles = registry.chain.status(), registry.role_members()
        products = {name: registry.release_count(name) for name in registry.products()}
        pending = platform.intents.pending()
    if json:
        frame.document(
            {
                "chain": head,
                "contract": registry.address,
                "roles": roles,
                "releases": products,
                "pending": [i.aim for i in pending],
            }
        )
        return
    frame.facts(
        [
            ("chain", registry.chain.label),
            ("chain id", head.chain_id),
            ("client", head.client),
            ("head", f"block {head.head_number}, {head.head_hash}, {head.head_time:%Y-%m-%d %H:%M:%S} UTC"),
            ("contract", registry.address),
            ("admin", roles.admin),
            (
                "appointed admin",
                roles.appointed_admin
                and f"{roles.appointed_admin}, may accept from {roles.appointed_from:%Y-%m-%d %H:%M:%S} UTC",
            ),
            ("publishers", ", ".join(roles.publishers)),
            ("grantors", ", ".join(roles.grantors)),
            ("loggers", ", ".join(roles.loggers)),
        ],
    )
    for name, count in products.items():
        frame.line(f"{name}: {count} release{'s' if count != 1 else ''}")
    for intent in pending:
        frame.line(f"not completed: {intent.aim}, since {intent.stored_at:%Y-%m-%d %H:%M} UTC")


@app.command()
def resume(
    raise_fee: Annotated[
        bool, typer.Option("--raise-fee", help="Offer more for what is signed and in no block yet.")
    ] = False,
    json: frame.Json = False,
) -> None:
    """Complete what an interrupted run left open.

    Whatever it meant to put on the chain gets there exactly once. What waits for another chain stays open.

    Where the chain asks more for gas than was offered, a transaction waits, and every later one behind it:
    --raise-fee puts one that offers more in its place. The chain takes one of the two.

    Example: shuize chain resume
    """
    with frame.platform() as platform, frame.progress() as progress:
        said = platform.publisher.resume(progress, raise_fee=raise_fee)
    if json:
        frame.document(list(said))
    else:
        for each in said or ("nothing was left open",):
            frame.line(each)


@app.command()
def move(by: frame.As = None, json: frame.Json = False) -> None:
    """Carry over what was anchored on another chain or contract.

    Published releases go to the registry that the settings lead to, in order, withdrawn ones with their
    reason, and the grants that hold. Interrupted, give it again. What stood before stays recorded.

    Example: shuize chain move --as li-na
    """
    with frame.platform() as platform, frame.progress() as progress:
        moved = platform.mover.move(by=frame.actor(platform, by), progress=progress)
        left = [intent.aim for intent in platform.intents.pending()]
    if json:
        frame.document({"moved": list(moved), "pending": left})
        return
    for each in moved or ("everything stands on this registry already",):
        frame.line(each)
    for aim in left:
        frame.note(f"left open: {aim}; complete it: shuize chain resume")


@app.command()
def check(
    noted: Annotated[
        str | None, typer.Option(help="The hash of a block that somebody noted: does this chain lead to it?")
    ] = None,
    json: frame.Json = False,
) -> None:
    """Check the embedded chain's file down to block 0.

    Every entry has to be under its hash, and every block has to follow the one before it. That shows that
    nothing was edited under the head; a whole other chain has another head, so compare the head's hash, or
    any block's, with one that was noted elsewhere.

    Exit code 1: the chain is whole, and does not lead to the hash that was noted.

    Example: shuize chain check
    """
    from api import settings
    from contracts.embedded import checking
    from contracts.embedded.store import Store

    path = settings.load().chain_file
    noted_hash = None if noted is None else _block_hash(noted)
    with frame.progress() as progress:
        store = Store(path)
        try:
            found = checking.check(store, noted_hash, progress)
        finally:
            store.close()
    if json:
        frame.document(found)
    else:
        frame.facts(
            [
                ("chain", path),
                ("chain id", found.chain_id),
                ("whole", f"{found.head_number + 1:,} blocks, {found.entries:,} entries"),
                ("head", f"block {found.head_number}, {found.head_hash}"),
                ("noted", _noted_text(noted, found.noted_block)),
            ]
        )
    if noted is not None and found.noted_block is None:
        raise typer.Exit(1)


def _block_hash(text: str) -> bytes:
    digits = text.removeprefix("0x")
    try:
        found = bytes.fromhex(digits)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise typer.BadParameter("a block's hash is 0x and 64 hexadecimal digits", param_hint="--noted")
    return found


def _noted_text(noted: str | None, number: int | None) -> str | None:
    if noted is None:
        return None
    return f"block {number}" if number is not None else "NOT of this chain"

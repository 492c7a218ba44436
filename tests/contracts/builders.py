"""Accounts, registries and values with working defaults."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from eth_account import Account as EthAccount

from contracts.calls import Call
from contracts.chain import Chain
from contracts.keys import Account
from contracts.registry import DataRegistry
from contracts.sender import Sender, deploy
from contracts.transactions import Receipt
from contracts.words import ROLES
from standards.digests import Digest

PRODUCT = "water-use-index"
PARTY = "0x" + "ab" * 32
ONE_ETHER = 10**18


@dataclass(frozen=True)
class Desk:
    """A registry and the account that may do everything with it."""

    chain: Chain
    sender: Sender
    registry: DataRegistry

    def do(self, call: Call) -> Receipt:
        """Carry a call out."""
        return self.sender.complete(self.sender.sign(call))

    def publish(self, version: int, *, product: str = PRODUCT) -> Receipt:
        """Publish a version with digests that follow from its number."""
        return self.do(
            self.registry.calls.publish(
                product, version, a_digest(f"{product}/{version}"), a_digest(f"root {version}")
            )
        )

    def grant(self, index: int, **changes: object) -> Receipt:
        """Issue a grant."""
        return self.do(self.registry.calls.grant(PRODUCT, index, **(a_grant() | changes)))  # type: ignore[arg-type]


def a_digest(text: str = "") -> Digest:
    """Return some digest."""
    return Digest(hashlib.sha256(text.encode()).hexdigest())


def a_grant() -> dict[str, object]:
    """Return what a valid grant says."""
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        "party": PARTY,
        "not_before": now,
        "not_after": now + timedelta(days=30),
        "terms_digest": a_digest("terms"),
    }


def an_account(chain: Chain, *, funds: int = ONE_ETHER) -> Account:
    """Return a new account, with funds where gas costs something."""
    account = Account(EthAccount.create())
    if chain.embedded is None:
        chain.node.ask("anvil_setBalance", account.address, hex(funds))
    return account


def a_desk(chain: Chain, *, admin_delay_seconds: int = 0) -> Desk:
    """Return a new registry whose admin has every role and has registered one product."""
    sender = Sender(chain, an_account(chain))
    address, _ = deploy(sender, sender.address, admin_delay_seconds=admin_delay_seconds)
    desk = Desk(chain, sender, DataRegistry(chain, address))
    for role in ROLES:
        desk.do(desk.registry.calls.grant_role(role, sender.address))
    desk.do(desk.registry.calls.register(PRODUCT))
    return desk

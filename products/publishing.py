"""Approve, publish, grant, revoke: the steps between a draft and a partner who may read it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from catalog.database import Clock
from catalog.grants import Grant, Terms
from catalog.parties import Parties
from catalog.releases import Release
from products.anchoring import Anchor, Progress
from products.recipe import Recipes
from products.steps import (
    STEPS,
    IssueGrant,
    PublishRelease,
    RegisterProduct,
    Registers,
    RevokeGrant,
    WithdrawRelease,
    again,
)
from standards.errors import InvalidInput, ShuizeError, Unavailable


class NothingPublished(InvalidInput):
    """A grant for a product that has no published release."""

    code = "nothing-published"


@dataclass(frozen=True)
class Publisher:
    """The use cases that end on the chain. `anchor` opens the chain and the key when first needed."""

    registers: Registers
    recipes: Recipes
    parties: Parties
    anchor: Callable[[], Anchor]
    clock: Clock

    def publish(
        self, product: str, version: int | None, *, by: str, progress: Progress = lambda _step: None
    ) -> Release:
        """Anchor an approved release and return it as published.

        Raises ReleaseNotFound, NotApproved, AlreadyPublished, UnknownParty, the errors of the chain.
        """
        release = self.registers.releases.to_publish(product, version, by=by)
        anchor = self.anchor()
        register = RegisterProduct(self.registers, product)
        left_open = register.aim in {intent.aim for intent in self.registers.intents.pending()}
        if left_open or not anchor.registry.is_registered(product):
            anchor.carry_out(register, progress)
        anchor.carry_out(PublishRelease(self.registers, release, by), progress)
        return self.registers.releases.get(product, release.version)

    def withdraw(
        self, product: str, version: int, *, reason: str, by: str, progress: Progress = lambda _step: None
    ) -> Release:
        """Withdraw a published release on the chain, for good, and return it. It is served no more.

        Raises ReleaseNotFound, NotPublished, UnknownParty, the errors of the chain.
        """
        release = self.registers.releases.to_withdraw(product, version, by=by)
        if not reason.strip():
            raise InvalidInput(
                "a withdrawal needs a reason", hint='give --reason "why"; everyone can read it'
            )
        self.anchor().carry_out(WithdrawRelease(self.registers, release, by, reason.strip()), progress)
        return self.registers.releases.get(product, version)

    def grant(
        self, product: str, party: str, *, purpose: str, not_before: datetime | None, not_after: datetime,
        by: str, progress: Progress = lambda _step: None,
    ) -> Grant:  # fmt: skip
        """Grant a party the use of a product for a purpose, from now or `not_before` to `not_after`.

        Raises RecipeNotFound, UnknownParty, EmptyWindow, MalformedTime, NothingPublished, the errors of the
        chain.
        """
        from contracts.words import seconds

        self.recipes.get(product)
        holder = self.parties.get(party)
        anchor = self.anchor()
        if not anchor.registry.release_count(product):
            raise NothingPublished(
                f"nothing of {product} has been published", hint=f"first: shuize product publish {product}"
            )
        if not purpose.strip():
            raise InvalidInput("a grant needs a purpose", hint='give --purpose "what it is for"')
        terms = Terms(
            id=str(uuid.uuid4()),
            product=product,
            party=party,
            purpose=purpose.strip(),
            not_before=not_before or self.clock(),
            not_after=not_after,
        )
        for moment in (terms.not_before, terms.not_after):
            seconds(moment)  # what the chain can't hold is refused before anything is kept
        anchor.carry_out(IssueGrant.intend(self.registers, terms, holder.chain_id, by=by), progress)
        return self.registers.grants.get(terms.id)

    def revoke(
        self, grant_id: str, *, reason: str, by: str, progress: Progress = lambda _step: None
    ) -> Grant:
        """End a grant on the chain. Raises GrantNotFound, AlreadyRevoked, UnknownParty, chain errors."""
        grant = self.registers.grants.to_revoke(grant_id, by=by)
        if not reason.strip():
            raise InvalidInput("a revocation needs a reason", hint='give --reason "why"')
        self.anchor().carry_out(RevokeGrant(self.registers, grant, by, reason.strip()), progress)
        return self.registers.grants.get(grant_id)

    def resume(self, progress: Progress = lambda _step: None) -> tuple[str, ...]:
        """Complete every intent that an earlier run left open, and say what became of each, oldest first.

        What the contract refuses is closed as failed and does not stop the others. Raises ChainUnavailable
        with the rest left open, and the errors of the keystore with all of them.
        """
        pending = [i for i in self.registers.intents.pending() if i.action["step"] in STEPS]
        if not pending:
            return ()
        anchor = self.anchor()
        said = []
        for intent in pending:
            progress(f"completing {intent.aim}")
            try:
                anchor.carry_out(again(intent.action, self.registers), progress)
                said.append(f"{intent.aim}: done")
            except Unavailable:
                raise
            except ShuizeError as error:
                said.append(f"{intent.aim}: refused ({error.message})")
        return tuple(said)

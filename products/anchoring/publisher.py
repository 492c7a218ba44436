"""Approve, publish, grant, revoke: the steps between a draft and a partner who may read it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.database import Clock
from catalog.grants import Grant, Terms
from catalog.intents import Intent
from catalog.parties import Parties, PartyKind
from catalog.product_register import ProductRegister
from catalog.releases.models import AlreadyPublished, Release
from products.anchoring.anchor import Anchor
from products.anchoring.grant_steps import IssueGrant, RevokeGrant
from products.anchoring.registers import Registers
from products.anchoring.release_steps import PublishRelease, RegisterProduct, WithdrawRelease
from products.anchoring.standing import AnchoredElsewhere, SignedElsewhere, require_grant, require_release
from products.anchoring.steps import STEPS, again
from products.recipe import Recipes
from standards.errors import InvalidInput, ShuizeError, Unavailable
from standards.progress import Progress, silent

if TYPE_CHECKING:
    from contracts.registry import DataRegistry


class NothingPublished(InvalidInput):
    """A grant for a product that has no published release."""

    code = "nothing-published"


class NotAPartner(InvalidInput):
    """A grant for somebody who is no partner."""

    code = "not-a-partner"


@dataclass(frozen=True)
class Publisher:
    """The use cases that end on the chain. `anchor` opens the chain and the key when first needed.

    `registry` opens the chain alone.
    """

    registers: Registers
    recipes: Recipes
    parties: Parties
    anchor: Callable[[], Anchor]
    registry: Callable[[], DataRegistry]
    clock: Clock
    products: ProductRegister

    def publish(self, product: str, version: int | None, *, by: str, progress: Progress = silent) -> Release:
        """Anchor an approved release of a registered product and return it as published.

        Raises ReleaseNotFound, NotApproved, ProductNotRegistered, AlreadyPublished, AnchoredElsewhere,
        UnknownParty, the errors of the chain.
        """
        try:
            release = self.registers.releases.to_publish(product, version, by=by)
        except AlreadyPublished:
            self._require_here(product, self.registry())
            raise
        self.products.get(product)
        anchor = self.anchor()
        self._require_here(product, anchor.registry)
        register = RegisterProduct(self.registers, product)
        left_open = register.aim in {intent.aim for intent in self.registers.intents.pending()}
        if left_open or not anchor.registry.is_registered(product):
            anchor.carry_out(register, progress)
        anchor.carry_out(PublishRelease(self.registers, release, by), progress)
        return self.registers.releases.get(product, release.version)

    def withdraw(
        self, product: str, version: int, *, reason: str, by: str, progress: Progress = silent
    ) -> Release:
        """Withdraw a published release on the chain, for good, and return it. It is served no more.

        Raises ReleaseNotFound, NotPublished, AnchoredElsewhere, UnknownParty, the errors of the chain.
        """
        release = self.registers.releases.to_withdraw(product, version, by=by)
        if not reason.strip():
            raise InvalidInput(
                "a withdrawal needs a reason", hint='give --reason "why"; everyone can read it'
            )
        anchor = self.anchor()
        require_release(release, anchor.registry)
        anchor.carry_out(WithdrawRelease(self.registers, release, by, reason.strip()), progress)
        return self.registers.releases.get(product, version)

    def grant(
        self, product: str, party: str, *, purpose: str, not_before: datetime | None, not_after: datetime,
        by: str, progress: Progress = silent,
    ) -> Grant:  # fmt: skip
        """Grant a party the use of a product for a purpose, from now or `not_before` to `not_after`.

        Raises RecipeNotFound, UnknownParty, NotAPartner, EmptyWindow, MalformedTime, NothingPublished,
        AnchoredElsewhere, the errors of the chain.
        """
        from contracts.words import seconds

        self.recipes.get(product)
        holder = self.parties.get(party)
        if holder.kind is not PartyKind.PARTNER:
            raise NotAPartner(
                f"{party} is a {holder.kind}; only partners read under a grant",
                hint=f'add who is to read: shuize party add ID --name "…" --kind {PartyKind.PARTNER}',
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
        self.registers.grants.to_issue(terms, by=by)
        anchor = self.anchor()
        self._require_here(product, anchor.registry)
        if not anchor.registry.release_count(product):
            raise NothingPublished(
                f"nothing of {product} has been published", hint=f"first: shuize product publish {product}"
            )
        anchor.carry_out(IssueGrant.intend(self.registers, terms, holder.chain_id, by=by), progress)
        return self.registers.grants.get(terms.id)

    def revoke(self, grant_id: str, *, reason: str, by: str, progress: Progress = silent) -> Grant:
        """End a grant on the chain.

        Raises GrantNotFound, AlreadyRevoked, AnchoredElsewhere, UnknownParty, the errors of the chain.
        """
        grant = self.registers.grants.to_revoke(grant_id, by=by)
        if not reason.strip():
            raise InvalidInput("a revocation needs a reason", hint='give --reason "why"')
        anchor = self.anchor()
        require_grant(grant, anchor.registry)
        anchor.carry_out(RevokeGrant(self.registers, grant, by, reason.strip()), progress)
        return self.registers.grants.get(grant_id)

    def resume(self, progress: Progress = silent, *, raise_fee: bool = False) -> tuple[str, ...]:
        """Complete every intent that an earlier run left open, and say what became of each, oldest first.

        What the contract refuses is closed as failed and does not stop the others; what waits for another
        chain stays open, and is said to. `raise_fee` offers more for what is signed and in no block yet.

        Raises FeeTooLow, NotMinedYet, ChainUnavailable with the rest left open, and the errors of
        the keystore with all of them.
        """
        pending = [i for i in self.registers.intents.pending() if i.action["step"] in STEPS]
        if not pending:
            return ()
        anchor = self.anchor()
        said = []
        for intent in pending:
            progress(f"completing {intent.aim}")
            try:
                self._require_ready(intent, anchor.registry)
                if raise_fee:
                    anchor.raise_fee(intent)
                anchor.carry_out(again(intent.action, self.registers), progress)
                said.append(f"{intent.aim}: done")
            except (AnchoredElsewhere, SignedElsewhere) as error:
                said.append(f"{intent.aim}: left open ({error.message})")
            except Unavailable:
                raise
            except ShuizeError as error:
                said.append(f"{intent.aim}: refused ({error.message})")
        return tuple(said)

    def _require_here(self, product: str, registry: DataRegistry) -> None:
        """Raise AnchoredElsewhere if a release of the product stands on another registry."""
        for release in self.registers.releases.list_public(product):
            require_release(release, registry)

    def _require_ready(self, intent: Intent, registry: DataRegistry) -> None:
        """Raise AnchoredElsewhere if the intent continues what stands on another registry.

        The contract there would refuse it, and the intent would be closed as failed.
        """
        action = intent.action
        if intent.transaction is None and not action["step"].startswith(("move-", "give-")):
            grant = action.get("grant")
            product = self.registers.grants.get(grant).product if grant else action["product"]
            self._require_here(product, registry)

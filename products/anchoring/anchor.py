"""Anchoring: carry an intent from the catalog to the chain, exactly once, whatever dies on the way.

    store the intent ─▶ is it on the chain already? ─▶ sign ─▶ store the signed bytes ─▶ send ─▶ record

Every step may be repeated. The signed bytes are stored before they are sent, so a second run, after this
one or beside it, sends the same transaction, which the chain takes once; if its place was taken by another,
the chain is asked whether the aim has been reached before a new one is signed; and the contract itself
refuses a version or an index that is not the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from catalog.intents import Intent, Intents
from products.anchoring.carrier import Carrier
from products.anchoring.standing import place, require_signed_for
from standards.errors import Conflict, ShuizeError, Unavailable
from standards.progress import Progress, silent

if TYPE_CHECKING:
    from contracts.calls import Call
    from contracts.registry import DataRegistry
    from contracts.sender import Sender
    from contracts.transactions import Receipt

_ATTEMPTS = 5

Where = dict[str, Any]
"""Where on the chain an aim was reached: chain id, contract, index, block, time, transaction."""


class Step(Protocol):
    """One change on the chain: how to see that it is there, how to ask for it, how to record it."""

    @property
    def aim(self) -> str:
        """The intent's name: there is one open intent per aim."""

    def action(self) -> dict[str, Any]:
        """Return what to store: enough to make this step again."""

    def find(self, registry: DataRegistry) -> Where | None:
        """Return where on the chain the aim is reached, or None."""

    def call(self, registry: DataRegistry) -> Call:
        """Return the call that reaches it from the chain's present state."""

    def record(self, where: Where, intent: int) -> None:
        """Record the outcome in the catalog and close the intent, in one transaction."""

    def give_up(self, why: Where, intent: int) -> None:
        """Record that the chain refused, and close the intent as failed, in one transaction."""


@dataclass(frozen=True)
class Anchor:
    """Carries steps out on one registry, signing as one account."""

    intents: Intents
    registry: DataRegistry
    sender: Sender

    def carry_out(self, step: Step, progress: Progress = silent) -> Where:
        """Return where on the chain the step's aim was reached, having recorded it.

        While the chain does not answer the intent stays open, for the next run to complete, and
        ChainUnavailable or NotMinedYet says so; so it does while it waits for another registry, and
        SignedElsewhere says so. What the contract refuses closes it as failed.
        """
        intent = self.intents.open(step.aim, step.action())
        refusal: ShuizeError | None = None
        for _ in range(_ATTEMPTS):
            receipt = self._settled(intent, progress)
            if (where := step.find(self.registry)) is not None:
                return self._recorded(step, intent, where, receipt)
            try:
                intent = self._signed(intent, step)
            except Conflict as error:  # outrun by another, perhaps: look again
                refusal = error
            except Unavailable:
                raise
            except ShuizeError as error:
                refusal = error
                break
        step.give_up({"refused": refusal.code if refusal else "outrun"}, intent.id)
        raise refusal or Conflict(
            f"{step.aim} was outrun by other transactions {_ATTEMPTS} times", hint="try again"
        )

    def raise_fee(self, intent: Intent) -> None:
        """Offer more for an open intent whose transaction was signed for this registry and is in no block."""
        if intent.transaction is not None:
            require_signed_for(intent.transaction, self.registry, intent.aim)
            self._carrier.raise_fee(intent)

    @property
    def _carrier(self) -> Carrier:
        return Carrier(self.intents, self.sender, "shuize chain resume")

    def _settled(self, intent: Intent, progress: Progress) -> Receipt | None:
        if intent.transaction is not None:
            require_signed_for(intent.transaction, self.registry, intent.aim)
        return self._carrier.settle(intent, progress)

    def _signed(self, intent: Intent, step: Step) -> Intent:
        return self._carrier.sign(intent, step.call(self.registry), place(self.registry))

    def _recorded(self, step: Step, intent: Intent, where: Where, receipt: Receipt | None) -> Where:
        where = place(self.registry) | where
        if receipt is not None and receipt.succeeded:
            where |= {"transaction": receipt.hash, "gas_used": receipt.gas_used}
        step.record(where, intent.id)
        return where

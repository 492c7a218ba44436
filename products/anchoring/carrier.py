"""Carrying the transaction of an intent: signed, stored, sent and waited for; again, the same bytes.

A transaction that offers too little for its gas waits, and everything the account sends later waits behind
it. One that offers more takes its place, with the same nonce: the chain takes one of them, whichever it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.intents import Intent, Intents
from standards.progress import Progress, silent

if TYPE_CHECKING:
    from contracts.calls import Call
    from contracts.sender import Sender
    from contracts.transactions import Receipt

_WAIT_SECONDS = 120.0


@dataclass(frozen=True)
class Carrier:
    """Carries as one account. `command` is what to type to go on with what waits."""

    intents: Intents
    sender: Sender
    command: str

    def sign(self, intent: Intent, call: Call, place: dict[str, Any]) -> Intent:
        """Return the intent with the call signed and stored, or with what another run has stored meanwhile.

        Raises IntentClosed if another run has settled it, the contract's refusal, and the chain's errors.
        """
        signed = self.sender.sign(call)
        return self.intents.attach(intent.id, signed.model_dump(mode="json") | place, seen=intent)

    def settle(self, intent: Intent, progress: Progress = silent) -> Receipt | None:
        """Send the stored transaction, if any, and return its receipt; None if it can never be mined.

        Raises FeeTooLow, NotMinedYet and the other errors of `Sender`; the intent stays open.
        """
        from contracts.sender import FeeTooLow, TransactionLost
        from contracts.transactions import SignedTransaction

        if intent.transaction is None:
            return None
        signed = SignedTransaction.model_validate(intent.transaction)
        progress(f"{signed.what}: waiting for the block")
        try:
            self.sender.send(signed)
            return self.sender.wait(signed, _WAIT_SECONDS)
        except TransactionLost:
            return None
        except FeeTooLow as error:
            raise FeeTooLow(
                f"{intent.aim} waits since {intent.stored_at:%Y-%m-%d %H:%M} UTC: {error.message}",
                hint=f"when the price has fallen: {self.command}; or offer more: {self.command} --raise-fee",
            ) from error

    def raise_fee(self, intent: Intent) -> Intent:
        """Return the intent with a transaction that offers more, stored in the place of one that waits.

        One that is in a block stays. Raises SignedByAnother, ChainUnavailable, IntentClosed.
        """
        from contracts.transactions import SignedTransaction

        if intent.transaction is None:
            return intent
        signed = SignedTransaction.model_validate(intent.transaction)
        if self.sender.is_mined(signed):
            return intent
        replacement = self.sender.replacement(signed).model_dump(mode="json")
        return self.intents.attach(intent.id, intent.transaction | replacement, seen=intent)

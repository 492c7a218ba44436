"""Moving: carry what stands on another registry over to the one the settings lead to, exactly once.

The releases go first, each product's in the order of their versions, then the withdrawals, then the grants
that hold. Every step is an intent: a second run goes on where the first one stopped. What stood before
stays on its chain, and in the catalog as history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from catalog.parties import Parties
from catalog.releases.models import Release, ReleaseState
from products.anchoring.anchor import Anchor, Step
from products.anchoring.moving_steps import MoveGrant, MoveRelease, MoveWithdrawal
from products.anchoring.registers import Registers
from products.anchoring.release_steps import RegisterProduct
from products.anchoring.standing import AnchoredElsewhere, leads_to, require_grant, require_release
from products.anchoring.steps import STEPS
from standards.progress import Progress, silent


@dataclass(frozen=True)
class Mover:
    """Moves. `anchor` opens the chain and the key when first needed."""

    registers: Registers
    parties: Parties
    anchor: Callable[[], Anchor]

    def move(self, *, by: str, progress: Progress = silent) -> tuple[str, ...]:
        """Carry over what does not stand on the registry in force, and return what that was, in order.

        Again, or after a run that was interrupted, it carries over what is left. Open intents whose
        transactions were signed for another registry let go of them, and wait for `shuize chain resume`.

        Raises UnknownParty, PartnersDontGovern, and the contract's refusal where the registry in force has
        other releases under the same names.
        """
        releases = self.registers.releases.to_move(by=by)
        anchor = self.anchor()
        self._retarget(anchor)
        moved: list[str] = []
        for step in self._steps(releases, anchor, by):
            progress(step.aim)
            anchor.carry_out(step, progress)
            if not isinstance(step, RegisterProduct):
                moved.append(step.aim)
        return tuple(moved)

    def _steps(self, releases: tuple[Release, ...], anchor: Anchor, by: str) -> Iterator[Step]:
        open_aims = {intent.aim for intent in self.registers.intents.pending()}
        for release in releases:
            if not _is_here(partial(require_release, release, anchor.registry)):
                register = RegisterProduct(self.registers, release.product)
                if register.aim in open_aims or not anchor.registry.is_registered(release.product):
                    yield register
                    open_aims.discard(register.aim)
                yield MoveRelease(self.registers, release, by)
        for release in releases:
            now = self.registers.releases.get(release.product, release.version)
            if now.state is ReleaseState.WITHDRAWN:
                withdrawal = MoveWithdrawal(self.registers, now, by, _reason(now))
                if withdrawal.aim in open_aims or not _shows_withdrawal(now, anchor):
                    yield withdrawal
        for grant in self.registers.grants.living():
            if not _is_here(partial(require_grant, grant, anchor.registry)):
                holder = self.parties.get(grant.party)
                yield MoveGrant(self.registers, grant, holder.chain_id, by)

    def _retarget(self, anchor: Anchor) -> None:
        """Let go of transactions signed for another registry, or for this one before its chain was reset.

        The second kind tells by its nonce: the account has not come that far on this chain.
        """
        signed = [
            (intent, intent.transaction)
            for intent in self.registers.intents.pending()
            if intent.transaction is not None and intent.action["step"] in STEPS
        ]
        next_nonce = anchor.sender.next_nonce() if signed else 0
        for intent, transaction in signed:
            if not leads_to(transaction, anchor.registry) or transaction["nonce"] > next_nonce:
                names = ("what", "chain_id", "contract", "hash", "replaces")
                self.registers.intents.retarget(intent, {name: transaction.get(name) for name in names})


def _shows_withdrawal(release: Release, anchor: Anchor) -> bool:
    return anchor.registry.release(release.product, release.version).withdrawn is not None


def _is_here(require: Callable[[], None]) -> bool:
    try:
        require()
    except AnchoredElsewhere:
        return False
    return True


def _reason(release: Release) -> str:
    """Return why the release was withdrawn, as it stands on the chain it came from."""
    chain = release.chain or {}
    for anchor in (chain, *reversed(chain.get("earlier", ()))):
        if reason := anchor.get("withdrawal", {}).get("reason"):
            return str(reason)
    return "withdrawn before it was moved here"

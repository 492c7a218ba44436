"""The steps that carry what stands on one registry over to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from products.anchoring.anchor import Where
from products.anchoring.grant_steps import IssueGrant
from products.anchoring.release_steps import PublishRelease, WithdrawRelease

if TYPE_CHECKING:
    from contracts.calls import Call
    from contracts.registry import DataRegistry


@dataclass(frozen=True)
class MoveRelease(PublishRelease):
    """Put a release that was published on another registry on this one, as it is."""

    @property
    def aim(self) -> str:
        return f"move-release:{self.release.product}:{self.release.version}"

    def action(self) -> dict[str, Any]:
        return super().action() | {"step": "move-release"}

    def call(self, registry: DataRegistry) -> Call:
        """Return the call; nobody is asked again for an approval that was given."""
        release = self.release
        return registry.calls.publish(
            release.product, release.version, release.manifest_digest, release.content_root
        )

    def record(self, where: Where, intent: int) -> None:
        self.registers.releases.mark_moved(
            self.release.product, self.release.version, by=self.by, chain=where, intent=intent
        )


@dataclass(frozen=True)
class MoveWithdrawal(WithdrawRelease):
    """Withdraw a release that was carried to this registry and had been withdrawn, for the same reason."""

    @property
    def aim(self) -> str:
        return f"move-withdrawal:{self.release.product}:{self.release.version}"

    def action(self) -> dict[str, Any]:
        return super().action() | {"step": "move-withdrawal"}

    def record(self, where: Where, intent: int) -> None:
        self.registers.releases.mark_withdrawal_moved(
            self.release.product, self.release.version, outcome=where, intent=intent
        )


@dataclass(frozen=True)
class MoveGrant(IssueGrant):
    """Put a grant that stands on another registry on this one: the same terms, so the same digest."""

    by: str

    @property
    def aim(self) -> str:
        return f"move-grant:{self.grant.id}"

    def action(self) -> dict[str, Any]:
        return super().action() | {"step": "move-grant", "by": self.by}

    def record(self, where: Where, intent: int) -> None:
        self.registers.grants.mark_moved(
            self.grant.id, where["index"], by=self.by, chain=where, intent=intent
        )

    def give_up(self, why: Where, intent: int) -> None:
        self.registers.intents.settle(intent, why, state="failed")

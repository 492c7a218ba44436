"""The steps a release takes on the chain: its product's name, its publication, its withdrawal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.releases.models import Release
from catalog.releases.register import publish_aim
from products.anchoring.anchor import Where
from products.anchoring.registers import Registers
from products.anchoring.standing import require_release
from standards.errors import Conflict

if TYPE_CHECKING:
    from contracts.calls import Call
    from contracts.registry import DataRegistry


class ReleaseReplaced(Conflict):
    """A build has put another draft in the release's place while it was being published."""

    code = "release-replaced"


@dataclass(frozen=True)
class RegisterProduct:
    """Take the product's name into use."""

    registers: Registers
    product: str

    @property
    def aim(self) -> str:
        return f"register-product:{self.product}"

    def action(self) -> dict[str, Any]:
        return {"step": "register-product", "product": self.product}

    def find(self, registry: DataRegistry) -> Where | None:
        return {"product": self.product} if registry.is_registered(self.product) else None

    def call(self, registry: DataRegistry) -> Call:
        return registry.calls.register(self.product)

    def record(self, where: Where, intent: int) -> None:
        self.registers.intents.settle(intent, where)

    def give_up(self, why: Where, intent: int) -> None:
        self.registers.intents.settle(intent, why, state="failed")


@dataclass(frozen=True)
class PublishRelease:
    """Put an approved release's manifest digest and content root on the chain."""

    registers: Registers
    release: Release
    by: str

    @property
    def aim(self) -> str:
        return publish_aim(self.release.product, self.release.version)

    def action(self) -> dict[str, Any]:
        release = self.release
        return {"step": "publish", "product": release.product, "version": release.version, "by": self.by}

    def find(self, registry: DataRegistry) -> Where | None:
        """Return the anchor; another manifest under this version is for the contract to refuse."""
        product, version = self.release.product, self.release.version
        if version > registry.release_count(product):
            return None
        anchor = registry.release(product, version)
        if anchor.manifest_digest != self.release.manifest_digest:
            return None
        return {
            "block": anchor.block_number,
            "published_at": anchor.published_at.isoformat(),
            "publisher": anchor.publisher,
        }

    def call(self, registry: DataRegistry) -> Call:
        """Return the call. Raises NotApproved, ReleaseReplaced for what may not go out any more.

        The intent is open by now and keeps builds from replacing the release; one that came before the
        intent shows here.
        """
        release = self.release
        current = self.registers.releases.to_publish(release.product, release.version, by=self.by)
        if current.manifest_digest != release.manifest_digest:
            raise ReleaseReplaced(
                f"{release.product} {release.version} was built anew while it was being published",
                hint="have a look at the new one, then publish it",
            )
        return registry.calls.publish(
            release.product, release.version, release.manifest_digest, release.content_root
        )

    def record(self, where: Where, intent: int) -> None:
        self.registers.releases.mark_published(
            self.release.product, self.release.version, by=self.by, chain=where, intent=intent
        )

    def give_up(self, why: Where, intent: int) -> None:
        self.registers.intents.settle(intent, why, state="failed")


@dataclass(frozen=True)
class WithdrawRelease:
    """Withdraw a published release for good; it stays on the chain, with the reason."""

    registers: Registers
    release: Release
    by: str
    reason: str

    @property
    def aim(self) -> str:
        return f"withdraw:{self.release.product}:{self.release.version}"

    def action(self) -> dict[str, Any]:
        product, version = self.release.product, self.release.version
        return {
            "step": "withdraw",
            "product": product,
            "version": version,
            "by": self.by,
            "reason": self.reason,
        }

    def find(self, registry: DataRegistry) -> Where | None:
        require_release(self.release, registry)
        withdrawn = registry.release(self.release.product, self.release.version).withdrawn
        if withdrawn is None:
            return None
        return {
            "block": withdrawn.block_number,
            "withdrawn_at": withdrawn.withdrawn_at.isoformat(),
            "reason": withdrawn.reason,
        }

    def call(self, registry: DataRegistry) -> Call:
        return registry.calls.withdraw(self.release.product, self.release.version, self.reason)

    def record(self, where: Where, intent: int) -> None:
        self.registers.releases.mark_withdrawn(
            self.release.product, self.release.version, by=self.by, outcome=where, intent=intent
        )

    def give_up(self, why: Where, intent: int) -> None:
        self.registers.intents.settle(intent, why, state="failed")

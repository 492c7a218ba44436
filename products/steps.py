"""The steps that change the chain: register a product, publish a release, issue and revoke a grant, move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.grants import Grant, Grants, Terms
from catalog.intents import Intents
from catalog.releases.models import Release
from catalog.releases.register import Releases, publish_aim
from products.anchoring import Step, Where
from products.standing import require_grant, require_release
from standards.errors import Conflict

if TYPE_CHECKING:
    from contracts.calls import Call
    from contracts.registry import DataRegistry


class ReleaseReplaced(Conflict):
    """A build has put another draft in the release's place while it was being published."""

    code = "release-replaced"


class GrantOutrun(Conflict):
    """Another run has put the same grant on the chain."""

    code = "grant-outrun"


@dataclass(frozen=True)
class Registers:
    """The parts of the catalog that steps record their outcome in."""

    intents: Intents
    releases: Releases
    grants: Grants


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


@dataclass(frozen=True)
class IssueGrant:
    """Put a grant's party, window and terms digest on the chain. Its intent is stored with the grant."""

    registers: Registers
    grant: Grant
    party_chain_id: str

    @classmethod
    def intend(cls, registers: Registers, terms: Terms, party_chain_id: str, *, by: str) -> IssueGrant:
        """Store grant and intent together, so that neither is ever there alone."""
        action = _grant_action(terms.id, party_chain_id)
        return cls(
            registers,
            registers.grants.intend(terms, by=by, aim=_grant_aim(terms.id), action=action),
            party_chain_id,
        )

    @property
    def aim(self) -> str:
        return _grant_aim(self.grant.id)

    def action(self) -> dict[str, Any]:
        return _grant_action(self.grant.id, self.party_chain_id)

    def find(self, registry: DataRegistry) -> Where | None:
        """Return the grant with these terms: their digest holds the grant's id, so it is this one."""
        for found in registry.grants(self.grant.product):
            if found.terms_digest == self.grant.terms_digest:
                return {
                    "index": found.index,
                    "block": found.block_number,
                    "granted_at": found.granted_at.isoformat(),
                }
        return None

    def call(self, registry: DataRegistry) -> Call:
        """Return the call for the next index. Raises GrantOutrun if another run has issued the grant.

        Counted first, looked for second: whoever issues it after the count has taken this very index, and
        the contract refuses it to us.
        """
        terms = self.grant.terms
        index = registry.grant_count(terms.product)
        if self.find(registry) is not None:
            raise GrantOutrun(f"another run has put grant {terms.id} on the chain", hint="look at it there")
        return registry.calls.grant(
            terms.product,
            index,
            party=self.party_chain_id,
            not_before=terms.not_before,
            not_after=terms.not_after,
            terms_digest=self.grant.terms_digest,
        )

    def record(self, where: Where, intent: int) -> None:
        self.registers.grants.mark_active(self.grant.id, where["index"], chain=where, intent=intent)

    def give_up(self, why: Where, intent: int) -> None:
        self.registers.grants.mark_refused(self.grant.id, why, intent=intent)


@dataclass(frozen=True)
class RevokeGrant:
    """End a grant on the chain. Its reason stays in the catalog."""

    registers: Registers
    grant: Grant
    by: str
    reason: str

    @property
    def aim(self) -> str:
        return f"revoke:{self.grant.id}"

    def action(self) -> dict[str, Any]:
        return {"step": "revoke", "grant": self.grant.id, "by": self.by, "reason": self.reason}

    def find(self, registry: DataRegistry) -> Where | None:
        require_grant(self.grant, registry)
        found = registry.grant(self.grant.product, self._index)
        if found.revoked_at is None:
            return None
        return {
            "index": found.index,
            "block": found.revoked_block,
            "revoked_at": found.revoked_at.isoformat(),
        }

    def call(self, registry: DataRegistry) -> Call:
        return registry.calls.revoke(self.grant.product, self._index)

    def record(self, where: Where, intent: int) -> None:
        self.registers.grants.mark_revoked(
            self.grant.id, by=self.by, reason=self.reason, chain=where, intent=intent
        )

    def give_up(self, why: Where, intent: int) -> None:
        self.registers.intents.settle(intent, why, state="failed")

    @property
    def _index(self) -> int:
        assert self.grant.chain_index is not None  # `Grants.to_revoke` hands out active grants only
        return self.grant.chain_index


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


def _grant_aim(grant_id: str) -> str:
    return f"grant:{grant_id}"


def _grant_action(grant_id: str, party_chain_id: str) -> dict[str, Any]:
    return {"step": "grant", "grant": grant_id, "party": party_chain_id}


_MAKERS: dict[str, Callable[[dict[str, Any], Registers], Step]] = {
    "register-product": lambda action, registers: RegisterProduct(registers, action["product"]),
    "publish": lambda action, registers: PublishRelease(
        registers, registers.releases.get(action["product"], action["version"]), action["by"]
    ),
    "withdraw": lambda action, registers: WithdrawRelease(
        registers,
        registers.releases.get(action["product"], action["version"]),
        action["by"],
        action["reason"],
    ),
    "grant": lambda action, registers: IssueGrant(
        registers, registers.grants.get(action["grant"]), action["party"]
    ),
    "revoke": lambda action, registers: RevokeGrant(
        registers, registers.grants.get(action["grant"]), action["by"], action["reason"]
    ),
    "move-release": lambda action, registers: MoveRelease(
        registers, registers.releases.get(action["product"], action["version"]), action["by"]
    ),
    "move-withdrawal": lambda action, registers: MoveWithdrawal(
        registers,
        registers.releases.get(action["product"], action["version"]),
        action["by"],
        action["reason"],
    ),
    "move-grant": lambda action, registers: MoveGrant(
        registers, registers.grants.get(action["grant"]), action["party"], action["by"]
    ),
}

STEPS = frozenset(_MAKERS)
"""The kinds of step that `again` can make from a stored intent."""


def again(action: dict[str, Any], registers: Registers) -> Step:
    """Return the step that a stored intent was for."""
    return _MAKERS[action["step"]](action, registers)

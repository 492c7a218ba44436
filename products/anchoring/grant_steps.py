"""The steps a grant takes on the chain: issued, and revoked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.grants import Grant, Terms
from products.anchoring.anchor import Where
from products.anchoring.registers import Registers
from products.anchoring.standing import require_grant
from standards.errors import Conflict

if TYPE_CHECKING:
    from contracts.calls import Call
    from contracts.registry import DataRegistry


class GrantOutrun(Conflict):
    """Another run has put the same grant on the chain."""

    code = "grant-outrun"


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


def _grant_aim(grant_id: str) -> str:
    return f"grant:{grant_id}"


def _grant_action(grant_id: str, party_chain_id: str) -> dict[str, Any]:
    return {"step": "grant", "grant": grant_id, "party": party_chain_id}

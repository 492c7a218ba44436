"""The step that gives the operator a role in the contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.intents import Intents
from products.anchoring.anchor import Where

if TYPE_CHECKING:
    from contracts.calls import Call
    from contracts.registry import DataRegistry


@dataclass(frozen=True)
class GiveRole:
    """Give an account a role in a contract. Its aim names the contract: on another it is another aim."""

    intents: Intents
    contract: str
    role: str
    account: str

    @property
    def aim(self) -> str:
        return f"give-role:{self.contract}:{self.role}"

    def action(self) -> dict[str, Any]:
        return {
            "step": "give-role",
            "contract": self.contract,
            "role": self.role,
            "account": self.account,
        }

    def find(self, registry: DataRegistry) -> Where | None:
        held = self.role not in roles_lacking(registry, self.account)
        return {"role": self.role, "account": self.account} if held else None

    def call(self, registry: DataRegistry) -> Call:
        return registry.calls.grant_role(self.role, self.account)

    def record(self, where: Where, intent: int) -> None:
        self.intents.settle(intent, where)

    def give_up(self, why: Where, intent: int) -> None:
        self.intents.settle(intent, why, state="failed")


def roles_lacking(registry: DataRegistry, account: str) -> list[str]:
    """Return the roles besides the admin's that the account does not hold."""
    members = registry.role_members()
    held = {"PUBLISHER": members.publishers, "GRANTOR": members.grantors, "LOGGER": members.loggers}
    return [role for role, holders in held.items() if account not in holders]

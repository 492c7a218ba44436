"""Founding: put the registry contract on a chain and give the operator's account its roles, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.deployments import Deployment, Deployments, NoDeployment
from catalog.intents import Intent, IntentClosed, Intents
from products.anchoring.standing import ChainReset, registry_of

if TYPE_CHECKING:
    from contracts.chain import Chain
    from contracts.registry import DataRegistry
    from contracts.sender import Receipt, Sender

_ATTEMPTS = 10
_AIM = "deploy-registry"


@dataclass(frozen=True)
class Founder:
    """Deploys. Whatever dies on the way, the next run ends with one registry and its roles given."""

    deployments: Deployments
    intents: Intents

    def found(self, chain: Chain, sender: Sender, *, again: bool = False) -> Deployment:
        """Return the registry on the chain, deploying it if this catalog has none there.

        `again` deploys anew on a chain that was reset. Raises ChainReset without it, ChainUnavailable,
        NotEnoughFunds and the other errors of the chain.
        """
        try:
            deployment = self.deployments.get(chain.chain_id)
            registry_of(chain, deployment)
        except NoDeployment:
            deployment = self._deploy(chain, sender)
        except ChainReset:
            if not again:
                raise
            deployment = self._deploy(chain, sender, instead_of=deployment)
        self._give_roles(chain, sender, deployment)
        return deployment

    def adopt(self, chain: Chain, address: str) -> Deployment:
        """Record a registry that is already there. Raises NoContract, ContractMismatch."""
        from contracts.registry import DataRegistry

        registry = DataRegistry(chain, address)
        return self.deployments.keep(chain.chain_id, registry.address, {"adopted": True})

    def _deploy(self, chain: Chain, sender: Sender, instead_of: Deployment | None = None) -> Deployment:
        from contracts import calls
        from contracts.sender import SignedTransaction

        action = {"step": "deploy", "chain_id": chain.chain_id, "admin": sender.address}
        intent = self.intents.open(f"{_AIM}:{chain.chain_id}", action)
        receipt = self._sent_before(intent, sender)
        if receipt is None:
            signed = sender.sign(calls.deploy(sender.address))
            try:
                intent = self.intents.attach(intent.id, signed.model_dump(mode="json"), seen=intent)
            except IntentClosed:  # another run has founded it meanwhile
                return self.deployments.get(chain.chain_id)
            receipt = sender.complete(SignedTransaction.model_validate(intent.transaction))
        assert receipt.contract_address is not None  # a mined deployment has made a contract
        outcome = {"transaction": receipt.hash, "block": receipt.block_number, "gas_used": receipt.gas_used}
        return self.deployments.keep(
            chain.chain_id, receipt.contract_address, outcome, intent=intent.id, instead_of=instead_of
        )

    def _sent_before(self, intent: Intent, sender: Sender) -> Receipt | None:
        """Send an earlier run's deployment again and return its receipt; None if there is none to send."""
        from contracts.sender import SignedTransaction, TransactionLost

        if intent.transaction is None:
            return None
        try:
            return sender.complete(SignedTransaction.model_validate(intent.transaction))
        except TransactionLost:
            return None

    def _give_roles(self, chain: Chain, sender: Sender, deployment: Deployment) -> None:
        """Give the operator the roles it lacks; repeating it gives nothing twice.

        Another run at the same time may take the nonce: then it has given a role, and what is lacking now
        is looked up again.
        """
        from contracts.registry import DataRegistry
        from contracts.sender import TransactionLost

        registry = DataRegistry(chain, deployment.contract)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                for role in _lacking(registry, sender.address):
                    sender.complete(sender.sign(registry.calls.grant_role(role, sender.address)))
            except TransactionLost:
                if attempt == _ATTEMPTS:
                    raise
            else:
                return


def _lacking(registry: DataRegistry, operator: str) -> list[str]:
    """Return the roles the operator lacks and can give itself: none, if another is the admin."""
    members = registry.role_members()
    if members.admin != operator:
        return []
    held = {"PUBLISHER": members.publishers, "GRANTOR": members.grantors, "LOGGER": members.loggers}
    return [role for role, holders in held.items() if operator not in holders]

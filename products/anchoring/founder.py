"""Founding: put the registry contract on a chain and give the operator's account its roles, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.deployments import Deployment, Deployments, NoDeployment
from catalog.intents import Intent, IntentClosed, Intents
from products.anchoring.anchor import Anchor
from products.anchoring.carrier import Carrier
from products.anchoring.role_steps import GiveRole, roles_lacking
from products.anchoring.standing import ChainReset, registry_of
from standards.errors import Conflict

if TYPE_CHECKING:
    from contracts.chain import Chain
    from contracts.sender import Sender
    from contracts.transactions import Receipt

_ATTEMPTS = 5
_AIM = "deploy-registry"


@dataclass(frozen=True)
class Founder:
    """Deploys. Whatever dies on the way, the next run ends with one registry and its roles given."""

    deployments: Deployments
    intents: Intents

    def found(
        self, chain: Chain, sender: Sender, *, again: bool = False, raise_fee: bool = False
    ) -> Deployment:
        """Return the registry on the chain, deploying it if this catalog has none there.

        `again` deploys anew on a chain that was reset; `raise_fee` offers more for a transaction of an
        earlier run that waits. Raises ChainReset, FeeTooLow, NotEnoughFunds, the other errors of the chain.
        """
        deployment = self._recorded(chain.chain_id)
        try:
            if deployment is None:
                deployment = self._deploy(chain, sender, raise_fee=raise_fee)
            else:
                registry_of(chain, deployment)
        except ChainReset:
            if not again:
                raise
            deployment = self._deploy(chain, sender, raise_fee=raise_fee, instead_of=deployment)
        self._give_roles(chain, sender, deployment, raise_fee=raise_fee)
        return deployment

    def adopt(self, chain: Chain, address: str) -> Deployment:
        """Record a registry that is already there. Raises NoContract, ContractMismatch."""
        from contracts.registry import DataRegistry

        registry = DataRegistry(chain, address)
        return self.deployments.keep(chain.chain_id, registry.address, {"adopted": True})

    def _deploy(
        self, chain: Chain, sender: Sender, *, raise_fee: bool, instead_of: Deployment | None = None
    ) -> Deployment:
        action = {"step": "deploy", "chain_id": chain.chain_id, "admin": sender.address}
        intent = self.intents.open(f"{_AIM}:{chain.chain_id}", action)
        there = self._recorded(chain.chain_id)
        if there is not None and there != instead_of:  # another run founded it before this intent was opened
            self.intents.settle(intent.id, {"contract": there.contract})
            return there
        carrier = Carrier(self.intents, sender, "shuize init")
        try:
            if raise_fee:
                intent = carrier.raise_fee(intent)
            receipt = _mined(intent, carrier)
        except IntentClosed:  # another run has founded it meanwhile
            return self.deployments.get(chain.chain_id)
        assert receipt.contract_address is not None  # a mined deployment has made a contract
        outcome = {"transaction": receipt.hash, "block": receipt.block_number, "gas_used": receipt.gas_used}
        return self.deployments.keep(
            chain.chain_id, receipt.contract_address, outcome, intent=intent.id, instead_of=instead_of
        )

    def _recorded(self, chain_id: int) -> Deployment | None:
        try:
            return self.deployments.get(chain_id)
        except NoDeployment:
            return None

    def _give_roles(self, chain: Chain, sender: Sender, deployment: Deployment, *, raise_fee: bool) -> None:
        """Complete what was begun, and give the operator the roles it lacks, if it is the admin."""
        from contracts.words import ROLES

        registry = registry_of(chain, deployment)
        anchor = Anchor(self.intents, registry, sender)
        left_open = {intent.aim: intent for intent in self.intents.pending()}
        is_admin = registry.role_members().admin == sender.address
        lacking = roles_lacking(registry, sender.address) if is_admin else []
        for role in ROLES:
            step = GiveRole(self.intents, deployment.contract, role, sender.address)
            if raise_fee and step.aim in left_open:
                anchor.raise_fee(left_open[step.aim])
            if role in lacking or step.aim in left_open:
                anchor.carry_out(step)


def _mined(intent: Intent, carrier: Carrier) -> Receipt:
    """Return the receipt of the deployment, signed once more for each one that was outrun."""
    from contracts import calls

    for _ in range(_ATTEMPTS):
        receipt = carrier.settle(intent)
        if receipt is not None and receipt.succeeded:
            return receipt
        intent = carrier.sign(intent, calls.deploy(carrier.sender.address), {})
    raise Conflict(f"{intent.aim} was outrun by other transactions {_ATTEMPTS} times", hint="try again")

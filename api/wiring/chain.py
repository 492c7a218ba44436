"""The chain, the contract on it, and the account that signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.secrets import keystore_password
from api.wiring.catalog import CatalogRooms
from api.wiring.once import once

if TYPE_CHECKING:
    from contracts.chain import Chain
    from contracts.registry import DataRegistry
    from contracts.sender import Sender
    from products.anchoring.anchor import Anchor


class ChainRooms(CatalogRooms):
    """What the settings lead to, and what this catalog deployed there."""

    @once
    def chain(self) -> Chain:
        """The node that is set, or the embedded chain. Raises ChainUnavailable, WrongChain."""
        from contracts.chain import open_chain

        location = self.settings.chain or self.settings.chain_file
        return open_chain(location, expected_chain_id=self.settings.chain_id)

    @once
    def registry(self) -> DataRegistry:
        """The contract: the address that is set, or the one this catalog deployed.

        Raises NoDeployment, ChainReset, NoContract, ContractMismatch.
        """
        from contracts.registry import DataRegistry
        from products.anchoring.standing import registry_of

        if self.settings.contract:
            return DataRegistry(self.chain, self.settings.contract)
        return registry_of(self.chain, self.deployments.get(self.chain.chain_id))

    @once
    def sender(self) -> Sender:
        """The operator's account on the chain. Raises NoKeystore, WrongPassword, NoPassword."""
        from contracts import keys
        from contracts.sender import Sender

        account = keys.unlock(self.settings.keystore_path, keystore_password(self.settings))
        return Sender(self.chain, account)

    @once
    def anchor(self) -> Anchor:
        from products.anchoring.anchor import Anchor

        return Anchor(self.intents, self.registry, self.sender)

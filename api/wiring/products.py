"""What makes, publishes and serves products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.secrets import pseudonym_key
from api.wiring.chain import ChainRooms
from api.wiring.once import once

if TYPE_CHECKING:
    from products.anchoring.founder import Founder
    from products.anchoring.mover import Mover
    from products.anchoring.publisher import Publisher
    from products.building.builder import Builder
    from products.odps import DataProducts
    from products.registering import Registering
    from products.serving import Server


class ProductRooms(ChainRooms):
    """Building, publishing, moving, serving."""

    @once
    def builder(self) -> Builder:
        from products.building.builder import Builder
        from products.building.making import Maker

        maker = Maker(self.store, self.library, lambda product: pseudonym_key(self.settings, product))
        return Builder(
            recipes=self.recipes,
            datasets=self.datasets,
            quality=self.quality,
            lineage=self.lineage,
            releases=self.releases,
            store=self.store,
            library=self.library,
            maker=maker,
            registering=self.registering,
        )

    @once
    def registering(self) -> Registering:
        from products.registering import Registering

        return Registering(self.product_register, self.changes, self.releases)

    @once
    def data_products(self) -> DataProducts:
        from products.odps import DataProducts

        return DataProducts(self.recipes, self.product_register, self.releases, self.datasets, self.changes)

    @once
    def founder(self) -> Founder:
        from products.anchoring.founder import Founder

        return Founder(self.deployments, self.intents)

    @once
    def publisher(self) -> Publisher:
        from catalog.database import utc_now
        from products.anchoring.publisher import Publisher
        from products.anchoring.registers import Registers

        registers = Registers(self.intents, self.releases, self.grants)
        return Publisher(
            registers,
            self.recipes,
            self.parties,
            lambda: self.anchor,
            lambda: self.registry,
            utc_now,
            self.product_register,
        )

    @once
    def mover(self) -> Mover:
        from products.anchoring.mover import Mover
        from products.anchoring.registers import Registers

        registers = Registers(self.intents, self.releases, self.grants)
        return Mover(registers, self.parties, lambda: self.anchor)

    @once
    def server(self) -> Server:
        from catalog.database import utc_now
        from products.serving import Server

        return Server(
            self.recipes,
            self.releases,
            self.grants,
            self.receipts,
            self.store,
            lambda: self.registry,
            utc_now,
        )

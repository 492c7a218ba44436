"""Wiring: every object of the platform is built here, once, when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from api.secrets import keystore_password, pseudonym_key
from api.settings import Settings
from standards.errors import NotFound, ShuizeError, Unavailable

if TYPE_CHECKING:
    from pathlib import Path

    from catalog.assets import Assets
    from catalog.changes import Changes
    from catalog.database import Database
    from catalog.datasets.register import Datasets
    from catalog.deployments import Deployments
    from catalog.glossary import Glossary
    from catalog.grants import Grants
    from catalog.intents import Intents
    from catalog.lineage import Lineage
    from catalog.lineage.impact import Impact
    from catalog.lineage.inventory import Inventory
    from catalog.loading.loader import Loader
    from catalog.organisation import Organisation, People
    from catalog.parties import Parties
    from catalog.product_register import ProductRegister
    from catalog.quality.checking import Quality
    from catalog.receipts import Receipts
    from catalog.releases.register import Releases
    from catalog.roles import Roles
    from catalog.search.searching import Search
    from catalog.standards import Standards
    from catalog.store import FolderStore
    from catalog.trail import Trail
    from contracts.chain import Chain
    from contracts.registry import DataRegistry
    from contracts.sender import Sender
    from products.anchoring.anchor import Anchor
    from products.anchoring.founder import Founder
    from products.anchoring.mover import Mover
    from products.anchoring.publisher import Publisher
    from products.building.builder import Builder
    from products.recipe import Recipes
    from products.serving import Server
    from standards.documents import Document
    from standards.library import Library


class NoHome(NotFound):
    """The home folder holds no catalog."""

    code = "no-home"


class HomeNotReadable(Unavailable):
    """The home folder can't be read."""

    code = "home-not-readable"


_Built = TypeVar("_Built")


class _once(cached_property[_Built], Generic[_Built]):  # noqa: N801 - a decorator
    """A cached property that two threads of the server don't build twice."""

    def __init__(self, build: Callable[[Any], _Built]) -> None:
        super().__init__(build)
        self._lock = threading.RLock()

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> _Built: ...
    def __get__(self, instance: object, owner: type[Any] | None = None) -> Self | _Built:
        with self._lock:
            return super().__get__(instance, owner)


class Platform:
    """One home, wired. Imports are lazy, so that a command pays only for what it uses."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def close(self) -> None:
        """Close what was opened."""
        for name in ("database", "chain"):
            if name in self.__dict__:
                self.__dict__[name].close()

    @_once
    def library(self) -> Library:
        """The bundled standards, and beside them what this home has imported, once there is a home."""
        from catalog.database import utc_now
        from standards.library import Library

        def imported() -> tuple[Document, ...]:
            try:
                return self.standards.documents()
            except NoHome:
                return ()

        return Library.load().beside(imported, today=lambda: utc_now().date())

    @_once
    def standards(self) -> Standards:
        from catalog.database import utc_now
        from catalog.standards import Standards
        from standards.library import Library

        return Standards(self.database, Library.load(), utc_now)

    @_once
    def database(self) -> Database:
        """The catalog's database, which must be up to date. Raises NoHome, DatabaseNotReady."""
        from catalog.database import Database

        if self.settings.database_url is None:
            _require_catalog(self.settings.home)
        database = Database(self.settings.catalog_url)
        try:
            database.require_current()
        except ShuizeError:
            database.close()
            raise
        return database

    @_once
    def store(self) -> FolderStore:
        from catalog.store import FolderStore

        return FolderStore(self.settings.store_path)

    @_once
    def parties(self) -> Parties:
        from catalog.database import utc_now
        from catalog.parties import Parties

        return Parties(self.database, utc_now)

    @_once
    def datasets(self) -> Datasets:
        from catalog.database import utc_now
        from catalog.datasets.register import Datasets

        return Datasets(self.database, utc_now)

    @_once
    def loader(self) -> Loader:
        from catalog.database import utc_now
        from catalog.loading.loader import Loader

        return Loader(self.datasets, self.store, self.library, utc_now, self.lineage)

    @_once
    def quality(self) -> Quality:
        from catalog.database import utc_now
        from catalog.quality.checking import Quality

        return Quality(self.database, self.datasets, self.store, self.library, utc_now)

    @_once
    def lineage_inventory(self) -> Inventory:
        from catalog.lineage.inventory import Inventory

        self.lineage.settle()
        return Inventory(self.database)

    @_once
    def impact(self) -> Impact:
        from catalog.lineage.impact import Impact
        from products.recipe import RecipeNotFound
        from standards.security import SecurityLevel, highest

        def product_level(product: str) -> SecurityLevel | None:
            try:
                fields = self.recipes.get(product).declaration.output.fields
            except RecipeNotFound:
                return None
            return highest(self.library.element(element).security_level for element in fields.values())

        self.lineage.settle()
        return Impact(self.database, product_level)

    @_once
    def lineage(self) -> Lineage:
        from catalog.lineage import Lineage

        return Lineage(self.database)

    @_once
    def search(self) -> Search:
        from catalog.search.searching import Search, standards
        from products.searchable import products

        sources = (standards(self.library), products(self.recipes, self.library))
        return Search(self.database, self.library, sources)

    @_once
    def glossary(self) -> Glossary:
        from catalog.database import utc_now
        from catalog.glossary import Glossary

        def products() -> set[str]:
            return {recipe.name for recipe in self.recipes.list()}

        return Glossary(self.database, self.library, utc_now, products)

    @_once
    def releases(self) -> Releases:
        from catalog.database import utc_now
        from catalog.releases.register import Releases

        return Releases(self.database, utc_now)

    @_once
    def grants(self) -> Grants:
        from catalog.database import utc_now
        from catalog.grants import Grants

        return Grants(self.database, utc_now)

    @_once
    def trail(self) -> Trail:
        from catalog.database import utc_now
        from catalog.trail import Trail

        return Trail(self.database, utc_now)

    @_once
    def organisation(self) -> Organisation:
        from catalog.database import utc_now
        from catalog.organisation import Organisation

        return Organisation(self.database, utc_now)

    @_once
    def people(self) -> People:
        from catalog.database import utc_now
        from catalog.organisation import People

        return People(self.database, utc_now)

    @_once
    def roles(self) -> Roles:
        from catalog.database import utc_now
        from catalog.roles import Roles

        return Roles(self.database, utc_now)

    @_once
    def product_register(self) -> ProductRegister:
        from catalog.product_register import ProductRegister

        return ProductRegister(self.database)

    @_once
    def changes(self) -> Changes:
        from catalog.changes import Changes
        from catalog.changes.subjects import DatasetSubject, ProductSubject
        from catalog.database import utc_now

        subjects = (DatasetSubject(self.library), ProductSubject(lambda name: self.recipes.get(name)))
        return Changes(self.database, subjects, utc_now)

    @_once
    def assets(self) -> Assets:
        from catalog.assets import Assets
        from catalog.database import utc_now

        return Assets(self.database, self.store, utc_now)

    @_once
    def receipts(self) -> Receipts:
        from catalog.receipts import Receipts

        return Receipts(self.database)

    @_once
    def intents(self) -> Intents:
        from catalog.database import utc_now
        from catalog.intents import Intents

        return Intents(self.database, utc_now)

    @_once
    def deployments(self) -> Deployments:
        from catalog.database import utc_now
        from catalog.deployments import Deployments

        return Deployments(self.database, utc_now)

    @_once
    def recipes(self) -> Recipes:
        from products.recipe import Recipes

        return Recipes(self.settings.recipes)

    @_once
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
        )

    @_once
    def founder(self) -> Founder:
        from products.anchoring.founder import Founder

        return Founder(self.deployments, self.intents)

    @_once
    def publisher(self) -> Publisher:
        from catalog.database import utc_now
        from products.anchoring.publisher import Publisher
        from products.anchoring.registers import Registers

        registers = Registers(self.intents, self.releases, self.grants)
        return Publisher(
            registers, self.recipes, self.parties, lambda: self.anchor, lambda: self.registry, utc_now
        )

    @_once
    def mover(self) -> Mover:
        from products.anchoring.mover import Mover
        from products.anchoring.registers import Registers

        registers = Registers(self.intents, self.releases, self.grants)
        return Mover(registers, self.parties, lambda: self.anchor)

    @_once
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

    @_once
    def chain(self) -> Chain:
        """The node that is set, or the embedded chain. Raises ChainUnavailable, WrongChain."""
        from contracts.chain import open_chain

        location = self.settings.chain or self.settings.chain_file
        return open_chain(location, expected_chain_id=self.settings.chain_id)

    @_once
    def registry(self) -> DataRegistry:
        """The contract: the address that is set, or the one this catalog deployed.

        Raises NoDeployment, ChainReset, NoContract, ContractMismatch.
        """
        from contracts.registry import DataRegistry
        from products.anchoring.standing import registry_of

        if self.settings.contract:
            return DataRegistry(self.chain, self.settings.contract)
        return registry_of(self.chain, self.deployments.get(self.chain.chain_id))

    @_once
    def sender(self) -> Sender:
        """The operator's account on the chain. Raises NoKeystore, WrongPassword, NoPassword."""
        from contracts import keys
        from contracts.sender import Sender

        account = keys.unlock(self.settings.keystore_path, keystore_password(self.settings))
        return Sender(self.chain, account)

    @_once
    def anchor(self) -> Anchor:
        from products.anchoring.anchor import Anchor

        return Anchor(self.intents, self.registry, self.sender)


def _require_catalog(home: Path) -> None:
    """Raise NoHome unless there is a catalog: opening SQLite would make an empty one."""
    try:
        (home / "catalog.db").stat()
    except FileNotFoundError as error:
        raise NoHome(
            f"there is no catalog in {home.absolute()}",
            hint="make one with `shuize init`, or set SHUIZE_HOME to where one is",
        ) from error
    except OSError as error:
        raise HomeNotReadable(
            f"{home.absolute()} can't be read: {error.strerror}",
            hint="set SHUIZE_HOME to a folder that you may read",
        ) from error

"""Whole homes with an approved release in them, on the embedded chain or on a node; copies are cheap."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from api.initialise import initialise
from api.settings import Settings
from api.wiring import Platform
from catalog.grants import Grant
from catalog.parties import PartyKind
from catalog.releases.models import Release
from contracts import keys
from contracts.chain import open_chain
from contracts.registry import DataRegistry
from products.samples import documents
from tests.builders import a_dataset, a_party
from tests.products.builders import INDEX, document_of, readings

PASSWORD = "only for tests"
ONE_ETHER = 10**18
_FAST = 2  # a keystore for tests need not resist guessing


def now() -> datetime:
    """Return the present, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Home:
    """A home, used through the same wiring as by the commands."""

    settings: Settings

    @contextmanager
    def open(self) -> Iterator[Platform]:
        """Yield the platform of a new run."""
        platform = Platform(self.settings)
        try:
            yield platform
        finally:
            platform.close()

    def publish(self, version: int | None = None, *, by: str = "bob") -> Release:
        """Publish the index."""
        with self.open() as platform:
            return platform.publisher.publish(INDEX, version, by=by)

    def grant(self, party: str = "partner", *, days: float = 30, after: float = 0) -> Grant:
        """Grant the index to a party from `after` days on."""
        with self.open() as platform:
            return platform.publisher.grant(
                INDEX,
                party,
                purpose="leakage study",
                not_before=now() + timedelta(days=after) if after else None,
                not_after=now() + timedelta(days=days),
                by="alice",
            )

    def revoke(self, grant_id: str) -> Grant:
        """Revoke a grant."""
        with self.open() as platform:
            return platform.publisher.revoke(grant_id, reason="study finished", by="alice")

    def resume(self) -> tuple[str, ...]:
        """Complete what is open."""
        with self.open() as platform:
            return platform.publisher.resume()

    def build(self, **parameters: object) -> Release:
        """Build and approve the index."""
        from products.building.builder import BuildOptions

        options = BuildOptions(parameters={name: str(value) for name, value in parameters.items()})
        with self.open() as platform:
            release = platform.builder.build(INDEX, by="alice", options=options).release
            return platform.registering.approve(INDEX, release.version, by="bob")


def a_template(folder: Path) -> Home:
    """Return a home on the embedded chain with a contract, parties, and an approved draft of the index."""
    home = Home(Settings(home=folder, password=SecretStr(PASSWORD)))
    keys.create(home.settings.keystore_path, PASSWORD, scrypt_work=_FAST)
    initialise(home.settings, lambda _step: None)
    with home.open() as platform:
        platform.parties.add(a_party())
        platform.parties.add(a_party(id="bob", name="Bob"), by="alice")
        platform.parties.add(
            a_party(id="water-group", name="Water Group", kind=PartyKind.ORGANISATION), by="alice"
        )
        for partner in ("partner", "rival"):
            platform.parties.add(
                a_party(id=partner, name=partner.title(), kind=PartyKind.PARTNER), by="alice"
            )
        draft = a_dataset(**document_of(documents.INFLOW, rules=[]))
        platform.changes.register_all([draft], by="alice", approved_by="bob")
        path = folder / "inflow.csv"
        rows = "".join(f"{a},{at.isoformat()},{q}\n" for a, at, q in readings("2022-01", 2))
        path.write_text("area,observed_at,inflow_l_per_s\n" + rows)
        platform.loader.load("dma-inflow", path, by="alice")
    home.build()
    return home


def a_copy(template: Home, folder: Path, node: str | None = None, *, found: bool = True) -> Home:
    """Return a copy of a home. With a node it moves there: one address set, an account with funds."""
    shutil.copytree(template.settings.home, folder)
    settings = Settings(home=folder, password=SecretStr(PASSWORD), chain=node)
    if node is not None:
        settings.keystore_path.unlink()
        fund(node, keys.create(settings.keystore_path, PASSWORD, scrypt_work=_FAST))
        if found:
            initialise(settings, lambda _step: None)
    return Home(settings)


def fund(node: str, account: str) -> None:
    """Give an account what gas costs."""
    with open_chain(node) as chain:
        chain.node.ask("anvil_setBalance", account, hex(ONE_ETHER))


@contextmanager
def registry_of(home: Home) -> Iterator[DataRegistry]:
    """Yield the registry as somebody reads it who knows nothing of the catalog."""
    with home.open() as platform:
        contract = platform.deployments.get(platform.chain.chain_id).contract
        yield DataRegistry(platform.chain, contract)

"""Homes that have published on one chain and are led to another, and what must hold once they have moved."""

from __future__ import annotations

from api.initialise import initialise
from catalog.grants import Grant
from catalog.releases.models import ReleaseState
from tests.products.builders import INDEX
from tests.products.homes import Home, fund, registry_of


def left_behind(home: Home) -> Grant:
    """Publish version 1 and withdraw it, publish version 2, and return a grant that holds."""
    home.publish()
    with home.open() as platform:
        platform.publisher.withdraw(INDEX, 1, reason="meters were swapped", by="bob")
    home.build(base_months=2)
    home.publish()
    return home.grant()


def elsewhere(home: Home, node: str) -> Home:
    """Return the home with the settings leading to a node, where it has a registry and nothing on it."""
    there = Home(home.settings.model_copy(update={"chain": node}))
    with home.open() as platform:
        fund(node, platform.sender.address)
    initialise(there.settings, lambda _step: None)
    return there


def assert_all_stand(home: Home) -> None:
    """Assert that every published release and living grant is where the settings lead, and nowhere else."""
    with registry_of(home) as registry, home.open() as platform:
        for release in platform.releases.list_public():
            anchor = registry.release(INDEX, release.version)
            assert anchor.manifest_digest == release.manifest_digest
            assert (anchor.withdrawn is not None) == (release.state is ReleaseState.WITHDRAWN)
            assert release.chain is not None
            assert release.chain["contract"] == registry.address
            assert release.chain["chain_id"] == registry.chain.chain_id
            assert release.chain["block"] == anchor.block_number
        living = platform.grants.living()
        assert {g.terms_digest: g.chain_index for g in living}.items() <= {
            found.terms_digest: found.index for found in registry.grants(INDEX)
        }.items()
        assert platform.intents.pending() == ()

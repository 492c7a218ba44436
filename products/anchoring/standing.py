"""Where things stand: which registry a record speaks of, and whether the settings lead there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from catalog.deployments import Deployment
from catalog.grants import Grant
from catalog.releases.models import Release
from standards.errors import Conflict

if TYPE_CHECKING:
    from contracts.chain import Chain
    from contracts.registry import DataRegistry


class AnchoredElsewhere(Conflict):
    """What is meant stands on another registry than the one the settings lead to."""

    code = "anchored-elsewhere"


class SignedElsewhere(Conflict):
    """An open intent waits for the chain and the contract that its transaction was signed for."""

    code = "signed-elsewhere"


class ChainReset(Conflict):
    """The chain has the recorded id and begins anew: the registry is gone, and every anchor on it."""

    code = "chain-reset"


def place(registry: DataRegistry) -> dict[str, Any]:
    """Return what tells one registry from every other that a catalog may have used."""
    return {"chain_id": registry.chain.chain_id, "contract": registry.address}


def leads_to(recorded: Mapping[str, Any] | None, registry: DataRegistry) -> bool:
    """Tell whether a record speaks of this registry; one that names none is taken at its word."""
    return all((recorded or {}).get(name, value) == value for name, value in place(registry).items())


def require_release_on(release: Release, registry: DataRegistry) -> None:
    """Raise AnchoredElsewhere unless the registry is the one of the release's record, and has its version."""
    if not leads_to(release.chain, registry) or release.version > registry.release_count(release.product):
        raise _elsewhere(f"{release.product} {release.version}", release.chain, registry)


def require_grant_on(grant: Grant, registry: DataRegistry) -> None:
    """Raise AnchoredElsewhere unless the registry is the one of the grant's record, and has its place."""
    index = grant.chain_index
    if not leads_to(grant.chain, registry) or index is None or index >= registry.grant_count(grant.product):
        raise _elsewhere(f"grant {grant.id}", grant.chain, registry)


def require_release(release: Release, registry: DataRegistry) -> None:
    """Raise AnchoredElsewhere unless this registry has the published release.

    The chain itself is asked, too: one that was made anew may have the contract at the same address.
    """
    product, version = release.product, release.version
    require_release_on(release, registry)
    if registry.release(product, version).manifest_digest != release.manifest_digest:
        raise _elsewhere(f"{product} {version}", release.chain, registry)


def require_grant(grant: Grant, registry: DataRegistry) -> None:
    """Raise AnchoredElsewhere unless this registry has the grant in its place.

    The terms' digest holds the grant's id and its party, so no other grant has it.
    """
    require_grant_on(grant, registry)
    if registry.grant(grant.product, grant.chain_index or 0).terms_digest != grant.terms_digest:
        raise _elsewhere(f"grant {grant.id}", grant.chain, registry)


def require_signed_for(transaction: Mapping[str, Any], registry: DataRegistry, aim: str) -> None:
    """Raise SignedElsewhere if a stored transaction was signed for another registry."""
    if not leads_to(transaction, registry):
        raise SignedElsewhere(
            f"{aim} waits for {_named(transaction)}; the settings lead to {_named(place(registry))}",
            hint="set SHUIZE_CHAIN back and: shuize chain resume; or carry it over: shuize chain move",
        )


def registry_of(chain: Chain, deployment: Deployment) -> DataRegistry:
    """Return the registry that this catalog deployed. Raises ChainReset, ContractMismatch."""
    from contracts.registry import DataRegistry, NoContract

    try:
        return DataRegistry(chain, deployment.contract)
    except NoContract as error:
        raise ChainReset(
            f"{chain.label} (chain {chain.chain_id}) was reset: the registry {deployment.contract} is gone, "
            "and what was anchored on it",
            hint="bring the former chain back; or deploy anew: shuize init --refound, then shuize chain move",
        ) from error


def _elsewhere(what: str, recorded: Mapping[str, Any] | None, registry: DataRegistry) -> AnchoredElsewhere:
    if leads_to(recorded, registry):
        said = f"{what} is not on {_named(place(registry))}, where it was anchored: the chain was reset"
    else:
        said = (
            f"{what} is anchored on {_named(recorded or {})}; the settings lead to {_named(place(registry))}"
        )
    return AnchoredElsewhere(
        said, hint="carry everything over: shuize chain move; or set SHUIZE_CHAIN and SHUIZE_CONTRACT back"
    )


def _named(where: Mapping[str, Any]) -> str:
    contract = where.get("contract")
    return f"chain {where.get('chain_id', '?')}" + (f", contract {contract}" if contract else "")

"""Initialise: everything a home needs, made once; what is there already is left as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from api.secrets import keep_pseudonym_key, keystore_password, make_secret
from api.settings import Settings
from api.wiring import Platform
from catalog.database import Database, utc_now
from catalog.deployments import Deployment, Deployments
from catalog.glossary import Glossary
from catalog.lineage import Lineage
from catalog.store import FolderStore
from standards.errors import Conflict, Unavailable
from standards.library import Library


class HomeNotWritable(Unavailable):
    """The home folder can't be made."""

    code = "home-not-writable"


class OperatorLost(Conflict):
    """The operator's keystore is gone, and a registry knows its key."""

    code = "operator-lost"


def initialise(
    settings: Settings,
    progress: Callable[[str], None],
    *,
    new_operator: bool = False,
    new_pseudonym_key: bool = False,
    refound: bool = False,
    raise_fee: bool = False,
) -> dict[str, str]:
    """Make home, catalog, store, secrets, keystore, chain and contract; say where each is.

    `new_operator` makes another key where the keystore is gone, which no registry knows yet; OperatorLost
    without it. `refound` deploys the contract anew on a chain that was reset; ChainReset without it.
    `raise_fee` offers more for a transaction that waits. Raises besides HomeNotWritable,
    DatabaseUnavailable, StoreUnavailable, the errors of secrets, keys and chain.
    """
    from contracts.embedded import genesis, store

    _make_home(settings)
    progress("catalog")
    database = Database(settings.catalog_url)
    database.upgrade()
    Glossary(database, Library.load(), utc_now).begin()
    Lineage(database).settle(progress)
    registries = Deployments(database, utc_now).list()
    database.close()
    FolderStore(settings.store_path).prepare()
    progress("keys")
    keep_pseudonym_key(settings, renew=new_pseudonym_key)
    if not new_operator:
        _require_operator(settings, registries)
    _make_keystore(settings)
    if settings.chain is None and not settings.chain_file.exists():
        progress("embedded chain")
        with suppress(store.ChainFileExists):
            genesis.create(settings.chain_file, settings.chain_id or genesis.DEFAULT_CHAIN_ID)
    progress("contract")
    return _found(settings, refound=refound, raise_fee=raise_fee)


def open_to_others(settings: Settings) -> tuple[Path, ...]:
    """Return what holds data of people or secrets and is open to other accounts of this machine.

    The chain's file is not looked at: what it holds may be read by anyone.
    """
    database = Database(settings.catalog_url)
    kept = (
        settings.store_path, settings.keystore_path, settings.password_path, settings.pseudonym_key_path,
        *database.files,
    )  # fmt: skip
    database.close()
    if not _is_open(settings.home):  # then nothing in it can be reached
        home = settings.home.resolve()
        return tuple(path for path in kept if _is_open(path) and not path.resolve().is_relative_to(home))
    return (settings.home, *filter(_is_open, kept))


def _is_open(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & 0o077)


def _require_operator(settings: Settings, registries: Sequence[Deployment]) -> None:
    """Raise OperatorLost if a new key would take the place of the one that a registry knows."""
    if not registries or settings.keystore_path.exists():
        return
    known = ", ".join(f"{each.contract} on chain {each.chain_id}" for each in registries)
    raise OperatorLost(
        f"the operator's keystore is gone: {settings.keystore_path}; "
        f"a new key can't act for the registry {known}",
        hint="put the keystore back from a backup, or set SHUIZE_KEYSTORE to where it is; if it is lost, "
        "`shuize init --new-operator` makes another key: the registry's admin has to give it its roles, and "
        "if that was the lost key, docs/settings.md says how to begin a new registry",
    )


def _make_keystore(settings: Settings) -> None:
    """Make a password only together with a keystore: a new one opens no keystore that was there before."""
    from contracts import keys

    if settings.keystore_path.exists():
        keystore_password(settings)
        return
    if settings.password is None:
        make_secret(settings.password_path)
    with suppress(keys.KeystoreExists):  # another init was quicker
        keys.create(settings.keystore_path, keystore_password(settings))


def _make_home(settings: Settings) -> None:
    try:
        settings.home.parent.mkdir(parents=True, exist_ok=True)
        settings.home.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise HomeNotWritable(
            f"{settings.home} can't be made: {error.strerror}", hint="set SHUIZE_HOME to another folder"
        ) from error


def _found(settings: Settings, *, refound: bool, raise_fee: bool) -> dict[str, str]:
    platform = Platform(settings)
    try:
        if settings.contract is not None:
            deployment = platform.founder.adopt(platform.chain, settings.contract)
        else:
            deployment = platform.founder.found(
                platform.chain, platform.sender, again=refound, raise_fee=raise_fee
            )
        return {
            "home": str(settings.home),
            "catalog": platform.database.label,
            "store": str(settings.store_path),
            "keystore": str(settings.keystore_path),
            "operator": platform.sender.address,
            "chain": f"{platform.chain.label}, chain id {platform.chain.chain_id}",
            "contract": deployment.contract,
        }
    finally:
        platform.close()

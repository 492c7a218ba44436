"""Settings: the one place that reads the environment."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from standards.errors import Fault, InvalidInput

PREFIX = "SHUIZE_"


_LIKENESS = 0.6
"""How much of a name must be a setting's to be taken for a misspelt one; difflib's own default."""


class BadSetting(InvalidInput):
    """A setting in the environment has a value it can't have, or a name that is nearly one."""

    code = "bad-setting"


class Settings(BaseModel):
    """Every setting, from the environment variable SHUIZE_ and its name in capitals.

    The default of a path lies in `home`. What may hold a secret is not in `repr`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    home: Path = Field(Path("shuize-data"), description="Folder for everything the defaults keep.")
    database_url: str | None = Field(
        None, repr=False, description="SQLAlchemy URL of the catalog. Default: SQLite, HOME/catalog.db."
    )
    store: Path | None = Field(None, description="Folder of the object store. Default: HOME/store.")
    chain: str | None = Field(
        None,
        repr=False,
        description="Address of a JSON-RPC node, http(s)://. Default: the embedded chain, HOME/chain.db.",
    )
    chain_id: int | None = Field(None, description="Chain id to insist on. Default: what the chain has.")
    contract: str | None = Field(
        None,
        description="Address of a registry contract that exists. Default: the one `shuize init` deployed.",
    )
    keystore: Path | None = Field(
        None, description="Encrypted keystore of the operator's key. Default: HOME/operator.keystore.json."
    )
    password: SecretStr | None = Field(None, description="Password of the keystore.")
    password_file: Path | None = Field(
        None, description="File with the keystore's password. Default: HOME/operator.password, made by init."
    )
    pseudonym_key_file: Path | None = Field(
        None, description="File with the key of all pseudonyms. Default: HOME/pseudonym.key, made by init."
    )
    recipes: Path | None = Field(
        None, description="Folder of your own recipes, one folder each. Default: the bundled ones only."
    )
    party: str | None = Field(None, description="Who acts, where a command has no --as.")
    lineage_open: bool = Field(
        False,
        description="Whether lineage takes and shows events without a token. Everyone who reaches the server "
        "may then write it.",
    )
    rpc_transactions: Literal["none", "members", "anyone"] = Field(
        "members",
        description="Whose signed transactions `/rpc` takes for the embedded chain, where gas is free: none, "
        "those of accounts with a role in the registry (members), or anyone's.",
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]+$",
        description="Address under which others reach this server; names in an exchanged catalog begin "
        "with it. Default: the address asked at, in files http://HOST:PORT.",
    )
    catalog_title: str | None = Field(
        None, description="English title of the exchanged catalog. Default: made of the publisher's name."
    )
    catalog_title_zh: str | None = Field(
        None, description="Chinese title of the exchanged catalog. Default: made of the publisher's name."
    )
    catalog_publisher: str | None = Field(
        None, description="Name of who publishes the catalog. Default: the organisation added first."
    )
    catalog_licence: str | None = Field(
        None,
        description="Licence of the catalog's descriptions, an address or a text. Default: none is stated.",
    )
    evidence_megabytes: int = Field(
        100, ge=1, le=100_000, description="How large a file of evidence may be, in megabytes."
    )
    evidence_metres: int = Field(
        200, ge=0, description="How far from the claimed place a photo may be taken before it is marked."
    )
    evidence_minutes: int = Field(
        30, ge=0, description="How far from the claimed time a photo may be taken before it is marked."
    )
    time_zone: str = Field(
        "Asia/Shanghai",
        description="Where the utility is: the days of reports are days there, and the time of a photo that "
        "names no zone is read in this one.",
    )
    deadline_days: str = Field(
        "critical=3,major=10,minor=30",
        pattern=r"^critical=[1-9][0-9]{0,3},major=[1-9][0-9]{0,3},minor=[1-9][0-9]{0,3}$",
        description="Within how many days of its dispatch a work order is to be closed, by severity.",
    )
    escalate_every_days: int = Field(
        3, ge=1, le=365, description="After how many more days overdue a work order is told of one level up."
    )
    host: str = Field("127.0.0.1", description="Address that `shuize serve` listens on.")
    port: int = Field(
        8000, ge=0, le=65535, description="Port that `shuize serve` listens on; 0 takes a free one."
    )

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (LookupError, ValueError, OSError) as error:
            raise ValueError("no such time zone; give a name such as Asia/Shanghai") from error
        return name

    @property
    def catalog_url(self) -> str:
        """The SQLAlchemy URL of the catalog."""
        return self.database_url or f"sqlite:///{self.home / 'catalog.db'}"

    @property
    def store_path(self) -> Path:
        """The folder of the object store."""
        return self.store or self.home / "store"

    @property
    def chain_file(self) -> Path:
        """The file of the embedded chain."""
        return self.home / "chain.db"

    @property
    def keystore_path(self) -> Path:
        """The operator's keystore."""
        return self.keystore or self.home / "operator.keystore.json"

    @property
    def password_path(self) -> Path:
        """The file with the keystore's password."""
        return self.password_file or self.home / "operator.password"

    @property
    def pseudonym_key_path(self) -> Path:
        """The file with the pseudonym key."""
        return self.pseudonym_key_file or self.home / "pseudonym.key"

    @property
    def pseudonym_fingerprint_path(self) -> Path:
        """What tells the home's pseudonym key from another one, and not what it is; it lies in the home."""
        return self.home / "pseudonym.fingerprint"


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in the environment. Raises BadSetting, naming the variable."""
    given = _given(environment)
    meant = {name: near[0] for name in _unknown(given) if (near := _near(name))}
    if meant:
        faults = [Fault(_variable(name), f"is no setting; {_variable(meant[name])} is") for name in meant]
        raise BadSetting(
            "the environment has a name that is nearly a setting's",
            hint="mend the name, or unset the variable; docs/settings.md lists all",
            faults=faults,
        )
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        # Not `from error`: its text quotes the values, and one may be a secret.
        faults = [Fault(_variable(str(e["loc"][0])), e["msg"]) for e in error.errors()]
        names = ", ".join(fault.pointer for fault in faults)
        raise BadSetting(
            f"the environment has a bad setting: {names}",
            hint="mend or unset what is named; docs/settings.md says what each takes",
            faults=faults,
        ) from None


def strangers(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the variables that begin as settings do and are none, nor nearly one: they do nothing."""
    return tuple(_variable(name) for name in _unknown(_given(environment)) if not _near(name))


def _given(environment: Mapping[str, str] | None) -> dict[str, str]:
    variables = os.environ if environment is None else environment
    return {
        name.removeprefix(PREFIX).lower(): value
        for name, value in variables.items()
        if name.startswith(PREFIX) and value != ""
    }


def _unknown(given: Mapping[str, str]) -> list[str]:
    return sorted(given.keys() - Settings.model_fields.keys())


def _near(name: str) -> list[str]:
    return difflib.get_close_matches(name, Settings.model_fields, 1, _LIKENESS)


def _variable(name: str) -> str:
    return PREFIX + name.upper()

"""The built contract that ships with Shuize: its interface and its code, with what they were built from."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from standards.digests import Digest

_ARTIFACTS = Path(__file__).parent / "artifacts"


class Artifact(BaseModel):
    """One compiled contract. Code is `0x` and hexadecimal digits."""

    model_config = ConfigDict(frozen=True)

    name: str
    compiler: str
    """Full version of solc, with its commit."""
    settings: dict[str, Any]
    sources: dict[str, Digest]
    """SHA-256 of every source file, imported ones included."""
    source_digest: Digest
    """SHA-256 of the canonical JSON of `sources`."""
    abi: tuple[dict[str, Any], ...]
    storage: dict[str, int]
    """The slot of every state variable, for who checks storage by `eth_getProof`."""
    bytecode: str
    """What a deploying transaction carries, before the constructor's arguments."""
    runtime_bytecode: str
    """What lies at the address afterwards. The contract has no immutables, so this is exact."""

    @classmethod
    def path(cls, name: str) -> Path:
        """Return where the artifact called `name` is kept."""
        return _ARTIFACTS / f"{name}.json"


@cache
def load(name: str = "DataRegistry") -> Artifact:
    """Return the built artifact called `name`, read once per process."""
    return Artifact.model_validate_json(Artifact.path(name).read_bytes())

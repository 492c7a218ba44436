"""The parts of the catalog that record what stands on a chain."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.grants import Grants
from catalog.intents import Intents
from catalog.releases.register import Releases


@dataclass(frozen=True)
class Registers:
    """The parts of the catalog that steps record their outcome in."""

    intents: Intents
    releases: Releases
    grants: Grants

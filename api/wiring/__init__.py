"""Wiring: every object of the platform is built here, once, when it is first needed.

Each module is a floor and stands on the one before: `foundation`, `catalog`, `chain`, `products`,
`stewardship`. Imports are lazy, so that a command pays only for what it uses.
"""

from __future__ import annotations

from api.wiring.foundation import HomeNotReadable, NoHome
from api.wiring.stewardship import StewardshipRooms

__all__ = ["HomeNotReadable", "NoHome", "Platform"]


class Platform(StewardshipRooms):
    """One home, wired."""

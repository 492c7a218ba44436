"""The organisation tree: what stands where, since when, and who works there.

Every unit has a `path` of codes from the top, `group/branch/office`; what stands below it begins with its
path and a slash. Each name and place a unit had is a row with the days it held for, so the tree can be seen
as of any date. A day is a day in UTC. A span of the tree ends *before* a day; people's spans end *with* one.
"""

from catalog.organisation.files import parse_units, read_document, read_units
from catalog.organisation.people import People
from catalog.organisation.tree import Organisation
from catalog.organisation.units import (
    MalformedOrganisation,
    Posting,
    Unit,
    UnitDraft,
    UnitKind,
    UnitNotFound,
    UnitState,
)

__all__ = [
    "MalformedOrganisation",
    "Organisation",
    "People",
    "Posting",
    "Unit",
    "UnitDraft",
    "UnitKind",
    "UnitNotFound",
    "UnitState",
    "parse_units",
    "read_document",
    "read_units",
]

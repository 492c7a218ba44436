"""Everything a catalog's tables hold, as one text to look for what must not be there."""

from __future__ import annotations

import sqlalchemy as sa

from catalog.tables import Row
from tests.builders import Room


def dump(room: Room) -> str:
    """Return every value of every row."""
    with room.database.read() as session:
        rows = [row for table in Row.metadata.sorted_tables for row in session.execute(sa.select(table))]
    return "\n".join(repr(tuple(row)) for row in rows)

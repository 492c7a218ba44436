"""Work orders are tested on both databases."""

from __future__ import annotations

import pytest

from tests.builders import Room
from tests.catalog.stewardship.desk import Desk


@pytest.fixture
def desk(room: Room) -> Desk:
    """Return a catalog where work orders are worked on."""
    return Desk(room)

"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.builders import Room, a_room
from tests.chains import anvil_url, node_packages

__all__ = ["anvil_url", "node_packages"]  # fixtures by being here

settings.register_profile("shared-machine", deadline=None, max_examples=60)
settings.load_profile("shared-machine")

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    """One switch rewrites every golden file."""
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files with what came out")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Return a function that compares bytes with a golden file, or rewrites it with --update-golden."""

    def compare(name: str, produced: bytes) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(produced)
        assert path.exists(), f"no golden file {name}; write it with --update-golden"
        assert produced == path.read_bytes()

    return compare


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Return the folder of reference data, which is not part of the project."""
    folder = os.environ.get("SHUIZE_REFERENCE_DATA")
    if not folder:
        pytest.skip("SHUIZE_REFERENCE_DATA names no folder of reference data")
    return Path(folder)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """Yield a whole catalog in a new folder."""
    opened = a_room(tmp_path)
    yield opened
    opened.database.close()

"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import contracts.recursion  # noqa: F401  # as the server does, before a test imports what raises the limit
from catalog.database import Database
from tests.builders import Room, a_room, prepare
from tests.chains import anvil_url, node_packages
from tests.postgres import Cluster, migrated, postgresql
from tests.scratch import use_memory

__all__ = ["anvil_url", "migrated", "node_packages", "postgresql"]  # fixtures by being here

settings.register_profile("shared-machine", deadline=None, max_examples=60)
settings.load_profile("shared-machine")

GOLDEN = Path(__file__).parent / "golden"
LONGEST = (
    "journeys/test_main_job.py",
    "products/anchoring/test_exactly_once.py",
    "journeys/test_readme.py",
    "api/test_command_line.py",
    "api/test_processes.py",
    "api/test_read_only.py",
    "api/test_reading.py",
    "catalog/loading/test_loader.py",
    "contracts/embedded/test_crash.py",
    "contracts/test_compile.py",
)
"""What takes longest comes first: a worker that begins with one of these last keeps the others waiting."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """One switch rewrites every golden file."""
    parser.addoption("--update-golden", action="store_true", help="rewrite golden files with what came out")


def pytest_configure() -> None:
    """Choose where files go before anybody asks for a folder; workers inherit it."""
    use_memory()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, and leave the others in their order."""
    ranks = {Path(__file__).parent / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


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


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a prepared SQLite file, to be copied and never opened."""
    path = tmp_path_factory.mktemp("migrated") / "catalog.sqlite"
    database = Database(f"sqlite:///{path}")
    prepare(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """Return the URL of a prepared SQLite file of the test's own."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'catalog.sqlite')}"


@pytest.fixture
def postgresql_url(postgresql: Cluster, migrated: str) -> Iterator[str]:
    """Yield the URL of a prepared PostgreSQL database of the test's own."""
    with postgresql.database(template=migrated) as name:
        yield postgresql.url(name)


@pytest.fixture
def empty_postgresql_url(postgresql: Cluster) -> Iterator[str]:
    """Yield the URL of a PostgreSQL database of the test's own, without tables."""
    with postgresql.database() as name:
        yield postgresql.url(name)


@pytest.fixture
def room(tmp_path: Path, sqlite_url: str) -> Iterator[Room]:
    """Yield a whole catalog in a new folder, on SQLite; the catalog's own tests have it on both databases."""
    opened = a_room(tmp_path, sqlite_url)
    yield opened
    opened.database.close()

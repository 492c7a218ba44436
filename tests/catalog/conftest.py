"""Everything in the catalog that touches a database is tested on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import Room, a_room

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a prepared database of the test's own, of each kind in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database without tables, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    url: str = request.getfixturevalue("empty_postgresql_url")
    return url


@pytest.fixture
def room(tmp_path: Path, database_url: str) -> Iterator[Room]:
    """Yield a whole catalog in a new folder, on each kind of database in turn."""
    opened = a_room(tmp_path, database_url)
    yield opened
    opened.database.close()


@pytest.fixture
def sqlite_room(tmp_path: Path, sqlite_url: str) -> Iterator[Room]:
    """Yield a catalog on SQLite, for tests that open its file."""
    opened = a_room(tmp_path, sqlite_url)
    yield opened
    opened.database.close()


@pytest.fixture
def postgresql_room(tmp_path: Path, postgresql_url: str) -> Iterator[Room]:
    """Yield a catalog on PostgreSQL, for tests of what only a server does."""
    opened = a_room(tmp_path, postgresql_url)
    yield opened
    opened.database.close()

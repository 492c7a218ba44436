"""A published release, exported, and the registry that knows it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.registry import DataRegistry
from products.exporting import export
from tests.products.homes import Home, a_copy, registry_of


@pytest.fixture(scope="module")
def published(template: Home, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path]:
    """Return a home with two published releases, and a folder with the first one exported."""
    folder = tmp_path_factory.mktemp("verification")
    home = a_copy(template, folder / "home")
    release = home.publish()
    home.build(base_months=2)
    home.publish()
    with home.open() as platform:
        export(release, platform.store, folder / "out")
    return home, folder / "out"


@pytest.fixture(scope="module")
def registry(published: tuple[Home, Path]) -> Iterator[DataRegistry]:
    with registry_of(published[0]) as opened:
        yield opened


@pytest.fixture
def folder(published: tuple[Home, Path], tmp_path: Path) -> Path:
    """Return a copy of the exported release that a test may spoil."""
    return Path(shutil.copytree(published[1], tmp_path / "release", copy_function=shutil.copyfile))

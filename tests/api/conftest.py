"""A city in which the demo has run, once for all tests; who changes it takes a copy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from tests.api.shell import City, Said, process, served, shuize


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """Return the folder of a demo and what the demo said."""
    folder = tmp_path_factory.mktemp("demo") / "city"
    return folder, process(folder / "none", "demo", "--folder", str(folder), "--json")


@pytest.fixture(scope="session")
def city(demo: tuple[Path, Said]) -> City:
    """Return the demo's city, with a grant that holds. Not to be changed."""
    folder, said = demo
    assert said.code == 0, said.err
    home = folder / "home"
    words = (
        "grant",
        "issue",
        "water-use-index",
        "hydro-lab",
        "--purpose",
        "leak study",
        "--until",
        "2099-12-31",
    )
    grant = shuize(home, *words, "--as", "li-na", "--json").json()["id"]
    contract = shuize(home, "chain", "status", "--json").json()["contract"]
    return City(folder, (folder / "hydro-lab.token").read_text("utf-8").strip(), grant, contract)


@pytest.fixture
def own_city(city: City, tmp_path: Path) -> City:
    """Return a copy of the city that a test may change."""
    folder = tmp_path / "city"
    shutil.copytree(city.folder, folder)
    return City(folder, city.token, city.grant, city.contract)


@pytest.fixture
def client(city: City) -> Iterator[TestClient]:
    """Yield a client of the application over the city."""
    platform = Platform(Settings(home=city.home))
    with TestClient(create_app(platform), raise_server_exceptions=False) as opened:
        yield opened
    platform.close()


@pytest.fixture(scope="session")
def address(city: City) -> Iterator[str]:
    """Yield the address of a real server over the city."""
    with served(city.home) as base:
        yield base

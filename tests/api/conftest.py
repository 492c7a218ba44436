"""A city in which the demo has run, once for all tests, and a home just begun; who changes one has a copy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from tests.api.shell import City, Said, process, quicken, served, shuize
from tests.once import made_once


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """Return the folder of a demo and what the demo said."""

    def run(folder: Path) -> None:
        said = process(folder / "none", "demo", "--folder", str(folder / "city"), "--json")
        (folder / "said.json").write_text(json.dumps(asdict(said)), "utf-8")
        if said.code == 0:
            quicken(folder / "city" / "home")

    folder = made_once(tmp_path_factory, "demo", run)
    return folder / "city", Said(**json.loads((folder / "said.json").read_text("utf-8")))


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


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home right after `shuize init`. Not to be changed."""

    def init(folder: Path) -> None:
        assert shuize(folder / "home", "init").code == 0
        quicken(folder / "home")

    return made_once(tmp_path_factory, "begun", init) / "home"


@pytest.fixture
def new_home(begun: Path, tmp_path: Path) -> Path:
    """Return a home right after `shuize init`, of the test's own."""
    return Path(shutil.copytree(begun, tmp_path / "home"))


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

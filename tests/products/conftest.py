"""Homes with an approved release, on each kind of chain."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from api.settings import Settings
from tests.once import made_once
from tests.products.homes import PASSWORD, Home, a_copy, a_template


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Return a home to copy, never to change: on the embedded chain, the index approved."""
    folder = made_once(tmp_path_factory, "template", a_template)
    return Home(Settings(home=folder, password=SecretStr(PASSWORD)))


@pytest.fixture(params=["embedded", "anvil"])
def node(request: pytest.FixtureRequest) -> str | None:
    """Return the address of a node, None for the embedded chain."""
    return None if request.param == "embedded" else request.getfixturevalue("anvil_url")


@pytest.fixture
def home(template: Home, tmp_path: Path) -> Home:
    """Return a home on the embedded chain with the index approved."""
    return a_copy(template, tmp_path / "home")


@pytest.fixture
def moved(template: Home, tmp_path: Path, node: str | None) -> Home:
    """Return a home with the index approved, on each kind of chain."""
    return a_copy(template, tmp_path / "home", node)

"""Chains to test on: an embedded one per test, and the session's real node (see `tests/chains.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.chain import Chain, open_chain
from contracts.embedded import genesis
from tests.contracts.builders import Desk, a_desk


@pytest.fixture
def chain_file(tmp_path: Path) -> Path:
    """Return the path of a new embedded chain."""
    path = tmp_path / "chain.sqlite"
    genesis.create(path)
    return path


@pytest.fixture
def embedded(chain_file: Path) -> Iterator[Chain]:
    """Yield a new embedded chain."""
    with open_chain(chain_file) as chain:
        yield chain


@pytest.fixture(params=["embedded", "anvil"])
def chain(request: pytest.FixtureRequest) -> Iterator[Chain]:
    """Yield an embedded chain, then a real node."""
    if request.param == "embedded":
        yield request.getfixturevalue("embedded")
    else:
        with open_chain(request.getfixturevalue("anvil_url")) as connection:
            yield connection


@pytest.fixture
def desk(chain: Chain) -> Desk:
    """Return a new registry whose admin has every role, on each kind of chain."""
    return a_desk(chain)

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contracts.embedded import genesis
from contracts.embedded.rpc import EmbeddedChain


@pytest.fixture(scope="module")
def rpc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedChain]:
    """Yield an embedded chain that the tests of this module share and don't change."""
    path = tmp_path_factory.mktemp("rpc") / "chain"
    genesis.create(path)
    with EmbeddedChain(path) as chain:
        yield chain

"""Real nodes: one for the session, started when a test first asks for it, and new ones."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts import tools
from contracts.chain import open_chain
from contracts.node import ChainUnavailable

ANVIL_CHAIN_ID = 31_337
_START_SECONDS = 20


@pytest.fixture(scope="session")
def node_packages() -> Path:
    """Return the folder of pinned Node packages, installed on first use."""
    return tools.node_packages()


@pytest.fixture(scope="session")
def anvil_url(node_packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a real node; it runs for the session."""
    with an_anvil(tmp_path_factory.mktemp("anvil") / "log") as url:
        yield url


@contextmanager
def an_anvil(log: Path, *options: str, port: int = 0) -> Iterator[str]:
    """Yield the address of a new node with nothing on its chain; port 0 takes a free one."""
    if not port:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    command = [tools.anvil(), "--port", str(port), "--chain-id", str(ANVIL_CHAIN_ID), "--hardfork", "prague"]
    with log.open("wb") as stream:
        process = subprocess.Popen([*command, *options], stdout=stream, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        _await(url, process, log)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            open_chain(url).close()
        except ChainUnavailable:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"anvil did not start: {log.read_text()}") from None
            time.sleep(0.05)
        else:
            return

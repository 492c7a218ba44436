"""A catalog on PostgreSQL when something is wrong with the server, as people meet it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from contracts import keys
from tests.api.shell import announced, environment, process, shuize, started
from tests.postgres import Cluster
from tests.products.homes import PASSWORD


@pytest.fixture
def settings(empty_postgresql_url: str, tmp_path: Path) -> dict[str, str]:
    """Return the settings of an initialised home on PostgreSQL."""
    keys.create(tmp_path / "home" / "operator.keystore.json", PASSWORD, scrypt_work=2)
    given = {"database_url": empty_postgresql_url, "password": PASSWORD}
    said = shuize(tmp_path / "home", "init", "--json", **given)
    assert said.code == 0, said.err
    assert said.json()["catalog"] == empty_postgresql_url.split("?")[0]
    assert not (tmp_path / "home" / "catalog.db").exists()
    return given


def test_a_stopped_server_is_exit_8_and_503_and_when_it_is_back_nobody_restarts_anything(
    postgresql: Cluster, settings: dict[str, str], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    assert shuize(home, "party", "add", "li-na", "--name", "Li Na", **settings).code == 0
    with started(home, "serve", "--port", "0", "--json", **settings) as server:
        client = httpx.Client(base_url=announced(server)["address"], timeout=30)
        assert client.get("/datasets").status_code == 200
        with postgresql.stopped():
            said = shuize(home, "party", "list", **settings)
            assert (said.code, said.out) == (8, "")
            assert "did not answer" in said.err
            assert "hint: " in said.err
            answer = client.get("/datasets")
            assert answer.status_code == 503
            assert answer.json()["type"] == "urn:shuize:problem:database-unavailable"
        assert client.get("/datasets").status_code == 200
        client.close()
        server.terminate()
        _, log = server.communicate(timeout=30)
    assert "did not answer" in log
    assert PASSWORD not in log
    assert "Li Na" in shuize(home, "party", "list", **settings).out


def test_a_wrong_password_is_exit_8_and_is_printed_nowhere(postgresql: Cluster, tmp_path: Path) -> None:
    url = postgresql.tcp_url("postgres", password="s3cret")
    for words in (("init",), ("party", "list")):
        said = process(tmp_path / "home", *words, database_url=url)
        assert said.code == 8
        assert "password authentication failed" in said.err
        assert "s3cret" not in said.out + said.err


def test_a_catalog_that_was_not_initialised_says_what_to_run(
    empty_postgresql_url: str, tmp_path: Path
) -> None:
    said = shuize(tmp_path / "home", "party", "list", database_url=empty_postgresql_url)
    assert said.code == 8
    assert "shuize init" in said.err


def test_without_the_driver_a_command_says_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['psycopg'] = None; from api.cli.app import run; sys.exit(run(['init']))"
    )
    settings = {"database_url": "postgresql+psycopg://shuize:s3cret@127.0.0.1/shuize"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(tmp_path / "home", settings),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 8
    assert "pip install 'shuize[postgres]'" in done.stderr
    assert "s3cret" not in done.stderr

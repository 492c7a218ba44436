"""A home publishes on the embedded chain and moves to a shared one; partner and regulator follow it there."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.api.shell import served
from tests.journeys.test_main_job import INDEX, PASSWORD, Shell, a_release, a_year_of_readings, founded, fund


def test_a_home_that_has_published_moves_to_a_shared_chain(tmp_path: Path, anvil_url: str) -> None:
    shell = Shell(tmp_path, {"party": "li-na", "password": PASSWORD})
    founded(shell)
    a_year_of_readings(shell)
    a_release(shell)
    lab = ("lab", "--name", "Lab", "--kind", "partner", "--token-file", "lab.token")
    shell("party", "add", *lab, "--as", "li-na")
    issue = ("grant", "issue", INDEX, "lab", "--purpose", "leaks", "--until", "2099-12-31")
    grant = shell.json(*issue)
    operator = shell.json("init")["operator"]

    shell.settings["chain"] = anvil_url
    fund(anvil_url, operator)
    second = shell.json("init")["contract"]
    shell(*issue, code=5)
    shell("grant", "revoke", grant["id"], "--reason", "x", code=5)
    shell("chain", "move", "--as", "lab", code=6)
    assert len(shell.json("chain", "move")["moved"]) == 2
    assert shell.json("chain", "move") == {"moved": [], "pending": []}

    token = {"Authorization": f"Bearer {(tmp_path / 'lab.token').read_text().strip()}"}
    with served(tmp_path / "home", **shell.settings) as address:
        answer = httpx.get(f"{address}/products/{INDEX}/rows?area=ALL", headers=token)
        assert answer.status_code == 200
    shell("product", "export", INDEX, "out")  # what was exported before speaks of the chain before
    regulator = Shell(tmp_path, {"home": "nothing"})
    assert "ANCHORED" in regulator("verify", f"out/{INDEX}.csv", "--rpc", anvil_url, "--contract", second)

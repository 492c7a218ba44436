"""What only a process of its own shows: signals, pipes, encodings, kills, two at once, the server's life."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from contracts.chain import open_chain
from tests.api.shell import COMMAND, City, announced, environment, process, served, shuize, started


def _line(*words: str) -> str:
    return " ".join((*COMMAND, *words))


def _piped(home: Path, line: str) -> tuple[list[str], str]:
    """Run a pipe in bash; return the exit codes of its parts, and what was said on stderr."""
    script = f'{line}; echo "${{PIPESTATUS[@]}}"'
    done = subprocess.run(["bash", "-c", script], env=environment(home), capture_output=True, text=True)
    return done.stdout.splitlines()[-1].split(), done.stderr


def test_a_reader_that_leaves_early_is_no_fault(tmp_path: Path) -> None:
    for reader, ends in (("true", {"141"}), ("head -1", {"0", "141"})):  # all may have fitted into the pipe
        codes, err = _piped(tmp_path, f"{_line('standard', 'list')} | {reader}")
        assert codes[0] in ends
        assert err == ""


def test_a_verification_nobody_reads_is_neither_yes_nor_no(city: City) -> None:
    file = city.release / "water-use-index.csv"
    codes, err = _piped(city.home, _line("verify", str(file)) + " | true")
    assert codes == ["141", "0"]
    assert "Traceback" not in err


def test_nobody_listening_to_the_talk_stops_no_work(tmp_path: Path) -> None:
    codes, _ = _piped(tmp_path, _line("init") + " 2> >(true) | cat")
    assert codes == ["0", "0"]
    assert (tmp_path / "chain.db").exists()


def test_ctrl_c_ends_with_130_and_leaves_no_half_of_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "samples"
    with started(tmp_path, "sample", "customers", str(folder), "--count", "5000000") as running:
        _wait_for(lambda: folder.exists() and any(folder.iterdir()))
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert (out, err) == ("", "stopped\n")
    assert not [path for path in folder.iterdir() if path.suffix == ".csv"]


@pytest.mark.parametrize("words", [("standard", "list"), ("party", "list"), ("dataset", "example")])
def test_a_terminal_without_chinese_shows_escapes_and_does_not_stop(
    city: City, words: tuple[str, ...]
) -> None:
    said = process_in_ascii(city.home, *words)
    assert said.returncode == 0, said.stderr
    assert b"\\u" in said.stdout
    said.stdout.decode("ascii")
    assert process_in_ascii(city.home, "--help").returncode == 0


def test_on_a_terminal_progress_moves_and_the_result_stays_plain(city: City) -> None:
    terminal, end = pty.openpty()
    check = [*COMMAND, "dataset", "check", "dma-inflow", "--as", "li-na"]
    words = [*COMMAND, "dataset", "show", "dma-inflow"], check
    said = []
    for command in words:
        env = environment(city.home) | {"TERM": "xterm"}
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=end)
        said.append(done.stdout)
        assert done.returncode == 0
    os.close(end)
    with open(terminal, "rb", buffering=0, closefd=True) as shown:  # noqa: PTH123 - a descriptor, not a path
        assert b"\x1b[" in shown.read(4096)
    assert b"\x1b" not in b"".join(said)


def test_json_is_the_same_document_in_any_encoding(city: City) -> None:
    said = process_in_ascii(city.home, "party", "list", "--json")
    assert json.loads(said.stdout) == process(city.home, "party", "list", "--json").json()


def process_in_ascii(home: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    poor = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii:strict"}
    return subprocess.run([*COMMAND, *words], env=environment(home) | poor, capture_output=True)


def test_a_fault_of_the_program_is_not_the_answer_no(tmp_path: Path) -> None:
    program = (
        "import api.cli.app as it, sys\n"
        "@it.app.command('break')\n"
        "def broken() -> None: raise ZeroDivisionError('inner secret')\n"
        "sys.exit(it.run(['break']))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 70
    assert done.stderr.splitlines()[-2] == "error: a fault of the program: ZeroDivisionError"


def _deployments(home: Path) -> list[str]:
    """Return every contract that was ever made on the home's chain."""
    made = []
    with open_chain(home / "chain.db") as chain:
        for number in range(1, chain.number("eth_blockNumber") + 1):
            for transaction in chain.ask("eth_getBlockByNumber", hex(number), False)["transactions"]:
                receipt = chain.ask("eth_getTransactionReceipt", transaction)
                made += [receipt["contractAddress"]] if receipt["contractAddress"] else []
    return made


def _whole(home: Path) -> None:
    """Assert that a home is complete: one contract, known, its roles given, and nothing left open."""
    status = shuize(home, "chain", "status", "--json").json()
    assert [status["contract"].lower()] == [each.lower() for each in _deployments(home)]
    assert status["pending"] == []
    admin = status["roles"]["admin"]
    assert all(status["roles"][role] == [admin] for role in ("publishers", "grantors", "loggers"))


def test_init_killed_at_any_moment_is_completed_by_the_next(tmp_path: Path) -> None:
    began = time.monotonic()
    assert process(tmp_path / "whole", "init").code == 0
    seconds, home = time.monotonic() - began, tmp_path / "killed"
    for part in (0.3, 0.5, 0.65, 0.8, 0.9, 0.97):
        with started(home, "init") as running:
            time.sleep(part * seconds)
            running.send_signal(signal.SIGKILL)
    said = process(home, "init")
    assert said.code == 0, said.err
    _whole(home)
    for secret in ("operator.password", "operator.keystore.json", "pseudonym.key"):
        assert (home / secret).stat().st_mode & 0o777 == 0o600


def test_two_inits_at_once_make_one_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with ThreadPoolExecutor(2) as both:
        said = list(both.map(lambda _: process(home, "init", "--json"), range(2)))
    assert [each.code for each in said] == [0, 0], said
    assert said[0].json() == said[1].json()
    _whole(home)


def test_init_again_changes_nothing(own_city: City) -> None:
    before = shuize(own_city.home, "chain", "status", "--json").json()
    assert shuize(own_city.home, "init").code == 0
    assert shuize(own_city.home, "chain", "status", "--json").json() == before


def test_a_port_in_use_is_told_without_a_traceback(city: City) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = process(city.home, "serve", "--port", str(port))
    assert said.code == 5
    assert said.err.splitlines() == [
        f"error: port {port} of 127.0.0.1 is in use",
        "hint: stop the other program, or choose another: shuize serve --port 0",
    ]


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid"])
def test_an_address_of_no_use_is_told(city: City, host: str) -> None:
    said = process(city.home, "serve", "--host", host)
    assert said.code == 3
    assert host in said.err
    assert "Traceback" not in said.err


def test_the_server_stops_cleanly_and_its_home_can_be_used_meanwhile(own_city: City) -> None:
    with served(own_city.home) as base:
        assert process(own_city.home, "chain", "resume").code == 0
        lab = ("new-lab", "--name", "New", "--kind", "partner", "--as", "li-na")
        added = process(own_city.home, "party", "add", *lab, "--json")
        headers = {"Authorization": f"Bearer {added.json()['token']}"}
        assert _status(f"{base}/products/water-use-index/rows", headers) == 403
    assert shuize(own_city.home, "party", "list").code == 0


def test_ctrl_c_stops_the_server(city: City) -> None:
    with started(city.home, "serve", "--port", "0", "--json") as server:
        announced(server)
        server.send_signal(signal.SIGINT)
        _, err = server.communicate(timeout=60)
    assert server.returncode == 130
    assert "Traceback" not in err
    assert err.splitlines()[-1] == "stopped"


def test_with_the_chain_down_the_start_page_stands_and_says_so(city: City) -> None:
    with served(city.home, chain="http://user:s3cret@127.0.0.1:9/key-s3cret") as base:
        with urllib.request.urlopen(f"{base}/") as page:
            text = page.read().decode()
        assert "The chain can’t be asked at present: http://127.0.0.1:9 can&#39;t be reached" in text
        assert "s3cret" not in text
        assert _status(f"{base}/products/water-use-index/rows", city.bearer) == 503
        assert _status(f"{base}/products/water-use-index/releases/1/manifest.json", {}) == 200


def test_what_a_killed_run_left_open_is_completed_when_the_server_starts(own_city: City) -> None:
    words = ("grant", "issue", "customer-industry", "hydro-lab", "--purpose", "p", "--until", "2099-12-31")
    with started(own_city.home, *words, "--as", "li-na") as running:
        assert running.stderr is not None
        assert "waiting for the block" in running.stderr.readline()  # signed and stored, perhaps sent
        running.send_signal(signal.SIGKILL)
    with served(own_city.home) as base:
        assert _status(f"{base}/products/customer-industry/rows", own_city.bearer) == 200
    grants = shuize(own_city.home, "grant", "list", "--product", "customer-industry", "--json").json()
    assert [grant["state"] for grant in grants] == ["active"]


def test_a_home_that_may_not_be_read_is_named(own_city: City) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    own_city.home.chmod(0)
    try:
        said = process(own_city.home, "party", "list")
    finally:
        own_city.home.chmod(0o700)
    assert said.code == 8
    assert "can't be read: Permission denied" in said.err


def test_a_command_waits_for_no_answer(own_city: City) -> None:
    """stdin is closed in all these tests; without a password the command must refuse, not ask."""
    (own_city.home / "operator.password").unlink()
    said = process(own_city.home, "grant", "revoke", own_city.grant, "--reason", "r", "--as", "li-na")
    assert said.code == 4
    assert "SHUIZE_PASSWORD" in said.err


def _status(url: str, headers: dict[str, str]) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code


def _wait_for(true: object, seconds: float = 30) -> None:
    assert callable(true)
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


if shutil.which("bash") is None:
    pytest.skip("pipes are tried in bash", allow_module_level=True)

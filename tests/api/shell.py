"""The command line as people use it: in this process where that will do, in one of its own where it must."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account import Account as EthAccount

from api.cli.app import run

COMMAND = (sys.executable, "-m", "api")
PATIENCE_SECONDS = 180


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Return stdout as the one JSON document it must be."""
        return json.loads(self.out)


@dataclass(frozen=True)
class City:
    """A folder in which the demo has run; its partner holds a grant for the index until 2099."""

    folder: Path
    token: str
    grant: str
    contract: str

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def release(self) -> Path:
        """The folder of the exported index."""
        return self.folder / "releases" / "water-use-index"

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def shuize(home: Path, /, *words: str, at: Path | None = None, **settings: str) -> Said:
    """Run a command in this process; settings are given by name: `chain_id="5"`."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with (
        _environment(environment(home, settings)),
        chdir(at or Path.cwd()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = run(words)
    out.seek(0)
    return Said(code, out.read(), err.getvalue())


def process(home: Path, /, *words: str, at: Path | None = None, **settings: str) -> Said:
    """Run a command in a process of its own."""
    done = subprocess.run(
        [*COMMAND, *words],
        cwd=at,
        env=environment(home, settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_SECONDS,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


def quicken(home: Path) -> None:
    """Let a home's keystore open with little work: one for tests need not resist guessing."""
    keystore, password = home / "operator.keystore.json", (home / "operator.password").read_text().strip()
    key = EthAccount.decrypt(json.loads(keystore.read_text()), password)
    keystore.write_text(json.dumps(EthAccount.encrypt(key, password, kdf="scrypt", iterations=2)))


def environment(home: Path, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this environment with no settings but those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHUIZE_")}
    given = {f"SHUIZE_{name.upper()}": value for name, value in (settings or {}).items()}
    return kept | {"SHUIZE_HOME": str(home)} | given


@contextmanager
def served(home: Path, /, **settings: str) -> Iterator[str]:
    """Yield the address of a real server; it must stop cleanly when told to."""
    with started(home, "serve", "--port", "0", "--json", **settings) as server:
        yield announced(server)["address"]
        server.send_signal(signal.SIGTERM)
        _, err = server.communicate(timeout=PATIENCE_SECONDS)
    assert server.returncode == 0, err
    assert "Traceback" not in err, err
    assert "s3cret" not in err  # what tests put where secrets go


@contextmanager
def started(home: Path, /, *words: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Yield a running command; it does not outlive the block."""
    with subprocess.Popen(
        [*COMMAND, *words],
        env=environment(home, settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.kill()


def announced(server: subprocess.Popen[str]) -> dict[str, str]:
    """Return what `serve --json` says once it listens."""
    assert server.stdout is not None
    lines: list[str] = []
    for line in server.stdout:
        lines.append(line)
        if line.rstrip() == "}":
            answer: dict[str, str] = json.loads("".join(lines))
            return answer
    assert server.stderr is not None
    raise AssertionError(f"the server ended: {server.stderr.read()}")


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)

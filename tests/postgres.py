"""A PostgreSQL of the tests' own: found on this machine, run from a temporary folder, gone at the end.

`python -m tests.postgres` installs the Debian package where that may be done; `make test` runs it first.
"""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from catalog.database import Database
from catalog.postgresql import OLDEST
from tests.builders import prepare

USER = "shuize"
PASSWORD = "only for tests"
_START_SECONDS = 30
_SETTINGS = {
    "fsync": "off",  # a machine that loses power during a test loses the test
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "checkpoint_timeout": "1h",
    "log_line_prefix": "",
    "lc_messages": "C",
    "timezone": "Asia/Shanghai",  # ours is UTC: nothing may depend on the server's
}


def binaries() -> Path | None:
    """Return the folder of the newest server that is new enough, or None."""
    found = {
        int(p.parent.parent.name): p.parent for p in Path("/usr/lib/postgresql").glob("[1-9]*/bin/initdb")
    }
    if on_path := shutil.which("initdb"):
        said = subprocess.run([on_path, "--version"], capture_output=True, text=True, check=True).stdout
        if version := re.search(r" (\d+)", said):
            found.setdefault(int(version[1]), Path(on_path).resolve().parent)
    newest = max(found, default=0)
    return found[newest] if newest >= OLDEST else None


@dataclass(frozen=True)
class Cluster:
    """A running server. Its socket lets everyone in; over TCP a password is asked for."""

    binaries: Path
    folder: Path
    port: int

    def url(self, database: str) -> str:
        """Return the URL of a database, by the socket: quicker, and without a password."""
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}&port={self.port}"

    def tcp_url(self, database: str, *, password: str = PASSWORD) -> str:
        """Return the URL of a database as most people write it."""
        return f"postgresql+psycopg://{USER}:{password.replace(' ', '%20')}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = _SETTINGS | {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        try:
            self._control(
                "start", "-w", "-t", str(_START_SECONDS), "-l", str(self.folder / "log"), "-o", options
            )
        except subprocess.CalledProcessError as error:
            log = (self.folder / "log").read_text() if (self.folder / "log").exists() else error.stderr
            raise RuntimeError(f"PostgreSQL did not start: {log}") from error

    def stop(self) -> None:
        """Stop the server, cutting off whoever is connected."""
        self._control("stop", "-w", "-m", "immediate")

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop the server for a while."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def run(self, statement: str) -> None:
        """Run a statement outside of any transaction, as the cluster's owner."""
        import psycopg

        with psycopg.connect(
            host=str(self.folder), port=self.port, user=USER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    @contextmanager
    def database(self, *, template: str = "template0", options: str = "") -> Iterator[str]:
        """Yield the name of a new database; it goes with whoever is still connected."""
        name = f"t{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy {options}")
        try:
            yield name
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def _control(self, *words: str) -> None:
        command = [str(self.binaries / "pg_ctl"), "-D", str(self.folder / "data"), "-s", *words]
        subprocess.run(command, check=True, capture_output=True, text=True, cwd="/", **_as_nobody_special())


@contextmanager
def cluster(binaries: Path) -> Iterator[Cluster]:
    """Yield a new server; it and its folder go when the block ends, or this process, however it ends."""
    folder = Path(tempfile.mkdtemp(prefix="shuize-postgresql-", dir=_reachable()))
    user = _as_nobody_special()
    if user:
        shutil.chown(folder, user["user"], user["group"])
    script = 'read _; "$1" stop -s -m immediate -D "$2/data" 2>/dev/null; rm -rf "$2"'
    with subprocess.Popen(  # it waits for our end of the pipe to close, which even SIGKILL does
        ["sh", "-c", script, "sh", str(binaries / "pg_ctl"), str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the tests
        cwd="/",
        **user,
    ):
        _make(binaries, folder)
        yield _started(binaries, folder)


def _started(binaries: Path, folder: Path) -> Cluster:
    for patience in (2, 1, 0):
        server = Cluster(binaries, folder, _free_port())
        try:
            server.start()
        except RuntimeError:  # somebody else may have taken the port meanwhile
            if not patience:
                raise
        else:
            break
    return server


def _make(binaries: Path, folder: Path) -> None:
    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    command = [
        str(binaries / "initdb"),
        "--no-sync",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        f"--username={USER}",
        f"--pwfile={secret}",
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
        "-D",
        str(folder / "data"),
    ]
    made = subprocess.run(command, capture_output=True, text=True, cwd="/", **_as_nobody_special())
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr}")


def _as_nobody_special() -> dict[str, Any]:
    """Return whom to run the server as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _reachable() -> str | None:
    """Return a folder for temporary files that the server's user can walk to; root's own may be closed."""
    usual = Path(tempfile.gettempdir()).resolve()
    walkable = all(folder.stat().st_mode & 0o001 for folder in (usual, *usual.parents))
    return None if walkable or os.geteuid() != 0 else "/tmp"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """Yield the session's server. Without one a test is skipped, on a build machine it fails.

    A person without PostgreSQL can still work; but a build that says it tested both databases must have.
    """
    found = binaries()
    if found is None:
        missing = f"PostgreSQL {OLDEST} or newer is not installed; on Debian: apt-get install postgresql"
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(missing)
        pytest.skip(missing)
    with cluster(found) as server:
        yield server


@pytest.fixture(scope="session")
def migrated(postgresql: Cluster) -> Iterator[str]:
    """Yield the name of a prepared database, to be copied and never opened."""
    with postgresql.database() as name:
        database = Database(postgresql.url(name))
        prepare(database)
        database.close()
        yield name


_INSTALL = """
set -e
policy=/usr/sbin/policy-rc.d
clusters=/etc/postgresql-common/createcluster.d
made=
if [ ! -e $policy ]; then printf '#!/bin/sh\\nexit 101\\n' > $policy; chmod 755 $policy; made=$policy; fi
mkdir -p $clusters
echo 'create_main_cluster = false' > $clusters/shuize-tests.conf
trap 'rm -f $made $clusters/shuize-tests.conf; rmdir $clusters 2>/dev/null || :' EXIT
export DEBIAN_FRONTEND=noninteractive
install='apt-get install -y -q --no-install-recommends postgresql'
$install || { apt-get update -q && $install; }
"""
"""Neither starts a service nor makes the cluster that the package makes by itself."""


def main() -> int:
    """Install a server if there is none and that may be done; the tests decide what it means if not."""
    if binaries() is not None:
        return 0
    shell = ["sh", "-c", _INSTALL]
    if os.geteuid() != 0:
        shell = ["sudo", "-n", *shell]
    if shutil.which("apt-get") is None or shutil.which(shell[0]) is None:
        print("note: PostgreSQL is not here and can't be installed; its tests are left out", file=sys.stderr)
        return 0
    print("installing the Debian package postgresql, for the tests; no service is started", file=sys.stderr)
    if subprocess.run(shell, stdout=subprocess.DEVNULL).returncode:
        print("note: that failed; the tests of PostgreSQL are left out", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())

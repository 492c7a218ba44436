"""A home that can't be written: mounted read-only, as a backup is. Skipped where a test may not mount."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.shell import City, Said, shuize

UNSHARE = ("unshare", "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",)), "sh", "-c")
"""Runs a script with mounts of its own, which end with it."""


def _can_mount(folder: Path) -> bool:
    try:
        said = subprocess.run(
            [*UNSHARE, f"mount --bind -o ro {shlex.quote(str(folder))} {shlex.quote(str(folder))}"],
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return False
    return said.returncode == 0


@pytest.fixture
def mounted(own_city: City, tmp_path: Path) -> City:
    """Return a city that a test mounts read-only to run a command in it."""
    if not _can_mount(tmp_path):
        pytest.skip("mounting a folder read-only is not allowed here")
    return own_city


def _read_only(city: City, *words: str) -> Said:
    folder = shlex.quote(str(city.folder))
    command = shlex.join([sys.executable, "-m", "api", *words])
    script = f"mount --bind -o ro {folder} {folder} && exec {command}"
    said = subprocess.run(
        [*UNSHARE, script],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"SHUIZE_HOME": str(city.home)},
    )
    return Said(said.returncode, said.stdout, said.stderr)


def test_commands_that_read_work(mounted: City) -> None:
    assert shuize(mounted.home, "search", "用水").code == 0  # the first search writes the index
    for words in (
        "dataset list", "dataset show dma-inflow", "product list", "product show water-use-index",
        "grant list", "party list", "change list", "chain status", "search 用水",
    ):  # fmt: skip
        said = _read_only(mounted, *words.split(), "--json")
        assert said.code == 0, words + said.err
        assert json.loads(said.out)


def test_a_file_is_verified(mounted: City) -> None:
    said = _read_only(mounted, "verify", str(mounted.release / "water-use-index.csv"), "--json")
    assert said.code == 0, said.err
    assert said.json()["outcome"] == "anchored"


def test_commands_that_write_say_that_they_cant(mounted: City) -> None:
    rows = "area,observed_at,inflow_l_per_s\nDMA-01,2024-01-01T00:00:00Z,1\n"
    (mounted.folder / "new.csv").write_text(rows)
    for words in (
        f"dataset load dma-inflow {mounted.folder}/new.csv --as li-na",
        f"grant revoke {mounted.grant} --reason r --as li-na",
        "init",
    ):
        said = _read_only(mounted, *words.split())
        assert said.code == 8, words + said.err
        assert "can't be written" in said.err or "readonly" in said.err
        assert "Traceback" not in said.err
        assert "hint: " in said.err


def test_what_a_killed_writer_left_in_the_log_is_read(mounted: City) -> None:
    """SQLite keeps the latest commits in a file of their own until the last connection closes."""
    script = (
        "import os, sqlite3\n"
        f"c = sqlite3.connect({str(mounted.home / 'catalog.db')!r})\n"
        "c.execute(\"UPDATE parties SET name = 'Late' WHERE id = 'zhao-min'\")\n"
        "c.commit()\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert (mounted.home / "catalog.db-wal").stat().st_size > 0
    said = _read_only(mounted, "party", "list", "--json")
    assert said.code == 0, said.err
    assert {p["id"]: p["name"] for p in said.json()}["zhao-min"] == "Late"

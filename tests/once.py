"""What takes long to make is made once for all workers, by whichever asks first; each has a copy."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return this worker's copy of a folder that `make` fills, once in this run of the tests.

    The others wait for it meanwhile; if making it fails, the next one tries, and says why it failed.
    """
    everybody = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        everybody = everybody.parent
    made, done = everybody / f"once-{name}", everybody / f"once-{name}.done"
    with (everybody / f"once-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given up when the file closes, or the worker dies
        if not done.exists():
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            make(made)
            done.touch()
    return Path(shutil.copytree(made, factory.mktemp(name) / name, symlinks=True))

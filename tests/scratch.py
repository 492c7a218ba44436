"""Where the tests put their files: in memory if there is room, else where temporary files go.

What the tests write, they sync: SQLite on every commit, the object store on every file. That says nothing on
a disk that nobody unplugs, and takes most of the time of a small test there. The calls are made all the same.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_NEEDED_BYTES = 4 * 2**30
"""Several times what one run has at a time: folders of tests that pass are removed."""


def use_memory() -> None:
    """Let this process and those it starts put temporary files in memory, unless TMPDIR says where."""
    if "TMPDIR" not in os.environ and _is_fit(_MEMORY):
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None  # ask the environment again


def _is_fit(folder: Path) -> bool:
    """Return whether there is room, whether it may be written, and whether programs may be run there."""
    try:
        about = os.statvfs(folder)
    except (AttributeError, OSError):  # not every system has it
        return False
    has_room = about.f_bavail * about.f_frsize >= _NEEDED_BYTES
    return has_room and not about.f_flag & os.ST_NOEXEC and os.access(folder, os.W_OK | os.X_OK)

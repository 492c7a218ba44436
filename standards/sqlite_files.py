"""SQLite files: how to open one where nothing can be written, such as a mounted backup."""

from __future__ import annotations

import os
from pathlib import Path


def read_only_options(path: Path) -> dict[str, str] | None:
    """Return the options of the URI to open the file with on a read-only file system; None on any other.

    A file in WAL mode is read beside a shared index, which SQLite makes if it is not there. Where it can't,
    and no WAL waits to be read, the file is declared immutable: nobody can write it through this mount.
    Where only this account may not write, somebody else may, so that is left to SQLite. Source: SQLite,
    Write-Ahead Logging, section 5.
    """
    try:
        if not os.statvfs(path).f_flag & os.ST_RDONLY:
            return None
        wal = path.with_name(f"{path.name}-wal")
        waits = wal.exists() and wal.stat().st_size > 0
    except OSError:  # it is not there, or not to be seen: whoever opens it says so
        return None
    return {"mode": "ro"} if waits else {"mode": "ro", "immutable": "1"}

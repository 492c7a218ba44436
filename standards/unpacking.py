"""How large a zipped file, such as an Excel workbook, becomes when it is unpacked."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from zipfile import BadZipFile, ZipFile


def fault(path: Path, most_bytes: int) -> str | None:
    """Return why a file must not be unpacked, in words, or None; a file that is no zip has nothing to unpack.

    What the entries say of their size is summed before anything is read, and then held against what comes
    out of each, of which never more is read than it says. OSError passes to the caller.
    """
    if not zipfile.is_zipfile(path):
        return None
    try:
        with ZipFile(path) as archive:
            stated = sum(entry.file_size for entry in archive.infolist())
            if stated > most_bytes:
                return f"it unpacks to {stated:,} bytes, and {most_bytes:,} are read at most"
            if (wrong := archive.testzip()) is not None:
                return f"its part {wrong} is damaged, or larger than it says"
    except (BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        return f"it can't be unpacked: {error}"
    return None

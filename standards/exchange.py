"""Standards come in and go out: a folder of YAML and CSV, or an Excel workbook with the same tables."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from standards import folders
from standards.documents import Document
from standards.errors import Conflict, InvalidInput


class StandardsNotReadable(InvalidInput):
    """A folder or workbook of standards can't be opened."""

    code = "standards-not-readable"


class StandardsNotWritable(InvalidInput):
    """A folder or workbook of standards can't be written."""

    code = "standards-not-writable"


class ExportExists(Conflict):
    """What an export is to be written to is there already."""

    code = "export-exists"


def read(path: Path) -> tuple[Document, ...]:
    """Return the standards in a folder or an Excel workbook.

    Raises MalformedStandard, StandardsNotReadable, and what a document that contradicts itself raises.
    """
    from standards import workbooks

    if not path.exists():
        raise StandardsNotReadable(f"{path} is not there", hint="check the path")
    try:
        return folders.read(path) if path.is_dir() else workbooks.read(path)
    except OSError as error:
        raise StandardsNotReadable(
            f"{path} can't be read: {error.strerror or error}",
            hint="give a folder, or a workbook ending in .xlsx",
        ) from error


def write(documents: Sequence[Document], path: Path, *, workbook: bool = False) -> None:
    """Write standards to a new folder or workbook, whole or not at all.

    Raises ExportExists, StandardsNotWritable.
    """
    from standards import workbooks

    try:
        if path.exists():
            raise ExportExists(f"{path} exists already", hint="give a path where nothing is")
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".export-", dir=path.parent))
        try:
            made = draft / "standards"
            if workbook:
                workbooks.write(documents, made)
            else:
                made.mkdir()
                folders.write(documents, made)
            made.rename(path)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise StandardsNotWritable(
            f"{path} can't be written: {error.strerror or error}", hint="give a path that you may write to"
        ) from error

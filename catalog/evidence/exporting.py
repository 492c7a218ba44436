"""A work order's evidence as a folder that an auditor checks with nothing of ours."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from catalog.evidence.models import Evidence
from standards.errors import Conflict, InvalidInput

SUMS, RECORDS = "SHA256SUMS", "records.json"


class EvidenceFolderExists(Conflict):
    """The folder that evidence was to be exported to is there already."""

    code = "evidence-folder-exists"


class EvidenceFolderNotWritable(InvalidInput):
    """The folder that evidence was to be exported to can't be made."""

    code = "evidence-folder-not-writable"


def file_name(evidence: Evidence) -> str:
    """Return the name that a file of evidence has outside of the store: 003-meter.jpg."""
    return f"{evidence.number:03}-{evidence.name}"


def export(
    listed: Sequence[Evidence], files: Mapping[int, Path], records: bytes, folder: Path
) -> tuple[str, ...]:
    """Write the files, their digests as `sha256sum --check` reads them, and the records, to a new folder.

    Returns their names. The folder appears when everything is in it. Raises EvidenceFolderExists,
    EvidenceFolderNotWritable.
    """
    sums = "".join(f"{each.sha256}  {file_name(each)}\n" for each in listed)
    try:
        if folder.exists():
            raise EvidenceFolderExists(f"{folder} exists already", hint="give a folder that does not exist")
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".export-", dir=folder.parent))  # seen by its owner alone
        try:
            for each in listed:
                shutil.copyfile(files[each.number], draft / file_name(each))
            (draft / SUMS).write_text(sums, "utf-8")
            (draft / RECORDS).write_bytes(records)
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as error:
        raise EvidenceFolderNotWritable(
            f"{folder} can't be written: {error.strerror}",
            hint="give a folder in a place that you may write to and that has room",
        ) from error
    return (*map(file_name, listed), SUMS, RECORDS)

"""Export: a release's files and manifest as a folder, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from catalog.releases import Release
from catalog.store import FolderStore
from standards import manifest
from standards.errors import Conflict, InvalidInput


class FolderExists(Conflict):
    """The folder to export to is there already."""

    code = "folder-exists"


class FolderNotWritable(InvalidInput):
    """The folder to export to can't be made."""

    code = "folder-not-writable"


def export(release: Release, store: FolderStore, folder: Path) -> tuple[Path, ...]:
    """Write the files and `manifest.json` to a new folder and return their paths.

    The folder appears when everything is in it. Raises FolderExists, FolderNotWritable, ObjectNotFound.
    """
    sources = {file.name: store.intact(file.digest) for file in release.files}
    try:
        if folder.exists():
            raise FolderExists(f"{folder} exists already", hint="give a folder that does not exist")
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".export-", dir=folder.parent))
        try:
            for name, source in sources.items():
                shutil.copyfile(source, draft / name)
            (draft / manifest.FILE_NAME).write_bytes(_manifest_bytes(release))
            draft.chmod(0o755)
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as error:
        raise FolderNotWritable(f"{folder} can't be written: {error.strerror}") from error
    return tuple(folder / name for name in (*sources, manifest.FILE_NAME))


def _manifest_bytes(release: Release) -> bytes:
    return manifest.Manifest.model_validate(release.manifest).to_bytes()

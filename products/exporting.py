"""Export: a release's files and manifest as a folder, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from catalog.releases.models import Release
from catalog.store import FolderStore
from standards import anchor_hint, manifest
from standards.anchor_hint import AnchorHint
from standards.errors import Conflict, InvalidInput


class FolderExists(Conflict):
    """The folder to export to is there already."""

    code = "folder-exists"


class FolderNotWritable(InvalidInput):
    """The folder to export to can't be made."""

    code = "folder-not-writable"


def export(release: Release, store: FolderStore, folder: Path) -> tuple[Path, ...]:
    """Write the files and `manifest.json` to a new folder and return their paths.

    A published release has an `anchor.json` too, which says where its anchor is. The folder appears when
    everything is in it. Raises FolderExists, FolderNotWritable, ObjectNotFound.
    """
    sources = {file.name: store.intact(file.digest) for file in release.files}
    written = {manifest.FILE_NAME: _manifest_bytes(release)}
    if (hint := _hint(release)) is not None:
        written[anchor_hint.FILE_NAME] = hint.to_bytes()
    try:
        if folder.exists():
            raise FolderExists(f"{folder} exists already", hint="give a folder that does not exist")
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".export-", dir=folder.parent))
        try:
            for name, source in sources.items():
                shutil.copyfile(source, draft / name)
            for name, data in written.items():
                (draft / name).write_bytes(data)
            draft.chmod(0o755)
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as error:
        raise FolderNotWritable(
            f"{folder} can't be written: {error.strerror}",
            hint="give a folder in a place that you may write to and that has room",
        ) from error
    return tuple(folder / name for name in (*sources, *written))


def _manifest_bytes(release: Release) -> bytes:
    return manifest.Manifest.model_validate(release.manifest).to_bytes()


def _hint(release: Release) -> AnchorHint | None:
    """Return where the release is anchored; None before it is, and for anchors that don't say where."""
    where = release.chain or {}
    if not {"chain_id", "contract", "block"} <= where.keys():
        return None
    return AnchorHint(
        product=release.product,
        version=release.version,
        chain_id=where["chain_id"],
        contract=where["contract"],
        block=where["block"],
        block_hash=where.get("block_hash"),
    )

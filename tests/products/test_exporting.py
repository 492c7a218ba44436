"""A fault in the middle leaves nothing half done: no draft, no release, no folder."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.initialise import HomeNotWritable, initialise
from api.settings import Settings
from catalog.releases.models import ReleaseState
from catalog.store import FolderStore, ObjectNotFound, StoredObject, StoreUnavailable
from products.exporting import FolderExists, FolderNotWritable, export
from tests.builders import Room
from tests.products.builders import INDEX, a_builder, build, load_readings, readings
from tests.products.homes import Home


@pytest.fixture
def filled(room: Room) -> Room:
    """Return a room with readings loaded."""
    load_readings(room, readings("2022-01", 2))
    return room


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_export_is_the_release_s_files_and_its_manifest(filled: Room, tmp_path: Path) -> None:
    release = build(filled).release
    paths = export(release, filled.store, tmp_path / "a" / "b" / "out")
    assert sorted(path.name for path in paths) == sorted([f.name for f in release.files] + ["manifest.json"])
    assert all(path.parent == tmp_path / "a" / "b" / "out" for path in paths)
    assert names_in(tmp_path / "a" / "b") == ["out"]
    for file in release.files:
        assert (tmp_path / "a/b/out" / file.name).stat().st_size == file.size_bytes


def test_an_export_replaces_nothing(filled: Room, tmp_path: Path) -> None:
    release = build(filled).release
    (tmp_path / "out").mkdir()
    (tmp_path / "file").write_text("mine")
    for place in ("out", "file"):
        with pytest.raises(FolderExists) as caught:
            export(release, filled.store, tmp_path / place)
        assert caught.value.hint
    assert (tmp_path / "file").read_text() == "mine"
    assert names_in(tmp_path / "out") == []


def test_an_export_to_where_no_folder_can_be_is_refused(filled: Room, tmp_path: Path) -> None:
    release = build(filled).release
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FolderNotWritable):
        export(release, filled.store, tmp_path / "file" / "out")
    with pytest.raises(FolderNotWritable):
        export(release, filled.store, tmp_path / ("n" * 300))


def test_an_export_that_lacks_an_object_leaves_no_folder(filled: Room, tmp_path: Path) -> None:
    release = build(filled).release
    filled.store.path(release.files[-1].digest).unlink()
    (tmp_path / "exports").mkdir()
    with pytest.raises(ObjectNotFound):
        export(release, filled.store, tmp_path / "exports" / "out")
    assert names_in(tmp_path / "exports") == []


@contextmanager
def no_file_larger_than(size_bytes: int) -> Iterator[None]:
    """Let writing fail beyond a size, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_an_export_stopped_by_a_full_disk_leaves_no_folder(filled: Room, tmp_path: Path) -> None:
    release = build(filled).release
    (tmp_path / "exports").mkdir()
    smallest, largest = min(f.size_bytes for f in release.files), max(f.size_bytes for f in release.files)
    assert smallest < 3000 < largest
    with no_file_larger_than(3000), pytest.raises(FolderNotWritable, match=os.strerror(errno.EFBIG)):
        export(release, filled.store, tmp_path / "exports" / "out")
    assert names_in(tmp_path / "exports") == []


def test_a_build_without_a_writable_store_is_unavailable_and_leaves_no_draft(
    filled: Room, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    filled.quality.check("dma-inflow", 1, by="alice")
    filled.store = FolderStore(tmp_path / "file" / "store")
    with pytest.raises(StoreUnavailable) as caught:
        a_builder(filled).build(INDEX, by="alice")
    assert caught.value.hint
    assert filled.releases.list() == ()
    assert [event["eventType"] for event in filled.lineage.events()] == ["START", "FAIL"]


class FullStore(FolderStore):
    """A store whose disk is full after a number of objects."""

    def __init__(self, root: Path, objects: int) -> None:
        super().__init__(root)
        self._objects = objects

    def put(self, path: Path) -> StoredObject:
        self._objects -= 1
        if self._objects < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().put(path)


@pytest.mark.parametrize("objects", range(5))
def test_a_build_stopped_by_a_full_disk_leaves_no_draft_and_no_scratch(filled: Room, objects: int) -> None:
    first = build(filled).release
    filled.store = FullStore(filled.store_folder, objects)
    with pytest.raises(StoreUnavailable, match="has no room"):
        build(filled, base_months=2)
    assert filled.releases.list() == (first,)  # the earlier draft stands as it was
    assert filled.lineage.events()[-1]["eventType"] == "FAIL"
    assert not [name for name in names_in(filled.store_folder) if name.startswith(".incoming")]


def test_a_build_that_lacks_its_input_s_bytes_fails_and_says_where(filled: Room) -> None:
    version = filled.datasets.version("dma-inflow")
    filled.quality.check("dma-inflow", 1, by="alice")
    filled.store.path(version.digest).unlink()
    with pytest.raises(ObjectNotFound, match=version.digest):
        build(filled)
    assert filled.releases.list() == ()
    assert filled.lineage.events()[-1]["eventType"] == "FAIL"


def test_a_home_that_can_t_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(HomeNotWritable) as caught:
        initialise(Settings(home=tmp_path / "file" / "home"), lambda _step: None)
    assert "SHUIZE_HOME" in (caught.value.hint or "")


def test_publishing_needs_no_store(home: Home, tmp_path: Path) -> None:
    """What was approved is in the catalog; a store that is away does not leave half a publication."""
    away = Home(home.settings.model_copy(update={"store": tmp_path / "nothing"}))
    assert away.publish().state is ReleaseState.PUBLISHED

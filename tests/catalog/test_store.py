from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from catalog.store import (
    LEFTOVER_AFTER_SECONDS,
    UNUSED_AFTER_SECONDS,
    FolderStore,
    ObjectDamaged,
    ObjectNotFound,
    StoreUnavailable,
)
from standards import digests
from standards.digests import Digest, MalformedDigest
from tests.builders import a_digest


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    opened = FolderStore(tmp_path / "store")
    opened.prepare()
    return opened


def _everything(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "store").rglob("*") if path.is_file()]


def test_an_object_lies_under_the_sha256_of_its_bytes_and_cannot_be_written(store: FolderStore) -> None:
    stored = store.put_bytes(b"water")
    path = store.path(stored.digest)
    assert (path.name, path.parent.name) == (digests.of_bytes(b"water"), stored.digest[:2])
    assert path.read_bytes() == b"water"
    assert stored.size_bytes == 5
    assert path.stat().st_mode & 0o777 == 0o400
    assert {each.stat().st_mode & 0o777 for each in (path.parent, path.parent.parent)} == {0o700}


def test_the_same_bytes_are_stored_once(store: FolderStore, tmp_path: Path) -> None:
    first = store.put_bytes(b"water")
    before = store.path(first.digest).stat()
    assert store.put_bytes(b"water") == first
    after = store.path(first.digest).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert len(_everything(tmp_path)) == 1


def test_threads_that_store_the_same_bytes_at_once_all_succeed(store: FolderStore, tmp_path: Path) -> None:
    answers: list[object] = []
    threads = [threading.Thread(target=lambda: answers.append(store.put_bytes(b"same"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert len(_everything(tmp_path)) == 1


def test_no_bytes_at_all_are_an_object_too(store: FolderStore) -> None:
    assert store.path(store.put_bytes(b"").digest).read_bytes() == b""


def test_an_exception_between_writing_and_storing_leaves_nothing(store: FolderStore, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), store.scratch() as folder:
        (folder / "half").write_bytes(b"half")
        raise RuntimeError
    assert list((tmp_path / "store").iterdir()) == []


def test_what_was_stored_before_an_exception_stays_whole(store: FolderStore, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), store.scratch() as folder:
        (folder / "whole").write_bytes(b"whole")
        store.put(folder / "whole")
        raise RuntimeError
    assert [path.read_bytes() for path in _everything(tmp_path)] == [b"whole"]


def test_a_missing_object_is_named_with_its_digest(store: FolderStore) -> None:
    with pytest.raises(ObjectNotFound, match=a_digest("nothing")):
        store.path(a_digest("nothing"))


@pytest.mark.parametrize("text", ["", "../../etc/passwd", "a" * 63, "/" * 64, "\0" * 64])
def test_what_is_no_digest_never_becomes_a_path(store: FolderStore, text: str) -> None:
    with pytest.raises(MalformedDigest):
        store.path(Digest(text))


def test_changed_bytes_are_noticed_where_it_counts(store: FolderStore) -> None:
    stored = store.put_bytes(b"water")
    assert store.intact(stored.digest) == store.path(stored.digest)
    store.path(stored.digest).chmod(0o644)
    store.path(stored.digest).write_bytes(b"wine")
    with pytest.raises(ObjectDamaged, match=digests.of_bytes(b"wine")):
        store.intact(stored.digest)
    with pytest.raises(ObjectNotFound):
        store.intact(a_digest("nothing"))


def test_bytes_are_hashed_again_only_when_their_file_changed(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = store.put_bytes(b"water")
    hashed: list[Path] = []
    of_file = digests.of_file

    def counted(path: Path) -> Digest:
        hashed.append(path)
        return of_file(path)

    monkeypatch.setattr(digests, "of_file", counted)
    for _ in range(3):
        assert store.unchanged(stored.digest) == store.path(stored.digest)
    assert len(hashed) == 1
    store.path(stored.digest).chmod(0o644)
    store.path(stored.digest).write_bytes(b"wader")
    for _ in range(2):
        with pytest.raises(ObjectDamaged):
            store.unchanged(stored.digest)


def test_an_object_that_cannot_be_read_is_the_stores_fault(store: FolderStore, tmp_path: Path) -> None:
    digest = a_digest("a folder in its place")
    (tmp_path / "store" / digest[:2] / digest).mkdir(parents=True)
    with pytest.raises(StoreUnavailable, match="can't be read"):
        store.intact(digest)


def test_a_folder_below_a_file_cannot_be_a_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="can't be written") as caught:
        FolderStore(tmp_path / "file" / "store").prepare()
    assert "SHUIZE_STORE" in (caught.value.hint or "")


def test_a_store_whose_folder_has_gone_is_unavailable(tmp_path: Path) -> None:
    lost = FolderStore(tmp_path / "lost")
    with pytest.raises(StoreUnavailable), lost.scratch():
        pass
    with pytest.raises(StoreUnavailable):
        lost.put_bytes(b"water")


def test_a_full_disk_is_the_stores_fault_and_leaves_nothing(store: FolderStore, tmp_path: Path) -> None:
    program = """
import resource, signal, sys
from pathlib import Path
from catalog.store import FolderStore, StoreUnavailable
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # no file grows beyond this: like a full disk
try:
    FolderStore(Path(sys.argv[1])).put_bytes(b"x" * 5000)
except StoreUnavailable as error:
    print(error.code)
"""
    command = [sys.executable, "-c", program, str(tmp_path / "store")]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"store-unavailable\n"
    assert list((tmp_path / "store").iterdir()) == []


def test_a_killed_process_leaves_only_what_is_never_visible(store: FolderStore, tmp_path: Path) -> None:
    program = """
import os, signal, sys
from pathlib import Path
from catalog.store import FolderStore
with FolderStore(Path(sys.argv[1])).scratch() as folder:
    (folder / "version.parquet").write_bytes(b"half a file")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path / "store")], check=False)
    assert killed.returncode == -signal.SIGKILL
    (leftover,) = (tmp_path / "store").iterdir()
    assert leftover.name.startswith(".incoming-")
    with pytest.raises(ObjectNotFound):
        store.path(digests.of_bytes(b"half a file"))


def test_leftovers_go_after_a_day_and_running_work_stays(store: FolderStore, tmp_path: Path) -> None:
    yesterday = time.time() - LEFTOVER_AFTER_SECONDS - 60
    for name, file_time in (("dead", yesterday), ("alive", time.time())):
        folder = tmp_path / "store" / f".incoming-{name}"
        folder.mkdir()
        (folder / "version.parquet").write_bytes(b"half")
        os.utime(folder / "version.parquet", (file_time, file_time))
        os.utime(folder, (yesterday, yesterday))  # a folder's own time does not move while a file grows
    stored = store.put_bytes(b"whole")
    store.prepare()
    assert [path.name for path in (tmp_path / "store").glob(".incoming-*")] == [".incoming-alive"]
    assert store.path(stored.digest).read_bytes() == b"whole"


def test_preparing_twice_changes_nothing(store: FolderStore, tmp_path: Path) -> None:
    stored = store.put_bytes(b"water")
    store.prepare()
    assert [path.name for path in _everything(tmp_path)] == [stored.digest]


def test_what_is_derived_is_made_once_and_whole_or_not_at_all(store: FolderStore, tmp_path: Path) -> None:
    def fails(path: Path, scratch: Path) -> None:
        path.write_bytes(b"half")
        raise ValueError("stopped")

    def build(path: Path, scratch: Path) -> None:
        path.write_bytes(b"whole")

    with pytest.raises(ValueError, match="stopped"):
        store.derived("a.arrow", fails)
    assert _everything(tmp_path) == []
    made = store.derived("a.arrow", build)
    assert store.derived("a.arrow", fails) == made
    assert made.read_bytes() == b"whole"


def test_what_was_derived_and_is_not_used_is_removed(store: FolderStore, tmp_path: Path) -> None:
    old = store.derived("old", lambda path, _: path.touch())
    used = store.derived("used", lambda path, _: path.touch())
    long_ago = time.time() - UNUSED_AFTER_SECONDS - 1
    for path in (old, used):
        os.utime(path, (long_ago, long_ago))
    store.derived("used", lambda path, _: None)
    store.prepare()
    assert (old.exists(), used.exists()) == (False, True)

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from standards.new_files import PathTaken, new_file, write_new


def test_a_new_file_is_its_owners_and_its_folder_is_made(tmp_path: Path) -> None:
    write_new(path := tmp_path / "a" / "b" / ("k" * 255), b"secret")
    assert path.read_bytes() == b"secret"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_what_is_there_stays(tmp_path: Path) -> None:
    write_new(path := tmp_path / "key", b"first")
    with pytest.raises(PathTaken):
        write_new(path, b"second")
    assert path.read_bytes() == b"first"
    with pytest.raises(NotADirectoryError):
        write_new(path / "below" / "a-file", b"x")
    with pytest.raises(FileExistsError) as caught:
        write_new(path / "a-file", b"x")
    assert not isinstance(caught.value, PathTaken)
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_there_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="half"), new_file(tmp_path / "key") as draft:
        draft.write_bytes(b"half")
        raise ValueError("half")
    assert list(tmp_path.iterdir()) == []


def test_of_two_at_once_one_writes(tmp_path: Path) -> None:
    gate, refused = threading.Barrier(2), []

    def write(content: bytes) -> None:
        gate.wait()
        try:
            write_new(tmp_path / "key", content)
        except PathTaken:
            refused.append(content)

    both = [threading.Thread(target=write, args=(content,)) for content in (b"one", b"two")]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted([*refused, (tmp_path / "key").read_bytes()]) == [b"one", b"two"]

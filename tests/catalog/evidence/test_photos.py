"""What a camera wrote: read by another library than the one that writes it here."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence.comparing import metres_apart
from catalog.evidence.models import Photo, ReadAs
from catalog.evidence.photos import of_photo
from tests.catalog.evidence.files import a_photo

SHANGHAI = "Asia/Shanghai"


def read(folder: Path, data: bytes, zone: str = SHANGHAI) -> Photo | None:
    (folder / "photo").write_bytes(data)
    return of_photo(folder / "photo", zone)


def test_a_photo_without_exif_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, a_photo()) is None


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_place_and_time_are_read_from_each_form(tmp_path: Path, form: str) -> None:
    data = a_photo(place=(-33.8568, 151.2153), clock="2026:03:01 20:00:00", offset="+11:00", form=form)
    photo = read(tmp_path, data)
    assert photo is not None
    assert photo.place == pytest.approx((-33.8568, 151.2153), abs=1e-6)
    assert (photo.taken_at, photo.read_as) == (datetime(2026, 3, 1, 9, tzinfo=UTC), ReadAs.OFFSET)


def test_how_a_time_without_zone_is_read_is_said(tmp_path: Path) -> None:
    photo = read(tmp_path, a_photo(clock="2026:03:01 20:00:00"))
    assert photo is not None
    assert (photo.taken_at, photo.read_as) == (datetime(2026, 3, 1, 12, tzinfo=UTC), ReadAs.ASSUMED)
    assert (photo.zone, photo.camera_time) == (SHANGHAI, "2026:03:01 20:00:00")
    fixed = read(tmp_path, a_photo(clock="2026:03:01 20:00:00", satellite=("2026:03:01", (11.0, 59.0, 30.0))))
    assert fixed is not None
    assert fixed.taken_at == datetime(2026, 3, 1, 11, 59, 30, tzinfo=UTC)
    assert (fixed.read_as, fixed.zone) == (ReadAs.SATELLITE, None)


@pytest.mark.parametrize("clock", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2026:13:01 00:00:00"])
def test_a_clock_that_was_never_set_says_no_time(tmp_path: Path, clock: str) -> None:
    photo = read(tmp_path, a_photo(clock=clock))
    assert photo is None or photo.taken_at is None


@given(data=st.binary(max_size=400))
def test_no_bytes_of_a_forger_stop_a_photo(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    whole = a_photo(place=(1.0, 2.0), clock="2026:03:01 20:00:00")
    head = whole.index(b"Exif")
    read(
        tmp_path_factory.getbasetemp(), whole[:head] + b"Exif\x00\x00" + data + whole[head + 6 + len(data) :]
    )


def test_distances_are_those_of_the_globe() -> None:
    """A degree of latitude at the equator by WGS 84 is 110.574 km, of longitude 111.320 km."""
    assert metres_apart((0, 0), (1, 0)) == pytest.approx(110_574, rel=0.006)
    assert metres_apart((0, 0), (0, 1)) == pytest.approx(111_320, rel=0.006)
    assert metres_apart((0, 179.9995), (0, -179.9995)) == pytest.approx(111.2, rel=0.006)
    assert metres_apart((31.0, 121.0), (31.0, 121.0)) == 0

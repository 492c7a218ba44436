"""Where and when a photo was taken, by what its camera wrote into it. Source: EXIF 3.0 (CIPA DC-008-2023)."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import exifread

from catalog.evidence.models import Photo, ReadAs
from standards.texts import escaped

_TIME = "%Y:%m:%d %H:%M:%S"
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")
_LONGEST = 100
_DECIMALS = 7

Tags = Mapping[str, object]

logging.getLogger("exifread").setLevel(logging.CRITICAL)  # it tells of each tag it can't read; we say it once


def of_photo(path: Path, time_zone: str) -> Photo | None:
    """Return what the camera wrote, None if it wrote neither place nor time nor its name.

    A time with an offset is that instant; else the time of the satellite fix, which is in UTC, is taken; else
    the camera's clock is read as one of `time_zone`, and the answer says that this was assumed. What can't
    be read is said in `unreadable` and refuses nothing: many good photos have bad EXIF.
    """
    try:
        with path.open("rb") as stream:
            tags = exifread.process_file(stream, details=False, extract_thumbnail=False)
        found = _photo(tags, time_zone)
    except OSError:
        raise
    except Exception as error:  # the reader meets whatever bytes a camera or a forger wrote
        return Photo(unreadable=f"{type(error).__name__}: {escaped(str(error))[:_LONGEST]}")
    return None if found == Photo() else found


def _photo(tags: Tags, time_zone: str) -> Photo:
    taken_at, read_as = _taken_at(tags, time_zone)
    latitude = _degrees(tags, "GPS GPSLatitude", "S", 90)
    longitude = _degrees(tags, "GPS GPSLongitude", "W", 180)
    if latitude is None or longitude is None:
        latitude = longitude = None
    return Photo(
        latitude=latitude,
        longitude=longitude,
        camera_time=_camera_time(tags),
        taken_at=taken_at,
        read_as=read_as,
        zone=time_zone if read_as is ReadAs.ASSUMED else None,
        camera=" ".join(filter(None, (_text(tags, "Image Make"), _text(tags, "Image Model")))) or None,
    )


def _taken_at(tags: Tags, time_zone: str) -> tuple[datetime | None, ReadAs | None]:
    clock = _clock(_camera_time(tags))
    offset = _offset(_text(tags, "EXIF OffsetTimeOriginal"))
    if clock is not None and offset is not None:
        return clock.replace(tzinfo=UTC) - offset, ReadAs.OFFSET
    if (fixed := _satellite_time(tags)) is not None:
        return fixed, ReadAs.SATELLITE
    if clock is not None:
        return clock.replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC), ReadAs.ASSUMED
    return None, None


def _camera_time(tags: Tags) -> str | None:
    return _text(tags, "EXIF DateTimeOriginal") or _text(tags, "Image DateTime")


def _clock(text: str | None) -> datetime | None:
    """Return what a clock showed; cameras write zeros or blanks where theirs was never set."""
    try:
        return datetime.strptime(text or "", _TIME)  # noqa: DTZ007 - what zone it is follows
    except ValueError:
        return None


def _offset(text: str | None) -> timedelta | None:
    match = _OFFSET.fullmatch(text or "")
    if match is None:
        return None
    size = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -size if match[1] == "-" else size


def _satellite_time(tags: Tags) -> datetime | None:
    day, parts = _text(tags, "GPS GPSDate"), _fractions(tags, "GPS GPSTimeStamp")
    midnight = _clock(f"{day} 00:00:00")
    if midnight is None or len(parts) != 3 or not all(0 <= part <= 60 for part in parts):
        return None
    hours, minutes, seconds = parts
    return midnight.replace(tzinfo=UTC) + timedelta(seconds=int(hours * 3600 + minutes * 60 + seconds))


def _degrees(tags: Tags, name: str, negative: str, most: int) -> float | None:
    parts, side = _fractions(tags, name), (_text(tags, f"{name}Ref") or "").upper()
    if len(parts) != 3 or not side:
        return None
    size = parts[0] + parts[1] / 60 + parts[2] / 3600
    if not 0 <= size <= most:
        return None
    return round(float(-size if side == negative else size), _DECIMALS)


def _fractions(tags: Tags, name: str) -> list[Fraction]:
    values = getattr(tags.get(name), "values", ())
    return [Fraction(each) for each in values] if isinstance(values, list) else []


def _text(tags: Tags, name: str) -> str | None:
    values = getattr(tags.get(name), "values", None)
    if not isinstance(values, str):
        return None
    return escaped(values.strip(" \x00"))[:_LONGEST] or None

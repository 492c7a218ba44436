"""Files to hand in: photos with what a camera writes into them, a PDF, a recording, a note."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00" + bytes(20)
NOTE = "表箱漏水，已换垫片。\n".encode()
_EXIF, _GPS, _MAKER = 0x8769, 0x8825, 0x010F


def degrees(value: float) -> tuple[float, float, float]:
    """Return degrees, minutes and seconds, as cameras write a place."""
    minutes = abs(value) * 60
    return float(minutes // 60), float(minutes % 60 // 1), (minutes % 1) * 60


def a_photo(
    *, place: tuple[float, float] | None = None, clock: str | None = None, offset: str | None = None,
    satellite: tuple[str, tuple[float, float, float]] | None = None, form: str = "JPEG", colour: int = 0,
) -> bytes:  # fmt: skip
    """Return a photo whose camera wrote what is given; colours make different files."""
    exif = Image.Exif()
    if any((place, clock, offset, satellite)):
        exif[_MAKER] = "Maker"  # of a PNG the rest is written only beside a tag of the first kind
    if clock is not None:
        exif.get_ifd(_EXIF)[0x9003] = clock
    if offset is not None:
        exif.get_ifd(_EXIF)[0x9011] = offset
    gps: dict[int, Any] = exif.get_ifd(_GPS)
    if place is not None:
        gps |= {1: "NS"[place[0] < 0], 2: degrees(place[0]), 3: "EW"[place[1] < 0], 4: degrees(place[1])}
    if satellite is not None:
        gps |= {29: satellite[0], 7: satellite[1]}
    stream = io.BytesIO()
    Image.new("L", (8, 8), colour).save(stream, form, exif=exif)
    return stream.getvalue()

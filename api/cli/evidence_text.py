"""Evidence in a terminal: one of it in full, and what is marked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from api.cli import frame

if TYPE_CHECKING:
    from catalog.evidence import Evidence


def place_of(text: str) -> tuple[str, str]:
    """Return latitude and longitude as they were written."""
    latitude, comma, longitude = text.partition(",")
    if not comma:
        raise typer.BadParameter(f"--at wants LATITUDE,LONGITUDE, such as 31.23040,121.47370, not {text!r}")
    return latitude.strip(), longitude.strip()


def marks(evidence: Evidence) -> Iterator[str]:
    """Yield what a reader of the evidence should look at."""
    if (apart := evidence.difference) is not None:
        if "place" in apart.beyond:
            yield f"its photo was taken {apart.metres:,} m away"
        if "time" in apart.beyond:
            yield f"its photo was taken {apart.minutes:,} min apart"
    if evidence.also:
        yield f"the same file is evidence {', '.join(evidence.also)}"


def describe(evidence: Evidence) -> None:
    """Write one evidence on stdout."""
    claim = evidence.claim
    frame.facts(
        [
            ("evidence", evidence.citation),
            ("name", evidence.name),
            ("kind", f"{evidence.kind} ({evidence.media_type}), {evidence.size_bytes:,} bytes"),
            ("sha-256", evidence.sha256),
            ("added", f"{evidence.added_at:%Y-%m-%d %H:%M} UTC by {evidence.added_by}"),
            ("note", claim.note),
            ("said to be of", claim.taken_at and f"{claim.taken_at:%Y-%m-%d %H:%M:%S %z}"),
            ("said to be at", _place(claim.place)),
            *_photo(evidence),
        ]
    )
    for mark in marks(evidence):
        frame.line(f"marked: {mark}")


def _photo(evidence: Evidence) -> Iterator[tuple[str, object]]:
    photo, apart = evidence.photo, evidence.difference
    if photo is None:
        return
    yield "camera", photo.camera
    if photo.taken_at is not None:
        zone = f": {photo.zone}" if photo.zone else ""
        yield "photo taken", f"{photo.taken_at:%Y-%m-%d %H:%M:%S} UTC, read {photo.read_as}{zone}"
    yield "photo's place", _place(photo.place)
    yield "photo unreadable", photo.unreadable
    if apart is not None and apart.metres is not None:
        yield "apart in place", f"{apart.metres:,} m, {apart.tolerated_metres:,} tolerated"
    if apart is not None and apart.minutes is not None:
        yield "apart in time", f"{apart.minutes:,} min, {apart.tolerated_minutes:,} tolerated"


def _place(place: tuple[float, float] | None) -> str | None:
    return None if place is None else f"{place[0]:.7f},{place[1]:.7f}"

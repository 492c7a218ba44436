"""What a photo says of place and time, laid beside what its sender claims."""

from __future__ import annotations

from datetime import datetime
from math import asin, cos, radians, sin, sqrt

from catalog.evidence.models import Claim, Difference, Limits, Photo

_MEAN_RADIUS_METRES = 6_371_008.8
"""Of WGS 84. On a sphere of it distances are right to half a percent."""


def compare(claim: Claim, photo: Photo, limits: Limits) -> Difference:
    """Return how far apart the two are, metres and minutes rounded to whole ones."""
    metres = _metres(claim, photo)
    minutes = _minutes(claim.taken_at, photo.taken_at)
    found = (("place", metres, limits.metres), ("time", minutes, limits.minutes))
    return Difference(
        metres=None if metres is None else round(metres),
        minutes=None if minutes is None else round(minutes),
        tolerated_metres=limits.metres,
        tolerated_minutes=limits.minutes,
        beyond=tuple(what for what, apart, most in found if apart is not None and apart > most),
    )


def metres_apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of two places, each (latitude, longitude) in degrees, along the globe."""
    (north, east), (other_north, other_east) = (tuple(map(radians, place)) for place in (one, other))
    chord = (
        sin((other_north - north) / 2) ** 2
        + cos(north) * cos(other_north) * sin((other_east - east) / 2) ** 2
    )
    return 2 * _MEAN_RADIUS_METRES * asin(sqrt(min(1.0, chord)))


def _metres(claim: Claim, photo: Photo) -> float | None:
    if claim.place is None or photo.place is None:
        return None
    return metres_apart(claim.place, photo.place)


def _minutes(claimed: datetime | None, taken: datetime | None) -> float | None:
    if claimed is None or taken is None:
        return None
    return abs((claimed - taken).total_seconds()) / 60

"""What is claimed of a file, what its camera wrote into it, and what is kept of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from catalog.evidence.media import MediaKind
from standards import digests
from standards.digests import Digest
from standards.errors import Conflict, Denied, InvalidInput, NotFound
from standards.faults import of_validation
from standards.texts import unprintable

MEGABYTE = 1_000_000
_PLACES = 7
"""Decimals of a degree that are kept: a centimetre."""


class MalformedClaim(InvalidInput):
    """What is claimed of a file of evidence can't be so; the faults name the places."""

    code = "malformed-claim"


class EvidenceNotFound(NotFound):
    """The work order has no evidence of this number."""

    code = "evidence-not-found"


class EvidenceTooLarge(InvalidInput):
    """A file of evidence is larger than is taken."""

    code = "evidence-too-large"


class UnreadableEvidence(InvalidInput):
    """A file that was to be evidence is missing, empty, or no file."""

    code = "unreadable-evidence"


class EvidenceThere(Conflict):
    """The work order has this very file as evidence already."""

    code = "evidence-there"


class NoHandInOrder(Denied):
    """The work order's evidence is shown to those who have a hand in the order, and this party has none."""

    code = "no-hand-in-order"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Limits:
    """How large evidence may be, how far a photo may lie from its claim, and where its clock stands."""

    most_megabytes: int = 100
    metres: int = 200
    minutes: int = 30
    time_zone: str = "Asia/Shanghai"

    @property
    def most_bytes(self) -> int:
        """The size of the largest file that is taken."""
        return self.most_megabytes * MEGABYTE

    def require(self, size_bytes: int, name: str) -> None:
        """Raise EvidenceTooLarge."""
        if size_bytes > self.most_bytes:
            raise EvidenceTooLarge(
                f"{name} has {size_bytes / MEGABYTE:,.1f} MB, and evidence has {self.most_megabytes} at most",
                hint="send a smaller photo or recording; the operator sets the limit with "
                "SHUIZE_EVIDENCE_MEGABYTES",
            )


class Claim(_Frozen):
    """What whoever hands a file in says of it. Latitude and longitude are degrees in WGS 84."""

    name: str
    media_type: str | None = Field(None, max_length=200)
    taken_at: AwareDatetime | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    note: str | None = Field(None, max_length=2000)

    @field_validator("latitude", "longitude")
    @classmethod
    def _to_the_centimetre(cls, degrees: float | None) -> float | None:
        return None if degrees is None else round(degrees, _PLACES)

    @model_validator(mode="after")
    def _is_a_place(self) -> Claim:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("a place has both a latitude and a longitude")
        return self

    @property
    def place(self) -> tuple[float, float] | None:
        """Latitude and longitude."""
        return None if self.latitude is None or self.longitude is None else (self.latitude, self.longitude)


class ReadAs(StrEnum):
    """How the time in a photo was read: it may name its offset, have a satellite's time, or say neither."""

    OFFSET = "with the offset that the photo names"
    SATELLITE = "as the time of its satellite fix, in UTC"
    ASSUMED = "as local time, for it names no zone"


class Photo(_Frozen):
    """Where and when a photo was taken by what its camera wrote into it (EXIF).

    `camera_time` stands as the camera wrote it; `zone` is the one assumed, where it named none.
    """

    latitude: float | None = None
    longitude: float | None = None
    camera_time: str | None = None
    taken_at: datetime | None = None
    read_as: ReadAs | None = None
    zone: str | None = None
    camera: str | None = None
    unreadable: str | None = None

    @property
    def place(self) -> tuple[float, float] | None:
        """Latitude and longitude."""
        return None if self.latitude is None or self.longitude is None else (self.latitude, self.longitude)


class Difference(_Frozen):
    """How far a photo and its claim are apart, to whole metres and minutes; None where either says nothing.

    `beyond` names what is farther apart than was tolerated then.
    """

    metres: int | None
    minutes: int | None
    tolerated_metres: int
    tolerated_minutes: int
    beyond: tuple[str, ...]


class Evidence(_Frozen):
    """A file of evidence to a work order: who gave it when, what was claimed, what its camera says.

    `also` names evidence of other orders that is this very file: a photo that serves twice is worth a look.
    """

    work_order: int
    number: int
    name: str
    kind: MediaKind
    media_type: str
    sha256: Digest
    size_bytes: int
    claim: Claim
    photo: Photo | None
    difference: Difference | None
    also: tuple[str, ...]
    added_by: str
    added_at: datetime

    @property
    def citation(self) -> str:
        """How the evidence is cited: 12/3."""
        return f"{self.work_order}/{self.number}"

    def document(self) -> dict[str, Any]:
        """Return the record as plain JSON values."""
        return self.model_dump(mode="json")

    def record_digest(self) -> Digest:
        """Return the digest of the record, which the order's transitions hold."""
        return digests.of_document(self.document())


class EvidenceFault(_Frozen):
    """A place where files, records and acts don't say the same; `evidence` is None of the order's log."""

    evidence: int | None
    what: str


class EvidenceVerification(_Frozen):
    """What recomputing said of a work order's evidence. `head` is the digest of its newest transition."""

    work_order: int
    files: int
    size_bytes: int
    acts: int
    head: Digest
    faults: tuple[EvidenceFault, ...]

    @property
    def holds(self) -> bool:
        """Whether bytes, records and acts all say the same."""
        return not self.faults


def claimed(said: dict[str, object]) -> Claim:
    """Return a claim in parts as they were given. Raises MalformedClaim."""
    try:
        claim = Claim.model_validate(said)
    except ValidationError as error:
        raise MalformedClaim(
            "what is said of the evidence can't be so",
            hint="give latitude and longitude in degrees of WGS 84, and the time with its UTC offset",
            faults=of_validation(error),
        ) from error
    if faults := list(unprintable(said)):
        raise MalformedClaim(
            "what is said of the evidence holds control characters", hint="take them out", faults=faults
        )
    return claim

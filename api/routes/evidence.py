"""Evidence to work orders, for those who have a hand in the order: it is personal data."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse

from api.problems import BodyTooLarge, documented
from api.routes.asking import Member, Wired
from catalog.evidence import Evidence, EvidenceVerification
from catalog.evidence.models import EvidenceTooLarge, Limits, claimed

router = APIRouter(prefix="/orders/{order}/evidence", tags=["stewardship"])

_HANDS = documented(401, 403, 404)
_TAKES = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}


async def _received(order: int, request: Request, platform: Wired, member: Member) -> AsyncIterator[Path]:
    """Yield the body as a file; who may not send, or would send too much, is refused before it is read."""
    await run_in_threadpool(platform.evidence.require_may_add, order, by=member.id)
    limits: Limits = platform.evidence.limits
    said = request.headers.get("content-length", "")
    _require(limits, int(said[:20]) if said.isdecimal() else 0)
    with platform.store.scratch() as folder:
        path, size = folder / "body", 0
        with path.open("wb") as target:
            async for chunk in request.stream():
                size += len(chunk)
                _require(limits, size)
                target.write(chunk)
        yield path


def _require(limits: Limits, size: int) -> None:
    try:
        limits.require(size, "the body")
    except EvidenceTooLarge as error:
        raise BodyTooLarge(error.message, hint="send a smaller photo or recording") from error


@router.post("", status_code=201, responses=_HANDS | documented(409, 413, 422), openapi_extra=_TAKES)
def add_evidence(
    order: int, request: Request, received: Annotated[Path, Depends(_received)], platform: Wired,
    member: Member, name: Annotated[str, Query(description="The file's name, which says what it is.")],
    taken_at: Annotated[AwareDatetime | None, Query(description="With its UTC offset.")] = None,
    latitude: Annotated[float | None, Query(description="Degrees of WGS 84.")] = None,
    longitude: float | None = None,
    note: Annotated[str | None, Query(description="What it shows.")] = None,
) -> Evidence:  # fmt: skip
    """Add the body as evidence to a work order. Its media type, if one is sent, must be what it is."""
    claim = claimed(
        {
            "name": name,
            "media_type": request.headers.get("content-type"),
            "taken_at": taken_at,
            "latitude": latitude,
            "longitude": longitude,
            "note": note,
        }
    )
    return platform.evidence.add(order, received, claim, by=member.id)


@router.get("", responses=_HANDS)
def list_evidence(order: int, platform: Wired, member: Member) -> list[Evidence]:
    """List the evidence to a work order, oldest first."""
    return list(platform.evidence.list(order, by=member.id))


@router.get("/verification", responses=_HANDS)
def verify_evidence(order: int, platform: Wired, member: Member) -> EvidenceVerification:
    """Recompute the chain of evidence: bytes, records and the order's transitions."""
    platform.evidence.list(order, by=member.id)
    return platform.evidence.verify(order)


@router.get("/{number}", responses=_HANDS)
def show_evidence(order: int, number: int, platform: Wired, member: Member) -> Evidence:
    """Show one evidence: what was claimed beside what its camera says."""
    return platform.evidence.get(order, number, by=member.id)


@router.get(
    "/{number}/file",
    responses=_HANDS | {200: {"content": {"application/octet-stream": {}}}},
    response_class=FileResponse,
)
def download_evidence(order: int, number: int, platform: Wired, member: Member) -> FileResponse:
    """Return the file of an evidence, to be saved: no browser shows it in this server's name."""
    found = platform.evidence.get(order, number, by=member.id)
    path = platform.evidence.path(found)
    said = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    return FileResponse(path, media_type=found.media_type, headers={"Content-Disposition": said})

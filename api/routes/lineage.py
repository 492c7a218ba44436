"""Lineage: the OpenLineage endpoint that jobs send events to, and questions to the graph."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, Response

from api.problems import BodyTooLarge, documented
from api.routes.asking import LastInstant, Producing, Tracing, Wired
from catalog.lineage import Direction, EventTooLarge, MalformedEvent
from catalog.lineage.events import MAX_BATCH_BYTES, MAX_EVENT_BYTES
from catalog.lineage.graph import MAX_DEPTH, Walk
from catalog.lineage.impact import Affected
from catalog.lineage.levels import Level

openlineage = APIRouter(prefix="/api/v1", tags=["OpenLineage"])
router = APIRouter(prefix="/lineage", tags=["lineage"])

_WRITES = documented(401, 403, 413, 422)
_TAKES: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}
_STATUS = {True: "partial_success", False: "error"}

Node = Annotated[str, Query(description="dataset:NAMESPACE:NAME, job:… or datasetField:…:FIELD.")]
AsOf = Annotated[
    LastInstant | None,
    Query(description="The graph as it held then, by event time: a day or an instant. Default: now."),
]


def _received(most: int) -> Callable[[Request, str | None], Awaitable[bytes]]:
    async def received(request: Request, _by: Producing) -> bytes:
        """Return the body as it was sent, in bounds: whoever may not send is refused before it is read."""
        said = request.headers.get("content-length", "")
        _require_at_most(most, int(said[:20]) if said.isdecimal() else 0)
        parts, size = [], 0
        async for chunk in request.stream():
            size += len(chunk)
            _require_at_most(most, size)
            parts.append(chunk)
        return b"".join(parts)

    return received


def _require_at_most(most: int, size: int) -> None:
    if size > most:
        raise BodyTooLarge(f"the body is larger than {most:,} bytes", hint="send less at once")


@openlineage.post(
    "/lineage", status_code=201, response_class=Response, responses=_WRITES, openapi_extra=_TAKES
)
def send_event(
    request: Request,
    received: Annotated[bytes, Depends(_received(MAX_EVENT_BYTES))],
    by: Producing,
    platform: Wired,
) -> Response:
    """Keep one OpenLineage event: of a run, a job or a dataset."""
    body = _plain(request, received, MAX_EVENT_BYTES)
    try:
        kept = platform.lineage.record_text(body, by=by)
    except EventTooLarge as error:
        raise BodyTooLarge(error.message, hint=error.hint) from error
    return Response(status_code=201, headers=_warnings(kept.warnings))


@openlineage.post(
    "/lineage/batch", status_code=204, response_class=Response, responses=_WRITES, openapi_extra=_TAKES
)
def send_batch(
    request: Request,
    received: Annotated[bytes, Depends(_received(MAX_BATCH_BYTES))],
    by: Producing,
    platform: Wired,
) -> Response:
    """Keep a JSON array of OpenLineage events; the answer says which are wrong, the others are kept."""
    body = _plain(request, received, MAX_BATCH_BYTES)
    try:
        kept = platform.lineage.record_batch(body, by=by)
    except EventTooLarge as error:
        raise BodyTooLarge(error.message, hint=error.hint) from error
    if not kept.refused:
        return Response(status_code=204, headers=_warnings(kept.warnings))
    failed, right = len(kept.refused), kept.received - len(kept.refused)
    said = {
        "status": _STATUS[right > 0],
        "summary": {"received": kept.received, "successful": right, "failed": failed},
        "failed_events": [
            {"index": each.index, "reason": each.reason, "retriable": False} for each in kept.refused
        ],
    }
    return JSONResponse(said, headers=_warnings(kept.warnings))


@router.get("/walk", responses=documented(401, 403, 404), response_model=Walk)
def walk(
    platform: Wired,
    _by: Tracing,
    node: Node,
    direction: Direction = Direction.UPSTREAM,
    depth: Annotated[int | None, Query(ge=0, le=MAX_DEPTH, description="Default: however far.")] = None,
    as_of: AsOf = None,
    ever: Annotated[bool, Query(description="Every edge there has ever been.")] = False,
) -> Response:
    """Walk the graph from a node. With a depth the answer has distances and edges."""
    platform.lineage.settle()
    found = platform.lineage.graph.walk(node, direction, depth, as_of=as_of, ever=ever)
    return Response(found.model_dump_json(), media_type="application/json")  # not checked a second time


@router.get("/impact", responses=documented(401, 403, 404))
def impact(platform: Wired, _by: Tracing, node: Node, as_of: AsOf = None) -> Affected:
    """Say who is affected if this changes: columns, datasets, products, releases, grants, parties."""
    return platform.impact.of(node, as_of=as_of)


@router.get("/level", responses=documented(401, 403, 404))
def level(platform: Wired, _by: Tracing, node: Node, as_of: AsOf = None) -> Level:
    """Say which security level a dataset or a field has, and where it comes from."""
    return platform.impact.level(node, as_of=as_of)


def _plain(request: Request, received: bytes, most: int) -> bytes:
    """Return the body unpacked, and never unpack more than may be."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding == "gzip":
        return _unzipped(received, most)
    if coding != "identity":
        raise MalformedEvent(f"the content encoding {coding[:40]!r} is not read", hint="send gzip, or none")
    return received


def _unzipped(packed: bytes, most: int) -> bytes:
    body = b""
    try:
        while packed:  # a gzip file may have several members
            reader = zlib.decompressobj(wbits=31)
            body += reader.decompress(packed, most + 1 - len(body))
            if len(body) > most:
                raise BodyTooLarge(f"the body unpacks to more than {most:,} bytes", hint="split it")
            if not reader.eof:
                raise MalformedEvent("the gzip body ends too early", hint="send it whole")
            packed = reader.unused_data
    except zlib.error as error:
        raise MalformedEvent(f"the body is not gzip: {error}", hint="leave Content-Encoding out") from error
    return body


def _warnings(said: tuple[str, ...]) -> dict[str, str]:
    """Return what is accepted and not right as a header, at most a few."""
    if not said:
        return {}
    texts = (each.encode("ascii", "backslashreplace").decode().replace('"', "'") for each in said[:5])
    return {"Warning": ", ".join(f'299 - "{text[:200]}"' for text in texts)}

"""Marquez's read API over the same lineage, so that programs written for Marquez work here.

Names stand in paths percent-encoded, slashes too: a path is taken apart before it is decoded. Source of the
shapes: Marquez 0.50, its OpenAPI document and its Python client.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from api.problems import documented
from api.routes import marquez_shapes as shapes
from api.routes.asking import LastInstant, Tracing, Wired
from catalog.lineage import Direction, NodeNotFound
from catalog.lineage.inventory import Page

router = APIRouter(prefix="/api/v1", tags=["Marquez"])

_DEPTH = 20
_MOST_DEPTH = 100
_READS = documented(401, 403, 404)

Limit = Annotated[int, Query(ge=0, le=1000)]
Offset = Annotated[int, Query(ge=0, le=2**31)]
Depth = Annotated[int, Query(ge=0, le=_MOST_DEPTH)]
NodeId = Annotated[str, Query(alias="nodeId")]
AsOf = Annotated[LastInstant | None, Query(alias="asOf", description="The graph as it held then.")]
Json = dict[str, Any]
"""What routes answer. Graphs are written out at once: to go through thousands of nodes again takes longer."""


@router.get("/lineage", responses=_READS, response_model=Json)
def lineage(
    platform: Wired, _by: Tracing, node: NodeId, depth: Depth = _DEPTH, as_of: AsOf = None
) -> Response:
    """Return the graph around a dataset or a job, both ways."""
    platform.lineage.settle()
    walk = platform.lineage.graph.around(node, Direction.BOTH, depth, as_of=as_of)
    return JSONResponse(shapes.graph(walk, platform.lineage_inventory.described(walk)))


@router.get("/column-lineage", responses=_READS, response_model=Json)
def column_lineage(
    platform: Wired,
    _by: Tracing,
    node: NodeId,
    depth: Depth = _DEPTH,
    downstream: Annotated[bool, Query(alias="withDownstream")] = False,
    as_of: AsOf = None,
) -> Response:
    """Return which columns a column, or any of a dataset or a job, is made from."""
    platform.lineage.settle()
    walk = platform.lineage.graph.columns(node, depth, downstream=downstream, as_of=as_of)
    return JSONResponse(shapes.column_graph(walk))


@router.get("/events/lineage", responses=_READS)
def events(
    platform: Wired,
    _by: Tracing,
    before: LastInstant | None = None,
    after: LastInstant | None = None,
    limit: Limit = 100,
    offset: Offset = 0,
    direction: Annotated[str, Query(alias="sortDirection", pattern="^(?i:asc|desc)$")] = "desc",
) -> Json:
    """Return raw events, the newest first."""
    found = platform.lineage_inventory.events(
        Page(limit=limit, offset=offset),
        before=before,
        after=after,
        newest_first=direction.lower() == "desc",
    )
    return {"events": list(found.events), "totalCount": found.total}


@router.get("/events", responses=_READS)
def all_events(platform: Wired, _by: Tracing, limit: Limit = 100, offset: Offset = 0) -> Json:
    """Return raw events, the newest first."""
    found = platform.lineage_inventory.events(Page(limit=limit, offset=offset))
    return {"events": list(found.events), "totalCount": found.total}


@router.get("/events/{namespace:path}", responses=_READS)
def events_of(
    platform: Wired, _by: Tracing, request: Request, namespace: str, limit: Limit = 100, offset: Offset = 0
) -> Json:
    """Return raw events of a namespace's jobs and datasets, the newest first."""
    name = _parts(request, "/api/v1/events/")[0]
    found = platform.lineage_inventory.events(Page(limit=limit, offset=offset), namespace=name)
    return {"events": list(found.events), "totalCount": found.total}


@router.get("/namespaces", responses=_READS)
def namespaces(platform: Wired, _by: Tracing, limit: Limit = 100, offset: Offset = 0) -> Json:
    """Return the namespaces, by name."""
    found = platform.lineage_inventory.namespaces(Page(limit=limit, offset=offset))
    return {"namespaces": [shapes.namespace(each) for each in found]}


@router.get("/namespaces/{path:path}", responses=_READS)
def in_namespace(
    platform: Wired, _by: Tracing, request: Request, path: str, limit: Limit = 100, offset: Offset = 0
) -> Json:
    """Return a namespace, or what is in it.

    The rest of the path: nothing, `datasets`, `datasets/NAME`, `datasets/NAME/versions`,
    `datasets/NAME/versions/VERSION`, `jobs`, `jobs/NAME` or `jobs/NAME/runs`.
    """
    inventory, page = platform.lineage_inventory, Page(limit=limit, offset=offset)
    match _parts(request, "/api/v1/namespaces/"):
        case [space]:
            return shapes.namespace(inventory.namespace(space))
        case [space, "datasets"]:
            total, datasets = inventory.datasets(space, page)
            return {"datasets": [shapes.dataset(each) for each in datasets], "totalCount": total}
        case [space, "datasets", name]:
            return shapes.dataset(inventory.dataset(space, name))
        case [space, "datasets", name, "versions"]:
            entry = inventory.dataset(space, name)
            total, versions = inventory.versions(space, name, page)
            return {"versions": [shapes.version(entry, each) for each in versions], "totalCount": total}
        case [space, "datasets", name, "versions", version]:
            entry = inventory.dataset(space, name)
            return shapes.version(entry, inventory.version(space, name, version))
        case [space, "jobs"]:
            total, jobs = inventory.jobs(space, page)
            return {"jobs": [shapes.job(each) for each in jobs], "totalCount": total}
        case [space, "jobs", name]:
            return shapes.job(inventory.job(space, name))
        case [space, "jobs", name, "runs"]:
            total, runs = inventory.runs(space, name, page)
            return {"runs": [shapes.run(each) for each in runs], "totalCount": total}
    raise NodeNotFound(f"nothing is at {request.url.path[:200]}", hint="names in a path are percent-encoded")


@router.get("/jobs/runs/{run_id}", responses=_READS)
def run(platform: Wired, _by: Tracing, run_id: str) -> Json:
    """Return a run."""
    return shapes.run(platform.lineage_inventory.run(run_id))


@router.get("/search", responses=documented(401))
def search(
    platform: Wired,
    _by: Tracing,
    q: Annotated[str, Query(min_length=1, max_length=200)],
    limit: Limit = 10,
) -> Json:
    """Return datasets and jobs whose names hold the text."""
    found = platform.lineage_inventory.search(q, limit)
    return {"totalCount": len(found), "results": [shapes.found(each) for each in found]}


@router.get("/sources", responses=documented(401))
def sources(platform: Wired, _by: Tracing, limit: Limit = 100, offset: Offset = 0) -> Json:
    """Return where datasets lie: here one source a namespace."""
    found = platform.lineage_inventory.namespaces(Page(limit=limit, offset=offset))
    return {"sources": [shapes.source(each) for each in found]}


@router.get("/sources/{source_name:path}", responses=_READS)
def source(platform: Wired, _by: Tracing, request: Request, source_name: str) -> Json:
    """Return one source."""
    (given,) = _parts(request, "/api/v1/sources/")[:1]
    return shapes.source(platform.lineage_inventory.namespace(given))


@router.get("/tags", responses=documented(401))
def tags(_by: Tracing) -> Json:
    """Return no tags: OpenLineage says them of datasets, and so they are shown."""
    return {"tags": []}


def _parts(request: Request, prefix: str) -> list[str]:
    """Return the parts of the path below the prefix, each decoded by itself."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    path = raw.partition(b"?")[0].decode("latin-1")
    below = path[path.index(prefix) + len(prefix) :] if prefix in path else unquote(path)
    parts = [unquote(part, errors="replace") for part in below.split("/")]
    return parts[:-1] if len(parts) > 1 and not parts[-1] else parts

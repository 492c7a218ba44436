"""Search across everything that may be known without a token: who the parties are is not."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.problems import documented
from api.routes.asking import Reading, Wired
from catalog.disclosure import Reader
from catalog.search.entries import Kind
from catalog.search.query import DEEPEST, MOST_HITS, Found, SearchQuery
from standards.security import SecurityLevel

router = APIRouter(tags=["search"])

State = Literal["registered", "retired", "open", "closed"]
_TOLD = "Words, codes or parts of them, in Chinese or English. Every word must be found."


@router.head("/search", include_in_schema=False)
@router.get("/search", responses=documented(401), openapi_extra={"security": [{}]})
def search(
    platform: Wired,
    reader: Reading,
    q: Annotated[str, Query(description=_TOLD)],
    kind: Annotated[list[Kind] | None, Query(description="Only things of these kinds.")] = None,
    state: Annotated[State | None, Query(description="Only things in this state.")] = None,
    security_level: Annotated[SecurityLevel | None, Query(description="Only of this level.")] = None,
    owner: Annotated[str | None, Query(description="Only this party's.", max_length=64)] = None,
    organisation: Annotated[str | None, Query(description="Only this organisation's.", max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_HITS)] = 20,
    offset: Annotated[int, Query(ge=0, lt=DEEPEST)] = 0,
) -> Found:
    """Find datasets, products, concepts, data elements, codes and units, best first, with facets.

    What is retired or closed comes last. Without a token no dataset is found by a sensitive field.
    """
    query = SearchQuery(
        text=q,
        kinds=tuple(kind or ()),
        state=state,
        security_level=security_level.value if security_level else None,
        owner=owner,
        organisation=organisation,
        limit=limit,
        offset=offset,
    )
    is_stranger = reader is Reader.STRANGER
    return platform.search.find(query, without=(Kind.PARTY, Kind.EXPERIENCE), for_stranger=is_stranger)

"""The catalog for other catalogs: DCAT 3 in Turtle or JSON-LD, in pages; open, as `/datasets` is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from rdflib import Graph
from starlette.responses import Response

from api.problems import documented
from api.routes.accepting import preferred
from api.routes.asking import Wired
from catalog.exchange.dcat_iris import Iris
from catalog.exchange.dcat_paging import MOST, Asked
from catalog.exchange.dcat_text import Form, to_text

router = APIRouter(prefix="/dcat", tags=["exchange"])

_MOST_PAGES = 10**9
_MEDIA_TYPES = {
    Form.TURTLE: (Form.TURTLE.media_type,),
    Form.JSON_LD: (Form.JSON_LD.media_type, "application/json"),
}
_ANSWERS: dict[int | str, dict[str, Any]] = documented(404) | {
    200: {"content": {form.media_type: {} for form in Form}}
}


def _asked(
    page: Annotated[int, Query(ge=1, le=_MOST_PAGES)] = 1,
    size: Annotated[int, Query(ge=1, le=MOST, description="Things on a page.")] = 100,
    form: Annotated[Form | None, Query(alias="format", description="Default: by Accept.")] = None,
) -> Asked:
    return Asked(page, size, form.value if form else None)


_Asked = Annotated[Asked, Depends(_asked)]


@router.head("", include_in_schema=False)
@router.get("", responses=_ANSWERS, response_class=Response)
def show_catalog(request: Request, platform: Wired, asked: _Asked) -> Response:
    """Return a page of the catalog in DCAT 3: products, series, datasets, each with its newest version."""
    return _answer(request, asked, platform.dcat.page(_iris(request, platform), asked))


@router.head("/datasets/{name}", include_in_schema=False)
@router.get("/datasets/{name}", responses=_ANSWERS, response_class=Response)
def show_dataset(name: str, request: Request, platform: Wired, asked: _Asked) -> Response:
    """Return a dataset in DCAT 3 and a page of its versions, newest first."""
    return _answer(request, asked, platform.dcat.dataset(_iris(request, platform), name, asked))


@router.head("/products/{name}", include_in_schema=False)
@router.get("/products/{name}", responses=_ANSWERS, response_class=Response)
def show_product(name: str, request: Request, platform: Wired, asked: _Asked) -> Response:
    """Return a product in DCAT 3 and a page of its releases, newest first."""
    return _answer(request, asked, platform.dcat.product(_iris(request, platform), name, asked))


@router.head("/series/{name}", include_in_schema=False)
@router.get("/series/{name}", responses=_ANSWERS, response_class=Response)
def show_series(name: str, request: Request, platform: Wired, asked: _Asked) -> Response:
    """Return a series in DCAT 3 and a page of its datasets' names, in its order."""
    return _answer(request, asked, platform.dcat.series(_iris(request, platform), name, asked))


def _iris(request: Request, platform: Wired) -> Iris:
    return Iris.below(platform.settings.public_url or str(request.base_url))


def _answer(request: Request, asked: Asked, graph: Graph) -> Response:
    form = Form(asked.format) if asked.format else preferred(request.headers.get("Accept", ""), _MEDIA_TYPES)
    media_type = form.media_type + ("; charset=utf-8" if form is Form.TURTLE else "")
    return Response(to_text(graph, form), media_type=media_type, headers={"Vary": "Accept"})

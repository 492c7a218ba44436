"""Products: releases and manifests for everyone, rows and files for granted partners, receipts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from api.problems import documented
from api.routes.asking import Asking, Wired
from api.routes.paging import ByName, link
from catalog.receipts import Receipt
from catalog.releases.models import Release
from products.recipe import Declaration
from products.row_filters import BadQuery
from products.row_queries import MAX_ROWS, MEDIA_TYPES, Format, RowQuery
from standards import manifest
from standards.manifest import Manifest

router = APIRouter(tags=["products"])
receipts = APIRouter(tags=["receipts"])

_GRANTED = documented(401, 403, 404, 409)

_MAX_OFFSET = 2**53  # beyond any release, within what the engine counts
_OWN_PARAMETERS = frozenset({"version", "columns", "limit", "offset", "format"})


_ROWS: dict[str, Any] = {MEDIA_TYPES[form].split(";")[0]: {} for form in Format}


class ProductWithReleases(BaseModel):
    """A product and its published releases, oldest first."""

    product: Declaration
    releases: list[Release]


@router.head("/products", include_in_schema=False)
@router.get("/products")
def list_products(platform: Wired, page: ByName) -> list[Declaration]:
    """List the products that recipes make, by name."""
    declared = sorted((recipe.declaration for recipe in platform.recipes.list()), key=lambda each: each.name)
    return page.within(declared, lambda each: each.name)


@router.head("/products/{product}", include_in_schema=False)
@router.get("/products/{product}", responses=documented(404))
def show_product(product: str, platform: Wired) -> ProductWithReleases:
    """Show one product and what has been published of it."""
    declaration = platform.recipes.get(product).declaration
    return ProductWithReleases(product=declaration, releases=list(platform.releases.list_public(product)))


@router.head("/products/{product}/releases/{version}/manifest.json", include_in_schema=False)
@router.get(
    "/products/{product}/releases/{version}/manifest.json",
    responses=documented(404) | {200: {"content": {"application/json": {}}}},
    response_class=Response,
)
def show_manifest(product: str, version: int, platform: Wired) -> Response:
    """Return a release's manifest: the very bytes whose digest is on the chain."""
    release = platform.releases.public(product, version)
    body = Manifest.model_validate(release.manifest).to_bytes()
    return Response(body, media_type="application/json", headers=_named(manifest.FILE_NAME))


@router.get(
    "/products/{product}/releases/{version}/files/{name}",
    responses=_GRANTED | {200: {"content": {"application/octet-stream": {}}}},
    response_class=Response,
)
def download_file(product: str, version: int, name: str, party: Asking, platform: Wired) -> Response:
    """Return a file of a release, with a receipt. Needs a grant."""
    file, body, receipt = platform.server.file(party, product, version, name)
    return Response(body, media_type=file.media_type, headers=_named(file.name) | _receipt(receipt))


@router.get(
    "/products/{product}/rows",
    responses=_GRANTED | {200: {"content": _ROWS}},
    response_class=Response,
)
def query_rows(
    product: str,
    request: Request,
    party: Asking,
    platform: Wired,
    version: Annotated[int | None, Query(description="A release. Default: the newest.")] = None,
    columns: Annotated[str | None, Query(description="Fields, separated by commas. Default: all.")] = None,
    limit: Annotated[
        int | None, Query(ge=1, le=MAX_ROWS, description="At most so many. Default: all.")
    ] = None,
    offset: Annotated[int, Query(ge=0, le=_MAX_OFFSET)] = 0,
    form: Annotated[Format, Query(alias="format")] = Format.CSV,
) -> Response:
    """Return rows of a release, with a receipt. Needs a grant.

    Any field's name is a filter: `?area=DMA-01&month=2022-05`. Rows keep the release's order. If there are
    more than `limit`, `Link` says where they go on, in the same release; `Shuize-Release` is its number,
    `Shuize-Rows-Total` how many rows fit.
    """
    _require_single(request)
    query = RowQuery(
        version=version,
        where={k: v for k, v in request.query_params.items() if k not in _OWN_PARAMETERS},
        columns=tuple(columns.split(",")) if columns else (),
        limit=limit,
        offset=offset,
        format=form,
    )
    answer = platform.server.rows(party, product, query)
    headers = _receipt(answer.receipt) | {"Shuize-Rows-Total": str(answer.total)}
    if answer.more:
        headers |= link(
            request,
            version=answer.receipt.version,
            limit=limit or MAX_ROWS,
            offset=offset + answer.receipt.rows,
        )
    return Response(answer.body, media_type=answer.media_type, headers=headers)


@receipts.get("/receipts/{receipt_id}", responses=documented(401, 404))
def show_receipt(receipt_id: str, party: Asking, platform: Wired) -> dict[str, Any]:
    """Return one of your own receipts and its digest."""
    receipt = platform.server.receipt(party, receipt_id)
    return {"receipt": receipt.model_dump(mode="json"), "digest": receipt.digest()}


def _require_single(request: Request) -> None:
    """Refuse a parameter that is given twice: one of its values would be ignored."""
    names = [name for name, _ in request.query_params.multi_items()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadQuery(
            f"{', '.join(map(repr, twice))}: given more than once",
            hint="give one value; for several ask once for each, or choose among the rows that come",
        )


def _receipt(receipt: Receipt) -> dict[str, str]:
    return {
        "Shuize-Release": str(receipt.version),
        "Shuize-Receipt": receipt.id,
        "Shuize-Receipt-Digest": receipt.digest(),
    }


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}

"""Data contracts of datasets and descriptions of products, as the open standards have them."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.problems import documented
from api.routes.accepting import preferred
from api.routes.asking import Reading, Wired
from catalog.exchange.dcat_iris import Iris
from standards import plain_yaml

router = APIRouter(tags=["exchange"])


class Form(StrEnum):
    """The forms that a document comes in."""

    YAML = "yaml"
    JSON = "json"


_MEDIA_TYPES = {
    Form.YAML: ("application/yaml", "application/x-yaml", "text/yaml", "application/odcs+yaml"),
    Form.JSON: ("application/json", "text/json"),
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {kinds[0]: {} for kinds in _MEDIA_TYPES.values()}}
}
_Asked = Annotated[Form | None, Query(alias="format", description="Default: by Accept, else YAML.")]


@router.head("/datasets/{name}/contract", include_in_schema=False)
@router.get(
    "/datasets/{name}/contract",
    responses=documented(401, 403, 404) | _ANSWERS,
    response_class=Response,
    openapi_extra={"security": [{}]},  # it answers without a token as well
)
def show_contract(
    name: str, request: Request, platform: Wired, reader: Reading, form: _Asked = None
) -> Response:
    """Return a dataset's data contract (ODCS 3.2).

    With the token of a person of the utility, all that an imported contract said; else what is governed here,
    and for strangers without the sensitive fields.
    """
    return _answer(request, form, platform.data_contracts.seen(name, reader))


@router.head("/products/{name}/odps", include_in_schema=False)
@router.get("/products/{name}/odps", responses=documented(404) | _ANSWERS, response_class=Response)
def show_description(name: str, request: Request, platform: Wired, form: _Asked = None) -> Response:
    """Return a product's description by the Open Data Product Standard 1.0."""
    iris = Iris.below(platform.settings.public_url or str(request.base_url))
    return _answer(request, form, platform.data_products.describe(name, iris))


def _answer(request: Request, asked: Form | None, document: dict[str, Any]) -> Response:
    form = asked or preferred(request.headers.get("Accept", ""), _MEDIA_TYPES)
    text = plain_yaml.write(document) if form is Form.YAML else json.dumps(document, ensure_ascii=False)
    headers = {"Vary": "Accept, Authorization"}
    return Response(text, media_type=f"{_MEDIA_TYPES[form][0]}; charset=utf-8", headers=headers)

"""The start page and the API's documentation. Nothing comes from elsewhere, and the browser is told so."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.responses import HTMLResponse, Response

from api.routes.asking import Wired
from standards.errors import ShuizeError

router = APIRouter(include_in_schema=False)

ASSETS = "/static-offline-docs"
"""Where the application serves what `/docs` needs."""

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "pages"),
    autoescape=select_autoescape(["html"]),
    trim_blocks=True,
    lstrip_blocks=True,
)
_SHOWN_DATASETS = 200
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
)


@router.head("/")
@router.get("/")
def start(request: Request, platform: Wired) -> Response:
    """Show datasets, releases and how to verify them."""
    page = _PAGES.get_template("start.html").render(
        datasets=platform.datasets.list(limit=_SHOWN_DATASETS + 1),
        shown=_SHOWN_DATASETS,
        recipes={recipe.name: recipe.declaration for recipe in platform.recipes.list()},
        releases=platform.releases.list_public(),
        base=str(request.base_url).rstrip("/"),
        chain=_chain(platform),
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


@router.get("/docs")
def docs(request: Request) -> Response:
    """Show the API's documentation; its script and style come from this server."""
    root = request.scope.get("root_path", "")
    page = get_swagger_ui_html(
        openapi_url=f"{root}/openapi.json",
        title="Shuize 水则: API",
        swagger_js_url=f"{root}{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{root}{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{root}{ASSETS}/favicon.png",
        swagger_ui_parameters={"validatorUrl": None, "defaultModelsExpandDepth": 0},
    )
    page.headers["Content-Security-Policy"] = _DOCS_POLICY
    return page


def _chain(platform: Wired) -> dict[str, object] | str:
    """Return what the page says of the chain; a chain that does not answer must not take the page down."""
    try:
        registry = platform.registry
        return {
            "status": registry.chain.status(),
            "contract": registry.address,
            "own": registry.chain.embedded,
        }
    except ShuizeError as error:
        return error.message

"""The start page and the API's documentation. Nothing comes from elsewhere, and the browser is told so."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.responses import HTMLResponse, Response

from api.headers import NOTHING
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
_START = "start.html"
_SHOWN_DATASETS = 200


@router.head("/")
@router.get("/")
def start(request: Request, platform: Wired) -> Response:
    """Show datasets, releases and how to verify them."""
    page = _PAGES.get_template(_START).render(
        datasets=platform.datasets.list(limit=_SHOWN_DATASETS + 1),
        shown=_SHOWN_DATASETS,
        recipes={recipe.name: recipe.declaration for recipe in platform.recipes.list()},
        releases=platform.releases.list_public(),
        base=str(request.base_url).rstrip("/"),
        chain=_chain(platform),
    )
    # The style is that of the template as it lies here, so nothing that was put in can be one.
    source, _, _ = _PAGES.loader.get_source(_PAGES, _START)  # type: ignore[union-attr]
    return HTMLResponse(page, headers=policy_of_style(source))


@router.head("/docs")
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
    script = _hashes("script", bytes(page.body).decode())
    page.headers.update(
        _policy(f"script-src 'self' {script}; style-src 'self'; img-src 'self' data:; connect-src 'self'")
    )
    return page


def policy_of_style(template: str) -> dict[str, str]:
    """Return the header of a page that has the style of its template, and nothing else."""
    return _policy(f"style-src {_hashes('style', template)}")


def _policy(needs: str) -> dict[str, str]:
    """Return the header that lets a page load what it needs, and nothing else."""
    return {"Content-Security-Policy": f"{NOTHING}; {needs}"}


def _hashes(tag: str, page: str) -> str:
    """Return the sources that allow what stands in a page's own elements. Source: CSP 3 §2.3.1."""
    found = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    return " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in found)


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

"""The start page: what is here, and how to verify it. Server-rendered, no script, nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.responses import HTMLResponse, Response

from api.routes.asking import Wired
from standards.errors import ShuizeError

router = APIRouter(include_in_schema=False)

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "pages"),
    autoescape=select_autoescape(["html"]),
    trim_blocks=True,
    lstrip_blocks=True,
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@router.get("/")
def start(request: Request, platform: Wired) -> Response:
    """Show datasets, releases and how to verify them."""
    page = _PAGES.get_template("start.html").render(
        datasets=platform.datasets.list(),
        recipes={recipe.name: recipe.declaration for recipe in platform.recipes.list()},
        releases=platform.releases.list_public(),
        base=str(request.base_url).rstrip("/"),
        chain=_chain(platform),
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


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

"""The FastAPI application: routes, problems, documentation that needs no network."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp

import contracts.recursion  # noqa: F401  # no body nested too deep may kill the server
from api import problems
from api.headers import SafeHeaders
from api.routes import (
    chain,
    data_contracts,
    datasets,
    dcat,
    evidence,
    glossary,
    governance,
    inspection,
    lineage,
    marquez,
    pages,
    products,
    quality,
    records,
    reports,
    search,
    standards,
    stewardship,
)
from api.wiring import Platform
from standards.errors import ShuizeError

_log = logging.getLogger("shuize")

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_ABOUT = """
Data products of a city utility, with proofs. Lists and manifests are open to everyone. Rows and files need a
partner's bearer token and a grant that holds on the chain; every answer brings a receipt in the header
`Shuize-Receipt`. Errors are RFC 9457 problems.
"""


def create_app(platform: Platform) -> FastAPI:
    """Return the application over a wired platform."""
    app = FastAPIOffline(
        title="Shuize 水则",
        description=_ABOUT,
        version=version("shuize"),
        docs_url=None,  # routes/pages.py has it, with a policy
        redoc_url=None,
        static_url=pages.ASSETS,
        responses=problems.documented(422, 500, 503),
    )
    app.state.platform = platform
    for router in (
        pages.router,
        datasets.router,
        inspection.router,
        records.router,
        quality.router,
        evidence.router,
        products.router,
        products.receipts,
        chain.router,
        search.router,
        glossary.router,
        data_contracts.router,
        dcat.router,
        governance.router,
        standards.router,
        stewardship.router,
        reports.router,
    ):
        app.include_router(router)
    for router in (lineage.openlineage, lineage.router, marquez.router):
        app.include_router(router)
    app.add_exception_handler(ShuizeError, _own)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _fault)
    _describe_problems(app)
    _make_safe(app)
    return app


def _make_safe(app: FastAPI) -> None:
    """Put `SafeHeaders` around all: what answers a fault stands outside of an application's middleware."""
    build = app.build_middleware_stack

    def built() -> ASGIApp:
        return SafeHeaders(build())

    app.build_middleware_stack = built  # type: ignore[method-assign]


def _describe_problems(app: FastAPI) -> None:
    """Add to OpenAPI the schema that `problems.documented` refers to."""
    build = app.openapi

    def described() -> dict[str, Any]:
        document = build()
        schema = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        document.setdefault("components", {}).setdefault("schemas", {}).update(
            schema.pop("$defs"), Problem=schema
        )
        return document

    app.openapi = described  # type: ignore[method-assign]  # the way FastAPI documents


def _own(request: Request, error: Exception) -> Response:
    assert isinstance(error, ShuizeError)
    status, _ = problems.answer(type(error))
    if status >= 500:
        return _own_trouble(request, error)
    if status != 401:
        return _problem(request, problems.problem(error))
    scheme = 'Bearer realm="shuize"' + (', error="invalid_token"' if _has_token(request) else "")
    return _problem(request, problems.problem(error), {"WWW-Authenticate": scheme})


def _own_trouble(request: Request, error: ShuizeError) -> Response:
    """Answer trouble on this side by its code alone: the message names hosts and paths; the log has it."""
    _log.error("%s %s failed: %s", request.method, request.url.path, error.message, exc_info=error.__cause__)
    body = problems.problem(error) | {"detail": problems.title(type(error))}
    body.pop("errors", None)
    again = "try again later; " if body["status"] == 503 else ""
    return _problem(request, body | {"hint": f"{again}the operator's log has the details"})


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    body = problems.plain_problem(422, "the request does not fit what this route takes")
    body["errors"] = [
        {"pointer": "/" + "/".join(map(str, fault["loc"])), "detail": fault["msg"]}
        for fault in error.errors()
    ]
    return _problem(request, body)


def _framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said, headers = str(error.detail), dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = _allowed(request)
    if said == HTTPStatus(error.status_code).phrase:  # the framework's own, which says neither what nor where
        path, method = request.url.path, request.method
        said = {
            404: f"nothing is at {path}; see /docs",
            405: f"{path} does not answer {method}, only {headers.get('Allow')}; see /docs",
        }.get(error.status_code, said)
    return _problem(request, problems.plain_problem(error.status_code, said), headers)


def _allowed(request: Request) -> str:
    """Return the methods that a path answers; the framework names those of its first route only."""

    def answers(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return ", ".join(filter(answers, _METHODS)) or "GET, HEAD"  # of a file, which no route knows


def _fault(request: Request, error: Exception) -> Response:
    """Answer a fault of the program with no word of its inside; the server logs its traceback besides."""
    _log.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__)
    detail = "a fault of the program; the operator's log has the details"
    return _problem(request, problems.plain_problem(500, detail))


def _has_token(request: Request) -> bool:
    return request.headers.get("Authorization", "").lower().startswith("bearer ")


def _problem(request: Request, body: dict[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    cors = chain.CORS if request.url.path == "/rpc" else {}
    return JSONResponse(
        body,
        status_code=body["status"],
        headers={**cors, **(headers or {})},
        media_type=problems.PROBLEM_JSON,
    )

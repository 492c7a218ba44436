"""The FastAPI application: routes, problems, documentation that needs no network."""

from __future__ import annotations

import logging
from importlib.metadata import version

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api import problems
from api.routes import chain, datasets, pages, products
from api.wiring import Platform
from standards.errors import ShuizeError

_log = logging.getLogger("shuize")

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
        redoc_url=None,
        responses={422: {"description": "RFC 9457 problem", "content": {problems.PROBLEM_JSON: {}}}},
    )
    app.state.platform = platform
    for routes in (pages, datasets, products, chain):
        app.include_router(routes.router)
    app.add_exception_handler(ShuizeError, _own)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _fault)
    return app


def _own(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ShuizeError)
    status, _ = problems.answer(error)
    headers = {"WWW-Authenticate": 'Bearer realm="shuize"'} if status == 401 else None
    return _problem(problems.problem(error), headers)


def _malformed(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    body = problems.plain_problem(422, "the request does not fit what this route takes")
    body["errors"] = [
        {"pointer": "/" + "/".join(map(str, fault["loc"])), "detail": fault["msg"]}
        for fault in error.errors()
    ]
    return _problem(body)


def _framework(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _problem(problems.plain_problem(error.status_code, str(error.detail)), error.headers)


def _fault(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _problem(problems.plain_problem(500, "a fault of the program; the operator's log has the details"))


def _problem(body: dict[str, object], headers: object = None) -> Response:
    status = body["status"]
    assert isinstance(status, int)
    return JSONResponse(
        body,
        status_code=status,
        headers=dict(headers) if isinstance(headers, dict) else None,
        media_type=problems.PROBLEM_JSON,
    )

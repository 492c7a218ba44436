"""Errors at the edge: each kind of ShuizeError has one HTTP status and one exit code, said here only."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from catalog.database import BadDatabaseUrl, DatabaseDamaged
from catalog.parties import UnknownToken
from standards.errors import (
    Conflict,
    Denied,
    InvalidInput,
    NotFound,
    ShuizeError,
    Unavailable,
    VerificationFailed,
)

PROBLEM_JSON = "application/problem+json"


class BodyTooLarge(InvalidInput):
    """The request's body is larger than what is read."""

    code = "body-too-large"


class Place(BaseModel):
    """One wrong place of several: where it is, and what is wrong there."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """An error: what, where, how to mend. Source: RFC 9457, with `hint` and `errors` besides."""

    type: str
    title: str
    status: int
    detail: str
    hint: str | None = None
    errors: list[Place] = []


ANSWERS: dict[type[ShuizeError], tuple[int, int]] = {
    UnknownToken: (401, 6),
    BodyTooLarge: (413, 3),
    BadDatabaseUrl: (500, 3),
    DatabaseDamaged: (500, 3),
    InvalidInput: (422, 3),
    NotFound: (404, 4),
    Conflict: (409, 5),
    Denied: (403, 6),
    VerificationFailed: (422, 7),
    Unavailable: (503, 8),
    ShuizeError: (500, 70),
}
"""Kind → (HTTP status, exit code); the first kind in an error's class order wins."""

EXIT_CODES = {
    0: "done",
    1: "checked, and the answer is no",
    2: "the command line itself is wrong",
    3: "what was handed in can't be used as it is",
    4: "not found",
    5: "the present state forbids it",
    6: "not allowed",
    7: "a proof does not hold",
    8: "something this depends on did not answer; try again",
    70: "a fault of the program: nothing is known of the outcome",
    130: "stopped by Ctrl-C",
    141: "the reader of the output has gone",
}


HTTP_HINTS = {
    "recipe-not-found": "see what there is: GET /products",
    "release-not-found": "see its releases: GET /products/PRODUCT",
    "dataset-not-found": "see what there is: GET /datasets",
    "product-not-registered": "see what there is: GET /products",
    "unit-not-found": "see what there is: GET /organisation",
    "concept-not-found": "see what there is: GET /glossary",
    "change-not-found": "see what there is: GET /changes",
    "asset-not-found": "see what there is: GET /assets",
    "partners-dont-govern": "use the token of a person of the utility",
    "no-grant": "ask the utility for a grant of this product",
    "unknown-token": "use the token that the utility gave you, or ask it for a new one",
}
"""What to do over HTTP, by code, where the hint names a command that only the operator has."""

_COMMAND = re.compile(r"\bshuize [a-z]|\bSHUIZE_|(?<!\w)--[a-z]")


def answer(error: type[ShuizeError]) -> tuple[int, int]:
    """Return the HTTP status and the exit code of a class of errors."""
    return next(ANSWERS[kind] for kind in error.__mro__ if kind in ANSWERS)


def problem(error: ShuizeError) -> dict[str, Any]:
    """Return the error as an RFC 9457 problem; its hint is for someone who has no command line."""
    status, _ = answer(type(error))
    body: dict[str, Any] = {
        "type": f"urn:shuize:problem:{error.code}",
        "title": title(type(error)),
        "status": status,
        "detail": error.message,
    }
    if (hint := _hint(error)) is not None:
        body["hint"] = hint
    if error.faults:
        body["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in error.faults]
    return body


def _hint(error: ShuizeError) -> str | None:
    if error.hint is None or not _COMMAND.search(error.hint):
        return error.hint
    return HTTP_HINTS.get(error.code)


def plain_problem(status: int, detail: str) -> dict[str, Any]:
    """Return a problem for what the framework refused by itself. Source: RFC 9457 §4.2.1."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of the problems a route may answer with."""
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content} for status in sorted(statuses)
    }


def title(error: type[ShuizeError]) -> str:
    """Return the fact in a few words: the first sentence of the class."""
    return (error.__doc__ or error.code).strip().split("\n")[0].rstrip(".")

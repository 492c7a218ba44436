"""Hints over HTTP: who reads there has no command line of the utility's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from api import problems
from api.reference import error_classes
from standards.errors import NotFound
from tests.api.answers import problem
from tests.api.shell import City

COMMAND = re.compile(r"shuize [a-z]|--[a-z]|SHUIZE_")
BY_CODE = {each.code: each for each in error_classes()}


class Odd(NotFound):
    """Odd."""

    code = "odd"


def _hint(code: str, hint: str) -> Any:
    return problems.problem(BY_CODE.get(code, Odd)("x", hint=hint)).get("hint")


def test_a_hint_that_names_a_command_is_replaced_by_one_for_http_or_left_out() -> None:
    for command in (
        "see: shuize product list",
        "see `shuize product list`",
        "give --as ID",
        "set SHUIZE_HOME",
    ):
        assert _hint("recipe-not-found", command) == "see what there is: GET /products"
        assert _hint("odd", command) is None
    for plain in (
        "products: a, b",
        "send the header Authorization: Bearer TOKEN",
        "the home shuize-data",
        "a--b",
    ):
        assert _hint("recipe-not-found", plain) == plain


@pytest.mark.parametrize("code", problems.HTTP_HINTS)
def test_a_hint_for_http_is_of_an_error_that_exists_and_names_no_command(code: str) -> None:
    assert code in BY_CODE
    assert not COMMAND.search(problems.HTTP_HINTS[code])


def test_a_route_that_a_hint_names_is_there(client: TestClient) -> None:
    routes = client.get("/openapi.json").json()["paths"]
    named = [hint.split("GET ")[1] for hint in problems.HTTP_HINTS.values() if "GET " in hint]
    assert named
    for route in named:
        assert route.replace("PRODUCT", "{product}") in routes


def test_no_route_refuses_a_partner_or_a_stranger_with_a_command(client: TestClient, city: City) -> None:
    refused = 0
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        if "get" not in methods:
            continue
        url = re.sub(r"\{(\w+)\}", lambda part: "9" if part[1] in ("version", "number") else "nothing", path)
        for headers in (city.bearer, {}):
            answer = client.get(url, headers=headers)
            if answer.status_code >= 400:
                refused += 1
                body = problem(answer, answer.status_code)
                assert not COMMAND.search(body["detail"] + body.get("hint", "")), url
                assert body.get("hint") or answer.status_code == 422, url
    assert refused > 40


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/datasets/nothing", "see what there is: GET /datasets"),
        (
            "/products/water-use-index/releases/9/manifest.json",
            "see its releases: GET /products/water-use-index",
        ),
        ("/products/water-use-index/rows?version=9", "see its releases: GET /products/water-use-index"),
        ("/products/customer-industry/rows", "ask the utility for a grant of this product"),
    ],
)
def test_a_partner_is_shown_the_way_by_url(client: TestClient, city: City, path: str, hint: str) -> None:
    answer = client.get(path, headers=city.bearer)
    assert answer.json()["hint"] == hint

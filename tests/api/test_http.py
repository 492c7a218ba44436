"""The API over HTTP: every error a problem, nothing of the inside, a true OpenAPI."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from starlette.testclient import TestClient

from api.app import create_app
from api.problems import PROBLEM_JSON
from api.settings import Settings
from api.wiring import Platform
from tests.api.answers import problem
from tests.api.shell import City

ROWS = "/products/water-use-index/rows"


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/products/nosuch",
        "/products/water-use-index/releases/7/manifest.json",
        "/products/water-use-index/releases/99999999999999999999999/manifest.json",
        "/datasets/nosuch",
        "/datasets/%00",
        "/datasets/..%2f..%2fetc",
        "/static-offline-docs/nosuch.js",
        "/static-offline-docs/..%2f..%2fpyproject.toml",
        "/products/%F0%9F%92%A7",
    ],
)
def test_what_is_not_there_is_a_problem_that_says_so(client: TestClient, path: str) -> None:
    problem(client.get(path), 404)


def test_the_framework_s_refusals_say_what_and_where(client: TestClient) -> None:
    assert problem(client.get("/nothing"), 404)["detail"] == "nothing is at /nothing; see /docs"
    refused = client.post("/products")
    assert "/products does not answer POST" in problem(refused, 405)["detail"]
    assert refused.headers["allow"]
    wrong = problem(client.get("/products/water-use-index/releases/one/manifest.json"), 422)
    assert [error["pointer"] for error in wrong["errors"]] == ["/path/version"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_refused_as_problems(client: TestClient, method: str) -> None:
    problem(client.request(method, "/products"), 405)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/chain",
        "/datasets",
        "/datasets/dma-inflow",
        "/products",
        "/products/water-use-index",
        "/products/water-use-index/releases/1/manifest.json",
    ],
)
def test_what_is_open_answers_head_as_get_without_the_body(client: TestClient, path: str) -> None:
    whole, head = client.get(path), client.head(path)
    assert head.status_code == whole.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_an_unexpected_fault_is_a_problem_without_its_inside(city: City) -> None:
    platform = Platform(Settings(home=city.home))
    app = create_app(platform)

    @app.get("/break")
    def broken() -> Response:
        raise ZeroDivisionError("inner secret")

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/break")
    platform.close()
    body = problem(answer, 500)
    assert "inner secret" not in answer.text
    assert "ZeroDivision" not in answer.text
    assert body["type"] == "about:blank"


def test_trouble_on_this_side_is_told_by_its_code_alone(city: City, caplog: pytest.LogCaptureFixture) -> None:
    platform = Platform(Settings(home=city.home, chain="http://user:s3cret@127.0.0.1:9/key"))
    with TestClient(create_app(platform)) as client:
        body = problem(client.get(ROWS, headers=city.bearer), 503)
    platform.close()
    assert body["type"] == "urn:shuize:problem:chain-unavailable"
    assert "127.0.0.1:9" not in str(body)
    assert "127.0.0.1:9 can't be reached" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_home_that_is_none_answers_with_a_problem(tmp_path: Path) -> None:
    with TestClient(create_app(Platform(Settings(home=tmp_path)))) as client:
        body = problem(client.get("/datasets"), 404)
    assert body["type"] == "urn:shuize:problem:no-home"


@pytest.fixture
def openapi(client: TestClient) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(client.get("/openapi.json").content)
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_openapi_names_the_problems_of_every_route(openapi: dict[str, Any]) -> None:
    for name, operation in _operations(openapi):
        responses = operation["responses"]
        expected = {"422", "500", "503"}
        expected |= {"404"} if "{" in name else set()
        expected |= {"401"} if "security" in operation else set()
        held = (
            name.endswith(("/rows", "/{name}")) and name != "GET /datasets/{name}"
        )  # strangers see less of it
        expected |= {"403"} if held and "security" in operation else set()
        assert expected <= set(responses), name
        for status, response in responses.items():
            if not status.startswith("2") and (name, status) != ("POST /rpc", "429"):  # JSON-RPC's own form
                schema = response["content"][PROBLEM_JSON]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}
                assert set(response["content"]) == {PROBLEM_JSON}
        assert operation["description"], name


def test_openapi_refers_to_nothing_it_lacks(openapi: dict[str, Any]) -> None:
    def references(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                yield from [value] if key == "$ref" else references(value)
        elif isinstance(node, list):
            for each in node:
                yield from references(each)

    found = set(references(openapi))
    assert found
    assert found <= {f"#/components/schemas/{name}" for name in openapi["components"]["schemas"]}
    assert len({operation["operationId"] for _, operation in _operations(openapi)}) == len(
        list(_operations(openapi))
    )

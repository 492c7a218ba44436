"""What every answer tells browsers and caches, and what Allow says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.responses import Response
from starlette.testclient import TestClient

from api.app import create_app
from api.headers import NOTHING
from api.settings import Settings
from api.wiring import Platform
from tests.api.shell import City

ROWS = "/products/water-use-index/rows"
ASSET = "/static-offline-docs/swagger-ui.css"


def test_every_answer_has_the_headers_whatever_it_is(city: City) -> None:
    platform = Platform(Settings(home=city.home))
    app = create_app(platform)

    @app.get("/break")
    def broken() -> Response:
        raise ZeroDivisionError

    call = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
    with TestClient(app, raise_server_exceptions=False) as client:
        known, unknown = ("/", "/docs", "/openapi.json", ROWS, "/trail"), ("/nothing", ASSET, ROWS, "/break")
        answers = [
            *(client.get(path, headers=city.bearer) for path in known),
            *(client.get(path) for path in unknown),
            client.head("/datasets"), client.put("/datasets"), client.options("/rpc"),
            client.post("/rpc", json=call), client.get("/products?limit=x"),
        ]  # fmt: skip
    platform.close()
    assert {answer.status_code for answer in answers} == {200, 204, 401, 403, 404, 405, 422, 500}
    for answer in answers:
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff", answer.url
        assert headers["referrer-policy"] == "no-referrer", answer.url
        policy = headers["content-security-policy"]
        assert policy.startswith(NOTHING), answer.url
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


def test_what_needed_a_token_is_kept_by_no_cache(client: TestClient, city: City) -> None:
    rows = client.get(ROWS, headers=city.bearer)
    receipt = f"/receipts/{rows.headers['shuize-receipt']}"
    file = "/products/water-use-index/releases/1/files/water-use-index.csv"
    answers = [rows, *(client.get(path, headers=city.bearer) for path in (receipt, file))]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    answers += [client.get("/trail", headers=city.bearer), client.get(ROWS), client.get("/nothing")]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    assert "cache-control" not in client.get("/products").headers


def test_allow_names_all_that_a_path_answers_and_head_works_where_none_needs_a_token(
    client: TestClient,
) -> None:
    document: dict[str, Any] = client.get("/openapi.json").json()
    said = {path: client.request("TRACE", path).headers["allow"].split(", ") for path in document["paths"]}
    for path, methods in document["paths"].items():
        assert {method.upper() for method in methods} <= set(said[path])
        if "get" in methods and "security" not in methods["get"]:
            assert "HEAD" in said[path], path
    assert said["/api/v1/lineage"] == ["GET", "POST"]
    assert said["/rpc"] == ["POST", "OPTIONS"]
    assert said[ROWS.replace("water-use-index", "{product}")] == ["GET"]
    asset = client.put(ASSET)
    assert (asset.status_code, asset.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path", ["/docs", "/glossary.ttl", "/glossary.jsonld", "/datasets/dma-inflow/contract"]
)
def test_head_is_get_without_the_body(client: TestClient, path: str) -> None:
    whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-security-policy"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_may_run_its_own_script_and_style_and_no_other(client: TestClient, path: str) -> None:
    answer = client.get(path)
    own = re.findall(r"<(script|style)>", answer.text)
    assert own
    assert answer.headers["content-security-policy"].count("'sha256-") == len(own)
    assert " style=" not in answer.text
    assert not re.search(r"\son\w+=", answer.text)

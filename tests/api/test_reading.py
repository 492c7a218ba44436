"""A partner reads: tokens, grants, queries, files, receipts; alone and many at once."""

from __future__ import annotations

import io
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import httpx
import pandas as pd
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from products import row_queries
from tests.api.answers import problem
from tests.api.shell import City, shuize

ROWS = "/products/water-use-index/rows"
FILES = "/products/water-use-index/releases/1/files"


def test_a_head_makes_no_receipt(client: TestClient, city: City) -> None:
    assert client.head(ROWS, headers=city.bearer).status_code == 405


@pytest.mark.parametrize("path", [ROWS, f"{FILES}/water-use-index.csv", "/receipts/x"])
@pytest.mark.parametrize(
    ("header", "code", "challenge"),
    [
        (None, "token-missing", 'Bearer realm="shuize"'),
        ("Basic dTpw", "token-missing", 'Bearer realm="shuize"'),
        ("Bearer", "token-missing", 'Bearer realm="shuize"'),
        ("Bearer szt_of_nobody", "unknown-token", 'Bearer realm="shuize", error="invalid_token"'),
        ("bearer \xe9", "unknown-token", 'Bearer realm="shuize", error="invalid_token"'),
    ],
)
def test_without_a_known_token_the_answer_is_401(
    client: TestClient, path: str, header: str | None, code: str, challenge: str
) -> None:
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    answer = client.get(path, headers=headers)
    body = problem(answer, 401)
    assert body["type"] == f"urn:shuize:problem:{code}"
    assert ("belongs to nobody" in body["title"]) is (code == "unknown-token")
    assert body["hint"]
    assert answer.headers["www-authenticate"] == challenge
    assert "szt_of_nobody" not in answer.text


def test_each_reason_for_no_rows_has_its_own_code(own_city: City) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    soon, later = ((now + timedelta(days=days)).isoformat() for days in (1, 9))
    issue = ("grant", "issue", "customer-industry", "hydro-lab", "--purpose", "p", "--as", "li-na")

    def refusal(product: str) -> str:
        platform = Platform(Settings(home=own_city.home))
        with TestClient(create_app(platform)) as client:
            body = problem(client.get(f"/products/{product}/rows", headers=own_city.bearer), 403)
        platform.close()
        return str(body["type"].rsplit(":", 1)[1])

    assert refusal("customer-industry") == "no-grant"
    began = time.monotonic()
    assert shuize(own_city.home, *issue, "--from", soon, "--until", later).code == 0
    took = time.monotonic() - began
    assert refusal("customer-industry") == "grant-not-yet-valid"
    brief = (datetime.now(UTC) + timedelta(seconds=2 + 4 * took)).replace(microsecond=0)
    assert shuize(own_city.home, *issue, "--until", brief.isoformat()).code == 0
    time.sleep(max(0.0, (brief - datetime.now(UTC)).total_seconds()) + 1.1)
    assert refusal("customer-industry") == "grant-expired"
    assert (
        shuize(own_city.home, "grant", "revoke", own_city.grant, "--reason", "r", "--as", "li-na").code == 0
    )
    assert refusal("water-use-index") == "grant-revoked"


def test_rows_come_in_three_formats_that_agree_each_with_a_receipt(client: TestClient, city: City) -> None:
    def ask(form: str) -> Any:
        answer = client.get(ROWS, params={"area": "ALL", "format": form}, headers=city.bearer)
        assert answer.status_code == 200, answer.text
        receipt = client.get(f"/receipts/{answer.headers['shuize-receipt']}", headers=city.bearer).json()
        assert receipt["digest"] == answer.headers["shuize-receipt-digest"]
        assert receipt["receipt"]["party"] == "hydro-lab"
        return answer

    rows = pd.read_csv(io.BytesIO(ask("csv").content), dtype=str)
    parquet = pq.read_table(io.BytesIO(ask("parquet").content))
    as_json = ask("json").json()
    assert len(rows) == parquet.num_rows == len(as_json["rows"]) == 27
    assert [row["month"] for row in as_json["rows"]] == rows["month"].tolist()


def test_pages_of_rows_fit_together_and_are_of_one_release(own_city: City) -> None:
    """A release that comes out between two pages must not show in the second."""
    platform = Platform(Settings(home=own_city.home))
    with TestClient(create_app(platform)) as client:
        client.headers |= own_city.bearer
        whole = client.get(ROWS)
        assert (whole.headers["shuize-release"], whole.headers["shuize-rows-total"]) == ("1", "297")
        assert "link" not in whole.headers
        first = client.get(f"{ROWS}?limit=100&columns=area,month&hours_expected=744")
        for line in (
            "product build water-use-index --as li-na --set base_year=2021",
            "product approve water-use-index --as zhao-min",
            "product publish water-use-index --as zhao-min",
        ):
            assert shuize(own_city.home, *line.split()).code == 0
        assert client.get(f"{ROWS}?limit=1").headers["shuize-release"] == "2"
        pages = [first]
        while "next" in pages[-1].links:
            pages.append(client.get(urljoin(str(pages[-1].url), pages[-1].links["next"]["url"])))
        assert {page.headers["shuize-release"] for page in pages} == {"1"}
        rows = [row for page in pages for row in page.text.splitlines()[1:]]
        assert len(pages) == 2
        assert {page.headers["shuize-rows-total"] for page in pages} == {str(len(rows))}
        assert (
            rows
            == client.get(f"{ROWS}?columns=area,month&hours_expected=744&version=1").text.splitlines()[1:]
        )
    platform.close()


def test_more_rows_than_an_answer_holds_are_refused_and_not_cut(
    client: TestClient, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_queries, "MAX_ROWS", 200)
    body = problem(client.get(ROWS, headers=city.bearer), 422)
    assert body["type"] == "urn:shuize:problem:too-many-rows"
    assert body["detail"] == "297 rows fit, and one answer holds 200"
    assert "limit=200" in body["hint"]
    assert client.get(f"{ROWS}?area=ALL", headers=city.bearer).headers["shuize-rows-total"] == "27"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("nosuch=1", 422),
        ("area=DMA-01&area=DMA-02", 422),
        ("limit=1&limit=2", 422),
        ("volume_m3=abc", 422),
        ("hours_expected=", 422),
        ("columns=nosuch", 422),
        ("columns=area,,month", 422),
        ("columns=a%00b", 422),
        ("limit=0", 422),
        ("limit=99999999999999999999", 422),
        ("offset=-1", 422),
        ("offset=99999999999999999999999", 422),
        ("format=xlsx", 422),
        ("version=x", 422),
        ("version=7", 404),
        ("version=99999999999999999999999", 404),
    ],
)
def test_a_query_that_can_not_be_is_refused(client: TestClient, city: City, query: str, status: int) -> None:
    problem(client.get(f"{ROWS}?{query}", headers=city.bearer), status)


def test_a_query_is_refused_with_the_parameter_and_the_form_it_takes(client: TestClient, city: City) -> None:
    body = problem(client.get(f"{ROWS}?volume_m3=abc&hours_expected=1.5", headers=city.bearer), 422)
    assert [error["pointer"] for error in body["errors"]] == ["/query/volume_m3", "/query/hours_expected"]
    assert "a number with at most 3 decimals such as 12.000, not 'abc'" in body["detail"]
    body = problem(client.get(f"{ROWS}?area=DMA-01&area=DMA-02", headers=city.bearer), 422)
    assert body["detail"] == "'area': given more than once"
    assert body["hint"]


@pytest.mark.parametrize("value", ["%00", "%FF", "'; DROP TABLE x; --", "💧" * 50, "", "DMA-01' OR '1'='1"])
def test_a_filter_that_fits_nothing_finds_nothing(client: TestClient, city: City, value: str) -> None:
    answer = client.get(f"{ROWS}?area={value}", headers=city.bearer)
    assert answer.status_code == 200, answer.text
    assert len(answer.text.splitlines()) == 1


def test_a_file_is_the_published_one_and_no_other_path_is_served(client: TestClient, city: City) -> None:
    answer = client.get(f"{FILES}/water-use-index.csv", headers=city.bearer)
    assert answer.content == (city.release / "water-use-index.csv").read_bytes()
    for name in ("nosuch.csv", "..%2fmanifest.json", "%2e%2e"):
        problem(client.get(f"{FILES}/{name}", headers=city.bearer), 404)


def test_the_manifest_is_served_byte_for_byte(client: TestClient, city: City) -> None:
    answer = client.get("/products/water-use-index/releases/1/manifest.json")
    assert answer.content == (city.release / "manifest.json").read_bytes()


def test_another_s_receipt_is_as_unknown_as_none(own_city: City) -> None:
    added = shuize(
        own_city.home, "party", "add", "spy", "--name", "Spy", "--kind", "partner", "--as", "li-na", "--json"
    ).json()
    platform = Platform(Settings(home=own_city.home))
    with TestClient(create_app(platform)) as client:
        receipt = client.get(ROWS, headers=own_city.bearer).headers["shuize-receipt"]
        spy = {"Authorization": f"Bearer {added['token']}"}
        theirs = problem(client.get(f"/receipts/{receipt}", headers=spy), 404)
        none = problem(client.get("/receipts/none", headers=spy), 404)
    platform.close()
    assert {**theirs, "detail": ""} == {**none, "detail": ""}


def test_pandas_reads_from_a_real_server(address: str, city: City) -> None:
    rows = pd.read_csv(f"{address}{ROWS}?area=ALL", storage_options=city.bearer)
    assert len(rows) == 27
    assert rows["volume_m3"].gt(0).any()


def test_many_at_once_are_all_answered_alike(address: str, city: City) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}

    def ask(number: int) -> tuple[int, bytes]:
        if number % 2:
            answer = httpx.post(f"{address}/rpc", json=call, timeout=60)
        else:
            answer = httpx.get(f"{address}{ROWS}?limit=50", headers=city.bearer, timeout=60)
        return answer.status_code, answer.content

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(200)))
    assert set(answers[0::2]) == {answers[0]}
    assert set(answers[1::2]) == {answers[1]}
    assert answers[0][0] == answers[1][0] == 200


def test_the_first_requests_at_once_open_everything_once(city: City) -> None:
    """Eight threads at a fresh application: of two chains opened, one would never be closed."""
    platform = Platform(Settings(home=city.home))
    with TestClient(create_app(platform)) as client, ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda _: client.get(ROWS, headers=city.bearer).status_code, range(16))
        assert set(answers) == {200}
    platform.close()

"""Search and glossary as people reach them."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from tests.api.shell import City, shuize


def test_everything_is_found_over_http(client: TestClient) -> None:
    answer = client.get("/search", params={"q": "用水", "kind": ["dataset", "product", "concept"]}).json()
    assert {hit["kind"] for hit in answer["hits"]} >= {"product", "concept"}
    assert answer["total"] == sum(value["count"] for value in answer["facets"]["kind"])
    assert client.get("/search", params={"q": "dma-inflwo"}).json()["hits"][0]["key"] == "dma-inflow"
    assert client.get("/search", params={"q": "证券"}).json()["facets"]["kind"][0]["value"] == "code"


def test_who_the_parties_are_is_not_told_to_everyone(client: TestClient, city: City) -> None:
    answer = client.get("/search", params={"q": "hydro-lab"}).json()
    assert (answer["total"], answer["hits"]) == (0, [])
    assert client.get("/search", params={"q": "hydro", "kind": "party"}).json()["total"] == 0
    assert shuize(city.home, "search", "hydro-lab", "--json").json()["hits"][0]["kind"] == "party"


@pytest.mark.parametrize(
    "params",
    [{}, {"q": ""}, {"q": "？！"}, {"q": "a" * 10_000}, {"q": "水", "limit": 0}, {"q": "水", "limit": 101},
     {"q": "水", "offset": 500}, {"q": "水", "offset": -1}, {"q": "水", "kind": "nothing"},
     {"q": "水", "security_level": "high"}, {"q": "水", "owner": "x" * 65}],
)  # fmt: skip
def test_what_can_not_be_searched_is_refused_with_the_reason(
    client: TestClient, params: dict[str, str]
) -> None:
    answer = client.get("/search", params=params)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "q", ["水", '"', "%00用", "用* OR 水", "%ff%fe用", "%ED%A0%80水", "a%09b", "%E2%80%AE用水", "👍用"]
)
def test_strange_queries_are_answered(client: TestClient, q: str) -> None:
    answer = client.get(f"/search?q={q}")
    assert answer.status_code in (200, 422)


def test_filters_that_nothing_passes_find_nothing(client: TestClient) -> None:
    for name, value in (("owner", "nobody"), ("organisation", "'; --"), ("security_level", "core")):
        answer = client.get("/search", params={"q": "用水", name: value})
        assert (answer.status_code, answer.json()["total"]) == (200, 0)


def test_the_glossary_is_read_over_http(client: TestClient) -> None:
    assert len(client.get("/glossary").json()) >= 40
    assert client.get("/glossary/漏损率").json()["concept"]["id"] == "leakage-rate"
    assert client.get("/glossary/water-loss").json()["narrower"]
    assert client.get("/glossary/nothing").status_code == 404
    turtle = client.get("/glossary.ttl")
    assert turtle.headers["content-type"] == "text/turtle; charset=utf-8"
    assert '"漏损率"@zh' in turtle.text
    assert "skos:Concept" in json.dumps(client.get("/glossary.jsonld").json())


def test_a_search_that_finds_nothing_exits_1_and_a_query_without_words_3(city: City) -> None:
    assert shuize(city.home, "search", "核聚变").code == 1
    assert shuize(city.home, "search", "。。").code == 3
    assert shuize(city.home, "search", "核聚变", "--json").json()["total"] == 0


def test_a_glossary_is_taken_out_and_put_back(own_city: City) -> None:
    home, folder = own_city.home, own_city.folder
    for form, name in (("yaml", "g.yaml"), ("turtle", "g.ttl"), ("json-ld", "g.jsonld")):
        assert shuize(home, "glossary", "export", "--format", form, "--to", name, at=folder).code == 0
        done = shuize(home, "glossary", "import", name, "--as", "li-na", "--json", at=folder).json()
        assert (done["added"], done["changed"]) == (0, 0)
    assert shuize(home, "glossary", "history", "account-card").out.startswith("revision 1, ")
    assert shuize(home, "glossary", "import", "g.yaml", "--base", "99", "--as", "li-na", at=folder).code == 4
    assert shuize(home, "glossary", "remove", "account-card", "--as", "li-na").code == 5
    assert shuize(home, "glossary", "remove", "calendarisation").code == 3
    assert shuize(home, "glossary", "remove", "calendarisation", "--as", "hydro-lab").code == 6
    assert shuize(home, "glossary", "remove", "calendarisation", "--as", "li-na").code == 0
    assert shuize(home, "glossary", "remove", "calendarisation", "--as", "li-na").code == 4
    stale = shuize(home, "glossary", "import", "g.yaml", "--as", "li-na", at=folder)
    assert (stale.code, "/calendarisation/pref_en" in stale.err) == (5, True)
    words = ("glossary", "import", "g.yaml", "--base", "2", "--as", "li-na", "--json")
    again = shuize(home, *words, at=folder).json()
    assert (again["added"], again["changed"]) == (1, 0)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("a.ttl", "no turtle {", 3), ("a.jsonld", '{"@context": "https://example.org/"}', 3),
     ("a.yaml", "concepts: 1", 3), ("a.yaml", "[1", 3), ("a.ttl", None, 3)],
)  # fmt: skip
def test_a_bad_glossary_file_is_refused(own_city: City, name: str, content: str | None, code: int) -> None:
    if content is not None:
        (own_city.folder / name).write_text(content, "utf-8")
    said = shuize(own_city.home, "glossary", "import", name, "--as", "li-na", at=own_city.folder)
    assert said.code == code
    assert said.err.startswith("error: ")

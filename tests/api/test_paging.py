"""Long lists: pages fit together, over HTTP by `Link`, on the command line by `--after`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pandas as pd
import pytest
import requests
from starlette.testclient import TestClient

from api.app import create_app
from api.routes.paging import DEFAULT, MOST
from api.settings import Settings
from api.wiring import Platform
from tests.api.shell import City, served, shuize
from tests.builders import a_dataset

LINES = (
    "sample governance samples",
    "organisation import samples/organisation.csv --as li-na",
    "organisation post wang-wei hp-1 --as li-na",
    "organisation post zhao-min hp-2 --as li-na",
    "role assign custodian unit group wang-wei --as li-na",
    "role assign custodian unit group zhao-min --as li-na",
    "asset enter samples/asset.yaml --as li-na",
)


@pytest.fixture(scope="module")
def large(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with more of everything than a page of two holds."""
    import shutil

    folder = tmp_path_factory.mktemp("large") / "city"
    shutil.copytree(city.folder, folder)
    for line in LINES:
        said = shuize(folder / "home", *line.split(), at=folder)
        assert said.code == 0, said.err
    who = {"owner": "li-na", "steward": "wang-wei", "organisation": "water-group"}
    drafts = [a_dataset(name=f"more-{number:04d}", **who) for number in range(1200)]
    platform = Platform(Settings(home=folder / "home"))
    platform.changes.register_all(drafts, by="li-na", approved_by="zhao-min")
    platform.close()
    return folder / "home"


@pytest.fixture
def client(large: Path) -> Iterator[TestClient]:
    platform = Platform(Settings(home=large))
    token = platform.parties.replace_token("li-na", by="li-na").token
    with TestClient(create_app(platform)) as opened:
        opened.headers["Authorization"] = f"Bearer {token}"
        yield opened
    platform.close()


def pages(client: TestClient, path: str, **asked: Any) -> list[list[Any]]:
    """Return the pages of a list, as whoever follows the links reads them."""
    found, url = [], str(client.base_url.join(path).copy_merge_params(asked))
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        found.append(answer.json())
        url = urljoin(url, answer.links["next"]["url"]) if "next" in answer.links else ""
    return found


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/datasets", {}), ("/products", {}), ("/glossary", {}), ("/standards", {"kind": "rule"}),
        ("/organisation", {}), ("/organisation", {"under": "hp"}), ("/organisation/group/people", {}),
        ("/roles", {}), ("/roles", {"kind": "unit"}), ("/changes", {"state": "approved"}), ("/assets", {}),
        ("/datasets/dma-inflow/revisions", {}), ("/products/customer-industry/revisions", {}),
    ],
)  # fmt: skip
def test_pages_fit_together(client: TestClient, path: str, asked: dict[str, str]) -> None:
    size = 500 if path in ("/datasets", "/changes") else 2
    (whole,) = pages(client, path, limit=MOST, **asked)
    parts = pages(client, path, limit=size, **asked)
    assert [each for part in parts for each in part] == whole
    assert all(len(part) == size for part in parts[:-1])
    assert 0 < len(parts[-1]) <= size


def test_the_trail_is_read_from_its_first_entry_or_from_its_end(client: TestClient) -> None:
    parts = pages(client, "/trail", after=0, limit=400)
    numbers = [entry["sequence"] for part in parts for entry in part]
    assert numbers == list(range(1, len(numbers) + 1))
    newest = client.get("/trail", params={"limit": 3})
    assert newest.json() == parts[-1][-3:]
    assert "next" not in newest.links


def test_a_list_is_bounded_by_itself_and_says_that_there_is_more(client: TestClient) -> None:
    answer = client.get("/datasets")
    assert len(answer.json()) == DEFAULT
    assert answer.headers["Link"] == f'<?limit={DEFAULT}&after=more-0997>; rel="next"'
    assert "next" not in client.get("/products").links
    for wrong in ({"limit": 0}, {"limit": MOST + 1}, {"limit": "x"}, {"after": "x" * 5000}):
        assert client.get("/datasets", params=wrong).status_code == 422
    assert client.get("/roles", params={"after": "x"}).status_code == 422
    assert client.get("/trail", params={"limit": MOST + 1}).status_code == 422
    assert client.get("/datasets", params={"after": "zzz'; --"}).json() == []


def test_pandas_reads_a_list_in_one_line(large: Path) -> None:
    with served(large) as address:
        assert len(pd.read_json(f"{address}/datasets?limit=1202")) == 1202
        assert {"id", "digest"} <= set(pd.read_json(f"{address}/standards?limit=5").columns)


def test_a_link_leads_back_to_where_the_reader_came_from(large: Path, client: TestClient) -> None:
    """Whatever Host the request named, and behind a proxy that puts a folder before the path."""
    answer = client.get("/datasets", params={"limit": 2}, headers={"Host": "evil.example"})
    assert "evil.example" not in answer.headers["Link"]
    behind = urljoin("https://data.city.example/water/datasets?limit=2", answer.links["next"]["url"])
    assert (
        behind
        == f"https://data.city.example/water/datasets?limit=2&after={answer.json()[-1]['document']['name']}"
    )
    with served(large) as address:
        url, found = f"{address}/changes?state=approved&limit=500", 0
        while url:  # as docs/http.md reads a long list
            read = requests.get(url, headers=dict(client.headers), timeout=60)
            found += len(read.json())
            url = urljoin(url, read.links["next"]["url"]) if "next" in read.links else ""
        assert found > 1200


def test_the_start_page_does_not_grow_with_the_register(client: TestClient) -> None:
    page = client.get("/").text
    assert page.count('href="datasets/') == 200
    assert "There are more" in page


def test_the_command_line_shows_a_thousand_and_says_how_to_go_on(large: Path) -> None:
    said = shuize(large, "dataset", "list")
    assert len(said.out.splitlines()) == 1 + 1000
    assert "there are more than these 1,000: go on with --after more-0997" in said.err
    rest = shuize(large, "dataset", "list", "--after", "more-0997", "--json")
    assert (len(rest.json()), rest.err) == (202, "")
    assert len(shuize(large, "dataset", "list", "--limit", "0", "--json").json()) == 1202
    for words in ("change list", "role list", "organisation list"):
        first = shuize(large, *words.split(), "--limit", "1", "--json")
        after = re.search(r"--after (\S+),", first.err)
        assert after is not None
        second = shuize(large, *words.split(), "--limit", "1", "--after", after[1], "--json")
        assert len(first.json()) == len(second.json()) == 1
        assert first.json() != second.json()

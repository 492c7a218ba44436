"""The catalog in DCAT 3 as others reach it: over HTTP in pages, as a file by command."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rdflib import DCTERMS, RDF, Graph, Literal, URIRef
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from catalog.exchange.dcat_terms import DCAT, HYDRA, SPDX
from catalog.exchange.dcat_text import Form
from tests.api.shell import City, process, shuize
from tests.catalog.exchange.judging import faults, read, require_same

BASE = "http://testserver"
CATALOG, COLLECTION = URIRef(f"{BASE}/dcat#catalog"), URIRef(f"{BASE}/dcat")


def turtle(client: TestClient, path: str) -> Graph:
    """Return what is answered, which keeps to the shapes."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    graph = read(answer.text, Form.TURTLE)
    assert faults(graph) == ""
    return graph


def test_the_demo_s_catalog_is_good_and_the_same_in_both_forms(client: TestClient) -> None:
    graph = turtle(client, "/dcat")
    listed = {str(each).rsplit("/", 1)[1] for each in graph.objects(CATALOG, DCAT.dataset)}
    assert listed >= {"dma-inflow", "water-use-index", "customer-industry"}
    other = client.get("/dcat", headers={"Accept": "application/ld+json"})
    assert other.headers["content-type"] == "application/ld+json"
    require_same(graph, read(other.text, Form.JSON_LD))


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", Form.TURTLE), ("*/*", Form.TURTLE), ("text/turtle", Form.TURTLE), ("text/html", Form.TURTLE),
        ("application/ld+json", Form.JSON_LD), ("application/json", Form.JSON_LD),
        ("application/*", Form.JSON_LD), ("text/turtle;q=0.5, application/ld+json", Form.JSON_LD),
        ("application/ld+json;q=0.1, */*", Form.TURTLE), ("text/turtle;q=0, */*;q=0.1", Form.JSON_LD),
        ("APPLICATION/LD+JSON", Form.JSON_LD), ("application/ld+json;q=much", Form.TURTLE),
        ("application/ld+json; profile=\"http://www.w3.org/ns/json-ld#compacted\"", Form.JSON_LD),
    ],
)  # fmt: skip
def test_the_form_is_the_one_that_is_asked_for(client: TestClient, accept: str, form: Form) -> None:
    answer = client.get("/dcat", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(form.media_type)
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize("form", list(Form))
def test_a_form_in_the_address_wins_and_stays_in_the_links(client: TestClient, form: Form) -> None:
    answer = client.get("/dcat", params={"format": form.value, "size": 1}, headers={"Accept": "text/html"})
    assert answer.headers["content-type"].startswith(form.media_type)
    view = read(answer.text, form).value(COLLECTION, HYDRA.view)
    assert str(view) == f"{BASE}/dcat?page=1&size=1&format={form.value}"


def test_following_the_links_meets_everything_once(client: TestClient) -> None:
    met: list[str] = []
    following: str | None = "/dcat?size=1"
    while following is not None:
        graph = turtle(client, following.removeprefix(BASE))
        met += [str(each) for each in graph.objects(CATALOG, DCAT.dataset)]
        following = next((str(each) for each in graph.objects(None, HYDRA.next)), None)
    total = turtle(client, "/dcat").value(COLLECTION, HYDRA.totalItems)
    assert Literal(len(met)) == total
    assert len(set(met)) == len(met)


def test_every_thing_listed_has_a_document_of_its_own(client: TestClient) -> None:
    for each in turtle(client, "/dcat").objects(CATALOG, DCAT.dataset):
        alone = turtle(client, str(each).removeprefix(BASE))
        assert (each, RDF.type, DCAT.Dataset) in alone


def test_where_it_says_bytes_are_they_are_and_their_digest_is_told(client: TestClient, city: City) -> None:
    graph = turtle(client, "/dcat")
    release = URIRef(f"{BASE}/dcat/products/water-use-index#release-1")
    files = set(graph.objects(release, DCAT.distribution))
    downloads = [(file, address) for file in files for address in graph.objects(file, DCAT.downloadURL)]
    assert len(downloads) == 2
    for distribution, address in downloads:
        path = str(address).removeprefix(BASE)
        assert client.get(path).status_code == 401
        body = client.get(path, headers=city.bearer).content
        checksum = graph.value(distribution, SPDX.checksum)
        assert str(graph.value(checksum, SPDX.checksumValue)).lower() == hashlib.sha256(body).hexdigest()
        assert str(graph.value(distribution, DCAT.byteSize)) == str(len(body))


def test_every_page_it_points_to_on_this_server_answers(client: TestClient) -> None:
    graph = turtle(client, "/dcat")
    wanted = (DCAT.accessURL, DCAT.landingPage, DCAT.endpointURL, DCAT.endpointDescription)
    pages = {str(each) for predicate in wanted for each in graph.objects(None, predicate)}
    pages |= {str(each) for each in graph.objects(None, URIRef("http://xmlns.com/foaf/0.1/page"))}
    assert len(pages) > 4
    for page in pages:
        assert client.get(page.removeprefix(BASE)).status_code == 200, page


def test_strangers_learn_no_names_of_persons_and_nothing_of_partners(client: TestClient) -> None:
    for form in Form:
        text = client.get("/dcat", params={"format": form.value}).text
        assert "li-na" in text
        for name in ("Li Na", "Wang Wei", "Zhao Min", "hydro-lab", "Hydro Lab"):
            assert name not in text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/dcat?page=0", 422), ("/dcat?page=-1", 422), ("/dcat?page=x", 422), ("/dcat?page=99999999999", 422),
        ("/dcat?size=0", 422), ("/dcat?size=501", 422), ("/dcat?format=xml", 422), ("/dcat?page=2", 404),
        ("/dcat?page=1000000000&size=500", 404), ("/dcat/datasets/nothing", 404),
        ("/dcat/datasets/dma-inflow?page=2", 404), ("/dcat/products/nothing", 404),
        ("/dcat/series/nothing", 404), ("/dcat/datasets/%3Cscript%3E", 404), ("/dcat/datasets/a%00b", 404),
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_problem_with_its_reason(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_the_head_of_a_page_can_be_asked_for(client: TestClient) -> None:
    for path in ("/dcat", "/dcat/datasets/dma-inflow", "/dcat/products/water-use-index"):
        assert client.head(path).headers["content-type"].startswith("text/turtle")


@pytest.fixture
def public(city: City) -> Iterator[TestClient]:
    """Yield a client of a server that is told its address."""
    platform = Platform(Settings(home=city.home, public_url="https://data.example.org/water/"))
    with TestClient(create_app(platform)) as opened:
        yield opened
    platform.close()


def test_names_begin_with_the_public_address_however_one_asks(public: TestClient) -> None:
    graph = turtle(public, "/dcat")
    assert set(graph.subjects(RDF.type, DCAT.Catalog)) == {
        URIRef("https://data.example.org/water/dcat#catalog")
    }
    assert not [each for each in graph.all_nodes() if "testserver" in str(each)]


@pytest.mark.parametrize("host", ['a"b', "a<b", "a b", "a\\b", "", "[::1", "x" * 300])
def test_a_host_that_is_no_name_gets_into_no_catalog(client: TestClient, host: str) -> None:
    answer = client.get("/dcat", headers={"Host": host})
    if answer.status_code == 200:  # the framework has put the server's own name in its place
        graph = read(answer.text, Form.TURTLE)
        assert faults(graph) == ""
        (catalog,) = graph.subjects(RDF.type, DCAT.Catalog)
        assert str(catalog) != f"http://{host}/dcat#catalog"
    else:
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:shuize:problem:bad-public-address")


def test_rdflib_reads_all_pages_of_a_server(address: str) -> None:
    whole, page = Graph(), f"{address}/dcat?size=2&format=turtle"
    while page:
        graph = Graph().parse(page)
        whole += graph
        page = next((str(each) for each in graph.objects(None, HYDRA.next)), "")
    assert len(set(whole.subjects(RDF.type, DCAT.Catalog))) == 1
    assert len(set(whole.objects(URIRef(f"{address}/dcat#catalog"), DCAT.dataset))) >= 4


@pytest.mark.parametrize("form", list(Form))
def test_the_command_writes_the_whole_catalog(city: City, tmp_path: Path, form: Form) -> None:
    file = tmp_path / "catalog.rdf"
    file.write_text("an earlier export")
    words = ("catalog", "export", "--format", form.value, "--to", str(file), "--json")
    said = shuize(city.home, *words, public_url="https://data.example.org")
    assert said.code == 0, said.err
    text = file.read_text("utf-8")
    assert said.json() == {"file": str(file), "format": form.value, "bytes": len(text.encode())}
    graph = read(text, form)
    assert faults(graph) == ""
    assert graph.value(URIRef("https://data.example.org/dcat#catalog"), DCTERMS.publisher)
    assert list(tmp_path.iterdir()) == [file]
    printed = shuize(city.home, *words[:4], public_url="https://data.example.org")
    require_same(read(printed.out, form), graph)


def test_the_same_catalog_is_the_same_bytes(city: City) -> None:
    words = ("catalog", "export", "--format", "json-ld")
    one, other = (process(city.home, *words) for _ in range(2))  # strings hash otherwise in each
    assert one.code == 0, one.err
    assert one.out == other.out


def test_without_a_file_json_is_json_ld_and_the_address_is_said(city: City) -> None:
    said = shuize(city.home, "catalog", "export", "--json")
    assert said.json()["@graph"]
    assert "SHUIZE_PUBLIC_URL" in said.err


def test_a_file_that_can_t_be_written_is_an_error_and_leaves_nothing(city: City, tmp_path: Path) -> None:
    said = shuize(city.home, "catalog", "export", "--to", str(tmp_path / "none" / "catalog.ttl"))
    assert said.code == 8
    assert "can't be written" in said.err
    said = shuize(city.home, "catalog", "export", "--to", str(tmp_path))
    assert said.code == 8
    assert list(tmp_path.iterdir()) == []


def test_a_public_address_that_is_none_is_an_error(city: City, tmp_path: Path) -> None:
    said = shuize(city.home, "catalog", "export", "--to", str(tmp_path / "x"), public_url="data.example.org")
    assert said.code == 3
    assert "SHUIZE_PUBLIC_URL" in said.err


def test_a_dataset_joins_a_series_by_its_document(own_city: City, tmp_path: Path) -> None:
    home, document = own_city.home, tmp_path / "inflow.yaml"

    def do(*words: str) -> str:
        said = shuize(home, *words)
        assert said.code == 0, said.err
        return said.out

    titles = ("--title", "By year", "--title-zh", "分年", "--description", "A dataset a year.")
    do("series", "add", "by-year", *titles, "--as", "li-na")
    text = do("dataset", "document", "dma-inflow")
    assert "series" not in text
    document.write_text(text + "series: by-years\ntemporal: {begin: 2021-01-01}\n", "utf-8")
    change = ("dataset", "change", str(document), "--reason", "it is one of several", "--as", "li-na")
    refused = shuize(home, *change)
    assert refused.code == 3
    assert "no series is called 'by-years'" in refused.err
    document.write_text(text + "series: by-year\ntemporal: {begin: 2021-01-01}\n", "utf-8")
    do(*change)
    waiting = json.loads(do("change", "list", "--state", "open", "--json"))
    do("change", "approve", str(waiting[-1]["id"]), "--as", "zhao-min")
    assert re.search(r"series +by-year\ncovers +2021-01-01 to …\n", do("dataset", "show", "dma-inflow"))
    assert do("series", "show", "by-year").endswith("dma-inflow  2021-01-01\n")
    platform = Platform(Settings(home=home))
    with TestClient(create_app(platform)) as client:
        graph = turtle(client, "/dcat/series/by-year")
        series, dataset = URIRef(f"{BASE}/dcat/series/by-year"), URIRef(f"{BASE}/dcat/datasets/dma-inflow")
        assert set(graph.objects(series, DCAT.seriesMember)) == {dataset}
        assert (dataset, DCAT.inSeries, series) in turtle(client, "/dcat/datasets/dma-inflow")
    platform.close()

"""A catalog told in DCAT 3: what is said, in both forms alike, and that every page keeps to the shapes."""

from __future__ import annotations

import pytest
from rdflib import DCTERMS, FOAF, PROV, RDF, SKOS, XSD, Graph, Literal, URIRef

from catalog.changes import GovernedKind
from catalog.datasets.models import DatasetNotFound
from catalog.datasets.series import SeriesNotFound
from catalog.exchange import dcat_text
from catalog.exchange.dcat_facts import About
from catalog.exchange.dcat_iris import BadPublicAddress, Iris
from catalog.exchange.dcat_paging import Asked, PageNotFound
from catalog.exchange.dcat_terms import ADMS, DCAT, DEPRECATED, FREQUENCIES, HYDRA, SPDX, WITHDRAWN, new_graph
from catalog.exchange.dcat_text import Form
from catalog.exchange.dcat_writing import text
from catalog.product_register import ProductNotRegistered
from catalog.tables import DatasetRow
from standards.library import Library
from tests.builders import NOON, Room, a_digest
from tests.catalog.exchange.holding import HOSTILE, INDEX, IRIS, dcat, fill, publish, withdraw
from tests.catalog.exchange.judging import faults, read, require_good, require_same

INFLOW, SURVEY, PRODUCT = IRIS.dataset("inflow"), IRIS.series("survey"), IRIS.product("water-use-index")
WHOLE = Asked(size=500)


@pytest.fixture
def full(room: Room) -> Room:
    """Return a catalog that holds something of everything."""
    fill(room)
    return room


def said(graph: Graph, subject: URIRef, predicate: URIRef) -> set[str]:
    """Return what is said, in text form."""
    return {str(each) for each in graph.objects(subject, predicate)}


def walk(room: Room, size: int) -> list[Graph]:
    """Return all pages, as links lead from the first."""
    found, view = [], None
    number = 1
    while True:
        graph = dcat(room, INDEX).page(IRIS, Asked(number, size))
        found.append(graph)
        view = graph.value(IRIS.collection, HYDRA.view)
        following = graph.value(view, HYDRA.next)
        if following is None:
            return found
        number = int(str(following).split("page=")[1].split("&")[0])


def test_an_empty_catalog_is_a_good_page(room: Room) -> None:
    graph = require_good(dcat(room).page(IRIS, Asked()))
    assert graph.value(IRIS.collection, HYDRA.totalItems) == Literal(0)
    assert said(graph, IRIS.catalog, DCTERMS.title) == {"Data catalog of Water Group", "Water Group数据目录"}
    assert not set(graph.subjects(RDF.type, DCAT.Dataset))


def test_the_operator_s_words_name_the_catalog(room: Room) -> None:
    about = About(
        "Water data", "水数据", "City of Water", "https://creativecommons.org/publicdomain/zero/1.0/"
    )
    graph = require_good(dcat(room, about=about).page(IRIS, Asked()))
    assert said(graph, IRIS.catalog, DCTERMS.title) == {"Water data", "水数据"}
    assert said(graph, IRIS.publisher, FOAF.name) == {"City of Water"}
    assert said(graph, IRIS.catalog, DCTERMS.license) == {about.licence}


def test_a_full_catalog_keeps_to_the_shapes_in_both_forms(full: Room) -> None:
    graph = require_good(dcat(full, INDEX).page(IRIS, WHOLE))
    listed = {str(each).rsplit("/", 1)[1] for each in graph.objects(IRIS.catalog, DCAT.dataset)}
    assert listed == {"inflow", "survey-2022", "survey-2023", "survey-2024", "water-use-index"}
    assert said(graph, IRIS.catalog, DCAT.resource) == {str(SURVEY)}


def test_a_dataset_and_its_newest_version(full: Room) -> None:
    graph = dcat(full).page(IRIS, WHOLE)
    version = full.datasets.version("inflow")
    newest = IRIS.version("inflow", 2)
    assert set(graph.objects(INFLOW, DCTERMS.title)) == {
        Literal("Hourly inflow", lang="en"), Literal("逐时入流", lang="zh"),
    }  # fmt: skip
    assert set(graph.objects(INFLOW, DCAT.keyword)) == {
        Literal("flow", lang="en"),
        Literal("流量", lang="zh"),
    }
    assert said(graph, INFLOW, DCAT.theme) == {"urn:shuize:concept:flow"}
    assert graph.value(INFLOW, DCTERMS.accrualPeriodicity) == FREQUENCIES["daily"]
    assert said(graph, INFLOW, DCTERMS.conformsTo) == {
        f"urn:shuize:data-element:{each}:{full.library.element(each).version}"
        for each in ("area.code", "reading.observed_at", "reading.inflow_l_per_s")
    }
    assert (
        said(graph, INFLOW, DCAT.hasCurrentVersion) == said(graph, INFLOW, DCAT.hasVersion) == {str(newest)}
    )
    assert graph.value(newest, DCAT.version) == Literal("2")
    assert graph.value(newest, DCAT.previousVersion) == IRIS.version("inflow", 1)
    file = graph.value(newest, DCAT.distribution)
    assert file == graph.value(INFLOW, DCAT.distribution)
    assert graph.value(file, DCAT.byteSize) == Literal(version.size_bytes, datatype=XSD.nonNegativeInteger)
    checksum = graph.value(file, SPDX.checksum)
    assert said(graph, checksum, SPDX.checksumValue) == {version.digest}
    assert graph.value(file, DCAT.downloadURL) is None  # nobody is handed a dataset over HTTP
    assert graph.value(file, DCAT.accessURL) == IRIS.dataset_page("inflow")


def test_who_answers_is_told_without_the_names_of_persons(full: Room) -> None:
    turtle = dcat_text.to_text(dcat(full, INDEX).page(IRIS, WHOLE), Form.TURTLE)
    graph = read(turtle, Form.TURTLE)
    assert said(graph, IRIS.party("water-group"), FOAF.name) == {"Water Group"}
    assert said(graph, IRIS.party("alice"), FOAF.name) == {"alice"}
    assert "Alice" not in turtle
    roles = {
        (str(graph.value(each, PROV.agent)), str(graph.value(each, DCAT.hadRole)).rsplit("/", 1)[1])
        for each in graph.objects(INFLOW, PROV.qualifiedAttribution)
    }
    assert roles == {(str(IRIS.party("water-group")), "owner"), (str(IRIS.party("alice")), "custodian")}


def test_nothing_of_a_row_or_a_source_file_is_told(full: Room) -> None:
    parts = "".join(dcat_text.stream(dcat(full, INDEX).whole(IRIS), Form.TURTLE))
    version = full.datasets.version("inflow")
    for secret in ("DMA-01", version.source_name, version.source_digest):
        assert secret not in parts


@pytest.mark.parametrize(
    ("level", "access"),
    [
        ("general-2", "RESTRICTED"),
        ("general-3", "NON_PUBLIC"),
        ("core", "NON_PUBLIC"),
    ],
)
def test_access_follows_the_security_level(room: Room, level: str, access: str) -> None:
    room.register(security_level=level)
    graph = dcat(room).page(IRIS, Asked())
    assert str(graph.value(INFLOW, DCTERMS.accessRights)).endswith(f"/{access}")
    assert said(graph, INFLOW, DCTERMS.rights) == {f"urn:shuize:security-level:{level}"}


def test_every_update_frequency_has_a_word_at_the_eu() -> None:
    codes = {code.code for code in Library.load().code_list("update-frequency").codes}
    assert codes == set(FREQUENCIES)


def test_a_series_has_its_datasets_in_their_order(full: Room) -> None:
    graph = dcat(full).page(IRIS, WHOLE)
    first, second, third = (IRIS.dataset(f"survey-{year}") for year in (2022, 2023, 2024))
    assert [graph.value(each, DCAT.prev) for each in (first, second, third)] == [None, first, second]
    assert [graph.value(each, DCAT.next) for each in (first, second, third)] == [second, third, None]
    assert set(graph.subjects(DCAT.inSeries, SURVEY)) == {first, second, third}
    assert (graph.value(SURVEY, DCAT.first), graph.value(SURVEY, DCAT.last)) == (first, third)
    period = graph.value(first, DCTERMS.temporal)
    assert graph.value(period, DCAT.startDate) == Literal("2022-01-01", datatype=XSD.date)
    alone = require_good(dcat(full).series(IRIS, "survey", Asked(1, 2)))
    assert set(alone.objects(SURVEY, DCAT.seriesMember)) == {first, second}
    with pytest.raises(SeriesNotFound):
        dcat(full).series(IRIS, "nothing", Asked())


def test_what_is_retired_or_withdrawn_says_so(full: Room) -> None:
    graph = dcat(full, INDEX).product(IRIS, "water-use-index", Asked())
    withdrawn, standing = IRIS.release("water-use-index", 1), IRIS.release("water-use-index", 2)
    assert graph.value(withdrawn, ADMS.status) == WITHDRAWN
    assert graph.value(standing, ADMS.status) is None
    assert graph.value(PRODUCT, DCAT.hasCurrentVersion) == standing
    downloads = {release: len(set(graph.objects(release, DCAT.distribution / DCAT.downloadURL)))
                 for release in (withdrawn, standing)}  # fmt: skip
    assert downloads == {withdrawn: 0, standing: 2}
    catalog = dcat(full, INDEX).page(IRIS, WHOLE)
    retired = set(catalog.subjects(ADMS.status, DEPRECATED))
    assert retired == {IRIS.dataset("survey-2022")}
    asked = full.changes.retire(GovernedKind.PRODUCT, "water-use-index", by="alice", reason="done")
    full.changes.approve(asked.id, by="bob")
    withdraw(full, 2)
    graph = require_good(dcat(full, INDEX).page(IRIS, WHOLE))
    assert graph.value(PRODUCT, ADMS.status) == DEPRECATED
    assert graph.value(PRODUCT, DCAT.hasCurrentVersion) is None
    assert graph.value(IRIS.service, DCAT.servesDataset) is None


def test_a_release_tells_its_files_its_contract_and_what_it_was_made_of(full: Room) -> None:
    graph = require_good(dcat(full, INDEX).product(IRIS, "water-use-index", Asked()))
    release = IRIS.release("water-use-index", 2)
    files = f"{IRIS.base}/products/water-use-index/releases/2/files/"
    assert said(graph, release, PROV.wasDerivedFrom) == {str(IRIS.version("inflow", 1))}
    assert said(graph, release, DCTERMS.conformsTo) == {files + "datacontract.odcs.yaml"}
    told = {
        str(graph.value(each, DCAT.mediaType)).rsplit("media-types/", 1)[1]: str(
            graph.value(each, DCAT.downloadURL)
        )
        for each in graph.objects(release, DCAT.distribution)
    }
    assert told == {
        "application/vnd.apache.parquet": files + "water-use-index.parquet",
        "text/csv": files + "water-use-index.csv",
    }
    digests = {str(each) for each in graph.objects(None, SPDX.checksumValue)}
    assert {each.lower() for each in digests} == {a_digest("parquet"), a_digest("csv")}
    assert graph.value(IRIS.service, DCAT.servesDataset) == PRODUCT


def test_a_product_without_releases_and_one_without_a_recipe_are_told(room: Room) -> None:
    publish(room, 1, product="gone-index")
    graph = require_good(dcat(room, INDEX).page(IRIS, Asked()))
    assert graph.value(PRODUCT, DCAT.distribution) is None
    assert graph.value(IRIS.product("gone-index"), DCAT.hasCurrentVersion) == IRIS.release("gone-index", 1)
    with pytest.raises(ProductNotRegistered):
        dcat(room, INDEX).product(IRIS, "nothing", Asked())


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_texts_are_only_texts(room: Room, title: str) -> None:
    texts = dict.fromkeys(("title", "title_zh", "description", "licence", "source"), title)
    room.register()
    with room.database.write() as session:  # as a catalog from before texts were looked at may hold it
        row = session.get_one(DatasetRow, "inflow")
        row.document = row.document | texts
    graph = require_good(dcat(room).page(IRIS, Asked()))
    expected = "".join("\N{REPLACEMENT CHARACTER}" if c == "\x00" else c for c in title)
    assert set(graph.objects(INFLOW, DCTERMS.title)) == {
        Literal(expected, lang="en"), Literal(expected, lang="zh"),
    }  # fmt: skip
    assert not set(graph.subjects(None, URIRef("urn:o")))
    whole = "".join(dcat_text.stream(dcat(room).whole(IRIS), Form.TURTLE))
    assert len(read(whole, Form.TURTLE)) > 0


def test_half_a_character_does_not_break_a_document() -> None:
    assert text("a\ud800b", "en") == Literal("a\N{REPLACEMENT CHARACTER}b", lang="en")


@pytest.mark.parametrize("size", [1, 2, 4, 500])
def test_pages_are_good_one_by_one_and_together_complete(full: Room, size: int) -> None:
    pages = walk(full, size)
    assert len(pages) == -(-6 // size)
    together = Graph()
    for page in pages:
        good = require_good(page)
        assert good.value(IRIS.collection, HYDRA.totalItems) == Literal(6)
        together += good
    view = {HYDRA.view, HYDRA.first, HYDRA.last, HYDRA.next, HYDRA.previous}

    def catalog(graph: Graph) -> set[object]:
        """What is said but of pages; who answers stands on pages that need it."""
        return {t for t in graph if t[1] not in view and t[2] != HYDRA.PartialCollectionView}

    assert catalog(together) == catalog(require_good(dcat(full, INDEX).page(IRIS, WHOLE)))


def test_links_lead_to_the_ends_and_neighbours_and_keep_size_and_form(full: Room) -> None:
    graph = dcat(full, INDEX).page(IRIS, Asked(2, 2, "json-ld"))
    view = graph.value(IRIS.collection, HYDRA.view)
    found = {str(p).rsplit("#")[1]: str(o) for p, o in graph.predicate_objects(view) if p != RDF.type}
    address = f"{IRIS.base}/dcat?page={{}}&size=2&format=json-ld"
    numbers = {"first": 1, "previous": 1, "next": 3, "last": 3}
    assert found == {name: address.format(number) for name, number in numbers.items()}
    with pytest.raises(PageNotFound):
        dcat(full, INDEX).page(IRIS, Asked(4, 2))


def test_a_dataset_registered_while_pages_are_walked_hides_none(full: Room) -> None:
    before = dcat(full, INDEX).page(IRIS, Asked(1, 3))
    full.register(name="added")
    after = dcat(full, INDEX).page(IRIS, Asked(2, 3)) + dcat(full, INDEX).page(IRIS, Asked(3, 3))
    met = {str(each) for each in (before + after).objects(IRIS.catalog, DCAT.dataset)}
    assert met >= {str(IRIS.dataset(f"survey-{year}")) for year in (2022, 2023, 2024)} | {str(INFLOW)}


def test_a_dataset_s_own_document_has_all_its_versions_in_pages(full: Room) -> None:
    pages = [require_good(dcat(full).dataset(IRIS, "inflow", Asked(n, 1))) for n in (1, 2)]
    assert [IRIS.version("inflow", 1) in set(page.objects(INFLOW, DCAT.hasVersion)) for page in pages] == [
        False, True,
    ]  # fmt: skip
    first = IRIS.version("inflow", 1)
    assert pages[1].value(first, DCTERMS.issued) == Literal(NOON)
    with pytest.raises(PageNotFound):
        dcat(full).dataset(IRIS, "inflow", Asked(3, 1))
    with pytest.raises(DatasetNotFound):
        dcat(full).dataset(IRIS, "nothing", Asked())


def test_the_whole_is_one_document_in_each_form_with_every_version(full: Room) -> None:
    turtle, json_ld = (
        read("".join(dcat_text.stream(dcat(full, INDEX).whole(IRIS), form)), form) for form in Form
    )
    require_same(turtle, json_ld)
    assert faults(turtle) == ""
    versions = {IRIS.version("inflow", 1), IRIS.version("inflow", 2)}
    assert set(turtle.objects(INFLOW, DCAT.hasVersion)) == versions
    assert len(set(turtle.objects(PRODUCT, DCAT.hasVersion))) == 2


def test_the_whole_comes_in_small_parts(full: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.exchange.dcat._AT_A_TIME", 1)
    graphs = list(dcat(full, INDEX).whole(IRIS))
    for graph in graphs:
        assert len(set(graph.objects(IRIS.catalog, DCAT.dataset))) <= 1
    together = new_graph()
    for graph in graphs:
        together += graph
    listed = set(together.objects(IRIS.catalog, DCAT.dataset))
    assert len(listed) == 5
    assert faults(read(dcat_text.to_text(together, Form.TURTLE), Form.TURTLE)) == ""


@pytest.mark.parametrize(
    "address",
    [
        "",
        "data.example.org",
        "ftp://data",
        "https://x y",
        'https://x"><script>',
        "https://x/?q",
        "http://" + "x" * 300,
    ],
)
def test_an_address_that_names_can_t_begin_with_is_refused(address: str) -> None:
    with pytest.raises(BadPublicAddress):
        Iris.below(address)


def test_names_begin_alike_with_and_without_a_last_slash() -> None:
    assert Iris.below("https://example.org/data/") == Iris.below("https://example.org/data")


@pytest.mark.parametrize(
    ("subject", "predicate"),
    [
        (INFLOW, DCTERMS.title), (INFLOW, DCTERMS.description), (IRIS.catalog, DCTERMS.publisher),
        (IRIS.service, DCAT.endpointURL), (IRIS.version("inflow", 2), DCAT.version),
        (INFLOW, DCAT.hasVersion),
        (IRIS.dataset("survey-2023"), DCAT.inSeries), (SURVEY, DCTERMS.title),
        (URIRef("urn:shuize:concept:flow"), SKOS.prefLabel), (IRIS.party("alice"), FOAF.name),
    ],
)  # fmt: skip
def test_the_shapes_miss_what_is_taken_away(sqlite_room: Room, subject: URIRef, predicate: URIRef) -> None:
    fill(sqlite_room)
    graph = dcat(sqlite_room, INDEX).page(IRIS, WHOLE)
    assert faults(graph) == ""
    graph.remove((subject, predicate, None))
    assert faults(graph) != ""

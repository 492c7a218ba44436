"""The use cases of exchange in DCAT 3: a page of the catalog, one thing of it, the whole.

A page lists products, then series, then datasets, each by name. No dataset or series is ever removed or gets
another name, so whoever walks the pages while others register meets a thing twice at worst, and misses none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rdflib import Graph
from sqlalchemy.orm import Session

from catalog.database import Database
from catalog.datasets.models import DatasetDraft, DatasetNotFound
from catalog.datasets.series import SeriesNotFound
from catalog.exchange import dcat_datasets, dcat_products, dcat_reading
from catalog.exchange.dcat_facts import About, DatasetFacts, DeclaredProduct, ProductFacts
from catalog.exchange.dcat_iris import Iris, part
from catalog.exchange.dcat_paging import Asked
from catalog.exchange.dcat_terms import DCAT
from catalog.exchange.dcat_themes import Themes
from catalog.exchange.dcat_writing import Writer
from catalog.product_register import ProductDraft, ProductNotRegistered
from catalog.releases.models import Release, ReleaseState
from catalog.tables import DatasetRow, SeriesRow
from standards.library import Library
from standards.manifest import Manifest
from standards.security import ReleaseModel
from standards.skos import Concept

_AT_A_TIME = 200


@dataclass(frozen=True)
class Sources:
    """What is told besides rows: the standards, the glossary, products as declared, words of the operator."""

    library: Library
    concepts: Callable[[], Collection[Concept]]
    products: Callable[[], Iterable[DeclaredProduct]]
    about: About


class Dcat:
    """The catalog as DCAT 3."""

    def __init__(self, database: Database, sources: Sources) -> None:
        self._database = database
        self._sources = sources

    def page(self, iris: Iris, asked: Asked) -> Graph:
        """Return a page of the catalog: each thing with its newest version. Raises PageNotFound."""
        with self._database.read() as session:
            declared = self._declared(session)
            series_before = len(declared) + dcat_reading.count(session, SeriesRow)
            total = series_before + dcat_reading.count(session, DatasetRow)
            asked.require(total)
            products = _product_facts(session, asked.cut(declared))
            skip, most = asked.within(len(declared))
            series = dcat_reading.series_names(session, skip=skip, most=most)
            skip, most = asked.within(series_before)
            names = dcat_reading.dataset_names(session, skip=skip, most=most)
            datasets = dcat_reading.datasets(session, names, self._sources.library)
            writer = _answering(session, self._writer(iris), datasets, products)
            self._begin(session, writer)
            _list(writer, datasets, products)
            _listed_series(session, writer, series)
        asked.say(writer.graph, iris.collection, iris.collection, total)
        return writer.graph

    def dataset(self, iris: Iris, name: str, asked: Asked) -> Graph:
        """Return a dataset and a page of its versions, newest first. Raises DatasetNotFound, PageNotFound."""
        with self._database.read() as session:
            found = dcat_reading.datasets(session, [name], self._sources.library)
            if not found:
                raise DatasetNotFound(f"no dataset is called {name!r}", hint="see: GET /datasets")
            total = dcat_reading.version_count(session, name)
            asked.require(total)
            writer = _answering(session, self._writer(iris), found)
            subject = dcat_datasets.write_dataset(writer, found[0])
            for version in dcat_reading.versions(session, name, skip=asked.start, most=asked.size):
                dcat_datasets.write_version(writer, found[0], version)
        asked.say(writer.graph, part(subject, "versions"), subject, total)
        return writer.graph

    def product(self, iris: Iris, name: str, asked: Asked) -> Graph:
        """Return a product with a page of its releases, newest first.

        Raises ProductNotRegistered, PageNotFound.
        """
        with self._database.read() as session:
            declared = [each for each in self._declared(session) if each.name == name]
            if not declared:
                raise ProductNotRegistered(f"there is no product {name!r}", hint="see: GET /products")
            (facts,) = _product_facts(session, declared)
            total = dcat_reading.release_count(session, name)
            asked.require(total)
            writer = _answering(session, self._writer(iris), products=[facts])
            self._begin(session, writer)
            subject = dcat_products.write_product(writer, facts)
            writer.say(iris.catalog, DCAT.dataset, subject)
            for release in dcat_reading.releases(session, name, skip=asked.start, most=asked.size):
                dcat_products.write_release(writer, facts, release)
        asked.say(writer.graph, part(subject, "releases"), subject, total)
        return writer.graph

    def series(self, iris: Iris, name: str, asked: Asked) -> Graph:
        """Return a series and a page of its members' IRIs. Raises SeriesNotFound, PageNotFound."""
        with self._database.read() as session:
            found = dcat_reading.series(session, [name])
            if not found:
                raise SeriesNotFound(f"no series is called {name!r}", hint="see: GET /dcat")
            total = dcat_reading.member_count(session, name)
            asked.require(total)
            writer = self._writer(iris)
            subject = dcat_datasets.write_series(writer, found[0])
            names = dcat_reading.members(session, name, skip=asked.start, most=asked.size)
            dcat_datasets.write_members(writer, subject, names)
        asked.say(writer.graph, part(subject, "members"), subject, total)
        return writer.graph

    def whole(self, iris: Iris) -> Iterator[Graph]:
        """Yield the whole catalog, every version included, in small graphs that all speak of one state."""
        with self._database.read() as session:
            writer = self._writer(iris)
            self._begin(session, writer)
            yield writer.graph
            declared = self._declared(session)
            for start in range(0, len(declared), _AT_A_TIME):
                yield _whole_products(session, writer, declared[start : start + _AT_A_TIME])
            for start in range(0, dcat_reading.count(session, SeriesRow), _AT_A_TIME):
                names = dcat_reading.series_names(session, skip=start, most=_AT_A_TIME)
                yield _listed_series(session, writer.anew(), names).graph
            yield from _whole_datasets(session, writer)

    def _writer(self, iris: Iris) -> Writer:
        return Writer(iris, self._sources.library, Themes.of(self._sources.concepts()))

    def _begin(self, session: Session, writer: Writer) -> None:
        dcat_products.write_catalog(writer, self._sources.about, dcat_reading.first_organisation(session))

    def _declared(self, session: Session) -> list[DeclaredProduct]:
        """Return every product by name: those that recipes make, and those made by recipes now gone."""
        found = {each.name: each for each in self._sources.products()}
        gone = sorted(dcat_reading.released_products(session) - set(found))
        newest = dcat_reading.newest_releases(session, gone, ReleaseState.PUBLISHED, ReleaseState.WITHDRAWN)
        found |= {name: _as_released(newest[name]) for name in gone}
        return [found[name] for name in sorted(found)]


def _answering(
    session: Session,
    writer: Writer,
    datasets: Iterable[DatasetFacts] = (),
    products: Iterable[ProductFacts] = (),
) -> Writer:
    """Return an empty writer that knows who answers for these things."""
    registered = [each.registered.document for each in products if each.registered]
    documents: list[ProductDraft | DatasetDraft] = [*registered, *(each.document for each in datasets)]
    parties = {party for each in documents for party in (each.owner, each.steward, each.organisation)}
    return writer.anew(dcat_reading.agents(session, parties))


def _listed_series(session: Session, writer: Writer, names: Iterable[str]) -> Writer:
    for each in dcat_reading.series(session, names):
        writer.say(writer.iris.catalog, DCAT.resource, dcat_datasets.write_series(writer, each))
    return writer


def _whole_products(session: Session, writer: Writer, declared: Sequence[DeclaredProduct]) -> Graph:
    products = _product_facts(session, declared)
    writer = _answering(session, writer, products=products)
    _list(writer, (), products)
    for facts in products:
        for release in dcat_reading.releases(session, facts.declared.name):
            dcat_products.write_release(writer, facts, release)
    return writer.graph


def _whole_datasets(session: Session, writer: Writer) -> Iterator[Graph]:
    last = ""
    while names := dcat_reading.dataset_names(session, after=last, most=_AT_A_TIME):
        last = names[-1]
        datasets = dcat_reading.datasets(session, names, writer.library)
        writer = _answering(session, writer, datasets)
        _list(writer, datasets, ())
        yield writer.graph
        for some in dcat_reading.older_versions(session, datasets):
            older = writer.anew()
            for facts, version in some:
                dcat_datasets.write_version(older, facts, version)
            yield older.graph


def _list(writer: Writer, datasets: Iterable[DatasetFacts], products: Iterable[ProductFacts]) -> None:
    """Describe things, and list them in the catalog."""
    subjects = [dcat_products.write_product(writer, each) for each in products]
    subjects += [dcat_datasets.write_dataset(writer, each) for each in datasets]
    writer.say(writer.iris.catalog, DCAT.dataset, *subjects)


def _product_facts(session: Session, declared: Sequence[DeclaredProduct]) -> tuple[ProductFacts, ...]:
    names = [each.name for each in declared]
    registered = dcat_reading.registered_products(session, names)
    standing = dcat_reading.newest_releases(session, names, ReleaseState.PUBLISHED)
    newest = dcat_reading.newest_releases(session, names, ReleaseState.PUBLISHED, ReleaseState.WITHDRAWN)
    return tuple(
        ProductFacts(each, registered.get(each.name), newest.get(each.name), standing.get(each.name))
        for each in declared
    )


def _as_released(release: Release) -> DeclaredProduct:
    """Return what a release's manifest says of its product, for want of a recipe."""
    said = Manifest.model_validate(release.manifest).predicate
    return DeclaredProduct(
        name=release.product,
        title=said.title,
        title_zh=said.title_zh,
        description=said.title,
        elements=tuple(used.id for used in said.standards if "." in used.id),
        release_model=ReleaseModel(said.privacy.release_model),
    )

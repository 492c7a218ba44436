"""Products and their releases in DCAT 3, the catalog they stand in, and the service that hands them out."""

from __future__ import annotations

from rdflib import DCTERMS, FOAF, PROV, SKOS, Literal, URIRef

from catalog.exchange.dcat_facts import About, Agent, ProductFacts
from catalog.exchange.dcat_terms import (
    CHINESE,
    CSV,
    DCAT,
    DEPRECATED,
    ENGLISH,
    PARQUET,
    RESTRICTED,
    WITHDRAWN,
    WITHDRAWN_FILE,
    access_to_product,
)
from catalog.exchange.dcat_writing import File, Writer, instant, text
from catalog.product_register import ProductState
from catalog.releases.models import Release, ReleaseState
from standards import data_contracts, skos_rdf
from standards.manifest import Manifest

_NOBODY = Agent("", "operator of this catalog", is_organisation=True)


def write_product(writer: Writer, facts: ProductFacts) -> URIRef:
    """Describe a product with the newest of its releases, and return its IRI."""
    declared, say = facts.declared, writer.say
    subject = writer.thing(writer.iris.product(declared.name), DCAT.Dataset)
    say(subject, DCTERMS.identifier, text(declared.name))
    writer.titles(subject, declared.title, declared.title_zh)
    say(subject, DCTERMS.description, text(declared.description))
    writer.access(subject, access_to_product(declared.release_model))
    writer.page(subject, DCAT.landingPage, writer.iris.product_page(declared.name))
    writer.elements(subject, declared.elements, writer.library)
    writer.about(subject, writer.themes.of_product(declared.name, declared.elements))
    if facts.registered is not None:
        document = facts.registered.document
        writer.answerable(
            subject, owner=document.owner, steward=document.steward, organisation=document.organisation
        )
        writer.licence(subject, document.licence)
        if facts.registered.state is ProductState.RETIRED:
            writer.state(subject, DEPRECATED)
    for release in (facts.newest, facts.standing):
        if release is not None:
            write_release(writer, facts, release)
    if facts.standing is not None:
        current = writer.iris.release(declared.name, facts.standing.version)
        say(subject, DCAT.hasCurrentVersion, current)
        say(subject, DCAT.distribution, *writer.graph.objects(current, DCAT.distribution))
        say(writer.iris.service, DCAT.servesDataset, subject)
    return subject


def write_release(writer: Writer, facts: ProductFacts, release: Release) -> URIRef:
    """Describe a published or withdrawn release: its files, and what it was made of. Return its IRI."""
    name, number, say = release.product, release.version, writer.say
    product = writer.iris.product(name)
    subject = writer.thing(writer.iris.release(name, number), DCAT.Dataset)
    declared = facts.declared
    writer.titles(subject, f"{declared.title}, release {number}", f"{declared.title_zh},第{number}次发布")
    say(subject, DCTERMS.description, text(declared.description))
    say(subject, DCAT.version, Literal(str(number)))
    say(product, DCAT.hasVersion, subject)
    say(subject, DCAT.isVersionOf, product)
    if number > 1:
        say(subject, DCAT.previousVersion, writer.iris.release(name, number - 1))
    if release.published_at is not None:
        say(subject, DCTERMS.issued, instant(release.published_at))
    writer.access(subject, access_to_product(declared.release_model))
    writer.page(subject, FOAF.page, writer.iris.manifest(name, number))
    contract = writer.iris.file(name, number, data_contracts.FILE_NAME)
    writer.titles(writer.thing(contract, DCTERMS.Standard), "data contract (ODCS)", "数据契约(ODCS)")
    say(subject, DCTERMS.conformsTo, contract)
    for used in Manifest.model_validate(release.manifest).predicate.inputs:
        say(subject, PROV.wasDerivedFrom, writer.iris.version(used.dataset, used.version))
    if release.state is ReleaseState.WITHDRAWN:
        writer.state(subject, WITHDRAWN)
    _write_files(writer, facts, release, subject)
    return subject


def write_catalog(writer: Writer, about: About, first: Agent | None) -> URIRef:
    """Describe the catalog itself and its API, and return its IRI. `first` publishes, if nobody is named."""
    iris, say = writer.iris, writer.say
    subject = writer.thing(iris.catalog, DCAT.Catalog)
    if about.publisher is not None or first is None:
        publisher = writer.thing(iris.publisher, FOAF.Agent, FOAF.Organization)
        name = about.publisher or _NOBODY.name
        say(publisher, FOAF.name, text(name))
    else:
        publisher, name = writer.agent(first), first.name
    writer.titles(subject, about.title or f"Data catalog of {name}", about.title_zh or f"{name}数据目录")
    english, chinese = "Datasets and data products under governance.", "受治理的数据集与数据产品。"
    writer.titles(subject, english, chinese, predicate=DCTERMS.description)
    say(subject, DCTERMS.publisher, publisher)
    say(subject, DCTERMS.language, *(writer.thing(x, DCTERMS.LinguisticSystem) for x in (ENGLISH, CHINESE)))
    writer.licence(subject, about.licence)
    writer.page(subject, FOAF.homepage, iris.home)
    scheme = writer.thing(URIRef(skos_rdf.SCHEME), SKOS.ConceptScheme)
    writer.titles(scheme, "glossary", "术语表")
    say(subject, DCAT.themeTaxonomy, scheme)
    say(subject, DCAT.service, _write_service(writer, publisher))
    return subject


def _write_service(writer: Writer, publisher: URIRef) -> URIRef:
    service = writer.thing(writer.iris.service, DCAT.DataService)
    writer.titles(service, "Query API", "查询接口")
    english = "Rows and files of products, for partners with a grant; each answer has a receipt."
    chinese = "向获得授权的合作方提供产品的数据行与文件,每次应答附回执。"
    writer.titles(service, english, chinese, predicate=DCTERMS.description)
    writer.say(service, DCAT.endpointURL, writer.iris.home)
    writer.say(service, DCAT.endpointDescription, writer.iris.openapi)
    writer.say(service, DCTERMS.publisher, publisher)
    writer.access(service, RESTRICTED)
    return service


def _write_files(writer: Writer, facts: ProductFacts, release: Release, subject: URIRef) -> None:
    """Describe the data of a release; bytes of a withdrawn one are handed out to nobody."""
    name, number = release.product, release.version
    page = writer.iris.product_page(name)
    for file in release.files:
        if file.media_type.split(";")[0] not in (PARQUET, CSV):
            continue
        withdrawn = release.state is ReleaseState.WITHDRAWN
        download = None if withdrawn else writer.iris.file(name, number, file.name)
        told = File(file.name, file.media_type, file.size_bytes, file.digest, page, download)
        distribution = writer.distribution(subject, told)
        if facts.registered is not None:
            licence = facts.registered.document.licence
            writer.licence(distribution, licence, of=writer.iris.product(name))
        if withdrawn:
            writer.state(distribution, WITHDRAWN_FILE)
        else:
            writer.say(distribution, DCAT.accessService, writer.iris.service)

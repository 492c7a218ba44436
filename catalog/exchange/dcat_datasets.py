"""Datasets, their versions and series in DCAT 3 (§11 Versioning, §12 Dataset series)."""

from __future__ import annotations

from collections.abc import Iterable

from rdflib import DCTERMS, RDFS, Literal, URIRef

from catalog.datasets.models import DatasetDraft
from catalog.exchange import dcat_iris
from catalog.exchange.dcat_facts import DatasetFacts, SeriesFacts, VersionFacts
from catalog.exchange.dcat_iris import part
from catalog.exchange.dcat_terms import (
    DCAT,
    DEPRECATED,
    FREQUENCIES,
    PARQUET,
    access_to_dataset,
)
from catalog.exchange.dcat_writing import File, Writer, day, instant, text
from standards.security import SecurityLevel


def write_dataset(writer: Writer, facts: DatasetFacts) -> URIRef:
    """Describe a dataset with its place in a series and its newest version, and return its IRI."""
    document, say = facts.document, writer.say
    subject = writer.thing(writer.iris.dataset(document.name), DCAT.Dataset)
    _write_document(writer, subject, facts)
    say(subject, DCTERMS.issued, instant(facts.registered_at))
    if facts.is_retired:
        writer.state(subject, DEPRECATED)
    if facts.place is not None:
        say(subject, DCAT.inSeries, write_series(writer, facts.place.series))
        for predicate, name in ((DCAT.prev, facts.place.previous), (DCAT.next, facts.place.next)):
            say(subject, predicate, None if name is None else writer.iris.dataset(name))
    if facts.newest is not None:
        newest = write_version(writer, facts, facts.newest)
        say(subject, DCAT.hasCurrentVersion, newest)
        say(subject, DCAT.distribution, *writer.graph.objects(newest, DCAT.distribution))
    modified = facts.newest.loaded_at if facts.newest else facts.registered_at
    say(subject, DCTERMS.modified, instant(modified))
    return subject


def write_version(writer: Writer, facts: DatasetFacts, version: VersionFacts) -> URIRef:
    """Describe a version of a dataset and its one distribution, and return its IRI."""
    document, number = facts.document, version.number
    dataset = writer.iris.dataset(document.name)
    subject = writer.thing(writer.iris.version(document.name, number), DCAT.Dataset)
    writer.titles(subject, f"{document.title}, version {number}", f"{document.title_zh},第{number}版")
    writer.say(subject, DCTERMS.description, text(document.description))
    writer.say(subject, DCAT.version, Literal(str(number)))
    writer.say(subject, DCTERMS.issued, instant(version.loaded_at))
    writer.say(dataset, DCAT.hasVersion, subject)
    writer.say(subject, DCAT.isVersionOf, dataset)
    if number > 1:
        writer.say(subject, DCAT.previousVersion, writer.iris.version(document.name, number - 1))
    _access(writer, subject, document.security_level)
    page = writer.iris.dataset_page(document.name)
    file = File(f"{document.name}.parquet", PARQUET, version.size_bytes, version.digest, page)
    distribution = writer.distribution(subject, file)
    writer.say(distribution, DCTERMS.issued, instant(version.loaded_at))
    writer.licence(distribution, document.licence, of=dataset)
    return subject


def write_series(writer: Writer, facts: SeriesFacts) -> URIRef:
    """Describe a series, and return its IRI."""
    subject = writer.thing(writer.iris.series(facts.name), DCAT.DatasetSeries)
    writer.say(subject, DCTERMS.identifier, text(facts.name))
    writer.titles(subject, facts.title, facts.title_zh)
    writer.say(subject, DCTERMS.description, text(facts.description))
    writer.say(subject, DCTERMS.issued, instant(facts.added_at))
    for predicate, name in ((DCAT.first, facts.first), (DCAT.last, facts.last)):
        writer.say(subject, predicate, None if name is None else writer.iris.dataset(name))
    return subject


def write_members(writer: Writer, series: URIRef, names: Iterable[str]) -> None:
    """Say which datasets a series has."""
    for name in names:
        writer.say(series, DCAT.seriesMember, writer.iris.dataset(name))


def _write_document(writer: Writer, subject: URIRef, facts: DatasetFacts) -> None:
    """Say what the dataset's document says."""
    say, document = writer.say, facts.document
    say(subject, DCTERMS.identifier, text(document.name))
    writer.titles(subject, document.title, document.title_zh)
    say(subject, DCTERMS.description, text(document.description))
    writer.answerable(
        subject, owner=document.owner, steward=document.steward, organisation=document.organisation
    )
    _access(writer, subject, document.security_level)
    writer.licence(subject, document.licence)
    writer.page(subject, DCAT.landingPage, writer.iris.dataset_page(document.name))
    if (frequency := FREQUENCIES.get(document.update_frequency)) is not None:
        say(subject, DCTERMS.accrualPeriodicity, writer.thing(frequency, DCTERMS.Frequency))
    if document.source is not None:
        statement = writer.thing(part(subject, "provenance"), DCTERMS.ProvenanceStatement)
        say(statement, RDFS.label, text(document.source))
        say(subject, DCTERMS.provenance, statement)
    if document.synthetic:
        writer.titles(subject, "synthetic data", "合成数据", predicate=DCAT.keyword)
    _temporal(writer, subject, document)
    elements = {field.element for field in document.fields}
    writer.elements(subject, elements, facts.library)
    fields = [f"{document.name}.{field.name}" for field in document.fields]
    writer.about(subject, writer.themes.of_dataset(document.name, fields, elements))


def _temporal(writer: Writer, subject: URIRef, document: DatasetDraft) -> None:
    covered = document.temporal
    if covered is None or not (covered.begin or covered.end):
        return
    period = writer.thing(part(subject, "temporal"), DCTERMS.PeriodOfTime)
    for predicate, on in ((DCAT.startDate, covered.begin), (DCAT.endDate, covered.end)):
        writer.say(period, predicate, None if on is None else day(on))
    writer.say(subject, DCTERMS.temporal, period)


def _access(writer: Writer, subject: URIRef, level: SecurityLevel) -> None:
    """Say who may have the data, and of which level of GB/T 43697 they are."""
    writer.access(subject, access_to_dataset(level))
    statement = writer.thing(dcat_iris.security_level(level.value), DCTERMS.RightsStatement)
    writer.titles(statement, level.title_en, level.title_zh, predicate=RDFS.label)
    writer.say(subject, DCTERMS.rights, statement)

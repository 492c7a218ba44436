"""Writing RDF: a graph that grows by statements, and the parts that datasets and products share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from rdflib import DCTERMS, FOAF, PROV, RDF, RDFS, SKOS, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from catalog.exchange import dcat_iris
from catalog.exchange.dcat_facts import Agent
from catalog.exchange.dcat_iris import Iris, part
from catalog.exchange.dcat_terms import (
    ADMS,
    CUSTODIAN,
    DCAT,
    OWNER,
    SPDX,
    STATES,
    VCARD,
    media_type,
    new_graph,
)
from catalog.exchange.dcat_themes import Themes
from standards import skos_rdf
from standards.digests import Digest
from standards.errors import NotFound
from standards.library import Library
from standards.skos import Concept

_UNSAYABLE = re.compile("[\x00\ud800-\udfff]")
"""What a document may hold, and RDF or UTF-8 has no form for."""
_ADDRESS = re.compile(r"https?://[^\x00-\x20\x7f<>\"{}|\\^`]+")


@dataclass(frozen=True)
class File:
    """A file that a distribution tells of. `download` is where its bytes are handed out, if they are."""

    name: str
    media_type: str
    size_bytes: int
    digest: Digest
    page: URIRef
    download: URIRef | None = None


@dataclass(frozen=True)
class Writer:
    """A graph in the making, and what its statements are made of."""

    iris: Iris
    library: Library
    themes: Themes
    agents: Mapping[str, Agent] = field(default_factory=dict)
    graph: Graph = field(default_factory=new_graph)

    def anew(self, agents: Mapping[str, Agent] | None = None) -> Writer:
        """Return a writer of another graph, empty yet."""
        return replace(self, agents=agents or {}, graph=new_graph())

    def say(self, subject: URIRef, predicate: URIRef, *objects: Node | None) -> None:
        """Add statements; None says nothing."""
        for each in objects:
            if each is not None:
                self.graph.add((subject, predicate, each))

    def thing(self, subject: URIRef, *types: URIRef) -> URIRef:
        """Say of which types something is, and return it."""
        self.say(subject, RDF.type, *types)
        return subject

    def titles(self, subject: URIRef, english: str, chinese: str, predicate: URIRef = DCTERMS.title) -> None:
        """Say how something is called in both languages."""
        self.say(subject, predicate, text(english, "en"), text(chinese, "zh"))

    def agent(self, known: Agent) -> URIRef:
        """Describe a party as an agent, and return its IRI."""
        kind = FOAF.Organization if known.is_organisation else FOAF.Person
        subject = self.thing(self.iris.party(known.id), FOAF.Agent, kind)
        self.say(subject, FOAF.name, text(known.name))
        return subject

    def answerable(self, subject: URIRef, *, owner: str, steward: str, organisation: str) -> None:
        """Say who answers for something: publisher, contact, owner, custodian."""
        asked = self.agents[steward]
        kind = VCARD.Organization if asked.is_organisation else VCARD.Individual
        contact = self.thing(self.iris.contact(steward), VCARD.Kind, kind)
        self.say(contact, VCARD.fn, text(asked.name))
        self.say(subject, DCTERMS.publisher, self.agent(self.agents[organisation]))
        self.say(subject, DCAT.contactPoint, contact)
        for name, party, role in (("owner", owner, OWNER), ("steward", steward, CUSTODIAN)):
            attribution = self.thing(part(subject, name), PROV.Attribution)
            self.say(attribution, PROV.agent, self.agent(self.agents[party]))
            self.say(attribution, DCAT.hadRole, self.thing(role, DCAT.Role))
            self.say(subject, PROV.qualifiedAttribution, attribution)

    def access(self, subject: URIRef, rights: URIRef) -> None:
        """Say who may have something."""
        self.say(subject, DCTERMS.accessRights, self.thing(rights, DCTERMS.RightsStatement))

    def licence(self, subject: URIRef, said: str | None, of: URIRef | None = None) -> None:
        """Say under which licence something is: an address, or what the text says of `of`."""
        if said is None:
            return
        is_address = _ADDRESS.fullmatch(said) is not None
        document = URIRef(said) if is_address else part(of or subject, "licence")
        self.thing(document, DCTERMS.LicenseDocument)
        self.say(document, RDFS.label, None if is_address else text(said))
        self.say(subject, DCTERMS.license, document)

    def state(self, subject: URIRef, state: URIRef) -> None:
        """Say that something is no longer as it was."""
        self.titles(self.thing(state, SKOS.Concept), *STATES[state], predicate=SKOS.prefLabel)
        self.say(subject, ADMS.status, state)

    def page(self, subject: URIRef, predicate: URIRef, page: URIRef) -> None:
        """Say where a page about something is."""
        self.say(subject, predicate, self.thing(page, FOAF.Document))

    def elements(self, subject: URIRef, ids: Iterable[str], library: Library) -> None:
        """Say to which data elements something conforms; one that the library has lost is left out."""
        for each in sorted(set(ids)):
            try:
                element = library.element(each)
            except NotFound:
                continue
            standard = self.thing(dcat_iris.element(element.id, element.version), DCTERMS.Standard)
            self.say(standard, DCTERMS.identifier, text(element.id))
            self.titles(standard, element.name_en, element.name_zh)
            self.say(subject, DCTERMS.conformsTo, standard)

    def about(self, subject: URIRef, concepts: Iterable[Concept]) -> None:
        """Say which concepts of the glossary something is about, with their names for keywords."""
        for concept in concepts:
            theme = self.thing(URIRef(skos_rdf.BASE + concept.id), SKOS.Concept)
            self.titles(theme, concept.pref_en, concept.pref_zh, predicate=SKOS.prefLabel)
            self.say(theme, SKOS.inScheme, URIRef(skos_rdf.SCHEME))
            self.say(subject, DCAT.theme, theme)
            self.titles(subject, concept.pref_en, concept.pref_zh, predicate=DCAT.keyword)

    def distribution(self, subject: URIRef, file: File) -> URIRef:
        """Describe a file of a version or a release, and return the distribution."""
        ending = file.name.rsplit(".", 1)[-1]
        distribution = self.thing(part(subject, ending), DCAT.Distribution)
        self.say(distribution, DCTERMS.title, text(file.name))
        self.say(distribution, DCAT.accessURL, file.page)
        self.say(distribution, DCAT.downloadURL, file.download)
        self.say(distribution, DCAT.mediaType, self.thing(media_type(file.media_type), DCTERMS.MediaType))
        self.say(distribution, DCAT.byteSize, Literal(file.size_bytes, datatype=XSD.nonNegativeInteger))
        checksum = self.thing(part(distribution, "checksum"), SPDX.Checksum)
        algorithm = self.thing(SPDX.checksumAlgorithm_sha256, SPDX.ChecksumAlgorithm)
        self.say(checksum, SPDX.algorithm, algorithm)
        digest = Literal(file.digest, datatype=XSD.hexBinary, normalize=False)
        self.say(checksum, SPDX.checksumValue, digest)
        self.say(distribution, SPDX.checksum, checksum)
        self.say(subject, DCAT.distribution, distribution)
        return distribution


def text(said: str, language: str | None = None) -> Literal:
    """Return a text. NUL and halves of characters become the sign for what can't be said."""
    return Literal(_UNSAYABLE.sub("\N{REPLACEMENT CHARACTER}", said), lang=language)


def instant(at: datetime) -> Literal:
    """Return an instant."""
    return Literal(at.isoformat().replace("+00:00", "Z"), datatype=XSD.dateTime, normalize=False)


def day(on: date) -> Literal:
    """Return a day."""
    return Literal(on.isoformat(), datatype=XSD.date)

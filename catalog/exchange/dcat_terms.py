"""The words of an exchanged catalog: namespaces, and what our code lists are in the vocabularies of others.

Source: DCAT 3 (W3C Recommendation, 2024-08-22); frequencies, access rights and states from EU Vocabularies
and ADMS, roles from ISO 19115-1, as DCAT 3 and DCAT-AP 3.0 recommend.
"""

from __future__ import annotations

from typing import Any, Final

from rdflib import DCTERMS, FOAF, PROV, RDF, RDFS, SKOS, XSD, Graph, Namespace, URIRef

from standards.security import ReleaseModel, SecurityLevel

ADMS = Namespace("http://www.w3.org/ns/adms#")
DCAT = Namespace("http://www.w3.org/ns/dcat#")  # rdflib's own lacks the words of version 3
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
_EU = "http://publications.europa.eu/resource/authority/"
_ADMS_STATUS = "http://purl.org/adms/status/"
_ISO_ROLE = "http://registry.it.csiro.au/def/isotc211/CI_RoleCode/"
_MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"

PREFIXES: Final = {
    "adms": str(ADMS),
    "dcat": str(DCAT),
    "dct": str(DCTERMS),
    "foaf": str(FOAF),
    "hydra": str(HYDRA),
    "prov": str(PROV),
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "skos": str(SKOS),
    "spdx": str(SPDX),
    "vcard": str(VCARD),
    "xsd": str(XSD),
}

_LINKS = (
    "adms:status", "dcat:accessService", "dcat:accessURL", "dcat:contactPoint", "dcat:dataset",
    "dcat:distribution", "dcat:downloadURL", "dcat:hasCurrentVersion", "dcat:hasVersion", "dcat:inSeries",
    "dcat:isVersionOf", "dcat:landingPage", "dcat:mediaType", "dcat:next", "dcat:prev",
    "dcat:previousVersion", "dcat:resource", "dcat:servesDataset", "dcat:service", "dcat:theme",
    "dct:accessRights", "dct:accrualPeriodicity", "dct:conformsTo", "dct:license", "dct:publisher",
    "dct:rights", "hydra:first", "hydra:last", "hydra:next", "hydra:previous", "hydra:view",
    "prov:qualifiedAttribution", "prov:wasDerivedFrom",
)  # fmt: skip
CONTEXT: Final[dict[str, Any]] = PREFIXES | {name: {"@id": name, "@type": "@id"} for name in _LINKS}
"""The context of JSON-LD: prefixes, and which values are links."""

FREQUENCIES: Final = {
    code: URIRef(f"{_EU}frequency/{name}")
    for code, name in {
        "realtime": "CONT",
        "hourly": "HOURLY",
        "daily": "DAILY",
        "weekly": "WEEKLY",
        "monthly": "MONTHLY",
        "bimonthly": "BIMONTHLY",
        "quarterly": "QUARTERLY",
        "annual": "ANNUAL",
        "irregular": "IRREG",
        "once": "NEVER",
    }.items()
}
"""The code list `update-frequency` in the EU's. A code that a utility added has no frequency there."""

PUBLIC = URIRef(f"{_EU}access-right/PUBLIC")
RESTRICTED = URIRef(f"{_EU}access-right/RESTRICTED")
NON_PUBLIC = URIRef(f"{_EU}access-right/NON_PUBLIC")

DEPRECATED = URIRef(f"{_ADMS_STATUS}Deprecated")
WITHDRAWN = URIRef(f"{_ADMS_STATUS}Withdrawn")
WITHDRAWN_FILE = URIRef(f"{_EU}distribution-status/WITHDRAWN")
STATES: Final = {
    DEPRECATED: ("retired, no longer in use", "已停用"),
    WITHDRAWN: ("withdrawn", "已撤回"),
    WITHDRAWN_FILE: ("withdrawn", "已撤回"),
}
"""What a state is called here, in English and Chinese."""

OWNER = URIRef(f"{_ISO_ROLE}owner")
CUSTODIAN = URIRef(f"{_ISO_ROLE}custodian")
ENGLISH, CHINESE = URIRef(f"{_EU}language/ENG"), URIRef(f"{_EU}language/ZHO")
PARQUET = "application/vnd.apache.parquet"
CSV = "text/csv"


def access_to_dataset(level: SecurityLevel) -> URIRef:
    """Return who may have a dataset itself: nobody by HTTP; of the two lower grades, whoever is let."""
    return RESTRICTED if level <= SecurityLevel.GENERAL_2 else NON_PUBLIC


def access_to_product(model: ReleaseModel) -> URIRef:
    """Return who may have a release: a grant is needed of each, and a public one is for anyone who asks."""
    return {
        ReleaseModel.PUBLIC: PUBLIC,
        ReleaseModel.CONTROLLED: RESTRICTED,
        ReleaseModel.ENCLAVE: NON_PUBLIC,
    }[model]


def media_type(name: str) -> URIRef:
    """Return the IRI of a media type at IANA, without its parameters."""
    return URIRef(_MEDIA_TYPE + name.split(";")[0].strip())


def new_graph() -> Graph:
    """Return an empty graph that knows the prefixes."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    return graph

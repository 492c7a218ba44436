"""What things are called in an exchanged catalog: IRIs below one address, the same in every answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from rdflib import URIRef

from standards.errors import InvalidInput

_BASE = re.compile(r"https?://[A-Za-z0-9._~\-\[\]:]+(/[A-Za-z0-9._~\-/]*)?")


class BadPublicAddress(InvalidInput):
    """An address that names of things in an exchanged catalog can't begin with."""

    code = "bad-public-address"


@dataclass(frozen=True)
class Iris:
    """IRIs below `base`, the address under which others reach the server, without a slash at its end."""

    base: str

    @classmethod
    def below(cls, address: str) -> Iris:
        """Return the IRIs below an address. Raises BadPublicAddress."""
        if len(address) > 200 or not _BASE.fullmatch(address):
            raise BadPublicAddress(
                f"{address[:200]!r} is no address for others to reach this server by",
                hint="set SHUIZE_PUBLIC_URL to one such as https://data.example.org",
            )
        return cls(address.rstrip("/"))

    @property
    def home(self) -> URIRef:
        """The start page."""
        return self._at("/")

    @property
    def collection(self) -> URIRef:
        """The pages of the catalog, together."""
        return self._at("/dcat")

    @property
    def catalog(self) -> URIRef:
        """The catalog itself."""
        return self._at("/dcat#catalog")

    @property
    def publisher(self) -> URIRef:
        """Who publishes the catalog, where the settings name somebody."""
        return self._at("/dcat#publisher")

    @property
    def service(self) -> URIRef:
        """The HTTP API."""
        return self._at("/dcat#service")

    @property
    def openapi(self) -> URIRef:
        """The description of the HTTP API."""
        return self._at("/openapi.json")

    def party(self, party: str) -> URIRef:
        """A party, as an agent."""
        return self._at(f"/dcat#party-{party}")

    def contact(self, party: str) -> URIRef:
        """A party, as whom to ask."""
        return self._at(f"/dcat#contact-{party}")

    def dataset(self, name: str) -> URIRef:
        """A dataset, and the document about it."""
        return self._at(f"/dcat/datasets/{name}")

    def dataset_page(self, name: str) -> URIRef:
        """Where one looks at a dataset."""
        return self._at(f"/datasets/{name}")

    def version(self, name: str, number: int) -> URIRef:
        """A version of a dataset."""
        return part(self.dataset(name), f"version-{number}")

    def series(self, name: str) -> URIRef:
        """A series, and the document about it."""
        return self._at(f"/dcat/series/{name}")

    def product(self, name: str) -> URIRef:
        """A product, and the document about it."""
        return self._at(f"/dcat/products/{name}")

    def product_page(self, name: str) -> URIRef:
        """Where one looks at a product."""
        return self._at(f"/products/{name}")

    def release(self, product: str, version: int) -> URIRef:
        """A release of a product."""
        return part(self.product(product), f"release-{version}")

    def manifest(self, product: str, version: int) -> URIRef:
        """A release's manifest."""
        return self._at(f"/products/{product}/releases/{version}/manifest.json")

    def file(self, product: str, version: int, name: str) -> URIRef:
        """A file of a release, as the API hands it out."""
        return self._at(f"/products/{product}/releases/{version}/files/{quote(name)}")

    def _at(self, path: str) -> URIRef:
        return URIRef(self.base + path)


def part(whole: URIRef, name: str) -> URIRef:
    """Return the IRI of a part of what an IRI names."""
    return URIRef(f"{whole}{'-' if '#' in whole else '#'}{name}")


def element(element_id: str, version: str) -> URIRef:
    """Return the IRI of a data element, as data contracts cite it."""
    return URIRef(f"urn:shuize:data-element:{quote(element_id)}:{quote(version)}")


def security_level(level: str) -> URIRef:
    """Return the IRI of a security level of GB/T 43697."""
    return URIRef(f"urn:shuize:security-level:{level}")

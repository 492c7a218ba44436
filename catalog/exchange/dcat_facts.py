"""What is told of the catalog's things, before it is put into RDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalog.datasets.models import DatasetDraft
from catalog.product_register import RegisteredProduct
from catalog.releases.models import Release
from standards.digests import Digest
from standards.library import Library
from standards.security import ReleaseModel


@dataclass(frozen=True)
class About:
    """What the operator says of the catalog. Without a publisher it is the organisation first added."""

    title: str | None = None
    title_zh: str | None = None
    publisher: str | None = None
    licence: str | None = None


@dataclass(frozen=True)
class Agent:
    """A party, by the name that strangers may see: an organisation's own, a person's id."""

    id: str
    name: str
    is_organisation: bool


@dataclass(frozen=True)
class VersionFacts:
    """A version of a dataset."""

    number: int
    digest: Digest
    size_bytes: int
    loaded_at: datetime


@dataclass(frozen=True)
class SeriesFacts:
    """A series, and the datasets it begins and ends with."""

    name: str
    title: str
    title_zh: str
    description: str
    added_at: datetime
    first: str | None
    last: str | None


@dataclass(frozen=True)
class Place:
    """A dataset's place in its series: what stands before it and after it."""

    series: SeriesFacts
    previous: str | None
    next: str | None


@dataclass(frozen=True)
class DatasetFacts:
    """A dataset as strangers may see it, its place in a series, and its newest version.

    `library` has the standards as the dataset cites them.
    """

    document: DatasetDraft
    library: Library
    is_retired: bool
    registered_at: datetime
    place: Place | None
    newest: VersionFacts | None


@dataclass(frozen=True)
class DeclaredProduct:
    """A product as its recipe declares it. `elements` are the ids of its fields' data elements."""

    name: str
    title: str
    title_zh: str
    description: str
    elements: tuple[str, ...]
    release_model: ReleaseModel


@dataclass(frozen=True)
class ProductFacts:
    """A product, who answers for it, if that is registered, and its newest public releases."""

    declared: DeclaredProduct
    registered: RegisteredProduct | None
    newest: Release | None
    standing: Release | None

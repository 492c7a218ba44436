"""Datasets: what there is, who answers for it, which versions. Their rows do not leave by this door.

Everybody may ask, so an answer holds nothing of a single row: see `api/DECISIONS.md`.
"""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from api.problems import documented
from api.routes.asking import Wired
from api.routes.paging import ByName
from catalog.datasets.models import Dataset, DatasetVersion, FieldProfile
from standards.data_elements import IdentifierKind
from standards.digests import Digest
from standards.security import SecurityLevel

router = APIRouter(prefix="/datasets", tags=["datasets"])


class PublicVersion(BaseModel):
    """A version as everybody may see it: without its source, and with few extremes in its profile."""

    dataset: str
    number: int
    digest: Digest
    size_bytes: int
    row_count: int
    profile: list[FieldProfile]
    loaded_by: str
    loaded_at: datetime
    revision: int

    @classmethod
    def of(cls, version: DatasetVersion, open_fields: frozenset[str]) -> PublicVersion:
        """Return what is public of a version; only of open fields the extremes are."""
        hidden = {"minimum": None, "maximum": None}
        profile = [f if f.name in open_fields else f.model_copy(update=hidden) for f in version.profile]
        kept = {name: getattr(version, name) for name in cls.model_fields if name != "profile"}
        return cls(**kept, profile=profile)


class DatasetWithVersions(BaseModel):
    """A dataset and its versions, oldest first."""

    dataset: Dataset
    versions: list[PublicVersion]


@router.head("", include_in_schema=False)
@router.get("", response_model_exclude={"__all__": {"document": {"contract"}}})
def list_datasets(platform: Wired, page: ByName) -> list[Dataset]:
    """List the datasets, by name."""
    found = platform.datasets.list(after=page.after, limit=page.one_more)
    return page.of(found, lambda dataset: dataset.name)


@router.head("/{name}", include_in_schema=False)
@router.get(
    "/{name}", responses=documented(404), response_model_exclude={"dataset": {"document": {"contract"}}}
)
def show_dataset(name: str, platform: Wired) -> DatasetWithVersions:
    """Show one dataset and its versions."""
    dataset = platform.datasets.get(name)
    open_fields = _open_fields(dataset, platform)
    versions = [PublicVersion.of(version, open_fields) for version in platform.datasets.versions(name)]
    return DatasetWithVersions(dataset=dataset, versions=versions)


def _open_fields(dataset: Dataset, platform: Wired) -> frozenset[str]:
    """Return the fields whose extremes everybody may see: of no person, in data whose leak harms nobody."""
    elements = {f.name: platform.library.element(f.element) for f in dataset.document.fields}
    return frozenset(
        name
        for name, element in elements.items()
        if element.identifier_kind is IdentifierKind.NONE
        and {element.security_level, dataset.document.security_level} == {SecurityLevel.GENERAL_1}
    )

"""Datasets: what there is, who answers for it, which versions. Their rows do not leave by this door.

Everybody may ask, so an answer holds nothing of a single row, and of sensitive fields what the reader may see
of them: see `catalog/disclosure.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from api.problems import documented
from api.routes.asking import Reading, Wired
from api.routes.paging import ByName
from catalog.datasets.models import Dataset, DatasetVersion, FieldProfile
from catalog.disclosure import View
from standards.digests import Digest

router = APIRouter(prefix="/datasets", tags=["datasets"])
_OPEN: dict[str, Any] = {"security": [{}]}
"""It answers without a token as well."""


class SeenDataset(Dataset):
    """A dataset as the reader may see it; `hidden_fields` are so many that are not shown at all."""

    hidden_fields: int = 0

    @classmethod
    def of(cls, dataset: Dataset, view: View) -> SeenDataset:
        """Return what is seen of a dataset."""
        kept = {name: getattr(dataset, name) for name in Dataset.model_fields if name != "document"}
        document = view.document(dataset.document)
        return cls.model_construct(**kept, document=document, hidden_fields=view.unnamed(dataset.document))


class PublicVersion(BaseModel):
    """A version as the reader may see it: without its source, and with few figures in its profile."""

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
    def of(cls, version: DatasetVersion, view: View) -> PublicVersion:
        """Return what is seen of a version."""
        kept = {name: getattr(version, name) for name in cls.model_fields if name != "profile"}
        return cls(**kept, profile=view.profile(version.profile))


class DatasetWithVersions(BaseModel):
    """A dataset and its versions, oldest first."""

    dataset: SeenDataset
    versions: list[PublicVersion]


@router.head("", include_in_schema=False)
@router.get(
    "", openapi_extra=_OPEN, responses=documented(401),
    response_model_exclude={"__all__": {"document": {"contract"}}},
)  # fmt: skip
def list_datasets(platform: Wired, reader: Reading, page: ByName) -> list[SeenDataset]:
    """List the datasets, by name."""
    found = platform.datasets.list(after=page.after, limit=page.one_more)
    views = platform.disclosure.views(found, reader)
    return page.of(
        tuple(SeenDataset.of(each, views[each.name]) for each in found), lambda dataset: dataset.name
    )


@router.head("/{name}", include_in_schema=False)
@router.get(
    "/{name}", openapi_extra=_OPEN, responses=documented(401, 404),
    response_model_exclude={"dataset": {"document": {"contract"}}},
)  # fmt: skip
def show_dataset(name: str, platform: Wired, reader: Reading) -> DatasetWithVersions:
    """Show one dataset and its versions."""
    dataset = platform.datasets.get(name)
    view = platform.disclosure.views([dataset], reader)[name]
    versions = [PublicVersion.of(version, view) for version in platform.datasets.versions(name)]
    return DatasetWithVersions.model_construct(dataset=SeenDataset.of(dataset, view), versions=versions)

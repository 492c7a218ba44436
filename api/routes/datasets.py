"""Datasets: what there is, who answers for it, which versions. Their rows do not leave by this door."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from api.problems import documented
from api.routes.asking import Wired
from catalog.datasets import Dataset, DatasetVersion

router = APIRouter(prefix="/datasets", tags=["datasets"])


class DatasetWithVersions(BaseModel):
    """A dataset and its versions, oldest first."""

    dataset: Dataset
    versions: list[DatasetVersion]


@router.head("", include_in_schema=False)
@router.get("")
def list_datasets(platform: Wired) -> list[Dataset]:
    """List all datasets."""
    return list(platform.datasets.list())


@router.head("/{name}", include_in_schema=False)
@router.get("/{name}", responses=documented(404))
def show_dataset(name: str, platform: Wired) -> DatasetWithVersions:
    """Show one dataset and its versions."""
    return DatasetWithVersions(
        dataset=platform.datasets.get(name), versions=list(platform.datasets.versions(name))
    )

"""The datasets beside one: those in use that have a version, made-up ones only beside made-up ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.datasets.models import DatasetDraft, DatasetState
from catalog.quality.binding import Shape
from catalog.quality.rulebook import view_name
from catalog.tables import DatasetRow, DatasetVersionRow
from standards.digests import Digest
from standards.errors import NotFound
from standards.library import Library


@dataclass(frozen=True)
class Neighbour:
    """Another dataset in its newest version."""

    shape: Shape
    version: int
    digest: Digest


def neighbours(session: Session, dataset: DatasetDraft, library: Library) -> dict[str, Neighbour]:
    """Return the other datasets that rules may look at, by name."""
    newest = (
        sa.select(DatasetVersionRow.dataset, sa.func.max(DatasetVersionRow.number).label("number"))
        .group_by(DatasetVersionRow.dataset)
        .subquery()
    )
    version = sa.and_(
        DatasetVersionRow.dataset == newest.c.dataset, DatasetVersionRow.number == newest.c.number
    )
    query = (
        sa.select(
            DatasetRow.name, DatasetRow.document, DatasetVersionRow.number, DatasetVersionRow.digest,
            DatasetVersionRow.profile,
        )
        .join(DatasetVersionRow, DatasetVersionRow.dataset == DatasetRow.name)
        .join(newest, version)
        .where(DatasetRow.state == DatasetState.REGISTERED.value, DatasetRow.name != dataset.name)
        .order_by(DatasetRow.name)
    )  # fmt: skip
    return {
        name: Neighbour(_shape(name, document, profile, library), number, Digest(digest))
        for name, document, number, digest, profile in session.execute(query)
        if document.get("synthetic", False) == dataset.synthetic
    }


def _shape(name: str, document: Mapping[str, Any], profile: list[dict[str, Any]], library: Library) -> Shape:
    """Return what binding asks of a dataset, read from its document as it is kept: there may be thousands."""
    there = {each["name"] for each in profile}
    fields: dict[str, str] = {}
    for each in document["fields"]:
        if each["name"] in there and _is_known(each["element"], library):
            fields.setdefault(each["element"], each["name"])
    key = tuple(document.get("key", ()))
    return Shape(name, fields, key if set(key) <= set(fields.values()) else (), view_name(name))


def _is_known(element: str, library: Library) -> bool:
    try:
        library.element(element)
    except NotFound:
        return False
    return True

"""The register of datasets and their immutable versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog import trail
from catalog.database import Clock, Database, take_turns
from catalog.datasets.citing import citations
from catalog.datasets.models import (
    Dataset,
    DatasetDraft,
    DatasetNotFound,
    DatasetRetired,
    DatasetState,
    DatasetVersion,
    VersionNotFound,
)
from catalog.parties import require_member
from catalog.tables import DatasetRow, DatasetVersionRow, RevisionRow
from catalog.trail import Act, Detail
from standards.library import Library

WithVersion = Callable[[Session, DatasetVersion, bool], Detail]
"""What else is written with a version, in its transaction: whether the version is new is said with it. It
returns what the trail is to say of it."""


class Datasets:
    """The register of datasets and their versions. Change requests register and change them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def get(self, name: str) -> Dataset:
        """Return the dataset. Raises DatasetNotFound."""
        with self._database.read() as session:
            return _one(session, require_dataset(session, name))

    def to_load(self, name: str, *, by: str) -> Dataset:
        """Return the dataset that `by` is about to load into. Raises DatasetNotFound, UnknownParty."""
        with self._database.read() as session:
            require_member(session, by, self._clock())
            return _one(session, require_in_use(require_dataset(session, name)))

    def list(self, *, after: str | None = None, limit: int | None = None) -> tuple[Dataset, ...]:
        """Return the datasets by name: those after a name, so many at most."""
        query = sa.select(DatasetRow).order_by(DatasetRow.name).limit(limit)
        versions = sa.select(DatasetVersionRow.dataset, sa.func.count()).group_by(DatasetVersionRow.dataset)
        if after is not None:
            query = query.where(DatasetRow.name > after)
            versions = versions.where(DatasetVersionRow.dataset > after)
        with self._database.read() as session:
            rows = session.scalars(query).all()
            if limit is not None and rows:
                versions = versions.where(DatasetVersionRow.dataset <= rows[-1].name)
            counts = {row[0]: row[1] for row in session.execute(versions)}
            return tuple(_dataset(row, counts.get(row.name, 0)) for row in rows)

    def versions(self, name: str) -> tuple[DatasetVersion, ...]:
        """Return the dataset's versions, oldest first. Raises DatasetNotFound."""
        with self._database.read() as session:
            require_dataset(session, name)
            found = session.scalars(
                sa.select(DatasetVersionRow)
                .where(DatasetVersionRow.dataset == name)
                .order_by(DatasetVersionRow.number)
            )
            return tuple(map(_version, found))

    def version(self, name: str, number: int | None = None) -> DatasetVersion:
        """Return one version, the newest by default. Raises DatasetNotFound, VersionNotFound."""
        versions = self.versions(name)
        found = versions[-1:] if number is None else [v for v in versions if v.number == number]
        if found:
            return found[0]
        if not versions:
            raise VersionNotFound(
                f"dataset {name} has no version yet", hint=f"load a file: shuize dataset load {name} FILE"
            )
        raise VersionNotFound(
            f"dataset {name} has no version {number}",
            hint=f"it has versions 1 to {versions[-1].number}" if len(versions) > 1 else "it has version 1",
        )

    def document_for(self, version: DatasetVersion) -> DatasetDraft:
        """Return the document to read a version by: the present one if the version has all its fields.

        A field added since is not in older versions: those are read by the revision they were loaded under.
        """
        with self._database.read() as session:
            row = require_dataset(session, version.dataset)
            draft = DatasetDraft.model_validate(row.document)
            there = {field.name for field in version.profile}
            if row.revision == version.revision or {field.name for field in draft.fields} <= there:
                return draft
            revision = session.get(RevisionRow, ("dataset", version.dataset, version.revision))
            return DatasetDraft.model_validate(revision.document) if revision else draft

    def as_cited(self, library: Library, *names: str) -> Library:
        """Return the library in which the standards that these datasets cite are the ones meant.

        Where two cite different versions of a standard, the newer is meant.
        """
        with self._database.read() as session:
            found = citations(session, names)
        return library.citing(reference for cited in found.values() for reference in cited)

    def require_in_use(self, name: str) -> None:
        """Raise DatasetRetired, DatasetNotFound unless the dataset is there to be used."""
        with self._database.read() as session:
            require_in_use(require_dataset(session, name))

    def add_version(self, version: DatasetVersion, beside: WithVersion | None = None) -> DatasetVersion:
        """Record a version whose bytes are in the store; `number` is given here.

        The same bytes are the same version: if the dataset has it, that one is returned. `beside` writes what
        goes with it in the same transaction.
        """
        with self._database.write() as session:
            return self.add_version_in(session, version, beside)

    def add_version_in(
        self, session: Session, version: DatasetVersion, beside: WithVersion | None = None
    ) -> DatasetVersion:
        """Record a version in the caller's transaction; see `add_version`."""
        take_turns(session, f"dataset {version.dataset}")
        require_member(session, version.loaded_by, self._clock())
        require_in_use(require_dataset(session, version.dataset))
        mine = DatasetVersionRow.dataset == version.dataset
        same = sa.select(DatasetVersionRow).where(mine, DatasetVersionRow.digest == version.digest)
        if row := session.scalar(same):
            there = _version(row)
            if beside is not None:
                beside(session, there, False)
            return there
        newest = session.scalar(sa.select(sa.func.max(DatasetVersionRow.number)).where(mine)) or 0
        values = version.model_dump(exclude={"profile", "number"})
        profile = [field.model_dump(mode="json") for field in version.profile]
        row = DatasetVersionRow(**values, number=newest + 1, profile=profile)
        session.add(row)
        session.flush()
        added = _version(row)
        detail: dict[str, str | int | bool | None] = {
            "version": row.number,
            "sha256": row.digest,
            "revision": row.revision,
        }
        if beside is not None:
            detail |= beside(session, added, True)
        act = Act("version-loaded", "dataset", row.dataset, row.loaded_by, detail)
        trail.record(session, self._clock(), act)
        return added


def require_dataset(session: Session, name: str) -> DatasetRow:
    """Return the dataset's row in the caller's transaction. Raises DatasetNotFound."""
    row = session.get(DatasetRow, name)
    if row is None:
        raise DatasetNotFound(f"no dataset is called {name!r}", hint="see: shuize dataset list")
    return row


def require_in_use(row: DatasetRow) -> DatasetRow:
    """Return the row. Raises DatasetRetired."""
    if row.state == DatasetState.RETIRED:
        raise DatasetRetired(
            f"dataset {row.name} is retired",
            hint=f"use another, or take it into use again: shuize dataset reinstate {row.name}",
        )
    return row


def _one(session: Session, row: DatasetRow) -> Dataset:
    count = sa.select(sa.func.count()).where(DatasetVersionRow.dataset == row.name)
    return _dataset(row, session.scalar(count) or 0)


def _dataset(row: DatasetRow, versions: int) -> Dataset:
    return Dataset(
        document=DatasetDraft.model_validate(row.document),
        registered_by=row.registered_by,
        registered_at=row.registered_at,
        versions=versions,
        revision=row.revision,
        state=DatasetState(row.state),
    )


def _version(row: DatasetVersionRow) -> DatasetVersion:
    columns: dict[str, Any] = {name: getattr(row, name) for name in DatasetVersion.model_fields}
    return DatasetVersion.model_validate(columns)

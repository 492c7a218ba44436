"""Drift, to be asked for between any two versions, and as it was kept when a version came."""

from __future__ import annotations

from catalog.database import Database
from catalog.datasets.models import Dataset, DatasetDraft, DatasetVersion
from catalog.datasets.register import Datasets
from catalog.drift.comparing import Side, compare
from catalog.drift.models import DriftWarning, KeptDrift, VersionDrift
from catalog.engine import engine
from catalog.sensing.declared import shows_nothing
from catalog.sensing.register import Sensings
from catalog.store import FolderStore
from catalog.tables import RevisionRow, VersionDriftRow
from standards import protection
from standards.errors import InvalidInput
from standards.library import Library


class SameVersion(InvalidInput):
    """A version was to be compared with itself, or there is only one."""

    code = "same-version"


class Drifts:
    """Comparing versions of datasets."""

    def __init__(
        self, database: Database, datasets: Datasets, store: FolderStore, sensings: Sensings, library: Library
    ) -> None:
        self._database = database
        self._datasets = datasets
        self._store = store
        self._sensings = sensings
        self._library = library

    def compare(self, name: str, *, base: int | None = None, number: int | None = None) -> VersionDrift:
        """Return how a version (the newest) differs from another (the one before it).

        Raises DatasetNotFound, VersionNotFound, SameVersion, ObjectNotFound, ObjectDamaged.
        """
        after = self._datasets.version(name, number)
        wanted = after.number - 1 if base is None else base
        if wanted < 1 and base is None:
            raise SameVersion(
                f"version {after.number} of dataset {name} is the first: nothing came before it",
                hint=f"load another version: shuize dataset load {name} FILE",
            )
        before = self._datasets.version(name, wanted)
        if before.number == after.number:
            raise SameVersion(
                f"version {after.number} of dataset {name} was to be compared with itself",
                hint="give two versions: --from 1 --to 2",
            )
        sides = [
            Side(version.number, self._store.intact(version.digest), self.elements(version))
            for version in (before, after)
        ]
        secret = self.secret(self._datasets.get(name), before, after)
        with self._store.scratch() as scratch, engine(scratch) as connection:
            return compare(connection, name, sides[0], sides[1], secret)

    def kept(self, name: str, number: int) -> KeptDrift | None:
        """Return what was warned of when the version came, or None if it was not compared."""
        with self._database.read() as session:
            row = session.get(VersionDriftRow, (name, number))
            if row is None:
                return None
            return KeptDrift(
                dataset=row.dataset,
                version=row.version,
                base=row.base,
                warnings=tuple(DriftWarning.model_validate(each) for each in row.warnings),
                compared_at=row.compared_at,
            )

    def elements(self, version: DatasetVersion) -> dict[str, str]:
        """Return the data element of each field, by the revision that the version was loaded under."""
        return {field.name: field.element for field in self._document(version).fields}

    def secret(self, dataset: Dataset, *versions: DatasetVersion) -> frozenset[str]:
        """Return the fields of which no value is shown: by element, now or then, or by what was sensed."""
        bound = [field for version in versions for field in self._document(version).fields]
        declared = {
            field.name
            for field in (*dataset.document.fields, *bound)
            if any(map(shows_nothing, protection.versions(field.element, self._library)))
        }
        sensed = (self._sensings.secret(each.dataset, each.number) for each in versions)
        return frozenset(declared).union(*sensed)

    def _document(self, version: DatasetVersion) -> DatasetDraft:
        with self._database.read() as session:
            row = session.get(RevisionRow, ("dataset", version.dataset, version.revision))
        if row is None:
            return self._datasets.document_for(version)
        return DatasetDraft.model_validate(row.document)

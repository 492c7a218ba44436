"""What is looked for in rows on their way in, beside their figures: what is sensitive, and what drifted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
from sqlalchemy.orm import Session

from catalog.database import Clock
from catalog.datasets.models import Dataset, DatasetVersion
from catalog.datasets.register import Datasets, WithVersion
from catalog.drift import comparing
from catalog.drift.comparing import Side
from catalog.drift.models import VersionDrift
from catalog.drift.register import Drifts
from catalog.sensing import keeping, words
from catalog.sensing.detecting import Asked, detect
from catalog.sensing.models import Sensed
from catalog.store import FolderStore, ObjectNotFound
from catalog.trail import Detail
from standards.digests import Digest
from standards.library import Library


@dataclass(frozen=True)
class Seen:
    """What was seen in the rows of a version; `drift` is None without a version before it."""

    sensed: tuple[Sensed, ...]
    drift: VersionDrift | None


class Inspection:
    """Looks at rows, and writes down what it saw in the transaction that records their version."""

    def __init__(
        self, datasets: Datasets, store: FolderStore, library: Library, clock: Clock, drifts: Drifts
    ) -> None:
        self._datasets = datasets
        self._store = store
        self._library = library
        self._clock = clock
        self._drifts = drifts

    def sense(
        self, connection: duckdb.DuckDBPyConnection, rows: Path, dataset: Dataset
    ) -> tuple[Sensed, ...]:
        """Return what sensitive things the Parquet file holds; the names of field and element are hints."""
        asked, library = [], self._datasets.as_cited(self._library, dataset.name)
        for field in dataset.document.fields:
            element = library.element(field.element)
            said = words.hints(field.name, field.source_column, element.name_zh, element.name_en)
            asked.append(Asked(field.name, said))
        return detect(connection, rows, asked)

    def drift(
        self,
        connection: duckdb.DuckDBPyConnection,
        digest: Digest,
        dataset: Dataset,
        sensed: tuple[Sensed, ...],
    ) -> VersionDrift | None:
        """Return how the stored rows differ from the newest version.

        None if there is none, if a version has the same rows, or if its file is gone, which others tell.
        """
        versions = self._datasets.versions(dataset.name)
        if not versions or digest in {version.digest for version in versions}:
            return None
        newest = versions[-1]
        try:
            before = Side(newest.number, self._store.path(newest.digest), self._drifts.elements(newest))
        except ObjectNotFound:
            return None
        elements = {field.name: field.element for field in dataset.document.fields}
        after = Side(newest.number + 1, self._store.path(digest), elements)
        secret = self._drifts.secret(dataset, newest) | {each.field for each in sensed}
        return comparing.compare(connection, dataset.name, before, after, secret)

    def keeping(self, dataset: Dataset, seen: Seen) -> WithVersion:
        """Return what writes it all down with the version."""

        library = self._datasets.as_cited(self._library, dataset.name)

        def keep(session: Session, version: DatasetVersion, is_new: bool) -> Detail:
            now = self._clock()
            if is_new and seen.drift is not None:
                comparing.keep(session, version, seen.drift, now)
            return keeping.keep(session, version, seen.sensed, dataset.document, library, now)

        return keep

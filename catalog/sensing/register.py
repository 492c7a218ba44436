"""What was sensed, to be read: always beside what the present document says."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from catalog.database import Database
from catalog.datasets.register import Datasets
from catalog.sensing.declared import beside
from catalog.sensing.models import Sensed, SensedField, SensitivityFinding, VersionSensing
from catalog.tables import SensitivityFindingRow, VersionSensingRow
from standards.digests import Digest
from standards.library import Library


class Sensings:
    """The register of what versions hold."""

    def __init__(self, database: Database, datasets: Datasets, library: Library) -> None:
        self._database = database
        self._datasets = datasets
        self._library = library

    def of(self, name: str, number: int | None = None) -> VersionSensing:
        """Return what was sensed in a version, the newest by default.

        Raises DatasetNotFound, VersionNotFound.
        """
        version = self._datasets.version(name, number)
        draft, library = self._datasets.get(name).document, self._datasets.as_cited(self._library, name)
        with self._database.read() as session:
            row = session.get(VersionSensingRow, (name, version.number))
            sensed = [] if row is None else [Sensed.model_validate(each) for each in row.sensed]
            fields = tuple(beside(each, draft, library) for each in sensed)
            found = session.scalars(
                sa.select(SensitivityFindingRow)
                .where(SensitivityFindingRow.dataset == name, SensitivityFindingRow.version == version.number)
                .order_by(SensitivityFindingRow.id)
            ).all()
        return VersionSensing(
            dataset=name,
            version=version.number,
            digest=None if row is None else Digest(row.digest),
            sensed_at=None if row is None else row.sensed_at,
            fields=fields,
            findings=tuple(_finding(each, fields) for each in found),
        )

    def secret(self, name: str, number: int) -> frozenset[str]:
        """Return the fields of a version that hold sensitive things, whatever their elements say."""
        with self._database.read() as session:
            return sensed_fields(session, name, number)


def sensed_fields(session: Session, name: str, number: int) -> frozenset[str]:
    """Return the fields of a version in which something was sensed; none if it was not looked at."""
    row = session.get(VersionSensingRow, (name, number))
    return frozenset() if row is None else frozenset(each["field"] for each in row.sensed)


def newest_sensed(session: Session, names: Collection[str]) -> dict[str, tuple[Sensed, ...]]:
    """Return what was sensed in the newest version of each dataset that was looked at."""
    newest = (
        sa.select(VersionSensingRow.dataset, sa.func.max(VersionSensingRow.version))
        .where(VersionSensingRow.dataset.in_(names))
        .group_by(VersionSensingRow.dataset)
    )
    query = sa.select(VersionSensingRow.dataset, VersionSensingRow.sensed).where(
        sa.tuple_(VersionSensingRow.dataset, VersionSensingRow.version).in_(newest)
    )
    return {name: tuple(map(Sensed.model_validate, said)) for name, said in session.execute(query)}


def _finding(row: SensitivityFindingRow, fields: tuple[SensedField, ...]) -> SensitivityFinding:
    still = {(f.sensed.field, f.sensed.kind.value) for f in fields if f.shortcoming is not None}
    values = {name: getattr(row, name) for name in SensitivityFinding.model_fields if name not in ("mended",)}
    return SensitivityFinding.model_validate(values | {"mended": (row.field, row.kind) not in still})

"""What loading saw in a version besides its rows: what is sensitive, what drifted, what is to be mended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Row, a_party


def _of_a_version() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["dataset", "version"], ["dataset_versions.dataset", "dataset_versions.number"]
    )


class VersionSensingRow(Row):
    """What sensitive things a version holds; a version without a row came before sensing did."""

    __tablename__ = "version_sensings"
    __table_args__ = (_of_a_version(),)

    dataset: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    sensed: Mapped[list[Any]]
    digest: Mapped[str] = mapped_column(sa.String(64))
    sensed_at: Mapped[datetime]


class VersionDriftRow(Row):
    """How a version differed from the one before it when it came."""

    __tablename__ = "version_drifts"
    __table_args__ = (_of_a_version(),)

    dataset: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    base: Mapped[int]
    warnings: Mapped[list[Any]]
    compared_at: Mapped[datetime]


class SensitivityFindingRow(Row):
    """A field that held more sensitive things than was declared; one a version, field and kind."""

    __tablename__ = "sensitivity_findings"
    __table_args__ = (_of_a_version(), sa.UniqueConstraint("dataset", "version", "field", "kind"))

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset: Mapped[str] = mapped_column(sa.ForeignKey("datasets.name"), index=True)
    version: Mapped[int]
    field: Mapped[str] = mapped_column(sa.String(63))
    kind: Mapped[str] = mapped_column(sa.String(32))
    count: Mapped[int] = mapped_column(sa.BigInteger)
    responsible: Mapped[str] = a_party()
    detected_at: Mapped[datetime]

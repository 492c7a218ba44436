"""Datasets, their versions, and what checking them found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Document, Row, a_party


class DatasetRow(Row):
    __tablename__ = "datasets"

    name: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    owner: Mapped[str] = a_party()
    steward: Mapped[str] = a_party()
    organisation: Mapped[str] = a_party()
    document: Mapped[Document]
    registered_by: Mapped[str] = a_party()
    registered_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(server_default="1")
    state: Mapped[str] = mapped_column(sa.String(16), server_default="registered")


class DatasetVersionRow(Row):
    __tablename__ = "dataset_versions"
    __table_args__ = (sa.UniqueConstraint("dataset", "digest"),)

    dataset: Mapped[str] = mapped_column(sa.ForeignKey("datasets.name"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    row_count: Mapped[int] = mapped_column(sa.BigInteger)
    source_name: Mapped[str] = mapped_column(sa.Text)
    source_digest: Mapped[str] = mapped_column(sa.String(64))
    profile: Mapped[list[Any]]
    loaded_by: Mapped[str] = a_party()
    loaded_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(server_default="1")


class QualityRunRow(Row):
    __tablename__ = "quality_runs"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["dataset", "version"], ["dataset_versions.dataset", "dataset_versions.number"]
        ),
        sa.Index(None, "dataset", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset: Mapped[str] = mapped_column(sa.String(32))
    version: Mapped[int]
    report: Mapped[Document]
    report_digest: Mapped[str] = mapped_column(sa.String(64))
    ran_at: Mapped[datetime]
    findings: Mapped[str | None] = mapped_column(sa.String(64))
    rules: Mapped[str | None] = mapped_column(sa.String(64))


class FindingRow(Row):
    __tablename__ = "findings"

    id: Mapped[int] = mapped_column(primary_key=True)
    run: Mapped[int] = mapped_column(sa.ForeignKey("quality_runs.id"), index=True)
    dataset: Mapped[str] = mapped_column(sa.ForeignKey("datasets.name"), index=True)
    version: Mapped[int]
    rule: Mapped[str] = mapped_column(sa.Text)
    failing: Mapped[int] = mapped_column(sa.BigInteger)
    examples: Mapped[list[Any]]
    responsible: Mapped[str] = a_party()
    detected_at: Mapped[datetime]

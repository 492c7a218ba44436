"""What mending leaves behind: evidence to work orders, and corrections of datasets."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Document, Row, a_party


class EvidenceRow(Row):
    """A file of evidence. The order's transitions hold the digest of `document`, the store its bytes."""

    __tablename__ = "evidence"
    __table_args__ = (sa.Index(None, "digest"),)

    work_order: Mapped[int] = mapped_column(sa.ForeignKey("work_orders.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    document: Mapped[Document]
    added_by: Mapped[str] = a_party()
    added_at: Mapped[datetime]


class CorrectionRow(Row):
    """A version that was made of another one by changing cells of it, for work orders."""

    __tablename__ = "corrections"
    __table_args__ = (
        sa.UniqueConstraint("dataset", "version"),
        sa.ForeignKeyConstraint(
            ["dataset", "version"], ["dataset_versions.dataset", "dataset_versions.number"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    dataset: Mapped[str] = mapped_column(sa.String(32))
    version: Mapped[int]
    document: Mapped[Document]
    applied_by: Mapped[str] = a_party()
    applied_at: Mapped[datetime]

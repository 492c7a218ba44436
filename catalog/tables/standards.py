"""Imported standards: published documents that nothing updates."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Document, Row


class StandardRow(Row):
    __tablename__ = "standards"
    __table_args__ = (sa.UniqueConstraint("id", "version"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(sa.String(128))
    version: Mapped[str] = mapped_column(sa.String(32))
    kind: Mapped[str] = mapped_column(sa.String(16))
    digest: Mapped[str] = mapped_column(sa.String(64))
    document: Mapped[Document]
    imported_by: Mapped[str] = mapped_column(sa.ForeignKey("parties.id"))
    imported_at: Mapped[datetime]

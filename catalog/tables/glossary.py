"""The glossary's concepts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Document, Row


class ConceptRow(Row):
    """A concept. Its preferred labels, folded as search folds them, belong to it alone."""

    __tablename__ = "concepts"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    label_zh: Mapped[str] = mapped_column(sa.String(200), unique=True)
    label_en: Mapped[str] = mapped_column(sa.String(200), unique=True)
    document: Mapped[Document]
    changed_by: Mapped[str | None] = mapped_column(sa.ForeignKey("parties.id"))
    changed_at: Mapped[datetime]

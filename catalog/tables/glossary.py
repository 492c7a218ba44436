"""The glossary's concepts, and what they said before."""

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


class ConceptRevisionRow(Row):
    """What a concept said as of a revision of the glossary; without a document it was taken out by it."""

    __tablename__ = "concept_revisions"

    concept: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[Document | None] = mapped_column(sa.JSON(none_as_null=True))
    changed_by: Mapped[str | None] = mapped_column(sa.ForeignKey("parties.id"))
    changed_at: Mapped[datetime]

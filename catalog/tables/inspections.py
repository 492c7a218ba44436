"""Custom inspections and what came of them; and what was learnt of problems of each rule."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Document, Row, a_party


class InspectionRow(Row):
    """A list of objects that was drawn up to be looked at."""

    __tablename__ = "inspections"

    name: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    document: Mapped[Document]
    created_by: Mapped[str] = a_party()
    created_at: Mapped[datetime]


class InspectionResultRow(Row):
    """What came of one object; the newest of an object counts."""

    __tablename__ = "inspection_results"

    inspection: Mapped[str] = mapped_column(sa.ForeignKey("inspections.name"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    object: Mapped[str] = mapped_column(sa.Text)
    document: Mapped[Document]


class ExperienceRow(Row):
    """A version of what was learnt of the problems of a rule; the newest of an entry counts."""

    __tablename__ = "experience"
    __table_args__ = (sa.Index(None, "rule"),)

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(sa.String(200))
    document: Mapped[Document]
    written_by: Mapped[str] = a_party()
    written_at: Mapped[datetime]

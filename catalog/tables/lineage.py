"""Lineage events and the edges they draw."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Document, Row


class LineageEventRow(Row):
    __tablename__ = "lineage_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_time: Mapped[datetime] = mapped_column(index=True)
    event_type: Mapped[str] = mapped_column(sa.String(16))
    run_id: Mapped[str] = mapped_column(sa.String(36), index=True)
    job: Mapped[str] = mapped_column(sa.Text)
    event: Mapped[Document]


class LineageEdgeRow(Row):
    __tablename__ = "lineage_edges"

    source: Mapped[str] = mapped_column(sa.String(512), primary_key=True)
    target: Mapped[str] = mapped_column(sa.String(512), primary_key=True, index=True)

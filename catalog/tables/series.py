"""Series of datasets, and which dataset belongs to which."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Row, a_party


class SeriesRow(Row):
    __tablename__ = "series"

    name: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    title: Mapped[str] = mapped_column(sa.Text)
    title_zh: Mapped[str] = mapped_column(sa.Text)
    description: Mapped[str] = mapped_column(sa.Text)
    added_by: Mapped[str] = a_party()
    added_at: Mapped[datetime]


class SeriesMemberRow(Row):
    """What a dataset's document in force says of its series; `begins_on` is its place in the order."""

    __tablename__ = "series_members"
    __table_args__ = (sa.Index(None, "series", "begins_on", "dataset"),)

    dataset: Mapped[str] = mapped_column(sa.ForeignKey("datasets.name"), primary_key=True)
    series: Mapped[str] = mapped_column(sa.ForeignKey("series.name"))
    begins_on: Mapped[date]

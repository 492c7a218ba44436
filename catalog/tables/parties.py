"""Parties."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Row


class PartyRow(Row):
    __tablename__ = "parties"

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    name: Mapped[str] = mapped_column(sa.Text)
    chain_id: Mapped[str] = mapped_column(sa.String(66), unique=True)
    token_digest: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    added_at: Mapped[datetime]
    left_on: Mapped[date | None]

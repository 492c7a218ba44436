"""Copies of the log of work orders that figures are quickly made of. The log itself stays the only record."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Row


class LogSegmentRow(Row):
    """The log from an instant until another, copied to a file beside the store's objects, and folded in one.

    Segments follow one another without a gap. A trigger on `transitions` removes those that an entry comes
    too late for; any can be removed at any time, and is made again when figures are asked for.
    """

    __tablename__ = "log_segments"

    begins: Mapped[datetime] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    entries: Mapped[int]
    digest: Mapped[str] = mapped_column(sa.String(64))
    folded: Mapped[str] = mapped_column(sa.String(64))

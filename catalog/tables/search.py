"""What search keeps of every thing that can be found, and of which sources it has seen."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Document, Row

_BYTES = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
"""Text in the order of its bytes, as SQLite has it by itself."""


class SearchEntryRow(Row):
    """One thing. `id` is a hash of all that is here, so ids are spread evenly and tell contents apart.

    `names`, `fields` and `description` are folded text, one name a line; the native index of their pieces is
    the table `search_grams`, which `catalog/search/native.py` alone knows.
    """

    __tablename__ = "search_entries"
    __table_args__ = (sa.UniqueConstraint("kind", "key"),)

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(sa.String(16))
    key: Mapped[str] = mapped_column(sa.String(200))
    identifier: Mapped[str] = mapped_column(_BYTES, index=True)
    identifier_reversed: Mapped[str] = mapped_column(_BYTES, index=True)
    names: Mapped[str] = mapped_column(sa.Text)
    fields: Mapped[str] = mapped_column(sa.Text)
    description: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str | None] = mapped_column(sa.String(16))
    security_level: Mapped[str | None] = mapped_column(sa.String(16))
    owner: Mapped[str | None] = mapped_column(sa.String(64))
    organisation: Mapped[str | None] = mapped_column(sa.String(64))
    document: Mapped[Document]


class SearchSourceRow(Row):
    """A source outside the database whose entries are indexed, and the digest of what was indexed."""

    __tablename__ = "search_sources"

    name: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64))

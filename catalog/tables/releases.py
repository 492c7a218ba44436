"""Releases, the grants to use them, and the receipts of their use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Document, Row, a_party


class ReleaseRow(Row):
    __tablename__ = "releases"

    id: Mapped[int] = mapped_column(primary_key=True)
    product: Mapped[str] = mapped_column(sa.String(32))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(16))
    manifest: Mapped[Document]
    manifest_digest: Mapped[str] = mapped_column(sa.String(64))
    content_root: Mapped[str] = mapped_column(sa.String(64))
    files: Mapped[list[Any]]
    built_by: Mapped[str] = a_party()
    built_at: Mapped[datetime]
    approved_by: Mapped[str | None] = mapped_column(sa.ForeignKey("parties.id"))
    approved_at: Mapped[datetime | None]
    published_by: Mapped[str | None] = mapped_column(sa.ForeignKey("parties.id"))
    published_at: Mapped[datetime | None]
    chain: Mapped[Document | None]
    __table_args__ = (
        sa.UniqueConstraint("product", "version", "manifest_digest"),
        sa.Index(  # one release of a version counts; replaced drafts stay as history
            "uq_releases_living", "product", "version", unique=True,
            sqlite_where=sa.text("state != 'replaced'"), postgresql_where=sa.text("state != 'replaced'"),
        ),
    )  # fmt: skip


class GrantRow(Row):
    __tablename__ = "grants"

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    product: Mapped[str] = mapped_column(sa.String(32), index=True)
    party: Mapped[str] = mapped_column(sa.ForeignKey("parties.id"), index=True)
    state: Mapped[str] = mapped_column(sa.String(16))
    terms: Mapped[Document]
    terms_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    chain_index: Mapped[int | None]
    chain: Mapped[Document | None]
    issued_by: Mapped[str] = a_party()
    issued_at: Mapped[datetime]
    revoked_by: Mapped[str | None] = mapped_column(sa.ForeignKey("parties.id"))
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str | None] = mapped_column(sa.Text)


class ReceiptRow(Row):
    __tablename__ = "receipts"

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    party: Mapped[str] = mapped_column(sa.ForeignKey("parties.id"), index=True)
    product: Mapped[str] = mapped_column(sa.String(32), index=True)
    document: Mapped[Document]
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    issued_at: Mapped[datetime]

"""Who answers for what, what was asked for and decided, and the trail of it all."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Document, Row, a_party

BYTEWISE = sa.String(256).with_variant(postgresql.VARCHAR(256, collation="C"), "postgresql")
"""Text that is searched by its beginning: compared byte by byte, whatever language the server sorts in."""


class TrailRow(Row):
    """One act. Triggers of the migration refuse to change or remove a row, or to leave a gap."""

    __tablename__ = "trail"
    __table_args__ = (sa.Index(None, "subject_kind", "subject"), sa.Index(None, "by"), sa.Index(None, "act"))

    sequence: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    by: Mapped[str | None] = mapped_column(sa.String(32))
    act: Mapped[str] = mapped_column(sa.String(48))
    subject_kind: Mapped[str] = mapped_column(sa.String(16))
    subject: Mapped[str] = mapped_column(sa.String(200))
    detail: Mapped[Document]
    detail_digest: Mapped[str] = mapped_column(sa.String(64))
    previous: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)


class UnitRow(Row):
    """What of an organisation unit never changes, and how it ended."""

    __tablename__ = "organisation_units"

    code: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    party: Mapped[str | None] = mapped_column(sa.ForeignKey("parties.id"), unique=True)
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    merged_into: Mapped[str | None] = mapped_column(sa.ForeignKey("organisation_units.code"))


class UnitStateRow(Row):
    """What a unit was called and where it stood, from `since` until the day `before`.

    It was written at `recorded_at`, which may be later than `since`; None of what is older than the column.
    """

    __tablename__ = "organisation_states"
    __table_args__ = (
        sa.Index(None, "path", "since"),
        sa.Index(None, "parent"),
        sa.Index(  # a unit has one present
            "uq_organisation_states_present", "unit", unique=True,
            sqlite_where=sa.text("before IS NULL"), postgresql_where=sa.text("before IS NULL"),
        ),
    )  # fmt: skip

    unit: Mapped[str] = mapped_column(sa.ForeignKey("organisation_units.code"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.Text)
    parent: Mapped[str | None] = mapped_column(sa.ForeignKey("organisation_units.code"))
    path: Mapped[str] = mapped_column(BYTEWISE)
    since: Mapped[date]
    before: Mapped[date | None]
    recorded_at: Mapped[datetime | None]


class PostingRow(Row):
    """A person's place in the organisation; `valid_until` is the last day."""

    __tablename__ = "postings"

    id: Mapped[int] = mapped_column(primary_key=True)
    party: Mapped[str] = mapped_column(sa.ForeignKey("parties.id"), index=True)
    unit: Mapped[str] = mapped_column(sa.ForeignKey("organisation_units.code"), index=True)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]


class RoleRow(Row):
    """Who answers for what; `valid_until` is the last day."""

    __tablename__ = "role_assignments"
    __table_args__ = (sa.Index(None, "subject_kind", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(sa.String(16))
    subject_kind: Mapped[str] = mapped_column(sa.String(16))
    subject: Mapped[str] = mapped_column(sa.String(32))
    party: Mapped[str] = mapped_column(sa.ForeignKey("parties.id"), index=True)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    assigned_by: Mapped[str] = a_party()
    assigned_at: Mapped[datetime]


class ChangeRow(Row):
    """A request to register, change, retire or reinstate, and what was decided."""

    __tablename__ = "changes"
    __table_args__ = (sa.Index(None, "subject_kind", "subject"), sa.Index(None, "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(sa.String(16))
    subject: Mapped[str] = mapped_column(sa.String(32))
    act: Mapped[str] = mapped_column(sa.String(16))
    base_revision: Mapped[int]
    document: Mapped[Document]
    digest: Mapped[str] = mapped_column(sa.String(64))
    differences: Mapped[list[Any]]
    reason: Mapped[str] = mapped_column(sa.Text)
    requested_by: Mapped[str] = a_party()
    requested_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(sa.String(16))
    decided_by: Mapped[str | None] = mapped_column(sa.ForeignKey("parties.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None] = mapped_column(sa.Text)
    revision: Mapped[int | None]


class RevisionRow(Row):
    """A dataset's or product's document as it stood; triggers refuse to change or remove one."""

    __tablename__ = "revisions"

    subject_kind: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(sa.String(16))
    document: Mapped[Document]
    digest: Mapped[str] = mapped_column(sa.String(64))
    change: Mapped[int | None] = mapped_column(sa.ForeignKey("changes.id"))
    made_by: Mapped[str] = a_party()
    made_at: Mapped[datetime]
    standards: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))


class ProductRow(Row):
    """A product under governance: who answers for it and whether it may be built."""

    __tablename__ = "products"

    name: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    state: Mapped[str] = mapped_column(sa.String(16))
    revision: Mapped[int]
    owner: Mapped[str] = a_party()
    steward: Mapped[str] = a_party()
    organisation: Mapped[str] = a_party()
    document: Mapped[Document]


class AssetRow(Row):
    """A data resource in the books; triggers refuse to change or remove one."""

    __tablename__ = "assets"

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    subject_kind: Mapped[str] = mapped_column(sa.String(16))
    subject: Mapped[str] = mapped_column(sa.String(32))
    document: Mapped[Document]
    digest: Mapped[str] = mapped_column(sa.String(64))
    entered_by: Mapped[str] = a_party()
    entered_at: Mapped[datetime]


class AssetEntryRow(Row):
    """A fact about an asset; triggers refuse to change or remove one. Another entry may reverse it."""

    __tablename__ = "asset_entries"

    asset: Mapped[str] = mapped_column(sa.ForeignKey("assets.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    booked_on: Mapped[date]
    document: Mapped[Document]
    digest: Mapped[str] = mapped_column(sa.String(64))
    reverses: Mapped[int | None]
    entered_by: Mapped[str] = a_party()
    entered_at: Mapped[datetime]
    __table_args__ = (sa.UniqueConstraint("asset", "reverses"),)

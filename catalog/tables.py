"""Every SQL row of the platform. Nothing outside `catalog/` sees these classes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Document = dict[str, Any]
JSON = sa.JSON(none_as_null=True)


class Instant(sa.TypeDecorator[datetime]):
    """An instant in UTC, aware in Python on every database; SQLite itself knows no zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Store UTC; a naive time is a bug of the caller."""
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return an aware time in UTC."""
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


class Row(DeclarativeBase):
    """Base of all rows: constraint names are predictable, so migrations can speak of them."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, Document: JSON, list[Any]: JSON}  # noqa: RUF012


def _party() -> Mapped[str]:
    return mapped_column(sa.ForeignKey("parties.id"))


class PartyRow(Row):
    __tablename__ = "parties"

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    name: Mapped[str] = mapped_column(sa.Text)
    chain_id: Mapped[str] = mapped_column(sa.String(66), unique=True)
    token_digest: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    added_at: Mapped[datetime]


class DatasetRow(Row):
    __tablename__ = "datasets"

    name: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    owner: Mapped[str] = _party()
    steward: Mapped[str] = _party()
    organisation: Mapped[str] = _party()
    document: Mapped[Document]
    registered_by: Mapped[str] = _party()
    registered_at: Mapped[datetime]


class DatasetVersionRow(Row):
    __tablename__ = "dataset_versions"
    __table_args__ = (sa.UniqueConstraint("dataset", "digest"),)

    dataset: Mapped[str] = mapped_column(sa.ForeignKey("datasets.name"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    row_count: Mapped[int] = mapped_column(sa.BigInteger)
    source_name: Mapped[str] = mapped_column(sa.Text)
    source_digest: Mapped[str] = mapped_column(sa.String(64))
    profile: Mapped[list[Any]]
    loaded_by: Mapped[str] = _party()
    loaded_at: Mapped[datetime]


class QualityRunRow(Row):
    __tablename__ = "quality_runs"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["dataset", "version"], ["dataset_versions.dataset", "dataset_versions.number"]
        ),
        sa.Index(None, "dataset", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset: Mapped[str] = mapped_column(sa.String(32))
    version: Mapped[int]
    report: Mapped[Document]
    report_digest: Mapped[str] = mapped_column(sa.String(64))
    ran_at: Mapped[datetime]


class FindingRow(Row):
    __tablename__ = "findings"

    id: Mapped[int] = mapped_column(primary_key=True)
    run: Mapped[int] = mapped_column(sa.ForeignKey("quality_runs.id"), index=True)
    dataset: Mapped[str] = mapped_column(sa.ForeignKey("datasets.name"), index=True)
    version: Mapped[int]
    rule: Mapped[str] = mapped_column(sa.Text)
    failing: Mapped[int] = mapped_column(sa.BigInteger)
    examples: Mapped[list[Any]]
    responsible: Mapped[str] = _party()
    detected_at: Mapped[datetime]


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
    built_by: Mapped[str] = _party()
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
    issued_by: Mapped[str] = _party()
    issued_at: Mapped[datetime]
    revoked_by: Mapped[str | None] = mapped_column(sa.ForeignKey("parties.id"))
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str | None] = mapped_column(sa.Text)


class IntentRow(Row):
    __tablename__ = "chain_intents"
    __table_args__ = (
        sa.Index(  # one open intent for one aim: two processes can't start the same thing
            "uq_chain_intents_open_aim", "aim", unique=True,
            sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    aim: Mapped[str] = mapped_column(sa.String(160))
    action: Mapped[Document]
    state: Mapped[str] = mapped_column(sa.String(16))
    transaction: Mapped[Document | None]
    outcome: Mapped[Document | None]
    stored_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class DeploymentRow(Row):
    __tablename__ = "deployments"

    chain_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    contract: Mapped[str] = mapped_column(sa.String(42))
    outcome: Mapped[Document]
    deployed_at: Mapped[datetime]


class ReceiptRow(Row):
    __tablename__ = "receipts"

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    party: Mapped[str] = mapped_column(sa.ForeignKey("parties.id"), index=True)
    product: Mapped[str] = mapped_column(sa.String(32), index=True)
    document: Mapped[Document]
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    issued_at: Mapped[datetime]

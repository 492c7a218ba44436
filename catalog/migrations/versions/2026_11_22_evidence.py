"""evidence: files of evidence to work orders, and versions made by correcting others."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_evidence"
down_revision = "2026_11_22_run_objects"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "evidence",
        sa.Column("work_order", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("added_by", sa.String(length=32), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["work_order"], ["work_orders.id"], name=op.f("fk_evidence_work_order")),
        sa.ForeignKeyConstraint(["added_by"], ["parties.id"], name=op.f("fk_evidence_added_by")),
        sa.PrimaryKeyConstraint("work_order", "number", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_digest"), "evidence", ["digest"])
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dataset", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("applied_by", sa.String(length=32), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset", "version"],
            ["dataset_versions.dataset", "dataset_versions.number"],
            name=op.f("fk_corrections_dataset_version"),
        ),
        sa.ForeignKeyConstraint(["applied_by"], ["parties.id"], name=op.f("fk_corrections_applied_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
        sa.UniqueConstraint("dataset", "version", name=op.f("uq_corrections_dataset_version")),
    )

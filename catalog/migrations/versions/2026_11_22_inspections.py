"""inspections: lists drawn up to be looked at, what came of them, and what was learnt of problems."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_inspections"
down_revision = "2026_11_22_concept_revisions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "inspections",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["parties.id"], name=op.f("fk_inspections_created_by")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_inspections")),
    )
    op.create_table(
        "inspection_results",
        sa.Column("inspection", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection"], ["inspections.name"], name=op.f("fk_inspection_results_inspection")
        ),
        sa.PrimaryKeyConstraint("inspection", "number", name=op.f("pk_inspection_results")),
    )
    op.create_table(
        "experience",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("written_by", sa.String(length=32), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["written_by"], ["parties.id"], name=op.f("fk_experience_written_by")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_experience")),
    )
    op.create_index(op.f("ix_experience_rule"), "experience", ["rule"])

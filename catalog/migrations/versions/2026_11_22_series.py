"""series of datasets."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_series"
down_revision = "2026_11_21_anchors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """series of datasets."""
    op.create_table(
        "series",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("added_by", sa.String(length=32), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["parties.id"], name=op.f("fk_series_added_by")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_series")),
    )
    op.create_table(
        "series_members",
        sa.Column("dataset", sa.String(length=32), nullable=False),
        sa.Column("series", sa.String(length=32), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["datasets.name"], name=op.f("fk_series_members_dataset")),
        sa.ForeignKeyConstraint(["series"], ["series.name"], name=op.f("fk_series_members_series")),
        sa.PrimaryKeyConstraint("dataset", name=op.f("pk_series_members")),
    )
    members = ["series", "begins_on", "dataset"]
    op.create_index(op.f("ix_series_members_series_begins_on_dataset"), "series_members", members)

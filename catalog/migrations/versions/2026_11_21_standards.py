"""imported standards."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_standards"
down_revision = "2026_11_21_first"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """imported standards."""
    op.create_table(
        "standards",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("imported_by", sa.String(length=32), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["imported_by"], ["parties.id"], name=op.f("fk_standards_imported_by")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_standards")),
        sa.UniqueConstraint("id", "version", name=op.f("uq_standards_id_version")),
    )

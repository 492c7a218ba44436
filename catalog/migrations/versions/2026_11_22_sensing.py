"""sensing: what is sensitive in a version, what has drifted, and what of it is to be mended."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_sensing"
down_revision = "2026_11_22_series"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables. Versions that are there have no rows in them: they were not looked at."""
    op.create_table(
        "version_sensings",
        sa.Column("dataset", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sensed", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sensed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset", "version"],
            ["dataset_versions.dataset", "dataset_versions.number"],
            name=op.f("fk_version_sensings_dataset_version"),
        ),
        sa.PrimaryKeyConstraint("dataset", "version", name=op.f("pk_version_sensings")),
    )
    op.create_table(
        "version_drifts",
        sa.Column("dataset", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset", "version"],
            ["dataset_versions.dataset", "dataset_versions.number"],
            name=op.f("fk_version_drifts_dataset_version"),
        ),
        sa.PrimaryKeyConstraint("dataset", "version", name=op.f("pk_version_drifts")),
    )
    op.create_table(
        "sensitivity_findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("responsible", sa.String(length=32), nullable=False),
        sa.Column("detected_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["datasets.name"], name=op.f("fk_sensitivity_findings_dataset")),
        sa.ForeignKeyConstraint(
            ["dataset", "version"],
            ["dataset_versions.dataset", "dataset_versions.number"],
            name=op.f("fk_sensitivity_findings_dataset_version"),
        ),
        sa.ForeignKeyConstraint(
            ["responsible"], ["parties.id"], name=op.f("fk_sensitivity_findings_responsible")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sensitivity_findings")),
        sa.UniqueConstraint(
            "dataset",
            "version",
            "field",
            "kind",
            name=op.f("uq_sensitivity_findings_dataset_version_field_kind"),
        ),
    )
    with op.batch_alter_table("sensitivity_findings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sensitivity_findings_dataset"), ["dataset"], unique=False)


def downgrade() -> None:
    """Take the tables away."""
    for name in ("sensitivity_findings", "version_drifts", "version_sensings"):
        op.drop_table(name)

"""what concepts said before; what they say now is their first revision."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_concept_revisions"
down_revision = "2026_11_22_evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """what concepts said before."""
    op.create_table(
        "concept_revisions",
        sa.Column("concept", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("changed_by", sa.String(length=32), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["parties.id"], name=op.f("fk_concept_revisions_changed_by")),
        sa.PrimaryKeyConstraint("concept", "number", name=op.f("pk_concept_revisions")),
    )
    op.execute(
        "INSERT INTO concept_revisions (concept, number, document, changed_by, changed_at) "
        "SELECT id, 1, document, changed_by, changed_at FROM concepts"
    )

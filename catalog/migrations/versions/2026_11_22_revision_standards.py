"""revisions: which standards a document meant when it came into force; of earlier ones it is not known."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_revision_standards"
down_revision = "2026_11_22_search_state"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("revisions", sa.Column("standards", sa.JSON(none_as_null=True), nullable=True))

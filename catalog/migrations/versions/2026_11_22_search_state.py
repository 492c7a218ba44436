"""search: the state of what is found; the next search writes the index again."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_search_state"
down_revision = "2026_11_22_lineage_products"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("search_entries", sa.Column("state", sa.String(length=16), nullable=True))


def downgrade() -> None:
    """Not offered."""
    raise NotImplementedError

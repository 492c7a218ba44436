"""search: the state of what is found; the next search writes the index again."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_search_state"
down_revision = "2026_11_22_lineage_products"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; on PostgreSQL also the index over the first eighth of the ids, which are hashes."""
    op.add_column("search_entries", sa.Column("state", sa.String(length=16), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        first = f"USING gin (grams) WHERE id < {2**59}"
        op.execute(f"CREATE INDEX ix_search_grams_first ON search_grams {first}")


def downgrade() -> None:
    """Not offered."""
    raise NotImplementedError

"""run_objects: a run names the objects with everything it found and with the rules as they were run."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_run_objects"
down_revision = "2026_11_22_figures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Runs from before keep neither."""
    op.add_column("quality_runs", sa.Column("findings", sa.String(length=64), nullable=True))
    op.add_column("quality_runs", sa.Column("rules", sa.String(length=64), nullable=True))

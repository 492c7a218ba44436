"""lineage: products have a namespace of their own; where builds were drawn, all is drawn anew."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_lineage_products"
down_revision = "2026_11_22_sensing"
branch_labels = None
depends_on = None

_DRAWN = ("edges", "observations", "versions", "runs", "states", "nodes", "namespaces")
_A_BUILD = sa.text(
    "SELECT 1 FROM lineage_nodes JOIN lineage_namespaces ON lineage_namespaces.id = lineage_nodes.namespace "
    "WHERE lineage_namespaces.name = 'shuize' AND kind = 1 AND lineage_nodes.name LIKE 'build.%' LIMIT 1"
)


def upgrade() -> None:
    """Let every event wait to be drawn, as it is when lineage is first asked; the events stay as they are."""
    if op.get_bind().scalar(_A_BUILD) is None:
        return
    for name in _DRAWN:
        op.execute(f"DELETE FROM lineage_{name}")
    op.execute(sa.text("UPDATE lineage_events SET drawn = :no").bindparams(no=False))

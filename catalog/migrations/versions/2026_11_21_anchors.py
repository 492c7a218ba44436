"""anchors: where on which chain a grant stands, and a release's withdrawal beside its anchor."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_anchors"
down_revision = "2026_11_21_search"
branch_labels = None
depends_on = None

_DOCUMENT = sa.JSON(none_as_null=True)
_GRANTS = sa.table("grants", sa.column("id", sa.String), sa.column("chain", _DOCUMENT))
_RELEASES = sa.table(
    "releases",
    sa.column("product", sa.String),
    sa.column("version", sa.Integer),
    sa.column("state", sa.String),
    sa.column("chain", _DOCUMENT),
)
_INTENTS = sa.table(
    "chain_intents",
    sa.column("aim", sa.String),
    sa.column("state", sa.String),
    sa.column("outcome", _DOCUMENT),
)


def upgrade() -> None:
    """Add the column, and fill it from the outcomes of the intents, which have said it all along."""
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("chain", _DOCUMENT, nullable=True))
    connection = op.get_bind()
    outcomes = dict(
        connection.execute(
            sa.select(_INTENTS.c.aim, _INTENTS.c.outcome).where(_INTENTS.c.state == "done")
        ).all()
    )
    for (grant,) in connection.execute(sa.select(_GRANTS.c.id)).all():
        if where := outcomes.get(f"grant:{grant}"):
            connection.execute(_GRANTS.update().where(_GRANTS.c.id == grant).values(chain=where))
    withdrawn = sa.select(_RELEASES).where(_RELEASES.c.state == "withdrawn")
    for release in connection.execute(withdrawn).all():
        if release.chain and (outcome := outcomes.get(f"withdraw:{release.product}:{release.version}")):
            mine = sa.and_(
                _RELEASES.c.product == release.product,
                _RELEASES.c.version == release.version,
                _RELEASES.c.state == "withdrawn",
            )
            chain = release.chain | {"withdrawal": outcome}
            connection.execute(_RELEASES.update().where(mine).values(chain=chain))


def downgrade() -> None:
    """Take the column away."""
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.drop_column("chain")

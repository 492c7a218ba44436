"""figures: copies of the log in segments, and when each state of the organisation came to be known."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_figures"
down_revision = "2026_11_22_stewardship"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and let the database itself drop a copy that an entry comes too late for."""
    op.create_table(
        "log_segments",
        sa.Column("begins", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("folded", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("begins", name=op.f("pk_log_segments")),
    )
    # What stands there already was known before this revision: nothing says since when.
    op.add_column("organisation_states", sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER transitions_outdate_segments AFTER INSERT ON transitions "
            "WHEN NEW.at < (SELECT until FROM log_segments ORDER BY begins DESC LIMIT 1) "
            "BEGIN DELETE FROM log_segments WHERE until > NEW.at; END"
        )
        return
    op.execute(
        "CREATE FUNCTION outdate_log_segments() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "DELETE FROM log_segments WHERE until > (SELECT min(at) FROM added); RETURN NULL; END $$"
    )
    op.execute(  # once a statement, not a row: taking a run adds millions
        "CREATE TRIGGER transitions_outdate_segments AFTER INSERT ON transitions "
        "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION outdate_log_segments()"
    )

"""lineage: let the database itself keep raw events as they were written; only `drawn` is ever changed."""

from alembic import op

revision = "2026_11_22_lineage_kept"
down_revision = "2026_11_22_revision_standards"
branch_labels = None
depends_on = None

_WRITTEN = "id, digest, event_time, kind, event_type, run_id, namespace, body, sent_by"


def upgrade() -> None:
    """Make the triggers."""
    is_sqlite = op.get_context().dialect.name == "sqlite"
    for name, what in (("update", f"UPDATE OF {_WRITTEN}"), ("delete", "DELETE")):
        refusal = (
            "BEGIN SELECT RAISE(ABORT, 'lineage_events is only ever added to'); END"
            if is_sqlite
            else "FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
        )
        op.execute(f"CREATE TRIGGER lineage_events_no_{name} BEFORE {what} ON lineage_events {refusal}")
    if not is_sqlite:
        op.execute(
            "CREATE TRIGGER lineage_events_no_truncating BEFORE TRUNCATE ON lineage_events "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
        )

"""stewardship: issues, work orders, and the log of what happened to them, which is only ever added to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_stewardship"
down_revision = "2026_11_22_lineage_kept"
branch_labels = None
depends_on = None


def _path() -> sa.types.TypeEngine[str]:
    return sa.String(256).with_variant(postgresql.VARCHAR(256, collation="C"), "postgresql")


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, and let the database itself keep the log as it was written."""
    op.create_table(
        "work_orders",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dataset", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("rule_version", sa.String(length=80), nullable=False),
        sa.Column("rule_digest", sa.String(length=64), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("organisation", sa.String(length=32), nullable=True),
        sa.Column("organisation_path", _path(), nullable=False),
        sa.Column("responsible", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("issues", sa.Integer(), nullable=False),
        sa.Column("opened_at", _instant(), nullable=False),
        sa.Column("due_at", _instant(), nullable=True),
        sa.Column("rectified_by", sa.String(length=32), nullable=True),
        sa.Column("reopened", sa.Integer(), server_default="0", nullable=False),
        sa.Column("escalated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["datasets.name"], name=op.f("fk_work_orders_dataset")),
        sa.ForeignKeyConstraint(["responsible"], ["parties.id"], name=op.f("fk_work_orders_responsible")),
        sa.ForeignKeyConstraint(["rectified_by"], ["parties.id"], name=op.f("fk_work_orders_rectified_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_orders")),
    )
    indexed = (["responsible", "state"], ["state", "due_at"], ["dataset", "rule"], ["organisation_path"])
    for columns in indexed:
        op.create_index(op.f(f"ix_work_orders_{'_'.join(columns)}"), "work_orders", columns)
    op.create_table(
        "issues",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dataset", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("organisation", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("work_order", sa.BigInteger(), nullable=False),
        sa.Column("first_run", sa.Integer(), nullable=True),
        sa.Column("last_run", sa.Integer(), nullable=True),
        sa.Column("found_at", _instant(), nullable=False),
        sa.Column("last_found_at", _instant(), nullable=False),
        sa.Column("reopened", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fixed_at", _instant(), nullable=True),
        sa.Column("fixed_in", sa.Integer(), nullable=True),
        sa.Column("waiver", sa.Integer(), nullable=True),
        sa.Column("waived_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["dataset"], ["datasets.name"], name=op.f("fk_issues_dataset")),
        sa.ForeignKeyConstraint(["work_order"], ["work_orders.id"], name=op.f("fk_issues_work_order")),
        sa.ForeignKeyConstraint(["first_run"], ["quality_runs.id"], name=op.f("fk_issues_first_run")),
        sa.ForeignKeyConstraint(["last_run"], ["quality_runs.id"], name=op.f("fk_issues_last_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issues")),
        sa.UniqueConstraint("dataset", "rule", "object", name=op.f("uq_issues_dataset_rule_object")),
    )
    op.create_index(op.f("ix_issues_work_order"), "issues", ["work_order"])
    op.create_table(
        "transitions",
        sa.Column("work_order", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=True),
        sa.Column("before", sa.String(length=16), nullable=True),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("dataset", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("organisation_path", _path(), nullable=False),
        sa.Column("responsible", sa.String(length=32), nullable=False),
        sa.Column("issues", sa.Integer(), nullable=False),
        sa.Column("due_at", _instant(), nullable=True),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["work_order"], ["work_orders.id"], name=op.f("fk_transitions_work_order")),
        sa.PrimaryKeyConstraint("work_order", "number", name=op.f("pk_transitions")),
    )
    op.create_index(op.f("ix_transitions_at"), "transitions", ["at"])
    _guard()
    _beside()


def _beside() -> None:
    op.create_table(
        "order_remarks",
        sa.Column("work_order", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["work_order", "number"],
            ["transitions.work_order", "transitions.number"],
            name=op.f("fk_order_remarks_work_order_number"),
        ),
        sa.PrimaryKeyConstraint("work_order", "number", name=op.f("pk_order_remarks")),
    )
    op.create_table(
        "waivers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work_order", sa.BigInteger(), nullable=False),
        sa.Column("issue", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.String(length=32), nullable=False),
        sa.Column("requested_at", _instant(), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", _instant(), nullable=True),
        sa.Column("revoked_by", sa.String(length=32), nullable=True),
        sa.Column("revoked_at", _instant(), nullable=True),
        sa.ForeignKeyConstraint(["work_order"], ["work_orders.id"], name=op.f("fk_waivers_work_order")),
        sa.ForeignKeyConstraint(["issue"], ["issues.id"], name=op.f("fk_waivers_issue")),
        sa.ForeignKeyConstraint(["requested_by"], ["parties.id"], name=op.f("fk_waivers_requested_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["parties.id"], name=op.f("fk_waivers_decided_by")),
        sa.ForeignKeyConstraint(["revoked_by"], ["parties.id"], name=op.f("fk_waivers_revoked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waivers")),
    )
    op.create_index(op.f("ix_waivers_work_order"), "waivers", ["work_order"])
    op.create_index(op.f("ix_waivers_state_expires_on"), "waivers", ["state", "expires_on"])
    op.create_table(
        "takings",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("taken_at", _instant(), nullable=False),
        sa.Column("taken_by", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["quality_runs.id"], name=op.f("fk_takings_run")),
        sa.ForeignKeyConstraint(["dataset"], ["datasets.name"], name=op.f("fk_takings_dataset")),
        sa.PrimaryKeyConstraint("run", name=op.f("pk_takings")),
    )
    op.create_index(op.f("ix_takings_dataset"), "takings", ["dataset"])


def _guard() -> None:
    if op.get_context().dialect.name != "sqlite":
        op.execute(
            "CREATE TRIGGER transitions_no_rewriting BEFORE UPDATE OR DELETE ON transitions "
            "FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
        )
        op.execute(
            "CREATE TRIGGER transitions_no_truncating BEFORE TRUNCATE ON transitions "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
        )
        return
    refusal = "BEGIN SELECT RAISE(ABORT, 'transitions is only ever added to'); END"
    for what in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER transitions_no_{what.lower()} BEFORE {what} ON transitions {refusal}")
    op.execute(  # REPLACE deletes without asking the trigger above
        "CREATE TRIGGER transitions_no_replace BEFORE INSERT ON transitions WHEN EXISTS "
        "(SELECT 1 FROM transitions WHERE work_order = NEW.work_order AND number = NEW.number) " + refusal
    )

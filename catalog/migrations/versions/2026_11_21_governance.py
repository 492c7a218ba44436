"""governance: organisation, roles, changes, assets, the trail."""

import hashlib

import rfc8785
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_21_governance"
down_revision = "2026_11_21_standards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, guard what is only ever added to, and give every dataset its first revision."""
    op.create_table(
        "trail",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=True),
        sa.Column("act", sa.String(length=48), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("detail_digest", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_trail")),
        sa.UniqueConstraint("digest", name=op.f("uq_trail_digest")),
    )
    with op.batch_alter_table("trail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trail_act"), ["act"], unique=False)
        batch_op.create_index(batch_op.f("ix_trail_by"), ["by"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_trail_subject_kind_subject"), ["subject_kind", "subject"], unique=False
        )

    op.create_table(
        "assets",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("entered_by", sa.String(length=32), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entered_by"], ["parties.id"], name=op.f("fk_assets_entered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assets")),
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("differences", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.String(length=32), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["parties.id"], name=op.f("fk_changes_decided_by")),
        sa.ForeignKeyConstraint(["requested_by"], ["parties.id"], name=op.f("fk_changes_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_changes_state"), ["state"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_changes_subject_kind_subject"), ["subject_kind", "subject"], unique=False
        )

    op.create_table(
        "organisation_units",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("party", sa.String(length=32), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("merged_into", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["organisation_units.code"], name=op.f("fk_organisation_units_merged_into")
        ),
        sa.ForeignKeyConstraint(["party"], ["parties.id"], name=op.f("fk_organisation_units_party")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_organisation_units")),
        sa.UniqueConstraint("party", name=op.f("uq_organisation_units_party")),
    )
    op.create_table(
        "products",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("steward", sa.String(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=32), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation"], ["parties.id"], name=op.f("fk_products_organisation")),
        sa.ForeignKeyConstraint(["owner"], ["parties.id"], name=op.f("fk_products_owner")),
        sa.ForeignKeyConstraint(["steward"], ["parties.id"], name=op.f("fk_products_steward")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_products")),
    )
    op.create_table(
        "role_assignments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("party", sa.String(length=32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("assigned_by", sa.String(length=32), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assigned_by"], ["parties.id"], name=op.f("fk_role_assignments_assigned_by")
        ),
        sa.ForeignKeyConstraint(["party"], ["parties.id"], name=op.f("fk_role_assignments_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_assignments")),
    )
    with op.batch_alter_table("role_assignments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_assignments_party"), ["party"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_role_assignments_subject_kind_subject"), ["subject_kind", "subject"], unique=False
        )

    op.create_table(
        "asset_entries",
        sa.Column("asset", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reverses", sa.Integer(), nullable=True),
        sa.Column("entered_by", sa.String(length=32), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["asset"], ["assets.id"], name=op.f("fk_asset_entries_asset")),
        sa.ForeignKeyConstraint(["entered_by"], ["parties.id"], name=op.f("fk_asset_entries_entered_by")),
        sa.PrimaryKeyConstraint("asset", "number", name=op.f("pk_asset_entries")),
        sa.UniqueConstraint("asset", "reverses", name=op.f("uq_asset_entries_asset_reverses")),
    )
    op.create_table(
        "organisation_states",
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("parent", sa.String(length=32), nullable=True),
        sa.Column(
            "path",
            sa.String(length=256).with_variant(postgresql.VARCHAR(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("before", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent"], ["organisation_units.code"], name=op.f("fk_organisation_states_parent")
        ),
        sa.ForeignKeyConstraint(
            ["unit"], ["organisation_units.code"], name=op.f("fk_organisation_states_unit")
        ),
        sa.PrimaryKeyConstraint("unit", "number", name=op.f("pk_organisation_states")),
    )
    with op.batch_alter_table("organisation_states", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_states_parent"), ["parent"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_organisation_states_path_since"), ["path", "since"], unique=False
        )
        batch_op.create_index(
            "uq_organisation_states_present",
            ["unit"],
            unique=True,
            sqlite_where=sa.text("before IS NULL"),
            postgresql_where=sa.text("before IS NULL"),
        )

    op.create_table(
        "postings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["party"], ["parties.id"], name=op.f("fk_postings_party")),
        sa.ForeignKeyConstraint(["unit"], ["organisation_units.code"], name=op.f("fk_postings_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
    )
    with op.batch_alter_table("postings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_postings_party"), ["party"], unique=False)
        batch_op.create_index(batch_op.f("ix_postings_unit"), ["unit"], unique=False)

    op.create_table(
        "revisions",
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("change", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["change"], ["changes.id"], name=op.f("fk_revisions_change")),
        sa.ForeignKeyConstraint(["made_by"], ["parties.id"], name=op.f("fk_revisions_made_by")),
        sa.PrimaryKeyConstraint("subject_kind", "subject", "number", name=op.f("pk_revisions")),
    )
    with op.batch_alter_table("dataset_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), server_default="1", nullable=False))

    with op.batch_alter_table("datasets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(
            sa.Column("state", sa.String(length=16), server_default="registered", nullable=False)
        )

    with op.batch_alter_table("parties", schema=None) as batch_op:
        batch_op.add_column(sa.Column("left_on", sa.Date(), nullable=True))
    _guard()
    _first_revisions()


APPEND_ONLY = ("trail", "revisions", "assets", "asset_entries")
_SQLITE_CHAIN = """
CREATE TRIGGER trail_in_order BEFORE INSERT ON trail
WHEN NEW.sequence != (SELECT coalesce(max(sequence), 0) + 1 FROM trail) OR NEW.previous != coalesce(
    (SELECT digest FROM trail ORDER BY sequence DESC LIMIT 1), printf('%064d', 0))
BEGIN SELECT RAISE(ABORT, 'an entry of the trail must follow the last one'); END
"""
_POSTGRESQL_CHAIN = """
CREATE FUNCTION trail_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last record;
BEGIN
    SELECT sequence, digest INTO last FROM trail ORDER BY sequence DESC LIMIT 1;
    IF NEW.sequence != coalesce(last.sequence, 0) + 1
        OR NEW.previous != coalesce(last.digest, repeat('0', 64)) THEN
        RAISE EXCEPTION 'an entry of the trail must follow the last one'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""
_POSTGRESQL_REFUSAL = """
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def _guard() -> None:
    """Let the database itself refuse to change or remove these rows, whoever asks."""
    if op.get_context().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for what in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
                )
            if table != "trail":  # REPLACE deletes without asking the trigger above
                op.execute(_sqlite_no_replacing(table))
        op.execute(_SQLITE_CHAIN)
        return
    op.execute(_POSTGRESQL_REFUSAL)
    op.execute(_POSTGRESQL_CHAIN)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_no_rewriting BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncating BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
        )
    op.execute(
        "CREATE TRIGGER trail_in_order BEFORE INSERT ON trail FOR EACH ROW EXECUTE FUNCTION trail_in_order()"
    )


_KEYS = {
    "revisions": ("subject_kind", "subject", "number"),
    "assets": ("id",),
    "asset_entries": ("asset", "number"),
}


def _sqlite_no_replacing(table: str) -> str:
    same = " AND ".join(f"{column} = NEW.{column}" for column in _KEYS[table])
    return (
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
    )


def _first_revisions() -> None:
    """Registered before there were revisions: the document as it stands is the first."""
    connection = op.get_bind()
    datasets = sa.table(
        "datasets",
        sa.column("name"),
        sa.column("document", sa.JSON),
        sa.column("registered_by"),
        sa.column("registered_at", sa.DateTime(timezone=True)),
    )
    revisions = sa.table(
        "revisions",
        sa.column("subject_kind"),
        sa.column("subject"),
        sa.column("number"),
        sa.column("state"),
        sa.column("document", sa.JSON),
        sa.column("digest"),
        sa.column("made_by"),
        sa.column("made_at", sa.DateTime(timezone=True)),
    )
    rows = [
        {
            "subject_kind": "dataset",
            "subject": row.name,
            "number": 1,
            "state": "registered",
            "document": row.document,
            "digest": hashlib.sha256(rfc8785.dumps(row.document)).hexdigest(),
            "made_by": row.registered_by,
            "made_at": row.registered_at,
        }
        for row in connection.execute(sa.select(datasets))
    ]
    if rows:
        connection.execute(sa.insert(revisions), rows)

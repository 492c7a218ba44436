"""search and glossary: concepts, entries, and the native index of their grams."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_search"
down_revision = "2026_11_21_lineage"
branch_labels = None
depends_on = None

_GRAMS = {
    "sqlite": (
        (
            "CREATE VIRTUAL TABLE search_grams USING fts5"
            "(grams, content='', detail='none', columnsize=0, tokenize='ascii')"
        ),
    ),
    "postgresql": (
        "CREATE TABLE search_grams (id bigint PRIMARY KEY, grams integer[] NOT NULL)",
        "CREATE INDEX ix_search_grams_grams ON search_grams USING gin (grams)",
    ),
}


def upgrade() -> None:
    """Make the tables; the first search fills them."""
    in_bytes = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")
    op.create_table(
        "concepts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("label_zh", sa.String(length=200), nullable=False),
        sa.Column("label_en", sa.String(length=200), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("changed_by", sa.String(length=32), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["parties.id"], name=op.f("fk_concepts_changed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concepts")),
        sa.UniqueConstraint("label_en", name=op.f("uq_concepts_label_en")),
        sa.UniqueConstraint("label_zh", name=op.f("uq_concepts_label_zh")),
    )
    op.create_table(
        "search_entries",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("identifier", in_bytes, nullable=False),
        sa.Column("identifier_reversed", in_bytes, nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("security_level", sa.String(length=16), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("organisation", sa.String(length=64), nullable=True),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entries")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_search_entries_kind_key")),
    )
    with op.batch_alter_table("search_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_entries_identifier"), ["identifier"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_search_entries_identifier_reversed"), ["identifier_reversed"], unique=False
        )
    op.create_table(
        "search_sources",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_search_sources")),
    )
    for statement in _GRAMS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Not offered."""
    raise NotImplementedError

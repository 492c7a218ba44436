"""lineage as a graph in time: nodes, runs, edges; the events kept so far wait to be drawn."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_lineage"
down_revision = "2026_11_21_governance"
branch_labels = None
depends_on = None

_AT_A_TIME = 500


def upgrade() -> None:
    """Make the tables and carry every event over, as text and once; edges are drawn anew from them."""
    op.execute("CREATE TABLE lineage_events_before AS SELECT * FROM lineage_events")
    op.drop_table("lineage_events")
    op.drop_table("lineage_edges")
    _events()
    _nodes()
    _runs()
    _edges()
    _carry_over()
    op.drop_table("lineage_events_before")


def _id(name: str = "id", *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=nullable)


def _events() -> None:
    op.create_table(
        "lineage_events",
        _id(),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("event_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("event_type", sa.String(length=16), nullable=False),
        sa.Column("run_id", sa.String(length=255), nullable=True),
        sa.Column("namespace", sa.String(length=1024), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.String(length=32), nullable=True),
        sa.Column("drawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lineage_events")),
        sa.UniqueConstraint("digest", name=op.f("uq_lineage_events_digest")),
    )
    op.create_index("ix_lineage_events_event_time", "lineage_events", ["event_time"])
    op.create_index("ix_lineage_events_run_id", "lineage_events", ["run_id"])
    where = sa.text("NOT drawn")
    op.create_index(
        "ix_lineage_events_to_draw", "lineage_events", ["id"], sqlite_where=where, postgresql_where=where
    )


def _nodes() -> None:
    op.create_table(
        "lineage_namespaces",
        _id(),
        sa.Column("name", sa.String(length=1024), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lineage_namespaces")),
        sa.UniqueConstraint("name", name=op.f("uq_lineage_namespaces_name")),
    )
    op.create_table(
        "lineage_nodes",
        _id(),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("namespace", sa.BigInteger(), nullable=False),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("same_as", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lineage_nodes")),
        sa.UniqueConstraint("key", name=op.f("uq_lineage_nodes_key")),
    )
    op.create_index("ix_lineage_nodes_namespace_kind_id", "lineage_nodes", ["namespace", "kind", "id"])
    for name in ("parent", "same_as"):
        where = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_lineage_nodes_{name}", "lineage_nodes", [name], sqlite_where=where, postgresql_where=where
        )
    op.create_table(
        "lineage_states",
        _id("node"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("facets", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_lineage_states")),
    )


def _runs() -> None:
    op.create_table(
        "lineage_runs",
        _id(),
        sa.Column("run_id", sa.String(length=255), nullable=False),
        sa.Column("job", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.Column("parent_run", sa.Text(), nullable=True),
        sa.Column("parent_job", sa.BigInteger(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lineage_runs")),
        sa.UniqueConstraint("run_id", "job", name=op.f("uq_lineage_runs_run_id_job")),
    )
    op.create_index("ix_lineage_runs_job_created_at", "lineage_runs", ["job", "created_at"])
    op.create_table(
        "lineage_versions",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("dataset", sa.BigInteger(), nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=True),
        sa.Column("made", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_lineage_versions")),
    )
    op.create_index("ix_lineage_versions_run", "lineage_versions", ["run"])
    op.create_index("ix_lineage_versions_dataset_seen_at", "lineage_versions", ["dataset", "seen_at"])


def _edges() -> None:
    op.create_table(
        "lineage_observations",
        _id("owner"),
        _id("seen_at"),
        sa.PrimaryKeyConstraint("owner", "seen_at", name=op.f("pk_lineage_observations")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lineage_edges",
        _id("source"),
        _id("target"),
        _id("owner"),
        _id("valid_from"),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("source", "target", "owner", "valid_from", name=op.f("pk_lineage_edges")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_lineage_edges_owner", "lineage_edges", ["owner"])
    op.create_index(
        "ix_lineage_edges_target_source_valid_from_valid_until",
        "lineage_edges",
        ["target", "source", "valid_from", "valid_until"],
    )


def _carry_over() -> None:
    before = sa.table(
        "lineage_events_before",
        sa.column("id", sa.Integer),
        sa.column("event_time", sa.DateTime(timezone=True)),
        sa.column("event_type", sa.String),
        sa.column("run_id", sa.String),
        sa.column("event", sa.JSON),
    )
    after = sa.table(
        "lineage_events",
        sa.column("id", sa.BigInteger),
        sa.column("digest", sa.LargeBinary),
        sa.column("event_time", sa.DateTime(timezone=True)),
        *(sa.column(name, sa.String) for name in ("kind", "event_type", "run_id", "namespace", "body")),
        sa.column("drawn", sa.Boolean),
    )
    connection, seen = op.get_bind(), set[bytes]()
    for rows in _parts(connection, before):
        new = []
        for row in rows:
            text = json.dumps(row["event"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
            if digest in seen:
                continue
            seen.add(digest)
            new.append(
                {
                    "id": row["id"], "digest": digest, "event_time": row["event_time"], "kind": "run",
                    "event_type": row["event_type"], "run_id": row["run_id"],
                    "namespace": row["event"]["job"]["namespace"],
                    "body": json.dumps(row["event"], ensure_ascii=False), "drawn": False,
                }
            )  # fmt: skip
        if new:
            connection.execute(sa.insert(after), new)


def _parts(connection: sa.Connection, before: sa.TableClause) -> Iterator[list[dict[str, Any]]]:
    last = 0
    while True:
        query = sa.select(before).where(before.c.id > last).order_by(before.c.id).limit(_AT_A_TIME)
        rows = [dict(row) for row in connection.execute(query).mappings()]
        if not rows:
            return
        yield rows
        last = rows[-1]["id"]

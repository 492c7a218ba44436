"""Lineage: raw events, and what is derived from them and can be derived again: nodes, runs, edges in time.

Times of derived rows are microseconds since 1970 in UTC: walks compare them by the million.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Row

_KEY = sa.LargeBinary(16)
_ID = sa.BigInteger


def _given_id() -> Mapped[int]:
    """Return a key that the writer gives: there is one writer at a time, and it knows ids before rows."""
    return mapped_column(_ID, primary_key=True, autoincrement=False)


class LineageEventRow(Row):
    __tablename__ = "lineage_events"

    id: Mapped[int] = _given_id()
    digest: Mapped[bytes] = mapped_column(_KEY, unique=True)
    event_time: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(sa.String(8))
    event_type: Mapped[str] = mapped_column(sa.String(16))
    run_id: Mapped[str | None] = mapped_column(sa.String(255), index=True)
    namespace: Mapped[str] = mapped_column(sa.String(1024))
    body: Mapped[str] = mapped_column(sa.Text)
    sent_by: Mapped[str | None] = mapped_column(sa.String(32))
    drawn: Mapped[bool]
    __table_args__ = (
        sa.Index(
            "ix_lineage_events_to_draw", "id",
            sqlite_where=sa.text("NOT drawn"), postgresql_where=sa.text("NOT drawn"),
        ),
    )  # fmt: skip


class LineageNamespaceRow(Row):
    __tablename__ = "lineage_namespaces"

    id: Mapped[int] = _given_id()
    name: Mapped[str] = mapped_column(sa.String(1024), unique=True)
    created_at: Mapped[int] = mapped_column(_ID)


class LineageNodeRow(Row):
    """A dataset, a job or a field. `key` is the digest of its whole name; `same_as` the dataset it is too."""

    __tablename__ = "lineage_nodes"

    id: Mapped[int] = _given_id()
    key: Mapped[bytes] = mapped_column(_KEY, unique=True)
    kind: Mapped[int] = mapped_column(sa.SmallInteger)
    namespace: Mapped[int] = mapped_column(_ID)
    parent: Mapped[int | None] = mapped_column(_ID)
    name: Mapped[str] = mapped_column(sa.Text)
    same_as: Mapped[int | None] = mapped_column(_ID)
    __table_args__ = (
        sa.Index(None, "namespace", "kind", "id"),
        sa.Index(
            "ix_lineage_nodes_parent", "parent",
            sqlite_where=sa.text("parent IS NOT NULL"), postgresql_where=sa.text("parent IS NOT NULL"),
        ),
        sa.Index(
            "ix_lineage_nodes_same_as", "same_as",
            sqlite_where=sa.text("same_as IS NOT NULL"), postgresql_where=sa.text("same_as IS NOT NULL"),
        ),
    )  # fmt: skip


class LineageStateRow(Row):
    """The newest facets of a dataset or a job: name → [event time, facet], null where it was deleted."""

    __tablename__ = "lineage_states"

    node: Mapped[int] = _given_id()
    created_at: Mapped[int] = mapped_column(_ID)
    updated_at: Mapped[int] = mapped_column(_ID)
    facets: Mapped[str] = mapped_column(sa.Text)


class LineageRunRow(Row):
    """A run of a job. `facts` is what its events have said so far, in node ids."""

    __tablename__ = "lineage_runs"

    id: Mapped[int] = _given_id()
    run_id: Mapped[str] = mapped_column(sa.String(255))
    job: Mapped[int] = mapped_column(_ID)
    state: Mapped[str] = mapped_column(sa.String(16))
    state_at: Mapped[int] = mapped_column(_ID)
    created_at: Mapped[int] = mapped_column(_ID)
    started_at: Mapped[int | None] = mapped_column(_ID)
    completed_at: Mapped[int | None] = mapped_column(_ID)
    parent_run: Mapped[str | None] = mapped_column(sa.Text)
    parent_job: Mapped[int | None] = mapped_column(_ID)
    facts: Mapped[str] = mapped_column(sa.Text)
    __table_args__ = (sa.UniqueConstraint("run_id", "job"), sa.Index(None, "job", "created_at"))


class LineageVersionRow(Row):
    """A version of a dataset as one run read it or made it; without a version facet it is the run's own."""

    __tablename__ = "lineage_versions"

    key: Mapped[bytes] = mapped_column(_KEY, primary_key=True)
    dataset: Mapped[int] = mapped_column(_ID)
    run: Mapped[int | None] = mapped_column(_ID, index=True)
    made: Mapped[bool]
    version: Mapped[str] = mapped_column(sa.Text)
    seen_at: Mapped[int] = mapped_column(_ID)
    __table_args__ = (sa.Index(None, "dataset", "seen_at"),)


class LineageObservationRow(Row):
    """At this event time the owner said all its edges."""

    __tablename__ = "lineage_observations"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    owner: Mapped[int] = _given_id()
    seen_at: Mapped[int] = _given_id()


class LineageEdgeRow(Row):
    """Data flows from source to target, as the owner says, from one event time until before another.

    Datasets, jobs and fields share one table: fields are joined to fields only. `how` says by which
    transformations.
    """

    __tablename__ = "lineage_edges"

    source: Mapped[int] = _given_id()
    target: Mapped[int] = _given_id()
    owner: Mapped[int] = _given_id()
    valid_from: Mapped[int] = _given_id()
    valid_until: Mapped[int] = mapped_column(_ID)
    how: Mapped[str | None] = mapped_column(sa.Text)
    __table_args__ = (
        sa.Index(None, "target", "source", "valid_from", "valid_until"),
        sa.Index(None, "owner"),
        {"sqlite_with_rowid": False},
    )

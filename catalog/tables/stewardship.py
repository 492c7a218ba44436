"""Problems with a name and a date: issues, the work orders they are mended by, and the log of both."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from catalog.tables.base import Document, Row, a_party
from catalog.tables.governance import BYTEWISE


class IssueRow(Row):
    """One rule that one object breaks, however often it was found to."""

    __tablename__ = "issues"
    __table_args__ = (
        sa.UniqueConstraint("dataset", "rule", "object"),
        sa.Index(None, "work_order"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    dataset: Mapped[str] = mapped_column(sa.ForeignKey("datasets.name"))
    rule: Mapped[str] = mapped_column(sa.String(200))
    object: Mapped[str] = mapped_column(sa.Text)
    organisation: Mapped[str | None] = mapped_column(sa.String(32))
    state: Mapped[str] = mapped_column(sa.String(16))
    work_order: Mapped[int] = mapped_column(sa.ForeignKey("work_orders.id"))
    first_run: Mapped[int | None] = mapped_column(sa.ForeignKey("quality_runs.id"))
    last_run: Mapped[int | None] = mapped_column(sa.ForeignKey("quality_runs.id"))
    found_at: Mapped[datetime]
    last_found_at: Mapped[datetime]
    reopened: Mapped[int] = mapped_column(server_default="0")
    fixed_at: Mapped[datetime | None]
    fixed_in: Mapped[int | None]
    waiver: Mapped[int | None]
    waived_until: Mapped[date | None]


class WorkOrderRow(Row):
    """The issues of one rule that one person answers for, as they are now; `issues` are the open ones.

    Transitions say how it came to be so.
    """

    __tablename__ = "work_orders"
    __table_args__ = (
        sa.Index(None, "responsible", "state"),
        sa.Index(None, "state", "due_at"),
        sa.Index(None, "dataset", "rule"),
        sa.Index(None, "organisation_path"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    dataset: Mapped[str] = mapped_column(sa.ForeignKey("datasets.name"))
    rule: Mapped[str] = mapped_column(sa.String(200))
    rule_version: Mapped[str] = mapped_column(sa.String(80))
    rule_digest: Mapped[str] = mapped_column(sa.String(64))
    severity: Mapped[str] = mapped_column(sa.String(16))
    organisation: Mapped[str | None] = mapped_column(sa.String(32))
    organisation_path: Mapped[str] = mapped_column(BYTEWISE)
    responsible: Mapped[str] = mapped_column(sa.ForeignKey("parties.id"))
    state: Mapped[str] = mapped_column(sa.String(16))
    issues: Mapped[int]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    rectified_by: Mapped[str | None] = mapped_column(sa.ForeignKey("parties.id"))
    reopened: Mapped[int] = mapped_column(server_default="0")
    escalated: Mapped[int] = mapped_column(server_default="0")
    entries: Mapped[int]
    head: Mapped[str] = mapped_column(sa.String(64))


class TransitionRow(Row):
    """What happened to a work order, by whom; triggers refuse to change or remove a row.

    The figures are made of these rows alone, so each holds what the order was at that moment. What is no
    change of state (evidence, a reminder, another person) has the same state before and after.
    """

    __tablename__ = "transitions"
    __table_args__ = (sa.Index(None, "at"),)

    work_order: Mapped[int] = mapped_column(sa.ForeignKey("work_orders.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    act: Mapped[str] = mapped_column(sa.String(32))
    by: Mapped[str | None] = mapped_column(sa.String(32))
    before: Mapped[str | None] = mapped_column(sa.String(16))
    after: Mapped[str] = mapped_column(sa.String(16))
    dataset: Mapped[str] = mapped_column(sa.String(32))
    rule: Mapped[str] = mapped_column(sa.String(200))
    severity: Mapped[str] = mapped_column(sa.String(16))
    organisation_path: Mapped[str] = mapped_column(BYTEWISE)
    responsible: Mapped[str] = mapped_column(sa.String(32))
    issues: Mapped[int]
    due_at: Mapped[datetime | None]
    detail: Mapped[Document]
    previous: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64))


class RemarkRow(Row):
    """What somebody said at a transition, which holds its digest: a person's name can be taken out again."""

    __tablename__ = "order_remarks"
    __table_args__ = (
        sa.ForeignKeyConstraint(["work_order", "number"], ["transitions.work_order", "transitions.number"]),
    )

    work_order: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)


class WaiverRow(Row):
    """A problem that is lived with until a day: of one issue, or without `issue` of a whole work order."""

    __tablename__ = "waivers"
    __table_args__ = (sa.Index(None, "work_order"), sa.Index(None, "state", "expires_on"))

    id: Mapped[int] = mapped_column(primary_key=True)
    work_order: Mapped[int] = mapped_column(sa.ForeignKey("work_orders.id"))
    issue: Mapped[int | None] = mapped_column(sa.ForeignKey("issues.id"))
    reason: Mapped[str] = mapped_column(sa.Text)
    expires_on: Mapped[date]
    state: Mapped[str] = mapped_column(sa.String(16))
    requested_by: Mapped[str] = a_party()
    requested_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(sa.ForeignKey("parties.id"))
    decided_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(sa.ForeignKey("parties.id"))
    revoked_at: Mapped[datetime | None]


class TakingRow(Row):
    """A run whose findings were made into issues and work orders: one row a run, for it is taken once."""

    __tablename__ = "takings"

    run: Mapped[int] = mapped_column(sa.ForeignKey("quality_runs.id"), primary_key=True)
    dataset: Mapped[str] = mapped_column(sa.ForeignKey("datasets.name"), index=True)
    version: Mapped[int]
    taken_at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(sa.String(32))
    outcome: Mapped[Document]

"""Issues, work orders and their log, as people see them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from catalog.stewardship.states import IssueState, OrderState
from catalog.tables import IssueRow, RemarkRow, TransitionRow, WaiverRow, WorkOrderRow
from standards.digests import Digest
from standards.errors import InvalidInput

LONGEST_REMARK = 4_000
SEVERITIES = ("critical", "major", "minor")


class RemarkMissing(InvalidInput):
    """A step that needs words and got none: why, or what was done."""

    code = "remark-missing"


class RemarkTooLong(InvalidInput):
    """More words than a remark holds; more belongs into a file of evidence."""

    code = "remark-too-long"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Issue(_Frozen):
    """One rule that one object breaks. `object` is its key in JSON, `reopened` how often it came back."""

    id: int
    dataset: str
    rule: str
    object: str
    organisation: str | None
    state: IssueState
    work_order: int
    first_run: int | None
    last_run: int | None
    found_at: datetime
    last_found_at: datetime
    reopened: int
    fixed_at: datetime | None
    fixed_in: int | None
    waived_until: date | None


class WorkOrder(_Frozen):
    """Issues of one rule that one person answers for; `issues` are those that are open."""

    id: int
    dataset: str
    rule: str
    rule_version: str
    rule_digest: str
    severity: str
    organisation: str | None
    organisation_path: str
    responsible: str
    state: OrderState
    issues: int
    opened_at: datetime
    due_at: datetime | None
    rectified_by: str | None
    reopened: int
    escalated: int
    entries: int
    head: Digest


class LogEntry(_Frozen):
    """One step of a work order. `remark` is what was said; its digest stands in `detail`."""

    work_order: int
    number: int
    at: datetime
    act: str
    by: str | None
    before: OrderState | None
    after: OrderState
    responsible: str
    organisation_path: str
    issues: int
    due_at: datetime | None
    detail: dict[str, Any]
    remark: str | None
    digest: Digest


class Waiver(_Frozen):
    """An issue, or without `issue` an order's issues, that is lived with until `expires_on`, the last day."""

    id: int
    work_order: int
    issue: int | None
    reason: str
    expires_on: date
    state: str
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    revoked_by: str | None
    revoked_at: datetime | None


class OrderFilter(_Frozen):
    """Which work orders: those for which everything given holds. `under` is a unit's path or code."""

    state: OrderState | None = None
    is_open: bool | None = None
    dataset: str | None = None
    rule: str | None = None
    severity: str | None = None
    responsible: str | None = None
    under: str | None = None
    overdue: bool = False
    after: int = Field(0, ge=0, le=2**53)
    limit: int | None = Field(1000, ge=1, le=100_000)


class IssueFilter(_Frozen):
    """Which issues: those for which everything given holds."""

    work_order: int | None = Field(None, ge=0, le=2**53)
    state: IssueState | None = None
    dataset: str | None = None
    rule: str | None = None
    object: str | None = None
    organisation: str | None = None
    after: int = Field(0, ge=0, le=2**53)
    limit: int | None = Field(1000, ge=1, le=100_000)


def remark(said: str, what: str, *, needed: bool = True) -> str | None:
    """Return what somebody said, without blanks around it. Raises RemarkMissing, RemarkTooLong."""
    text = said.strip()
    if needed and not text:
        raise RemarkMissing(f"{what} needs words", hint='say why, or what was done: --reason "…"')
    if len(text) > LONGEST_REMARK:
        raise RemarkTooLong(
            f"{what} has {len(text):,} characters of at most {LONGEST_REMARK:,}",
            hint="say the essence, and add the rest as evidence: shuize evidence add",
        )
    return text or None


def order_of(row: WorkOrderRow) -> WorkOrder:
    """Return a row as people see it."""
    return WorkOrder.model_validate({name: getattr(row, name) for name in WorkOrder.model_fields})


def issue_of(row: IssueRow) -> Issue:
    """Return a row as people see it."""
    return Issue.model_validate({name: getattr(row, name) for name in Issue.model_fields})


def waiver_of(row: WaiverRow) -> Waiver:
    """Return a row as people see it."""
    return Waiver.model_validate({name: getattr(row, name) for name in Waiver.model_fields})


def entry_of(session: Session, row: TransitionRow) -> LogEntry:
    """Return an entry with what was said at it."""
    said = session.get(RemarkRow, (row.work_order, row.number)) if "remark" in row.detail else None
    values = {name: getattr(row, name) for name in LogEntry.model_fields if name != "remark"}
    return LogEntry.model_validate(values | {"remark": said and said.text})

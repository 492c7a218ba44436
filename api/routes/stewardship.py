"""Issues, work orders and waivers, for people of the utility: an object's key is a customer's number."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.problems import documented
from api.routes.asking import Member, Wired
from api.routes.paging import ByNumber
from catalog.stewardship.bulk import BulkDone
from catalog.stewardship.escalating import Escalated
from catalog.stewardship.listing import OrderFile, OrderVerification, Workload
from catalog.stewardship.models import Issue, IssueFilter, OrderFilter, Waiver, WorkOrder
from catalog.stewardship.rechecking import Rechecked
from catalog.stewardship.states import IssueState, OrderState
from catalog.stewardship.taking import Taken
from catalog.stewardship.waivers import WaiverFilter, WaiverState

router = APIRouter(tags=["stewardship"])

_READ = documented(401, 403)
_ONE = documented(401, 403, 404)
_STEP = documented(401, 403, 404, 409)
_Number = Annotated[int | None, Query(ge=0, le=2**53)]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Note(_Body):
    """What is to be said to a step, if anything."""

    note: str = ""


class Reason(_Body):
    """Why."""

    reason: str


class Dispatch(Note):
    """When it is due; by default the severity decides."""

    due_at: AwareDatetime | None = None


class Submission(_Body):
    """What was done."""

    statement: str


class Review(Note):
    """With `send_back`, why it is not good."""

    send_back: str | None = None


class Remark(_Body):
    """What is to be said."""

    text: str


class Reassignment(Reason):
    """Who is to answer for it, and why."""

    to: str


class WaiverRequest(Reason):
    """Why it is lived with, until which last day; of one issue or of all open ones."""

    until: date
    issue: int | None = Field(None, ge=1, le=2**53)


@router.get("/issues", responses=_READ)
def list_issues(
    platform: Wired, member: Member, page: ByNumber, work_order: _Number = None,
    state: IssueState | None = None, dataset: str | None = None, rule: str | None = None,
    object_: Annotated[str | None, Query(alias="object", description="A key in JSON.")] = None,
) -> list[Issue]:  # fmt: skip
    """List issues, by number."""
    chosen = IssueFilter(
        work_order=work_order, state=state, dataset=dataset, rule=rule, object=object_,
        after=page.after or 0, limit=page.one_more,
    )  # fmt: skip
    return page.of(platform.order_lists.issues(chosen), lambda issue: issue.id)


@router.get("/issues/{number}", responses=_ONE)
def show_issue(number: int, platform: Wired, member: Member) -> Issue:
    """Show one issue."""
    return platform.order_lists.issue(number)


@router.get("/orders", responses=_ONE)
def list_orders(
    platform: Wired, member: Member, page: ByNumber, state: OrderState | None = None,
    is_open: bool | None = None, overdue: bool = False, dataset: str | None = None,
    rule: str | None = None, severity: str | None = None, responsible: str | None = None,
    under: str | None = None,
) -> list[WorkOrder]:  # fmt: skip
    """List work orders, by number; `under` is a unit of the organisation."""
    chosen = OrderFilter(
        state=state, is_open=is_open, overdue=overdue, dataset=dataset, rule=rule, severity=severity,
        responsible=responsible, under=under, after=page.after or 0, limit=page.one_more,
    )  # fmt: skip
    return page.of(platform.order_lists.orders(chosen), lambda order: order.id)


@router.post("/orders/triage", responses=_ONE)
def triage_all(chosen: OrderFilter, platform: Wired, member: Member) -> BulkDone:
    """Triage all detected orders that fit and that the asker governs."""
    return platform.bulk_orders.triage(chosen, by=member.id)


@router.post("/orders/dispatch", responses=_ONE)
def dispatch_all(
    chosen: OrderFilter, platform: Wired, member: Member, due_at: AwareDatetime | None = None
) -> BulkDone:
    """Dispatch all triaged, returned or reopened orders that fit and that the asker governs."""
    return platform.bulk_orders.dispatch(chosen, by=member.id, due_at=due_at)


@router.post("/orders/escalate", responses=_READ)
def escalate(platform: Wired, member: Member) -> Escalated:
    """Tell who is above of orders that are overdue; to ask twice tells nobody twice."""
    return platform.escalation.escalate(by=member.id)


@router.post("/orders/take", responses=_READ)
def take_runs(platform: Wired, member: Member) -> list[Taken]:
    """Make issues and orders of checks whose findings nobody has taken yet."""
    return list(platform.taking.take_all(by=member.id))


@router.get("/orders/workload", responses=_ONE)
def show_workload(platform: Wired, member: Member, under: str | None = None) -> list[Workload]:
    """Say what is open with whom, the most loaded first."""
    return list(platform.order_lists.workload(under))


@router.get("/orders/{number}", responses=_ONE)
def show_order(number: int, platform: Wired, member: Member) -> OrderFile:
    """Show a work order with its issues, its waivers and its whole log."""
    return platform.order_lists.order(number)


@router.get("/orders/{number}/verification", responses=_ONE)
def verify_order(number: int, platform: Wired, member: Member) -> OrderVerification:
    """Recompute a work order's log."""
    return platform.order_lists.verify(number)


@router.post("/orders/{number}/triage", responses=_STEP)
def triage(number: int, said: Note, platform: Wired, member: Member) -> WorkOrder:
    """Find that an order is a problem to be worked on."""
    return platform.work_orders.triage(number, by=member.id, said=said.note)


@router.post("/orders/{number}/reject", responses=_STEP)
def reject(number: int, said: Reason, platform: Wired, member: Member) -> WorkOrder:
    """Find that it is no problem after all."""
    return platform.work_orders.reject(number, by=member.id, reason=said.reason)


@router.post("/orders/{number}/dispatch", responses=_STEP)
def dispatch(number: int, said: Dispatch, platform: Wired, member: Member) -> WorkOrder:
    """Send an order to its person, with a deadline."""
    return platform.work_orders.dispatch(number, by=member.id, due_at=said.due_at, said=said.note)


@router.post("/orders/{number}/accept", responses=_STEP)
def accept(number: int, said: Note, platform: Wired, member: Member) -> WorkOrder:
    """Take an order on."""
    return platform.work_orders.accept(number, by=member.id, said=said.note)


@router.post("/orders/{number}/return", responses=_STEP)
def give_back(number: int, said: Reason, platform: Wired, member: Member) -> WorkOrder:
    """Give an order back as not one's own to mend."""
    return platform.work_orders.give_back(number, by=member.id, reason=said.reason)


@router.post("/orders/{number}/start", responses=_STEP)
def start(number: int, said: Note, platform: Wired, member: Member) -> WorkOrder:
    """Begin to rectify."""
    return platform.work_orders.start(number, by=member.id, said=said.note)


@router.post("/orders/{number}/submit", responses=_STEP)
def submit(number: int, said: Submission, platform: Wired, member: Member) -> Rechecked:
    """Say what was done; the rule is run again on the newest version at once."""
    platform.work_orders.submit(number, by=member.id, statement=said.statement)
    return platform.rechecks.recheck(number, by=member.id)


@router.post("/orders/{number}/recheck", responses=_STEP)
def recheck(number: int, platform: Wired, member: Member) -> Rechecked:
    """Run a submitted order's rule on the newest version."""
    return platform.rechecks.recheck(number, by=member.id)


@router.post("/orders/{number}/review", responses=_STEP)
def review(number: int, said: Review, platform: Wired, member: Member) -> WorkOrder:
    """Find good what somebody else did, or send it back."""
    if said.send_back is not None:
        return platform.work_orders.send_back(number, by=member.id, reason=said.send_back)
    return platform.work_orders.review(number, by=member.id, said=said.note)


@router.post("/orders/{number}/close", responses=_STEP)
def close(number: int, said: Note, platform: Wired, member: Member) -> WorkOrder:
    """Close what was reviewed."""
    return platform.work_orders.close(number, by=member.id, said=said.note)


@router.post("/orders/{number}/reopen", responses=_STEP)
def reopen(number: int, said: Reason, platform: Wired, member: Member) -> WorkOrder:
    """Open an order that is over again, with its issues."""
    return platform.work_orders.reopen(number, by=member.id, reason=said.reason)


@router.post("/orders/{number}/reassign", responses=_STEP)
def reassign(number: int, said: Reassignment, platform: Wired, member: Member) -> WorkOrder:
    """Give an order to another person."""
    return platform.work_orders.reassign(number, by=member.id, to=said.to, reason=said.reason)


@router.post("/orders/{number}/comment", responses=_ONE)
def comment(number: int, said: Remark, platform: Wired, member: Member) -> WorkOrder:
    """Say something about an order."""
    return platform.work_orders.comment(number, by=member.id, said=said.text)


@router.post("/orders/{number}/waivers", status_code=201, responses=_STEP)
def request_waiver(number: int, said: WaiverRequest, platform: Wired, member: Member) -> Waiver:
    """Ask that an order, or one issue of it, be lived with until a day."""
    return platform.waivers.request(
        number, by=member.id, reason=said.reason, until=said.until, issue=said.issue
    )


@router.get("/waivers", responses=_READ)
def list_waivers(
    platform: Wired, member: Member, page: ByNumber, state: WaiverState | None = None,
    work_order: _Number = None, expired: bool | None = None,
) -> list[Waiver]:  # fmt: skip
    """List waivers, oldest first; `expired` are those approved whose last day is past."""
    chosen = WaiverFilter(
        state=state, work_order=work_order, expired=expired, after=page.after or 0, limit=page.one_more
    )
    return page.of(platform.waivers.list(chosen), lambda waiver: waiver.id)


@router.post("/waivers/{number}/approve", responses=_STEP)
def approve_waiver(number: int, platform: Wired, member: Member) -> Waiver:
    """Approve a waiver that somebody else asked for."""
    return platform.waivers.approve(number, by=member.id)


@router.post("/waivers/{number}/revoke", responses=_STEP)
def revoke_waiver(number: int, said: Reason, platform: Wired, member: Member) -> Waiver:
    """Refuse a waiver, or take it back: what it covered is open again at once."""
    return platform.waivers.revoke(number, by=member.id, reason=said.reason)

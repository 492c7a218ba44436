"""A utility with an organisation, a dataset and runs, at whose desks work orders are worked on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from catalog.organisation import Organisation, People, UnitDraft
from catalog.roles import RoleDraft, Roles
from catalog.stewardship.bulk import BulkOrders
from catalog.stewardship.deadlines import Deadlines
from catalog.stewardship.escalating import Escalation
from catalog.stewardship.found import SCHEMA, Found, FoundRule
from catalog.stewardship.listing import OrderLists
from catalog.stewardship.models import WorkOrder
from catalog.stewardship.orders import WorkOrders
from catalog.stewardship.rechecking import Rechecks, ToRecheck
from catalog.stewardship.taking import Taken, Taking
from catalog.stewardship.waivers import Waivers
from catalog.tables import DatasetVersionRow, QualityRunRow
from catalog.trail import Trail
from tests.builders import Room, a_digest, a_party

RULE = "meter-has-a-book"
UNITS = (
    ("group", "group", None), ("01", "branch", "group"), ("0101", "office", "01"), ("0102", "office", "01"),
)  # fmt: skip


def some(
    *keys: str, rule: str = RULE, unit: str | None = "0101", who: str | None = None
) -> list[dict[str, Any]]:
    """Return findings of a rule."""
    return [
        {"rule": rule, "object": f'["{key}"]', "row": None, "organisation": unit, "answerable": who}
        for key in keys
    ]


@dataclass
class Desk:
    """One catalog with everything that work orders need; `still` is what the engine goes on finding."""

    room: Room
    deadlines: Deadlines = field(default_factory=Deadlines)
    still: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        database, clock = self.room.database, self.room.clock
        self.kept: dict[int, Found] = {}
        self.asked: list[ToRecheck] = []
        self.taking = Taking(database, self.kept.get, clock)
        self.orders = WorkOrders(database, clock, self.deadlines)
        self.rechecks = Rechecks(database, self._failing, clock)
        self.waivers = Waivers(database, clock)
        self.lists = OrderLists(database, clock)
        self.bulk = BulkOrders(database, clock, self.deadlines)
        self.escalation = Escalation(database, clock, self.deadlines)
        self.roles, self.people = Roles(database, clock), People(database, clock)
        self.organisation, self.trail = Organisation(database, clock), Trail(database, clock)
        for name in ("carol", "dave", "erin", "frank"):
            self.room.parties.add(a_party(id=name, name=name.title()), by="alice")
        self.organisation.add([UnitDraft(code=c, kind=k, title=c, parent=p) for c, k, p in UNITS], by="alice")
        self.give("steward", "0101", "carol")
        self.give("owner", "01", "dave")
        self.room.register(owner="alice", steward="bob")
        self.version()

    def _failing(self, asked: ToRecheck) -> set[str]:
        self.asked.append(asked)
        return self.still

    def give(self, role: str, unit: str, party: str) -> int:
        """Give a role at a unit and return its number."""
        said = {"role": role, "subject_kind": "unit", "subject": unit, "party": party}
        return self.roles.assign(RoleDraft.model_validate(said), by="alice").id

    def version(self, dataset: str = "inflow") -> int:
        """Let there be a newer version."""
        with self.room.database.write() as session:
            known = session.query(DatasetVersionRow).filter_by(dataset=dataset).count()
            session.add(
                DatasetVersionRow(
                    dataset=dataset, number=known + 1, digest=a_digest(f"{dataset} {known}"), size_bytes=1,
                    row_count=1, source_name="a.csv", source_digest=a_digest("a"), profile=[],
                    loaded_by="alice", loaded_at=self.room.clock.now,
                )
            )  # fmt: skip
        return known + 1

    def keep(
        self, findings: Sequence[dict[str, Any]], version: int | None = None, *, digest: str = "1",
        severity: str = "major", owner: str | None = None,
    ) -> int:  # fmt: skip
        """Keep a run with findings and return its number; nobody has taken it yet."""
        with self.room.database.write() as session:
            number = version or session.query(DatasetVersionRow).filter_by(dataset="inflow").count()
            row = QualityRunRow(
                dataset="inflow", version=number, report={}, report_digest=a_digest("r"),
                ran_at=self.room.clock.now,
            )  # fmt: skip
            session.add(row)
            session.flush()
            run = row.id
        rules = {
            each["rule"]: FoundRule(each["rule"], "1", digest * 64, severity, owner) for each in findings
        }
        table = pa.Table.from_pylist(list(findings), SCHEMA)
        self.kept[run] = Found("inflow", number, self.room.clock.now, rules, table, run)
        return run

    def check(self, findings: Sequence[dict[str, Any]], version: int | None = None, **said: Any) -> Taken:
        """Keep a run and take it."""
        return self.taking.take(self.keep(findings, version, **said), by="alice")

    def order(self, number: int = 1) -> WorkOrder:
        """Return an order."""
        return self.lists.order(number).order

    def states(self, number: int = 1) -> list[str]:
        """Return the states of an order's issues."""
        return [issue.state.value for issue in self.lists.order(number).issues]

    def acts(self, number: int = 1) -> list[str]:
        """Return what happened to an order."""
        return [entry.act for entry in self.lists.order(number).log]

    def bring(self, *steps: str, number: int = 1) -> WorkOrder:
        """Take steps as who usually takes them."""
        return [self._step(step, number) for step in steps][-1]

    def _step(self, step: str, number: int) -> WorkOrder:
        orders, carol = self.orders, {"by": "carol"}
        if step == "submit":
            return orders.submit(number, statement="swapped the meter", **carol)
        if step == "recheck":
            return self.rechecks.recheck(number, **carol).order
        if step == "close":
            return orders.close(number, by="erin")
        if step == "review":
            return orders.review(number, by="erin")
        if step in ("triage", "dispatch"):
            return getattr(orders, step)(number, by="bob")  # type: ignore[no-any-return]
        return getattr(orders, step)(number, **carol)  # type: ignore[no-any-return]


TO_SUBMITTED = ("triage", "dispatch", "accept", "start", "submit")
TO_CLOSED = (*TO_SUBMITTED, "recheck", "review", "close")


def keys(objects: Iterable[str]) -> set[str]:
    """Return objects of these keys."""
    return {f'["{key}"]' for key in objects}

"""Whatever people do, in whatever order: nothing is closed but by the engine and by somebody else."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalog.stewardship.permits import RECTIFYING
from catalog.stewardship.states import FOLLOWING, OrderState
from standards.errors import Conflict, Denied, NotFound
from tests.builders import a_room
from tests.catalog.stewardship.desk import Desk, keys, some

PEOPLE = ("alice", "bob", "carol", "dave", "erin")
KEYS = ("M1", "M2")
ACTS = (
    "triage", "dispatch", "accept", "start", "submit", "recheck", "review", "close", "reject", "reopen",
    "give_back", "send_back", "waive", "approve", "revoke", "check", "reassign",
)  # fmt: skip
WORDS = {
    "submit": {"statement": "done"}, "reject": {"reason": "no"}, "reopen": {"reason": "no"},
    "give_back": {"reason": "no"}, "send_back": {"reason": "no"},
}  # fmt: skip


def test_every_state_is_reached_and_only_those_that_are_over_lead_to_reopened() -> None:
    reached = {after for following in FOLLOWING.values() for after in following}
    assert reached == set(OrderState) - {OrderState.DETECTED}
    before = {state for state, after in FOLLOWING.items() if OrderState.REOPENED in after}
    assert before == {state for state in OrderState if state.is_over}
    assert [state for state, after in FOLLOWING.items() if OrderState.CLOSED in after] == [
        OrderState.REVIEWED
    ]
    assert [state for state, after in FOLLOWING.items() if OrderState.REVIEWED in after] == [
        OrderState.RECHECKED
    ]
    assert [state for state, after in FOLLOWING.items() if OrderState.RECHECKED in after] == [
        OrderState.SUBMITTED
    ]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=30,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink a story takes longer than to read it
)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(ACTS), st.sampled_from(PEOPLE), st.sets(st.sampled_from(KEYS))), max_size=40
    )
)
def test_no_way_leads_to_closed_without_a_recheck_that_passed_and_another_reviewer(
    migrated_file: Path, steps: list[tuple[str, str, set[str]]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(migrated_file, Path(folder) / "c.sqlite")
        room = a_room(Path(folder), f"sqlite:///{Path(folder) / 'c.sqlite'}")
        try:
            desk = Desk(room)
            desk.check(some(*KEYS))
            for act, by, broken in [*_start(), *steps]:
                room.clock.forward(minutes=1)
                _try(desk, act, by, broken)
            _judge(desk)
        finally:
            room.database.close()


def _start() -> list[tuple[str, str, set[str]]]:
    """Begin where the interesting part begins: random steps alone hardly ever get there."""
    return [("triage", "bob", set()), ("dispatch", "bob", set()), ("accept", "carol", set()),
            ("start", "carol", set())]  # fmt: skip


def _try(desk: Desk, act: str, by: str, broken: set[str]) -> None:
    desk.still = keys(broken)
    until = desk.room.clock.now.date()
    try:
        if act == "check":
            desk.check(some(*broken) or [])
        elif act == "recheck":
            desk.rechecks.recheck(1, by=by)
        elif act == "waive":
            desk.waivers.request(1, by=by, reason="no", until=until)
        elif act == "approve":
            desk.waivers.approve(len(desk.waivers.list()) or 1, by=by)
        elif act == "revoke":
            desk.waivers.revoke(len(desk.waivers.list()) or 1, by=by, reason="no")
        elif act == "reassign":
            desk.orders.reassign(1, by=by, to="erin", reason="no")
        else:
            getattr(desk.orders, act)(1, by=by, **WORDS.get(act, {}))
    except (Conflict, Denied, NotFound):
        pass


def _judge(desk: Desk) -> None:
    file = desk.lists.order(1)
    assert desk.lists.verify(1).holds
    hands, passed, reviewer, state = set[str](), False, None, None
    for entry in file.log:
        if entry.act in RECTIFYING:
            hands.add(str(entry.by))
        if entry.after is OrderState.RECTIFYING:
            passed, reviewer = False, None
        if entry.act == "recheck-passed":
            passed = True
        if entry.act == "reviewed":
            reviewer = entry.by
        if entry.after is OrderState.CLOSED and state is not OrderState.CLOSED:
            assert passed
            assert reviewer is not None
            assert reviewer not in hands
            assert entry.by not in hands
            assert entry.issues == 0
        if state is OrderState.CLOSED and entry.after is not OrderState.CLOSED:
            assert (entry.act, entry.after) == ("reopened", OrderState.REOPENED) or (
                entry.act == "waiver-revoked"
            )
        state = entry.after
    is_open = [issue for issue in file.issues if issue.state == "open"]
    assert file.order.issues == len(is_open)
    if file.order.state.is_over:
        assert not is_open

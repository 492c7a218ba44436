from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.engine import engine
from catalog.organisation import People
from catalog.parties import PartnersDontGovern, UnknownParty
from catalog.quality.checking import QualityRun, RuleResult, judge
from catalog.quality.rules import CompletePeriod, Duplicates, Missing, Pattern, Permitted, Range, Rule, Step
from catalog.roles import Role, RoleDraft, Roles, SubjectKind
from catalog.store import ObjectDamaged, ObjectNotFound
from catalog.trail import Trail
from standards.library import Library
from tests.builders import NOON, Room, csv_text, fields
from tests.catalog.dumping import dump


def results(rules: list[Rule], secret: tuple[str, ...] = (), **columns: Any) -> list[RuleResult]:
    """Return what the rules say of a table with these columns."""
    with engine() as connection:
        connection.register("given", pa.table(columns))
        return list(judge(connection, "given", tuple(rules), Library.load(), secret=secret))


def result(rule: Rule, secret: tuple[str, ...] = (), **columns: Any) -> RuleResult:
    (only,) = results([rule], secret, **columns)
    return only


def figures(rule: Rule, **columns: Any) -> tuple[int, int]:
    """Return A and B of the indicator A / B."""
    found = result(rule, **columns)
    assert found.failing == found.judged - found.passing
    return found.passing, found.judged


def instants(*texts: str) -> pa.Array:
    return pa.array([t and f"2021-01-01T{t}:00Z" for t in texts]).cast(pa.timestamp("us", tz="UTC"))


def test_missing_judges_every_row() -> None:
    found = result(Missing(field="a"), a=["x", None, "", None])
    assert (found.passing, found.judged, found.passed) == (2, 4, False)
    assert found.examples == ("row 2", "row 4")
    assert found.indicator == "0201"


def test_a_range_is_inclusive_and_does_not_judge_null() -> None:
    rule = Range(field="a", minimum=Decimal(0), maximum=Decimal("2.5"))
    column = pa.array(
        [Decimal("0"), Decimal("2.5"), Decimal("-0.1"), Decimal("2.6"), None], pa.decimal128(5, 1)
    )
    assert figures(rule, a=column) == (2, 4)
    assert result(rule, a=column).examples == ("row 3, a -0.1", "row 4, a 2.6")
    assert figures(Range(field="a", minimum=Decimal("1E+2")), a=[99, 100, None]) == (1, 2)
    assert figures(Range(field="a", maximum=Decimal("-1")), a=[-1, 0]) == (1, 2)


def test_a_range_compares_exactly_beyond_what_a_double_holds() -> None:
    large = Decimal("99999999999999.999")
    column = pa.array([large, large - Decimal("0.001")], pa.decimal128(18, 3))
    assert figures(Range(field="a", maximum=large - Decimal("0.001")), a=column) == (1, 2)


def test_a_pattern_matches_the_whole_text_and_its_examples_show_no_value() -> None:
    found = result(Pattern(field="a", pattern="[0-9]{2}"), a=["12", "123", "a12", None, "", "12\n"])
    assert (found.passing, found.judged) == (1, 5)
    assert found.examples == ("row 2", "row 3", "row 5", "row 6")


def test_a_quote_in_a_pattern_is_only_a_character() -> None:
    assert figures(Pattern(field="a", pattern='it\'s|"x"'), a=["it's", '"x"', "its"]) == (2, 3)


def test_permitted_asks_the_code_list_at_one_level_or_at_all() -> None:
    codes = ["A", "01", "011", "0111", "9999", None]
    assert figures(Permitted(field="a", code_list="gbt4754"), a=codes) == (4, 5)
    assert figures(Permitted(field="a", code_list="gbt4754", level=2), a=codes) == (1, 5)
    assert result(Permitted(field="a", code_list="gbt4754"), a=codes).examples == ("row 5, a 9999",)


def test_permitted_reads_whole_numbers_as_codes() -> None:
    assert figures(Permitted(field="a", code_list="meter-calibre", level=2), a=[15, 20, 17, None]) == (2, 3)


def test_duplicates_count_all_but_the_first_of_a_key_and_null_is_a_value() -> None:
    found = result(
        Duplicates(fields=("a", "b")), a=["x", "x", None, None, "y", "x"], b=[1, 1, None, None, 1, 1]
    )
    assert (found.passing, found.judged) == (3, 6)
    assert found.examples == (
        "a x, b 1 stands 3 times, first in row 1",
        "a null, b null stands 2 times, first in row 3",
    )


def test_a_half_null_key_differs_from_a_whole_one() -> None:
    assert figures(Duplicates(fields=("a", "b")), a=["x", "x", None], b=[1, None, 1]) == (3, 3)


def test_a_complete_period_counts_series_times_steps() -> None:
    rule = CompletePeriod(time="at", step=Step.HOUR, by=("area",))
    areas = ["A", "A", "A", "B", "B", None]
    at = instants("00:00", "01:59", "01:00", "00:30", "03:00", "02:00")
    found = result(rule, area=areas, at=at)
    assert (found.passing, found.judged) == (5, 12)
    assert found.examples == (
        "area A (first in row 1), 2021-01-01 02:00:00+00 has no row",
        "area A (first in row 1), 2021-01-01 03:00:00+00 has no row",
        "area B (first in row 4), 2021-01-01 01:00:00+00 has no row",
        "area B (first in row 4), 2021-01-01 02:00:00+00 has no row",
        "area null (first in row 6), 2021-01-01 00:00:00+00 has no row",
        "area null (first in row 6), 2021-01-01 01:00:00+00 has no row",
        "area null (first in row 6), 2021-01-01 03:00:00+00 has no row",
    )


def test_a_complete_period_without_series_is_one_series() -> None:
    found = result(CompletePeriod(time="at", step=Step.HOUR), at=instants("00:00", "02:00", "02:00"))
    assert (found.passing, found.judged) == (2, 3)
    assert found.examples == ("2021-01-01 01:00:00+00 has no row",)


def test_a_complete_period_of_days_reads_dates_too() -> None:
    days = pa.array(["2021-02-27", "2021-03-01", None]).cast(pa.date32())
    found = result(CompletePeriod(time="day", step=Step.DAY), day=days)
    assert (found.passing, found.judged) == (2, 3)
    assert found.examples == ("2021-02-28 00:00:00 has no row",)


def test_rows_without_a_time_belong_to_no_step() -> None:
    rule = CompletePeriod(time="at", step=Step.HOUR, by=("area",))
    assert figures(rule, area=["A", "B"], at=instants("00:00", None)) == (1, 1)
    assert figures(rule, area=["A"], at=instants(None)) == (0, 0)


@pytest.mark.parametrize(
    "rule",
    [
        Missing(field="a"),
        Range(field="a", minimum=Decimal(0)),
        Permitted(field="a", code_list="meter-calibre"),
        Duplicates(fields=("a",)),
        CompletePeriod(time="at", step=Step.DAY, by=("a",)),
    ],
)
def test_a_table_without_rows_passes_every_rule(rule: Rule) -> None:
    found = result(rule, a=pa.array([], pa.int64()), at=instants())
    assert (found.passing, found.judged, found.passed, found.examples) == (0, 0, True, ())


@pytest.mark.parametrize(
    ("tolerance", "passed"), [("0", False), ("0.249", False), ("0.25", True), ("1", True)]
)
def test_a_rule_passes_up_to_and_including_its_tolerance(tolerance: str, passed: bool) -> None:
    found = result(Missing(field="a", tolerance=Decimal(tolerance)), a=["x", "y", "z", None])
    assert found.passed is passed
    assert found.failing == 1


def test_a_tolerance_is_compared_exactly() -> None:
    column = [None] * 3 + ["x"] * 7
    assert result(Missing(field="a", tolerance=Decimal("0.3")), a=column).passed
    assert not result(Missing(field="a", tolerance=Decimal("0.2999999999999999999")), a=column).passed


def test_the_first_ten_failures_are_shown() -> None:
    found = result(Missing(field="a"), a=["x"] + [None] * 200_000)
    assert found.examples == tuple(f"row {n}" for n in range(2, 12))


def test_fields_called_like_our_own_columns_are_no_trouble() -> None:
    names = ["n", "times", "first", "slot", "series", "present", "kept", "missing", "slots", "all"]
    columns: dict[str, Any] = {name: [5, 5, None] for name in names}
    columns["at"] = instants("00:00", "01:00", "01:00")
    for name in names:
        assert result(Missing(field=name), **columns).examples == ("row 3",)
        assert result(Range(field=name, maximum=Decimal(4)), **columns).examples[0] == f"row 1, {name} 5"
        assert result(Duplicates(fields=(name,)), **columns).examples == (
            f"{name} 5 stands 2 times, first in row 1",
        )
        period = CompletePeriod(time="at", step=Step.HOUR, by=(name,))
        assert result(period, **columns).examples == (
            f"{name} null (first in row 3), 2021-01-01 00:00:00+00 has no row",
        )


def test_secret_values_stand_in_no_example() -> None:
    names = ["张三", "张三", None, "李四"]
    shown = results(
        [
            Duplicates(fields=("name", "area")),
            CompletePeriod(time="at", step=Step.HOUR, by=("name",)),
            Permitted(field="name", code_list="tariff-class"),
            Pattern(field="name", pattern="x"),
        ],
        ("name",),
        name=names,
        area=["A", "A", "A", "B"],
        at=instants("00:00", "00:00", "00:00", "01:00"),
    )
    assert shown[0].examples == ("name (hidden), area A stands 2 times, first in row 1",)
    assert shown[1].examples[0] == "name (hidden) (first in row 1), 2021-01-01 01:00:00+00 has no row"
    assert shown[2].examples[0] == "row 1, name (hidden)"
    said = " ".join(example for found in shown for example in found.examples)
    assert "张三" not in said
    assert "李四" not in said


KEYS = st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from([1, 2, None])), max_size=30)


@given(keys=KEYS)
def test_duplicates_agree_with_counting_in_python(keys: list[tuple[str | None, int | None]]) -> None:
    table = {
        "a": pa.array([k[0] for k in keys], pa.string()),
        "b": pa.array([k[1] for k in keys], pa.int64()),
    }
    assert figures(Duplicates(fields=("a", "b")), **table) == (len(set(keys)), len(keys))


# --- the catalog's runs ---

INFLOW = [
    ["DMA-01", "2021-03-28 09:00", "1"],
    ["DMA-01", "2021-03-28 09:00", "-1"],
    ["dma", "2021-03-28 12:00", None],
]


def checked(room: Room, **changes: Any) -> QualityRun:
    room.register(key=["area", "at"], **changes)
    room.load(csv_text(["area", "at", "flow"], INFLOW))
    return room.quality.check("inflow", by="alice")


def test_rules_follow_from_elements_required_fields_and_key(room: Room) -> None:
    run = checked(
        room,
        fields=fields(
            area={"element": "area.code", "required": True},
            at={"element": "reading.observed_at", "time_zone": "Asia/Shanghai"},
            flow="reading.inflow_l_per_s",
        ),
        rules=[{"rule": "complete-period", "time": "at", "step": "hour"}],
    )
    assert {found.rule: (found.passing, found.judged) for found in run.report.rules} == {
        "missing(area)": (3, 3),
        "pattern(area)": (2, 3),
        "range(flow)": (1, 2),
        "duplicates(area, at)": (2, 3),
        "complete-period(at)": (2, 4),
    }


def test_a_declared_rule_stands_in_for_the_implied_one(room: Room) -> None:
    run = checked(room, rules=[{"rule": "range", "field": "flow", "minimum": "-5"}])
    assert [(r.rule, r.passed) for r in run.report.rules if r.rule == "range(flow)"] == [
        ("range(flow)", True)
    ]


def test_every_failed_rule_is_a_finding_with_a_name_and_a_date(room: Room) -> None:
    run = checked(room)
    assert [
        (f.rule, f.failing, f.dataset, f.version, f.responsible, f.detected_at) for f in run.findings
    ] == [
        ("pattern(area)", 1, "inflow", 1, "alice", NOON),
        ("range(flow)", 1, "inflow", 1, "alice", NOON),
        ("duplicates(area, at)", 1, "inflow", 1, "alice", NOON),
    ]
    assert run.findings[1].examples == ("row 2, flow -1.00000",)
    assert run.ran_at == NOON


def test_a_tolerated_failure_is_no_finding(room: Room) -> None:
    run = checked(room, rules=[{"rule": "range", "field": "flow", "minimum": 0, "tolerance": "0.5"}])
    assert "range(flow)" not in [finding.rule for finding in run.findings]


def test_running_again_gives_the_same_report_under_the_same_digest(room: Room) -> None:
    first = checked(room)
    room.clock.forward(days=1)
    second = room.quality.check("inflow", 1, by="alice")
    assert second.report == first.report
    assert second.report_digest == first.report_digest == first.report.report_digest()
    assert second.ran_at > first.ran_at
    assert {finding.id for finding in first.findings}.isdisjoint(finding.id for finding in second.findings)


def test_the_report_names_the_version_and_its_digest(room: Room) -> None:
    report = checked(room).report
    version = room.datasets.version("inflow")
    assert (report.subject, report.version, report.digest, report.rows) == ("inflow", 1, version.digest, 3)
    assert json.loads(json.dumps(report.document())) == report.document()


def test_the_latest_run_of_a_version_is_kept_with_its_findings(room: Room) -> None:
    assert room.quality.latest("inflow", 1) is None
    checked(room)
    second = room.quality.check("inflow", by="alice")
    assert room.quality.latest("inflow", 1) == second
    assert room.quality.latest("inflow", 2) is None


def test_names_of_customers_reach_neither_findings_nor_database(room: Room) -> None:
    room.register(
        fields=fields(number="customer.number", name="customer.name", phone="customer.phone"),
        key=["number", "name"],
        rules=[{"rule": "permitted", "field": "phone", "code_list": "tariff-class"}],
    )
    room.load("number,name,phone\n00012345678,张三丰,13912345678\n00012345678,张三丰,139\n")
    run = room.quality.check("inflow", by="alice")
    examples = {finding.rule: finding.examples for finding in run.findings}
    assert examples == {
        "pattern(phone)": ("row 2",),
        "duplicates(number, name)": ("number (hidden), name (hidden) stands 2 times, first in row 1",),
        "permitted(phone)": ("row 1, phone (hidden)", "row 2, phone (hidden)"),
    }
    dumped = dump(room)
    for secret in ("张三丰", "00012345678", "13912345678"):
        assert secret not in run.model_dump_json()
        assert secret not in dumped


def test_a_version_whose_bytes_have_changed_is_not_judged(room: Room) -> None:
    checked(room)
    room.objects()[0].chmod(0o644)
    room.objects()[0].write_bytes(room.objects()[0].read_bytes() + b" ")
    with pytest.raises(ObjectDamaged):
        room.quality.check("inflow", by="alice")


def test_a_version_whose_bytes_are_gone_cannot_be_checked(room: Room) -> None:
    checked(room)
    room.objects()[0].unlink()
    with pytest.raises(ObjectNotFound):
        room.quality.check("inflow", by="alice")
    assert len(room.quality.latest("inflow", 1).findings) == 3  # type: ignore[union-attr]


def test_a_check_names_who_checked(room: Room) -> None:
    checked(room)
    entry = Trail(room.database, room.clock).list()[-1]
    assert (entry.act, entry.subject, entry.by) == ("version-checked", "inflow", "alice")
    with pytest.raises(UnknownParty):
        room.quality.check("inflow", by="nobody")
    with pytest.raises(PartnersDontGovern):
        room.quality.check("inflow", by="partner")


def test_findings_go_to_whoever_is_steward_that_day(room: Room) -> None:
    """Named by role, else by the document, else the owner by role; a finding keeps whom it went to."""
    roles = Roles(room.database, room.clock)
    steward = RoleDraft(role=Role.STEWARD, subject_kind=SubjectKind.DATASET, subject="inflow", party="bob")
    assert {f.responsible for f in checked(room).findings} == {"alice"}
    assignment = roles.assign(steward, by="alice")
    second = room.quality.check("inflow", by="alice")
    assert {f.responsible for f in second.findings} == {"bob"}
    room.clock.forward(days=2)
    roles.end(assignment.id, by="alice")
    assert {f.responsible for f in room.quality.check("inflow", by="alice").findings} == {"alice"}
    assert room.quality.latest("inflow", 1) != second
    People(room.database, room.clock).leave("alice", by="bob")
    room.clock.forward(days=1)
    owner = steward.model_copy(update={"role": Role.OWNER})
    roles.assign(owner, by="bob")
    assert {f.responsible for f in room.quality.check("inflow", by="bob").findings} == {"bob"}

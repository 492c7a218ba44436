"""Figures of the data itself, from checks as they are really kept."""

from __future__ import annotations

from catalog.figures import Calendar, Figures, PeriodKind, Segments
from tests.builders import NOON, Room, a_dataset_document, csv_text

ROWS = [
    ("DMA-01", "2021-03-28T00:00:00Z", "1.5"),
    ("DMA-01", "2021-03-28T01:00:00Z", None),
    ("DMA-01", "2021-03-28T02:00:00Z", "2.5"),
    (None, "2021-03-28T03:00:00Z", "2.5"),
]


def test_figures_of_data_are_those_of_the_newest_check_before_the_end(room: Room) -> None:
    segments = Segments(room.database, room.store, room.clock)
    figures = Figures(room.database, room.store, segments, Calendar(), room.clock)
    document = a_dataset_document()["fields"]
    required = [field | {"required": field["name"] == "area"} for field in document]
    room.register(key=["area", "at"], source="the telemetry", fields=required)
    room.load(csv_text(["area", "at", "flow"], ROWS))
    run = room.quality.check("inflow", by="alice").report
    today = figures.report(PeriodKind.DAILY, day=NOON.date())
    (checked,) = today.quality
    assert (checked.dataset, checked.version, checked.checked_at) == ("inflow", 1, NOON)
    for figure, digits in (("completeness", "02"), ("accuracy", "03")):
        rules = [rule for rule in run.rules if rule.indicator.startswith(digits)]
        passing, judged = sum(r.passing for r in rules), sum(r.judged for r in rules)
        assert judged
        assert today.figures[figure].value == round(100 * passing / judged, 4)
    assert (today.figures["completeness"].value or 0) < 100
    coverage = today.figures["rule-coverage"]
    assert (coverage.numerator, coverage.denominator) == (len(run.rules), len(run.rules) + len(run.not_run))
    critical = [rule for rule in run.failed if rule.severity == "critical"]
    assert today.figures["usable-rate"].denominator == len(ROWS)
    assert (today.figures["usable-rate"].value == 100) is not bool(critical)

    room.clock.forward(days=1)
    room.load(csv_text(["area", "at", "flow"], [(area or "DMA-02", at, "1.0") for area, at, _ in ROWS]))
    room.quality.check("inflow", by="alice")
    assert figures.report(PeriodKind.DAILY, day=NOON.date()).quality == today.quality
    tomorrow = figures.report(PeriodKind.DAILY, day=room.clock.now.date())
    assert [each.version for each in tomorrow.quality] == [2]
    assert tomorrow.figures["completeness"].value == 100

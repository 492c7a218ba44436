"""Series: added by members, joined by documents in force, in the order of the data's first days."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.changes import GovernedKind
from catalog.datasets.models import MalformedDataset
from catalog.datasets.series import (
    MalformedSeries,
    SeriesDraft,
    SeriesExists,
    SeriesNotFound,
    SeriesRegister,
    parse_series,
)
from catalog.parties import PartnersDontGovern
from catalog.trail import Trail, TrailFilter
from standards.names import MalformedName
from tests.builders import Room, a_dataset, a_dataset_document

SURVEY: dict[str, Any] = {
    "name": "survey",
    "title": "Leak survey",
    "title_zh": "漏损普查",
    "description": "One of every year.",
}


@pytest.fixture
def series(room: Room) -> SeriesRegister:
    """Return the register of series, in which `survey` is."""
    register = SeriesRegister(room.database, room.clock)
    register.add(parse_series(SURVEY), by="alice")
    return register


def order(series: SeriesRegister) -> list[str]:
    """Return the names of the members, in their order."""
    return [member.dataset for member in series.members("survey")]


def test_a_series_is_kept_and_the_trail_knows_who_added_it(room: Room, series: SeriesRegister) -> None:
    kept = series.get("survey")
    assert (kept.title_zh, kept.added_by, kept.added_at) == ("漏损普查", "alice", room.clock.now)
    assert [each.name for each in series.list()] == ["survey"]
    assert series.members("survey") == ()
    (entry,) = [
        each for each in Trail(room.database, room.clock).list(TrailFilter()) if each.subject_kind == "series"
    ]
    assert (entry.act, entry.subject, entry.by) == ("series-added", "survey", "alice")


def test_a_name_is_given_once_by_members_and_well_formed(room: Room, series: SeriesRegister) -> None:
    with pytest.raises(SeriesExists):
        series.add(parse_series(SURVEY), by="alice")
    with pytest.raises(MalformedName):
        series.add(SeriesDraft.model_validate(SURVEY | {"name": "Leak survey"}), by="alice")
    with pytest.raises(PartnersDontGovern):
        series.add(parse_series(SURVEY | {"name": "other"}), by="partner")
    with pytest.raises(SeriesNotFound):
        series.members("other")


def test_every_fault_of_a_series_is_named() -> None:
    with pytest.raises(MalformedSeries) as refused:
        parse_series({"name": "x", "title": "  ", "title_zh": "普", "wrong": 1})
    assert [fault.pointer for fault in refused.value.faults] == ["/title", "/description", "/wrong"]


def test_a_dataset_of_an_unknown_series_is_refused_at_its_place(room: Room, series: SeriesRegister) -> None:
    with pytest.raises(MalformedDataset) as asked:
        room.changes.register(GovernedKind.DATASET, a_dataset_document(series="surveys"), by="alice")
    assert [fault.pointer for fault in asked.value.faults] == ["/series"]
    drafts = [a_dataset(name="a", series="survey"), a_dataset(name="b", series="surveys")]
    with pytest.raises(MalformedDataset) as all_asked:
        room.changes.register_all(drafts, by="alice", approved_by="bob")
    assert [fault.pointer for fault in all_asked.value.faults] == ["/1/series"]
    assert order(series) == []


def test_members_stand_by_their_first_day_then_registration_then_name(
    room: Room, series: SeriesRegister
) -> None:
    drafts = [
        a_dataset(name="survey-now", series="survey"),
        a_dataset(name="survey-also-now", series="survey", temporal={"end": "2026-02-01"}),
        a_dataset(name="survey-2024", series="survey", temporal={"begin": "2024-01-01"}),
        a_dataset(name="survey-2023", series="survey", temporal={"begin": "2023-01-01"}),
        a_dataset(name="outside"),
    ]
    room.changes.register_all(drafts, by="alice", approved_by="bob")
    assert order(series) == ["survey-2023", "survey-2024", "survey-also-now", "survey-now"]


def test_a_change_moves_a_dataset_within_a_series_and_out_of_it(room: Room, series: SeriesRegister) -> None:
    room.changes.register_all(
        [a_dataset(name=name, series="survey", temporal={"begin": day}) for name, day in
         (("one", "2021-01-01"), ("two", "2022-01-01"))],
        by="alice", approved_by="bob",
    )  # fmt: skip

    def change(**said: Any) -> None:
        asked = room.changes.change(
            GovernedKind.DATASET, a_dataset_document(name="one", **said), by="alice", reason="mend"
        )
        room.changes.approve(asked.id, by="bob")

    change(series="survey", temporal={"begin": "2023-01-01"})
    assert order(series) == ["two", "one"]
    change()
    assert order(series) == ["two"]


def test_a_period_ends_after_it_begins() -> None:
    with pytest.raises(MalformedDataset) as refused:
        a_dataset(temporal={"begin": "2023-02-01", "end": "2023-01-31"})
    assert [fault.pointer for fault in refused.value.faults] == ["/temporal"]

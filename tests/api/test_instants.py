"""Instants as people write them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.instants import BadInstant, ending, first_instant, last_instant


def test_a_day_is_its_first_or_its_last_second_in_utc() -> None:
    assert first_instant("2027-06-30") == datetime(2027, 6, 30, tzinfo=UTC)
    assert last_instant("2027-06-30") == datetime(2027, 6, 30, 23, 59, 59, tzinfo=UTC)


def test_an_instant_is_taken_with_its_offset() -> None:
    for read in (first_instant, last_instant):
        assert read("2027-06-30T18:00:00+08:00") == datetime(2027, 6, 30, 10, tzinfo=UTC)


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process stand in a time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("zone", ["Asia/Shanghai"], indirect=True)
@pytest.mark.usefixtures("zone")
def test_where_a_day_ends_at_another_hour_that_is_told_with_what_to_give_instead() -> None:
    assert last_instant("2027-06-30") == datetime(2027, 6, 30, 23, 59, 59, tzinfo=UTC)  # as anywhere
    said = ending("2027-06-30", last_instant("2027-06-30")) or ""
    assert "2027-07-01 07:59:59+08:00" in said
    assert last_instant(said.split()[-1]) == datetime(2027, 6, 30, 15, 59, 59, tzinfo=UTC)
    instant = "2027-06-30T18:00:00+09:00"
    assert ending(instant, last_instant(instant)) is None


@pytest.mark.parametrize("zone", ["UTC", "Africa/Abidjan"], indirect=True)
@pytest.mark.usefixtures("zone")
def test_where_clocks_show_utc_nothing_need_be_told_of_a_day() -> None:
    assert ending("2027-06-30", last_instant("2027-06-30")) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2027",
        "2027-02-30",
        "30.06.2027",
        "2027-06-30T18:00",
        "2027-06-30 24:30:00Z",
        "٢٠٢٧-٠٦-٣٠",
    ],
)
def test_what_names_no_instant_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadInstant) as refused:
        first_instant(text)
    assert "2027-06-30T18:00:00+08:00" in (refused.value.hint or "")


@given(st.text(max_size=40))
def test_any_text_is_an_instant_in_utc_or_refused(text: str) -> None:
    try:
        moment = last_instant(text)
    except BadInstant:
        return
    assert moment.tzinfo is UTC


@given(st.dates())
def test_every_day_begins_before_it_ends(day: object) -> None:
    assert first_instant(str(day)) < last_instant(str(day))

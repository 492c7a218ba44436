from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.engine import engine, literal
from catalog.loading.typing_columns import expectation, is_rounded, is_wrong, typed
from standards.data_elements import DataType
from standards.library import Library

ELEMENTS = {
    DataType.TEXT: "customer.name",
    DataType.INTEGER: "customer.count",
    DataType.DECIMAL: "reading.inflow_l_per_s",  # 12 digits, 5 of them decimals
    DataType.BOOLEAN: "reading.is_estimated",
    DataType.DATE: "reading.read_on",
    DataType.TIMESTAMP: "reading.observed_at",
}
WRONG = "wrong"


def value(text: str, kind: DataType, zone: str | None = None) -> tuple[str | None, bool]:
    """Return the typed value as text, or WRONG, and whether it was rounded."""
    element = Library.load().element(ELEMENTS[kind])
    query = (
        f"SELECT CAST({typed('said', element, zone)} AS VARCHAR), {is_wrong('said', element, zone)}, "
        f"{is_rounded('said', element)} FROM (SELECT {literal(text)} AS said)"
    )
    with engine() as connection:
        found, wrong, rounded = connection.execute(query).fetchall()[0]
    return (WRONG if wrong else found), rounded


@pytest.mark.parametrize(
    "text", ["a", " a ", "a\tb\n", "410102199001011234", "007", "𠀀", "'; --", '"', "\\"]
)
def test_text_is_kept_as_it_stands(text: str) -> None:
    assert value(text, DataType.TEXT) == (text, False)


@pytest.mark.parametrize("kind", list(DataType))
@pytest.mark.parametrize("text", ["", " ", "\t", "\u3000", "\u00a0 \r\n"])
def test_blank_text_is_missing_in_every_type(kind: DataType, text: str) -> None:
    assert value(text, kind, "Asia/Shanghai") == (None, False)


def test_a_nul_character_is_no_text() -> None:
    element = Library.load().element("customer.name")
    with engine() as connection:
        query = f"SELECT {is_wrong('said', element, None)} FROM (SELECT 'a' || chr(0) || 'b' AS said)"
        assert connection.execute(query).fetchall() == [(True,)]
    assert "NUL" in expectation(element, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", "12"),
        (" +12 ", "12"),
        ("-007", "-7"),
        ("12.000000000", "12"),
        ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", WRONG),
        ("1.5", WRONG),
        ("1e3", WRONG),
        ("1_000", WRONG),
        ("1,000", WRONG),
        ("0x10", WRONG),
        ("１２", WRONG),
        ("nan", WRONG),
        ("9" * 100, WRONG),
    ],
)
def test_whole_numbers(text: str, expected: str) -> None:
    assert value(text, DataType.INTEGER) == (expected, False)


@pytest.mark.parametrize(
    ("text", "expected", "rounded"),
    [
        ("1.5", "1.50000", False),
        ("\u3000.5 ", "0.50000", False),
        ("5.", "5.00000", False),
        ("-0.0", "0.00000", False),
        ("1.000005", "1.00001", True),
        ("-1.000005", "-1.00001", True),
        ("1.000004", "1.00000", True),
        ("1.0000000000000000000000001", "1.00000", True),
        ("0.30000000000000004", "0.30000", True),
        ("1.5000000000000", "1.50000", False),
        ("1e3", "1000.00000", False),
        ("1E-5", "0.00001", False),
        ("1e-6", "0.00000", True),
        ("9999999.99999", "9999999.99999", False),
        ("9999999.999999", WRONG, True),
        ("12345678", WRONG, False),
        ("1e400", WRONG, False),
        ("inf", WRONG, False),
        ("1,5", WRONG, False),
        ("1.5.1", WRONG, False),
        ("--1", WRONG, False),
        ("e5", WRONG, False),
        (".", WRONG, False),
    ],
)
def test_decimals_are_exact_and_rounding_is_told(text: str, expected: str, rounded: bool) -> None:
    found, was_rounded = value(text, DataType.DECIMAL)
    assert found == expected
    assert expected == WRONG or was_rounded == rounded


@pytest.mark.parametrize("text", ["true", "TRUE", "t", "1", "yes", " Y ", "是"])
def test_what_means_true(text: str) -> None:
    assert value(text, DataType.BOOLEAN) == ("true", False)


@pytest.mark.parametrize("text", ["false", "False", "f", "0", "no", "N", "否"])
def test_what_means_false(text: str) -> None:
    assert value(text, DataType.BOOLEAN) == ("false", False)


@pytest.mark.parametrize("text", ["2", "-1", "oui", "√", "truee", "null"])
def test_what_is_neither_true_nor_false(text: str) -> None:
    assert value(text, DataType.BOOLEAN) == (WRONG, False)


@pytest.mark.parametrize(
    "text",
    ["2021-03-08", "2021-3-8", "2021/03/08", "2021/3/8", "20210308", "2021年3月8日", "2021年03月08日",
     " 2021-03-08 ",
     "2021-03-08 00:00:00", "2021-03-08T00:00:00.000", "2021/3/8 0:00"],
)  # fmt: skip
def test_dates_in_every_usual_form(text: str) -> None:
    assert value(text, DataType.DATE) == ("2021-03-08", False)


@pytest.mark.parametrize(
    "text",
    ["2021-02-29", "2021-13-01", "21/3/8", "2021111", "202103", "08.03.2021", "3/8/2021", "2021-03-08 13:00",
     "2021-3/8", "44263", "2021-03-08Z", "12021-03-08", "-2021-03-08", "infinity", "today", "2021-03-08 x"],
)  # fmt: skip
def test_what_is_no_date_or_could_be_several(text: str) -> None:
    assert value(text, DataType.DATE) == (WRONG, False)


@pytest.mark.parametrize(
    "text",
    ["2021-03-28T01:00:00Z", "2021-03-28t01:00z", "2021-03-28 01:00:00 Z", "2021-03-28 09:00:00+0800",
     "2021-03-28 09:00:00+08", "2021-03-28T09:00:00 +08:00", "2021/3/28 9:00+08:00",
     "2021-03-27T21:30:00-03:30"],
)  # fmt: skip
@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_a_stated_offset_is_what_counts(text: str, zone: str | None) -> None:
    assert value(text, DataType.TIMESTAMP, zone) == ("2021-03-28 01:00:00+00", False)


@pytest.mark.parametrize(
    "text",
    [
        "2021-03-28T09:00:00",
        "2021-03-28 09:00",
        "2021/3/28 9:00",
        "20210328090000",
        "2021-03-28 09:00:00.000",
    ],
)
def test_a_local_time_is_read_in_the_declared_zone_and_refused_without_one(text: str) -> None:
    assert value(text, DataType.TIMESTAMP, "Asia/Shanghai") == ("2021-03-28 01:00:00+00", False)
    assert value(text, DataType.TIMESTAMP) == (WRONG, False)


def test_a_day_alone_is_its_first_moment() -> None:
    assert value("2021-03-28", DataType.TIMESTAMP, "Asia/Shanghai") == ("2021-03-27 16:00:00+00", False)


@pytest.mark.parametrize(
    "text",
    ["2021-03-28 24:00:00Z", "2021-03-28 25:00", "2021-03-28 23:60", "2021-03-28 23:59:60",
     "2021-02-30 01:00",
     "2021-03-28 01:00:00+99:00", "2021-03-28 01:00:00+15:00", "21-03-28 01:00:00Z", "2021032801000",
     "01:00:00",
     "2021-03-28 01:00:00 CET", "now", "1616893200"],
)  # fmt: skip
def test_what_is_no_instant(text: str) -> None:
    assert value(text, DataType.TIMESTAMP, "Europe/Rome") == (WRONG, False)


@pytest.mark.parametrize("text", ["2021-03-28 02:00:00", "2021-03-28 02:59:59", "20210328023000"])
def test_a_local_time_that_clocks_skip_is_no_value(text: str) -> None:
    assert value(text, DataType.TIMESTAMP, "Europe/Rome") == (WRONG, False)
    assert "exists in Europe/Rome" in expectation(
        Library.load().element("reading.observed_at"), "Europe/Rome"
    )


def test_a_local_time_that_occurs_twice_is_the_later() -> None:
    assert value("2021-10-31 01:59", DataType.TIMESTAMP, "Europe/Rome")[0] == "2021-10-30 23:59:00+00"
    assert value("2021-10-31 02:30", DataType.TIMESTAMP, "Europe/Rome")[0] == "2021-10-31 01:30:00+00"
    assert value("2021-10-31 03:00", DataType.TIMESTAMP, "Europe/Rome")[0] == "2021-10-31 02:00:00+00"


def test_digits_beyond_microseconds_are_cut_and_told() -> None:
    assert value("2021-03-28 01:00:00.123456789Z", DataType.TIMESTAMP) == (
        "2021-03-28 01:00:00.123456+00",
        True,
    )
    assert value("2021-03-28 01:00:00.123456000", DataType.TIMESTAMP, "UTC")[1] is False


@given(
    local=st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2037, 12, 31)),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Rome", "America/New_York", "Australia/Lord_Howe"]),
)
@example(dt.datetime(2021, 3, 28, 2, 30), "Europe/Rome")
@example(dt.datetime(2021, 10, 31, 2, 30), "Europe/Rome")
@example(dt.datetime(1986, 5, 4, 2, 30), "Asia/Shanghai")
def test_local_times_agree_with_python(local: dt.datetime, zone: str) -> None:
    late = local.replace(tzinfo=ZoneInfo(zone), fold=1).astimezone(dt.UTC)
    exists = late.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local
    found, _ = value(local.isoformat(), DataType.TIMESTAMP, zone)
    assert found is not None
    assert (found == WRONG) == (not exists)
    assert found == WRONG or dt.datetime.fromisoformat(found) == late

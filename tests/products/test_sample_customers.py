"""The synthetic register: marked in every row, the same every time, and every code a real one."""

from __future__ import annotations

import csv
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from products.samples.customers import (
    COLUMNS,
    DISTRICTS,
    FILE_NAME,
    LARGEST,
    ImpossibleSampleSize,
    write_customers,
)
from products.samples.trades import trades
from products.samples.written import SampleNotWritable, SampleWritten, write_csv
from standards import digests, identifiers
from standards.library import Library

LIBRARY = Library.load()
Row = dict[str, str]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> SampleWritten:
    return write_customers(tmp_path_factory.mktemp("sample") / FILE_NAME)


@pytest.fixture(scope="module")
def register(written: SampleWritten) -> list[Row]:
    return rows_of(written.path)


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_result_tells_what_was_written(written: SampleWritten, register: list[Row]) -> None:
    assert written.rows == len(register) == 2000
    assert written.digest == digests.of_file(written.path)
    assert tuple(register[0]) == COLUMNS
    assert written.synthetic
    assert written.title.startswith("SYNTHETIC")
    assert "synthetic" in FILE_NAME


def test_every_row_says_that_it_is_synthetic(register: list[Row]) -> None:
    assert {row["synthetic"] for row in register} == {"true"}


def test_the_bytes_are_the_same_on_every_python_and_machine(written: SampleWritten) -> None:
    """Pinned: released figures and the README stand on this file."""
    assert written.digest == "cba98316883ae1bbb2e7486f7a3a8a928bdcec43b52bcbfb169539b6d77edee5"


def test_another_seed_gives_another_register(tmp_path: Path) -> None:
    one = write_customers(tmp_path / "one.csv", count=50, seed=1)
    other = write_customers(tmp_path / "other.csv", count=50, seed=2)
    assert one.digest != other.digest


@settings(max_examples=20, deadline=None)
@given(smaller=st.integers(1, 40), larger=st.integers(41, 80), seed=st.integers())
def test_a_larger_count_only_adds_rows(
    tmp_path_factory: pytest.TempPathFactory, smaller: int, larger: int, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("count")
    few = write_customers(folder / "few.csv", count=smaller, seed=seed).path.read_bytes()
    many = write_customers(folder / "many.csv", count=larger, seed=seed).path.read_bytes()
    assert many.startswith(few)
    assert many.count(b"\n") == larger + 1


def test_numbers_and_credit_codes_are_unique_and_check(register: list[Row]) -> None:
    assert len({row["customer_no"] for row in register}) == len(register)
    assert len({row["credit_code"] for row in register}) == len(register)
    for row in register:
        assert identifiers.is_customer_number(row["customer_no"])
        assert uscc.is_valid(row["credit_code"])
        assert identifiers.organisation_check_character(row["credit_code"][8:16]) == row["credit_code"][16]


def test_no_credit_code_can_belong_to_a_real_organisation(register: list[Row]) -> None:
    assert {row["credit_code"][8:10] for row in register} == {"XX"}


@pytest.mark.parametrize(
    ("column", "list_id", "level"),
    [
        ("industry_code", "gbt4754", 4),
        ("district_code", "gbt2260-2101", 3),
        ("tariff_class", "tariff-class", 2),
        ("calibre_mm", "meter-calibre", 2),
        ("status", "customer-status", 2),
    ],
)
def test_every_code_is_in_its_list_at_its_level(
    register: list[Row], column: str, list_id: str, level: int
) -> None:
    permitted = {code.code for code in LIBRARY.code_list(list_id).at_level(level)}
    assert {row[column] for row in register} <= permitted


def test_no_customer_is_residential(register: list[Row]) -> None:
    tariffs = LIBRARY.code_list("tariff-class")
    assert all(
        row["tariff_class"] == "13" or tariffs.ancestor(row["tariff_class"], 1).code in "23"
        for row in register
    )


def test_districts_are_shared_out_as_declared(register: list[Row]) -> None:
    assert sum(district.weight for district in DISTRICTS) == 1000
    counts = Counter(row["district_code"] for row in register)
    assert set(counts) == {district.code for district in DISTRICTS}
    for district in DISTRICTS:
        expected = len(register) * district.weight / 1000
        assert abs(counts[district.code] - expected) < 4 * expected**0.5, district.name


def test_the_credit_code_and_the_number_agree_with_the_district(register: list[Row]) -> None:
    branches = {district.code: f"{branch:02d}" for branch, district in enumerate(DISTRICTS, start=1)}
    for row in register:
        assert row["credit_code"][2:8] == row["district_code"]
        assert row["customer_no"][:2] == branches[row["district_code"]]


def test_the_trades_are_those_of_a_city(register: list[Row]) -> None:
    industry = LIBRARY.code_list("gbt4754")
    sections = Counter(industry.ancestor(row["industry_code"], 1).code for row in register)
    assert len(sections) >= 16
    assert {section for section, _ in sections.most_common(3)} == {"F", "H", "O"}
    assert "T" not in sections


@pytest.mark.parametrize(
    ("industry_code", "words"),
    [
        ("8310", ("幼儿园",)),
        ("8321", ("小学",)),
        ("8411", ("医院",)),
        ("9223", ("派出所",)),
        ("9610", ("社区居民委员会",)),
        ("7010", ("有限公司", "有限责任公司", "股份有限公司")),
        ("5251", ("药房", "药店")),
    ],
)
def test_the_name_fits_the_industry(register: list[Row], industry_code: str, words: tuple[str, ...]) -> None:
    names = [row["customer_name"] for row in register if row["industry_code"] == industry_code]
    assert names
    assert all(name.endswith(words) for name in names)


def test_names_start_with_a_place_and_keep_no_gap_unfilled(register: list[Row]) -> None:
    for row in register:
        assert row["customer_name"].startswith(("沈阳", "辽宁", "新民市"))
        assert not set(row["customer_name"]) & set("{}|")
        assert len(row["customer_name"]) <= (LIBRARY.element("customer.name").max_length or 0)


def test_hardly_any_name_comes_twice(register: list[Row]) -> None:
    assert len({row["customer_name"] for row in register}) > 0.99 * len(register)


def test_volumes_are_exact_decimals_that_follow_size_and_status(register: list[Row]) -> None:
    for row in register:
        volume = Decimal(row["annual_volume_m3"])
        assert volume == volume.quantize(Decimal("0.1"))
        assert volume >= 0
        assert (volume == 0) <= (row["status"] in ("11", "31") or volume < 1)
    active = [row for row in register if row["status"] == "21"]
    assert 0.9 < len(active) / len(register) < 0.96

    def median(calibre_mm: str) -> Decimal:
        volumes = sorted(
            Decimal(row["annual_volume_m3"]) for row in active if row["calibre_mm"] == calibre_mm
        )
        return volumes[len(volumes) // 2]

    medians = [median(calibre) for calibre in ("15", "20", "25", "40", "50", "80", "100")]
    assert medians == sorted(medians)
    assert medians[-1] > 100 * medians[0]


def test_accounts_were_opened_in_the_past(register: list[Row]) -> None:
    opened = [date.fromisoformat(row["opened_on"]) for row in register]
    assert min(opened) >= date(1992, 1, 1)
    assert max(opened) <= date(2021, 12, 31)


def test_the_trades_name_real_classes_and_tariffs() -> None:
    industry, tariffs = LIBRARY.code_list("gbt4754"), LIBRARY.code_list("tariff-class")
    codes = [trade.industry_code for trade in trades()]
    assert codes == sorted(set(codes))
    for trade in trades():
        assert industry.get(trade.industry_code).level == 4
        assert tariffs.get(trade.tariff_class).level == 2
        assert trade.weight > 0
        assert trade.median_m3 > 0
        assert 0 < trade.sigma < 1.5
        assert all(trade.names)


def test_memory_does_not_grow_with_the_count(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            write_customers(tmp_path / f"{count}.csv", count=count)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # the trades are read and kept once
    assert peak(8000) < peak(200) + 300_000


@pytest.mark.parametrize("count", [0, -1, LARGEST + 1])
def test_an_impossible_count_is_refused_and_writes_nothing(tmp_path: Path, count: int) -> None:
    with pytest.raises(ImpossibleSampleSize, match=str(count)):
        write_customers(tmp_path / "c.csv", count=count)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_refused_with_the_way_to_mend_it(tmp_path: Path) -> None:
    with pytest.raises(SampleNotWritable, match="does not exist") as caught:
        write_customers(tmp_path / "gone" / "c.csv", count=1)
    assert caught.value.hint is not None
    assert "mkdir" in caught.value.hint


@pytest.mark.parametrize("name", ["folder", "n" * 300])
def test_a_place_that_takes_no_file_is_refused_and_stays_clean(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(SampleNotWritable, match="can't be written"):
        write_customers(tmp_path / name, count=1)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_failure_midway_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("old", encoding="utf-8")

    def rows() -> Iterator[tuple[str]]:
        yield ("1",)
        raise RuntimeError("midway")

    with pytest.raises(RuntimeError, match="midway"):
        write_csv(path, ("a",), rows())
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]

"""A synthetic city: what was planted is found, nothing else is, and the same seed gives the same bytes."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import stdnum.cn.ric
import stdnum.cn.uscc
import stdnum.luhn
import yaml

from catalog.datasets.models import DatasetDraft
from catalog.engine import engine
from catalog.organisation import parse_units, read_units
from catalog.organisation.units import require_tree
from products.samples.city.datasets import ALL
from products.samples.city.defects import ABSENT, IN_BLOCKS, IN_REGISTERS
from products.samples.city.naming import addresses
from products.samples.city.parts import AS_OF, Block, City
from products.samples.city.planting import LEAST
from products.samples.city.writing import SMALLEST, CityWritten, write_city
from products.samples.customers import ImpossibleSampleSize
from products.samples.written import SampleNotWritable
from standards import digests
from tests.products.samples.cities import (
    JUDGED,
    LIBRARY,
    RULES,
    found_in,
    judged_rules,
    planted_in,
)

CUSTOMERS, SEED = 3_000, 7
STATISTICAL = {"q34-volume-outlier", "q166-volume-peer-outlier"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> CityWritten:
    """Return a city with defects."""
    return write_city(tmp_path_factory.mktemp("city"), CUSTOMERS, SEED)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> CityWritten:
    """Return a city without."""
    return write_city(tmp_path_factory.mktemp("clean"), CUSTOMERS, SEED, rate=0)


def test_every_planted_defect_is_found_and_nothing_else(written: CityWritten) -> None:
    found = {each for each in found_in(written.folder, AS_OF) if each[0] not in STATISTICAL}
    planted = planted_in(written.folder)
    assert sorted(planted - found, key=str) == []
    assert sorted(found - planted, key=str) == []


def test_a_clean_city_has_no_findings_even_of_statistical_rules(clean: CityWritten) -> None:
    assert clean.planted == 0
    assert found_in(clean.folder, AS_OF) == set()


def test_what_is_billed_and_not_read_is_planted(written: CityWritten, clean: CityWritten) -> None:
    """The sums of each card, asked of the database itself."""
    planted = pq.read_table(written.list_of_planted).to_pylist()
    expected = {each["key"] for each in planted if each["rule"] == "q202-billed-as-read"}
    assert _apart(written.folder) == expected
    assert len(expected) > LEAST
    assert _apart(clean.folder) == set()


def _apart(folder: Path) -> set[str]:
    sums = (
        f"(SELECT account_no AS a, sum(volume_m3) AS v FROM '{folder}/{name}-synthetic.parquet' GROUP BY 1)"
        for name in ("bills", "readings")
    )
    query = "SELECT coalesce(b.a, r.a) FROM {} b FULL JOIN {} r USING (a) WHERE b.v IS DISTINCT FROM r.v"
    with engine() as connection:
        return {key for (key,) in connection.execute(query.format(*sums)).fetchall()}


def test_every_rule_is_planted_or_says_why_not() -> None:
    planted = [defect.rule for defect in (*IN_BLOCKS, *IN_REGISTERS)]
    assert [rule for rule, count in Counter(planted).items() if count > 1] == []
    assert set(planted) | set(ABSENT) == {rule.id for rule in RULES}
    assert not set(planted) & set(ABSENT)


def test_every_planted_rule_is_there_as_often_as_declared(written: CityWritten) -> None:
    rows = pq.read_table(written.folder / "planted-synthetic.parquet")["rule"].to_pylist()
    counts = Counter(rows)
    assert {d.rule: counts[d.rule] for d in (*IN_BLOCKS, *IN_REGISTERS) if counts[d.rule] < LEAST} == {}
    assert set(counts) <= {rule.id for rule in RULES}


def test_every_planted_rule_that_the_engine_judges_is_judged(written: CityWritten) -> None:
    expected = {d.rule for d in (*IN_BLOCKS, *IN_REGISTERS)} & {r.id for r in RULES if r.check in JUDGED}
    assert expected - judged_rules(written.folder, AS_OF) == set()


def test_blocks_make_no_difference_to_what_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("products.samples.city.writing.BLOCK", 1_700)
    write_city(tmp_path, 4_000, 11)
    found = {each for each in found_in(tmp_path, AS_OF) if each[0] not in STATISTICAL}
    assert found == planted_in(tmp_path)


def test_addresses_are_given_once_in_a_large_city(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("products.samples.city.layout.LARGEST_BOOK", 40)
    found = addresses(Block(City(SEED, 60_000), np.arange(60_000)))
    assert len(found.unique()) == 60_000


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("products.samples.city.writing.BLOCK", 300)
    for name, threads, seed in (("one", 1, 5), ("three", 3, 5), ("other", 1, 6)):
        write_city(tmp_path / name, 1_000, seed, threads=threads)
    digest = {
        name: {path.name: digests.of_file(path) for path in sorted((tmp_path / name).iterdir())}
        for name in ("one", "three", "other")
    }
    assert digest["one"] == digest["three"]
    assert digest["one"]["readings-synthetic.parquet"] != digest["other"]["readings-synthetic.parquet"]


def test_codes_are_what_the_standards_say(clean: CityWritten) -> None:
    table = pq.read_table(clean.folder / "customers-synthetic.parquet")
    identities = [each for each in table["resident_id"].to_pylist() if each]
    assert len(identities) == len(set(identities)) > 2_500
    assert all(
        stdnum.cn.ric.calc_check_digit(each) == each[17] and each[14:17] == "000" for each in identities
    )
    codes = [each for each in table["credit_code"].to_pylist() if each]
    assert all(stdnum.cn.uscc.is_valid(each) and each[8:10] == "XX" for each in codes)
    assert len(codes) == len(set(codes)) > 100
    cards = pq.read_table(clean.folder / "account-cards-synthetic.parquet")["bank_card"].to_pylist()
    assert all(stdnum.luhn.is_valid(each) for each in cards if each)
    for name, column, rule in (
        ("customers", "customer_no", "customer-number-rule"),
        ("meters", "meter_no", "meter-number-rule"),
        ("meter-books", "book_no", "meter-book-number-rule"),
        ("bills", "bill_no", "bill-number-rule"),
    ):
        numbers = pq.read_table(clean.folder / f"{name}-synthetic.parquet")[column].to_pylist()
        assert [each for each in numbers if LIBRARY.coding_rule(rule).fault(each)] == []


def test_values_fit_their_data_elements(clean: CityWritten) -> None:
    for dataset in ALL:
        table = pq.read_table(clean.folder / dataset.file_name)
        assert tuple(table.column_names) == tuple(name for name, _ in dataset.fields)
        for name, element in dataset.fields:
            longest = LIBRARY.element(element).max_length
            if longest is not None:
                assert all(len(each) <= longest for each in table[name].to_pylist() if each is not None), (
                    element
                )


def test_the_city_says_that_it_is_synthetic_and_can_be_registered(clean: CityWritten) -> None:
    for dataset in ALL:
        assert set(pq.read_table(clean.folder / dataset.file_name)["synthetic"].to_pylist()) == {True}
        said = yaml.safe_load((clean.folder / f"{dataset.name}.dataset.yaml").read_text("utf-8"))
        draft = DatasetDraft.model_validate(said)
        assert draft.synthetic
        assert "SYNTHETIC" in draft.title
        assert "合成" in str(draft.title_zh)
    assert "SYNTHETIC" in (clean.folder / "README-synthetic.md").read_text("utf-8")
    rows = pq.read_table(clean.folder / "readings-synthetic.parquet")
    assert {"31", "32"} <= set(rows["reading_type"].to_pylist())
    assert any(rows["is_rollover"].to_pylist())
    assert any(rows["is_estimated"].to_pylist())


def test_the_organisation_is_a_tree_that_can_be_imported(clean: CityWritten, tmp_path: Path) -> None:
    path = clean.folder / "organisation-synthetic.csv"
    units = parse_units(read_units(path, tmp_path), where=path.name)
    require_tree(units, {}, path.name)
    assert {str(unit.kind) for unit in units} >= {
        "group",
        "branch",
        "office",
        "pump-station",
        "community",
        "meter-book",
    }
    with (clean.folder / "people-synthetic.csv").open(encoding="utf-8") as stream:
        people = list(csv.DictReader(stream))
    assert {each["unit"] for each in people} <= {unit.code for unit in units}
    readers = set(pq.read_table(clean.folder / "meter-books-synthetic.parquet")["reader"].to_pylist())
    assert {each["party"] for each in people if each["duty"] == "reader"} == {
        each.lower() for each in readers
    }


def test_a_city_that_is_not_finished_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_city(tmp_path, SMALLEST, 3)
    before = {path.name: digests.of_file(path) for path in tmp_path.iterdir()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("products.samples.city.writing._write_texts", full)
    with pytest.raises(SampleNotWritable, match="No space left"):
        write_city(tmp_path, SMALLEST, 4)
    assert {path.name: digests.of_file(path) for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("on", [date(2024, 2, 29), date(2027, 1, 31)])
def test_a_city_can_be_seen_on_another_day(tmp_path: Path, on: date) -> None:
    write_city(tmp_path, SMALLEST, 3, as_of=on)
    assert {each for each in found_in(tmp_path, on) if each[0] not in STATISTICAL} == planted_in(tmp_path)


@pytest.mark.parametrize(
    ("customers", "rate"), [(SMALLEST - 1, 0.001), (4_000_001, 0.001), (1_000, 0.5), (1_000, -1)]
)
def test_a_city_of_an_impossible_size_is_refused(tmp_path: Path, customers: int, rate: float) -> None:
    with pytest.raises(ImpossibleSampleSize):
        write_city(tmp_path / "city", customers, SEED, rate=rate)
    assert not (tmp_path / "city").exists()

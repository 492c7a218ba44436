"""What is said of one record is what a full run says of that row; what it can't say it says so of."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from catalog.engine import engine, read_parquet
from catalog.quality.compiling.sheet import ROW, Sheet
from catalog.quality.neighbours import neighbours
from catalog.quality.records.checking import RecordChecks
from catalog.quality.records.models import (
    MOST_RECORDS,
    Answer,
    TooManyRecords,
    UnknownField,
    UnreadableValue,
)
from catalog.quality.rulebook import rulebook, view_name
from catalog.quality.running import judge, view_of
from catalog.table_types import text_rows
from tests.builders import Room, a_dataset, fields
from tests.catalog.quality.records.cities import LoadedCity, a_city

DATASETS = [
    "city-customers", "city-account-cards", "city-meters", "city-readings", "city-bills", "city-meter-books",
    "city-contracts", "city-units",
]  # fmt: skip
ROWS_ASKED = 60


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[LoadedCity]:
    """Yield a city that tests only read."""
    folder = tmp_path_factory.mktemp("city")
    made = a_city(folder, f"sqlite:///{shutil.copy(migrated_file, folder / 'catalog.sqlite')}")
    yield made
    made.room.database.close()


def by_a_full_run(city: LoadedCity, name: str) -> dict[str, dict[int, bool]]:
    """Return by rule and row whether it passed, as all rows are judged at once."""
    room, draft = city.room, city.room.datasets.get(name).document
    with room.database.read() as session:
        beside = neighbours(session, draft, room.library)
    today = room.clock().date()
    book = rulebook(draft, [each.shape for each in beside.values()], room.library, today)
    with engine() as connection:
        connection.execute(view_of(read_parquet(city.path(name))))
        for other in beside:
            connection.execute(f"CREATE VIEW {view_name(other)} AS FROM {read_parquet(city.path(other))}")
        judged = [rule for rule in book.rules if rule.kind.family != "dataset"]
        found = judge(connection, judged, Sheet(room.library, today, dict(book.beside)), ROW)
    return {
        each.rule.id: {
            int(row): not of.failing for row, of in each.by_organisation.items() if row is not None
        }
        for each in found
    }


def records_of(city: LoadedCity, name: str) -> list[dict[str, Any]]:
    table = pq.read_table(city.path(name))
    return [dict(zip(table.column_names, row, strict=True)) for row in text_rows(table)]


@pytest.mark.parametrize("name", DATASETS)
def test_the_answer_is_that_of_a_full_run(city: LoadedCity, name: str) -> None:
    expected, records = by_a_full_run(city, name), records_of(city, name)
    failing = sorted({row for rows in expected.values() for row, passed in rows.items() if not passed})
    chance = random.Random(5)
    asked = set(chance.sample(failing, min(ROWS_ASKED, len(failing))))
    asked |= set(chance.sample(range(len(records)), min(ROWS_ASKED, len(records))))
    rows = sorted(asked)
    said = city.checks.check(name, [records[row] for row in rows])
    decidable = {rule.rule for rule in said.rules if rule.undecidable is None}
    assert len(decidable) >= 3
    for row, record in zip(rows, said.records, strict=True):
        assert record.wrong == ()
        for rule in decidable:
            passed = expected[rule].get(row)
            wanted = {None: Answer.DOES_NOT_APPLY, True: Answer.PASSED, False: Answer.FAILED}[passed]
            assert record.answers[rule] == wanted, (rule, row, records[row])
    one = city.checks.check(name, [records[rows[0]]])
    assert one.records[0].answers == said.records[0].answers


def test_a_value_that_is_none_is_told_and_its_rules_are_not_decided(city: LoadedCity) -> None:
    record = records_of(city, "city-customers")[0] | {"opened_on": "soon"}
    (said,) = city.checks.check("city-customers", [record]).records
    assert [each.field for each in said.wrong] == ["opened_on"]
    assert not said.passed
    assert said.answers["q54-opened-not-in-future"] is Answer.UNDECIDABLE
    assert said.answers["q01-customer-number-form"] is Answer.PASSED


def test_values_may_be_numbers_and_marks(city: LoadedCity) -> None:
    record: dict[str, Any] = records_of(city, "city-customers")[0]
    typed = record | {"longitude": float(record["longitude"]), "synthetic": True}
    both = city.checks.check("city-customers", [record, typed]).records
    assert both[0].answers == both[1].answers
    assert both[1].wrong == ()


def test_rules_over_other_rows_say_that_they_cannot_be_decided(city: LoadedCity) -> None:
    said = city.checks.check("city-customers", [{"customer_no": "1"}])
    reasons = {rule.rule: rule.undecidable for rule in said.rules}
    assert reasons["q02-customer-number-unique"] is not None
    assert said.records[0].answers["q02-customer-number-unique"] is Answer.UNDECIDABLE
    assert said.records[0].answers["q01-customer-number-form"] is Answer.FAILED
    assert not said.records[0].passed


def test_what_is_no_record_of_the_dataset_is_refused(city: LoadedCity) -> None:
    with pytest.raises(UnknownField) as unknown:
        city.checks.check("city-customers", [{}, {"colour": "red"}])
    assert [each.pointer for each in unknown.value.faults] == ["/records/1/colour"]
    for count in (0, MOST_RECORDS + 1):
        with pytest.raises(TooManyRecords):
            city.checks.check("city-customers", [{}] * count)
    for text in ("a\x00b", "a\ud800b"):
        with pytest.raises(UnreadableValue):
            city.checks.check("city-customers", [{"customer_no": text}])


def test_a_quote_in_a_value_is_a_quote(city: LoadedCity) -> None:
    (said,) = city.checks.check("city-customers", [{"customer_name": "O'Brien'); DROP TABLE x; --"}]).records
    assert said.wrong == ()


def test_many_threads_get_the_answers_of_one(city: LoadedCity) -> None:
    records = records_of(city, "city-account-cards")[:24]
    expected = [city.checks.check("city-account-cards", [each]).records[0].answers for each in records]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda each: city.checks.check("city-account-cards", [each]), records))
    assert [each.records[0].answers for each in found] == expected


def test_the_answer_follows_what_is_loaded(room: Room) -> None:
    """A reference is looked up in the newest version, however often it was asked before."""
    units = fields(code="organisation.code", level="organisation.level")
    room.enter(a_dataset(name="units", fields=units, key=["code"]))
    room.enter(a_dataset(name="people", fields=fields(number="customer.number", office="customer.office")))
    room.load("code,level\nA1,office\n", "units")
    checks = RecordChecks(room.database, room.datasets, room.store, room.library, room.clock)
    rule = "q70-customer-office-exists"
    ask = [{"office": "A1"}, {"office": "B2"}]
    first = checks.check("people", ask)
    assert [each.answers[rule] for each in first.records] == [Answer.PASSED, Answer.FAILED]
    room.load("code,level\nB2,office\n", "units")
    second = checks.check("people", ask)
    assert [each.answers[rule] for each in second.records] == [Answer.FAILED, Answer.PASSED]

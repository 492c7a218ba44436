"""The synthetic city through the catalog: registered, loaded and checked as a utility does it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from catalog.datasets.models import parse_draft
from products.samples.city.datasets import ALL, Dataset
from products.samples.city.defects import ABSENT
from products.samples.city.parts import AS_OF
from products.samples.city.writing import write_city
from tests.builders import Room, a_room
from tests.products.samples.cities import RULES, planted_in

CUSTOMERS, SEED = 3_000, 7
BILLED_AS_READ = "q202-billed-as-read"
"""What is planted among bills or readings shows where the two are compared."""
STATISTICAL = {"q34-volume-outlier", "q166-volume-peer-outlier"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a city with defects."""
    folder = tmp_path_factory.mktemp("city")
    write_city(folder, CUSTOMERS, SEED)
    return folder


@pytest.fixture(scope="module")
def room(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Room:
    """Return a catalog that has the city, on the day it is seen."""
    room = a_room(tmp_path_factory.mktemp("home"))
    room.clock.forward(days=(datetime.combine(AS_OF, time(12), UTC) - room.clock()).days)
    people = {"owner": "alice", "steward": "alice", "organisation": "water-group"}
    room.enter(*(parse_draft(each.document(SEED, CUSTOMERS) | people, where=each.name) for each in ALL))
    for each in ALL:
        room.load(folder / each.file_name, dataset=_name(each))
    return room


def _apart(folder: Path) -> set[str]:
    """Return the account cards that were planted to have other sums billed than read."""
    rows = pq.read_table(folder / "planted-synthetic.parquet").to_pylist()
    return {row["key"] for row in rows if row["rule"] == BILLED_AS_READ}


def _name(dataset: Dataset) -> str:
    return f"city-{dataset.name}"


def test_a_check_finds_every_planted_defect_and_nothing_else(room: Room, folder: Path) -> None:
    library = {rule.id for rule in RULES}
    planted = {(rule, dataset, key) for rule, dataset, _, key in planted_in(folder)}
    found = set()
    for dataset in ALL:
        run = room.quality.check(_name(dataset), by="alice")
        assert run.report.not_run == ()
        broken = {key for _, name, key in planted if name == dataset.name}
        for row in room.quality.findings(run.id).to_pylist():
            key = "|".join(part or "" for part in json.loads(row["object"]))
            if row["rule"] in library:
                found.add((row["rule"], dataset.name, key))
            else:  # what elements and key imply breaks where something was planted, and nowhere else
                assert key in broken, row
    undecided = {*STATISTICAL, BILLED_AS_READ, *ABSENT}  # of those, ABSENT says why nothing can be planted
    decided = {each for each in found if each[0] not in undecided}
    assert {key for rule, _, key in found if rule == BILLED_AS_READ} == _apart(folder)
    assert sorted(planted - found) == []
    assert sorted(decided - planted) == []


def test_every_rule_of_the_library_is_run_on_the_city_or_says_why_not(room: Room) -> None:
    books = [room.quality.rules(_name(dataset)) for dataset in ALL]
    ran = {rule.id for book in books for rule in book.rules}
    told = {each.rule for book in books for each in book.left_out}
    speak = {rule.id for rule in RULES if not rule.scope or _is_in_the_city(rule.scope[0])}
    assert speak <= ran | told
    assert {each.reason for book in books for each in book.left_out if each.rule not in ran} == set()


def _is_in_the_city(element: str) -> bool:
    return any(element == known for dataset in ALL for _, known in dataset.fields)


def test_failing_rows_are_counted_by_unit_and_named_with_who_recorded_them(room: Room) -> None:
    run = room.quality.latest("city-readings", 1) or room.quality.check("city-readings", by="alice")
    rows = [row for row in room.quality.findings(run.id).to_pylist() if row["row"] is not None]
    assert rows
    assert {len(row["organisation"]) for row in rows if row["organisation"]} == {8}
    assert all(row["answerable"][0] == "r" for row in rows if row["answerable"])
    assert sum(row["answerable"] is not None for row in rows) > len(rows) // 2

"""Real data through the catalog: 218,067 customer-months of a Californian utility, 2014-01 to 2016-09.

It has repeated keys, months that are nearly missing, and one absurd reading. Its volumes are in hundreds of
cubic feet; readings are bound to cubic metres, so they are converted as they come.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from catalog.engine import engine, literal
from catalog.quality.reports import QualityRun
from tests.builders import Room, a_room, fields

REPEATED = 16_954
UNIQUE = "duplicates(account, cycle, cust_class)"
ONCE_A_CYCLE, OUTLIER = "q30-one-reading-a-cycle", "q34-volume-outlier"
FIELDS = fields(
    account="reading.account_number", cycle="reading.cycle", read_on="reading.read_on",
    volume_m3="reading.volume_m3", type="reading.type", cust_class="reading.remark",
)  # fmt: skip


@pytest.fixture(scope="module")
def source(reference_data: Path) -> Path:
    """Return the file of the utility; it is not part of the project."""
    path = reference_data / "water_santamonica" / "santamonica_monthly.csv.gz"
    if not path.is_file():
        pytest.skip("SHUIZE_REFERENCE_DATA holds no water_santamonica")
    return path


def asked(source: Path, query: str) -> list[tuple[Any, ...]]:
    """Return what a query says of the file itself, `source`."""
    with engine() as connection:
        said = f"read_csv({literal(str(source))}, types = {{'cust_id': 'VARCHAR'}})"
        connection.execute(f"CREATE VIEW source AS SELECT * FROM {said}")
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def room(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Room:
    """Return a catalog with the readings; all are taken for readings on the spot."""
    room = a_room(tmp_path_factory.mktemp("home"))
    room.register(
        name="readings", fields=FIELDS, key=["account", "cycle", "cust_class"], source="City of Santa Monica"
    )
    columns = (
        "cust_id AS account, strftime(usage_date, '%Y-%m') AS cycle, usage_date AS read_on, "
        "CAST(usage_ccf * 2.8317 AS DECIMAL(18, 3)) AS volume_m3, '11' AS type, "
        "cust_class"
    )
    converted = room.folder / "readings.csv"
    asked(source, f"COPY (SELECT {columns} FROM source) TO {literal(str(converted))}")
    room.load(converted, dataset="readings")
    return room


@pytest.fixture(scope="module")
def run(room: Room) -> QualityRun:
    """Return what a check said of the readings."""
    return room.quality.check("readings", by="alice")


def objects(room: Room, run: QualityRun, rule: str) -> list[list[str]]:
    """Return the keys of what a rule found."""
    table = room.quality.findings(run.id).to_pylist()
    return [json.loads(row["object"]) for row in table if row["rule"] == rule]


def test_every_repeated_key_is_found_once(room: Room, run: QualityRun, source: Path) -> None:
    found = objects(room, run, UNIQUE)
    key = "cust_id, strftime(usage_date, '%Y-%m'), cust_class"
    repeated = asked(source, f"SELECT {key} FROM source GROUP BY ALL HAVING count(*) > 1")
    assert {tuple(key) for key in found} == set(repeated)
    (result,) = [each for each in run.report.rules if each.rule == UNIQUE]
    assert result.judged == run.report.rows == 218_067
    assert result.failing == REPEATED


def test_the_months_that_are_nearly_missing_are_found(room: Room, run: QualityRun, source: Path) -> None:
    missing = Counter(cycle for _, cycle in objects(room, run, ONCE_A_CYCLE))
    there = dict(
        asked(source, "SELECT strftime(usage_date, '%Y-%m'), count(DISTINCT cust_id) FROM source GROUP BY 1")
    )
    ((accounts,),) = asked(source, "SELECT count(DISTINCT cust_id) FROM source")
    assert dict(missing) == {cycle: accounts - count for cycle, count in there.items()}
    assert missing.most_common(1) == [("2015-07", accounts - there["2015-07"])]
    assert there["2015-07"] < 0.01 * accounts


def test_the_absurd_reading_is_told_from_its_own_history(room: Room, run: QualityRun) -> None:
    assert OUTLIER not in {each.rule for each in run.report.not_run}
    found = objects(room, run, OUTLIER)
    assert ["26675", "2015-05", "RESIDENTIAL_MULTI"] in found
    (result,) = [each for each in run.report.rules if each.rule == OUTLIER]
    assert result.failing < 0.01 * result.judged  # and few others with it

"""Two versions side by side: what changed is told, what chance did is not, and nobody's value is shown."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.changes import GovernedKind
from catalog.datasets.models import DatasetNotFound, VersionNotFound
from catalog.drift import comparing
from catalog.drift.comparing import Side
from catalog.drift.models import FieldChange, VersionDrift
from catalog.drift.register import SameVersion
from catalog.engine import engine
from tests.builders import Room, a_dataset_document, csv_text, fields
from tests.catalog.sensing.people import mobiles

Columns = dict[str, list[Any]]


def drift(folder: Path, before: Columns, after: Columns, *secret: str) -> VersionDrift:
    sides = []
    for number, columns in enumerate((before, after), start=1):
        path = folder / f"{number}.parquet"
        pq.write_table(pa.table(columns), path)
        sides.append(Side(number, path, dict.fromkeys(columns, "usage.index")))
    with engine() as connection:
        return comparing.compare(connection, "d", *sides, secret)


def said(found: VersionDrift) -> list[str]:
    return [f"{warning.field}: {warning.what}" for warning in found.warnings]


def numbers(count: int, seed: int, shift: float = 0) -> list[Decimal]:
    draw = Random(seed)
    return [Decimal(f"{draw.gauss(100 + shift, 10):.3f}") for _ in range(count)]


def test_the_same_rows_do_not_drift(tmp_path: Path) -> None:
    rows: Columns = {"a": ["x", "y", None] * 40, "n": list(range(120)), "t": [dt.date(2021, 1, 1)] * 120}
    found = drift(tmp_path, rows, rows)
    assert found.warnings == ()
    assert [field.psi for field in found.fields] == [0, 0, None]
    assert {field.change for field in found.fields} == {FieldChange.KEPT}


def test_text_of_many_values_that_became_one_is_told_without_an_index(tmp_path: Path) -> None:
    before: Columns = {"v": [f"remark {n}" for n in range(500)]}
    found = drift(tmp_path, before, {"v": [f"note {n}" for n in range(500)]})
    assert (found.fields[0].psi, found.fields[0].psi_chance, found.warnings) == (None, None, ())
    found = drift(tmp_path, before, {"v": ["unknown"] * 400 + [f"remark {n}" for n in range(100)]})
    assert said(found) == [
        "v: its 500 values were 500 different ones, and 500 are 101",
        "v: its most frequent value was 0.2% of them and is 80.0%",
    ]


@pytest.mark.parametrize("count", [20, 100, 5_000])
def test_two_samples_of_one_population_do_not_drift(tmp_path: Path, count: int) -> None:
    draw = Random(count)
    before, after = (
        {
            "n": numbers(count, seed), "c": draw.choices("abcdef", k=count),
            "i": draw.choices(range(30), k=count), "t": [f"{draw.random()}" for _ in range(count)],
        }
        for seed in (1, 2)
    )  # fmt: skip
    assert said(drift(tmp_path, before, after)) == []


def test_a_shifted_mean_drifts(tmp_path: Path) -> None:
    found = drift(tmp_path, {"n": numbers(2_000, 1)}, {"n": numbers(2_000, 2, shift=10)})
    (text,) = said(found)
    assert text.startswith("n: its values are spread otherwise than before (stability index 0.")
    assert found.fields[0].psi > 0.25


def test_a_new_category_drifts_and_is_named(tmp_path: Path) -> None:
    found = drift(tmp_path, {"c": ["a", "b"] * 500}, {"c": ["a", "b"] * 450 + ["c"] * 50 + ["a"] * 50})
    assert said(found) == ["c: 5.0% of its values were never there before: c"]
    assert (found.fields[0].new_values, found.fields[0].gone_values) == (("c",), ())


def test_nothing_in_common_drifts(tmp_path: Path) -> None:
    found = drift(tmp_path, {"c": ["a", "b"] * 50}, {"c": ["x", "y"] * 50})
    spread, new = said(found)
    assert "spread otherwise" in spread
    assert new == "c: 100.0% of its values were never there before: x, y"
    assert found.fields[0].gone_values == ("a", "b")


def test_nulls_that_double_drift(tmp_path: Path) -> None:
    found = drift(tmp_path, {"n": [None] * 100 + [1] * 1900}, {"n": [None] * 200 + [1] * 1800})
    assert said(found) == ["n: 5.0% of its values were missing and 10.0% are"]


def test_a_column_that_became_empty_drifts_by_its_nulls_alone(tmp_path: Path) -> None:
    nothing = pa.array([None] * 100, pa.int64())
    found = drift(tmp_path, {"n": list(range(100))}, {"n": nothing})
    assert said(found) == ["n: 0.0% of its values were missing and 100.0% are"]
    assert found.fields[0].psi is None
    assert drift(tmp_path, {"n": nothing}, {"n": nothing}).warnings == ()


def test_a_column_that_became_constant_drifts(tmp_path: Path) -> None:
    assert len(said(drift(tmp_path, {"n": list(range(1000))}, {"n": [5] * 1000}))) == 1
    assert said(drift(tmp_path, {"n": [5] * 1000}, {"n": [5] * 900})) == []
    assert len(said(drift(tmp_path, {"n": [5] * 1000}, {"n": [6] * 1000}))) == 2


def test_times_move_on_without_drift_and_not_back(tmp_path: Path) -> None:
    def hours(month: int) -> list[dt.datetime]:
        first = dt.datetime(2021, month, 1, tzinfo=dt.UTC)
        return [first + dt.timedelta(hours=n) for n in range(500)]

    assert said(drift(tmp_path, {"t": hours(1)}, {"t": hours(2)})) == []
    assert said(drift(tmp_path, {"t": hours(2)}, {"t": hours(1)})) == [
        "t: its last value is earlier than before (2021-01-21T19:00:00Z, it was 2021-02-21T19:00:00Z)"
    ]


def test_rows_and_fields_that_come_and_go(tmp_path: Path) -> None:
    found = drift(tmp_path, {"a": [1] * 10, "b": ["x"] * 10}, {"a": [1] * 30, "c": ["x"] * 30})
    assert said(found) == [
        "None: 10 rows became 30", "c: the field was added", "b: the field was removed"
    ]  # fmt: skip
    assert [(field.field, field.before is None, field.after is None) for field in found.fields] == [
        ("a", False, False), ("c", True, False), ("b", False, True)
    ]  # fmt: skip


def test_a_type_that_changed_is_told_and_its_values_are_not_compared(tmp_path: Path) -> None:
    found = drift(tmp_path, {"a": ["1"] * 10}, {"a": [1] * 10})
    assert said(found) == ["a: its type was string and is int64"]
    assert found.fields[0].psi is None


def test_secret_fields_show_no_values(tmp_path: Path) -> None:
    before = {"c": ["Ann", "Bob"] * 50, "t": [dt.date(2021, 2, 2)] * 100}
    after = {"c": ["Cleo", "Dora"] * 50, "t": [dt.date(2021, 1, 1)] * 100}
    found = drift(tmp_path, before, after, "c", "t")
    assert len(found.warnings) == 3
    text = found.model_dump_json()
    assert not [value for value in ("Ann", "Bob", "Cleo", "Dora", "2021-0") if value in text]


def flows(factor: int) -> str:
    """Return the content of a file of flows, in one version larger than in another."""
    rows = [
        (f"DMA-{n % 9:02d}", f"2021-03-{1 + n % 27:02d} 01:00", f"{n % 40 * factor}.5") for n in range(400)
    ]
    return csv_text(("area", "at", "flow"), rows)


FLOWS = flows(1), flows(3)


def test_loading_compares_with_the_version_before_and_keeps_what_it_says(room: Room) -> None:
    room.register()
    first, second = room.load(FLOWS[0]), room.load(FLOWS[1])
    assert first.drift is None
    assert second.drift is not None
    assert said(second.drift)[0].startswith("flow: its values are spread otherwise")
    assert room.drifts.compare("inflow") == second.drift
    kept = room.drifts.kept("inflow", 2)
    assert kept is not None
    assert (kept.base, kept.warnings, kept.compared_at) == (1, second.drift.warnings, room.clock())
    assert room.drifts.kept("inflow", 1) is None
    again = room.load(FLOWS[0])
    assert (again.is_new, again.drift, room.drifts.kept("inflow", 1)) == (False, None, None)


def test_any_two_versions_can_be_compared(room: Room) -> None:
    room.register()
    room.load(FLOWS[0])
    room.load(FLOWS[1])
    back = room.drifts.compare("inflow", base=2, number=1)
    assert (back.base, back.number) == (2, 1)
    for options in ({"number": 1}, {"base": 2, "number": 2}):
        with pytest.raises(SameVersion):
            room.drifts.compare("inflow", **options)
    with pytest.raises(VersionNotFound):
        room.drifts.compare("inflow", base=9)
    with pytest.raises(DatasetNotFound):
        room.drifts.compare("nothing")


def test_a_field_bound_to_another_element_is_told(room: Room) -> None:
    room.register()
    room.load(FLOWS[0])
    document = a_dataset_document()
    document["fields"][0]["element"] = "area.unit"
    change = room.changes.change(GovernedKind.DATASET, document, by="alice", reason="all of them")
    room.changes.approve(change.id, by="bob")
    drift = room.load(FLOWS[1]).drift
    assert drift is not None
    assert "area: its data element was area.code and is area.unit" in said(drift)
    assert drift.fields[0].change is FieldChange.ELEMENT
    assert room.drifts.compare("inflow") == drift


def test_what_was_sensed_is_secret_though_its_element_says_it_is_not(room: Room) -> None:
    room.register(fields=fields(remark="reading.remark"))
    for seed in (1, 2):
        room.load(csv_text(("remark",), [(text,) for text in mobiles(30, seed)]))
    text = room.drifts.compare("inflow").model_dump_json()
    assert not [number for number in (*mobiles(30, 1), *mobiles(30, 2)) if number in text]


def test_a_file_that_is_gone_does_not_keep_the_next_from_being_loaded(room: Room) -> None:
    room.register()
    room.store.path(room.load(FLOWS[0]).version.digest).unlink()
    assert room.load(FLOWS[1]).drift is None

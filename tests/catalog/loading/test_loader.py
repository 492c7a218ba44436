from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.datasets.models import DatasetNotFound
from catalog.loading.loader import Loader
from catalog.parties import UnknownParty
from catalog.store import FolderStore, StoreUnavailable
from standards import digests
from tests.builders import Room, csv_text, fields
from tests.catalog.loading.source_files import parquet, workbook

INFLOW = "area,at,flow\nDMA-01,2021-03-28 09:00,1.5\nDMA-01,2021-03-28 10:00,\n"
PLAIN = fields(name="customer.name", v="usage.index")


def test_a_loaded_file_is_a_version_with_its_facts(room: Room) -> None:
    room.register()
    loaded = room.load(INFLOW)
    version = loaded.version
    assert loaded.is_new
    assert loaded.ignored_columns == ()
    assert (version.dataset, version.number, version.row_count) == ("inflow", 1, 2)
    assert (version.source_name, version.loaded_by, version.loaded_at) == (
        "source.csv",
        "alice",
        room.clock.now,
    )
    assert version.source_digest == digests.of_bytes(INFLOW.encode())
    stored = room.store.path(version.digest)
    assert digests.of_file(stored) == version.digest
    assert stored.stat().st_size == version.size_bytes
    assert room.datasets.version("inflow") == version


def test_the_stored_file_has_the_types_of_the_standards(room: Room) -> None:
    room.register()
    schema = pq.read_schema(room.store.path(room.load(INFLOW).version.digest))
    assert schema.names == ["area", "at", "flow"]
    assert [str(kind) for kind in schema.types] == ["string", "timestamp[us, tz=UTC]", "decimal128(12, 5)"]


def test_second_load_of_the_same_bytes_is_the_same_version(room: Room) -> None:
    room.register()
    first = room.load(INFLOW)
    room.clock.forward(hours=1)
    second = room.load(room.file(INFLOW, "again.csv"))
    assert (first.is_new, second.is_new) == (True, False)
    assert second.version == first.version
    assert len(room.objects()) == 1


def test_other_rows_are_the_next_version_and_the_first_stays(room: Room) -> None:
    room.register()
    first = room.load(INFLOW).version
    second = room.load(INFLOW + "DMA-02,2021-03-28 09:00,2\n").version
    assert (second.number, second.row_count) == (2, 3)
    assert room.datasets.versions("inflow") == (first, second)
    assert len(room.rows(first)) == 2


def test_the_same_rows_from_csv_parquet_and_excel_are_one_version(room: Room) -> None:
    room.register(
        fields=fields(
            area="area.code",
            at={"element": "reading.observed_at", "time_zone": "Asia/Shanghai"},
            flow="reading.inflow_l_per_s",
            day="reading.read_on",
            guess="reading.is_estimated",
            number="customer.number",
            count="customer.count",
        )
    )
    header = ["area", "at", "flow", "day", "guess", "number", "count"]
    at, day = dt.datetime(2021, 3, 28, 9, 30), dt.date(2021, 3, 28)
    sources = {
        "utf8.csv": csv_text(
            header,
            [
                ["DMA-01", "2021-03-28 09:30", "0.1", "2021-03-28", "true", "00012345678", "7"],
                [" 中 ", "2021-03-28T01:30:00Z", None, "2021/3/28", "否", None, "-7"],
            ],
        ),
        "gbk.csv": csv_text(
            header[::-1],
            [
                ["7", "00012345678", "1", "20210328", "0.10", "2021/3/28 9:30", "DMA-01"],
                ["-7", "", "0", "2021年3月28日", "", "20210328093000", " 中 "],
            ],
            ";",
        ).encode("gbk"),
        "x.parquet": parquet(
            area=["DMA-01", " 中 "],
            at=pa.array([at, at], pa.timestamp("us")),
            flow=[0.1, None],
            day=[day, day],
            guess=[True, False],
            number=["00012345678", None],
            count=[7.0, -7.0],
        ),
        "zoned.parquet": parquet(
            area=["DMA-01", " 中 "],
            at=pa.array([at - dt.timedelta(hours=8)] * 2, pa.timestamp("ns", "Europe/Rome")),
            flow=pa.array([Decimal("0.1"), None], pa.decimal128(5, 1)),
            day=pa.array([dt.datetime(2021, 3, 28)] * 2, pa.timestamp("ms")),
            guess=["yes", "no"],
            number=["00012345678", ""],
            count=pa.array([7, -7], pa.int8()),
            more=[[1], [2]],
        ),
        "x.xlsx": workbook(
            header,
            ["DMA-01", at, 0.1, day, True, "00012345678", 7],
            [" 中 ", at, None, day, False, None, -7],
            [None] * 7,
        ),
    }  # fmt: skip
    loaded = {name: room.load(room.file(content, name)) for name, content in sources.items()}
    assert {result.version.number for result in loaded.values()} == {1}
    assert loaded["zoned.parquet"].ignored_columns == ("more",)
    assert room.rows(loaded["x.xlsx"].version) == [
        ("DMA-01", "2021-03-28T01:30:00Z", "0.10000", "2021-03-28", "true", "00012345678", "7"),
        (" 中 ", "2021-03-28T01:30:00Z", None, "2021-03-28", "false", None, "-7"),
    ]


def test_identifiers_keep_every_digit_and_their_zeros(room: Room) -> None:
    room.register(fields=fields(id="customer.resident_id", bill="bill.number"))
    rows = [("410102199001011234", "2021030000000001"), ("000000000000000017", "0000000000000000")]
    loaded = [
        room.load(csv_text(["id", "bill"], rows)),
        room.load(parquet(id=[row[0] for row in rows], bill=[row[1] for row in rows])),
        room.load(workbook(["id", "bill"], *[list(row) for row in rows])),
    ]
    assert {result.version.number for result in loaded} == {1}
    assert room.rows(loaded[0].version) == rows


def test_such_a_number_in_a_column_nobody_needs_is_no_fault(room: Room) -> None:
    room.register(fields=PLAIN)
    assert room.load(workbook(["name", "v", "id"], ["a", 1, 410102199001011234])).ignored_columns == ("id",)


def test_columns_nobody_registered_are_named_and_left_out(room: Room) -> None:
    room.register(fields=PLAIN)
    loaded = room.load("x,name,v,y\n1,a,2,3\n")
    assert loaded.ignored_columns == ("x", "y")
    assert room.rows(loaded.version) == [("a", "2.0000")]


def test_a_field_is_read_from_the_column_it_names(room: Room) -> None:
    room.register(
        fields=fields(
            name={"element": "customer.name", "column": "户名"},
            v={"element": "usage.index", "column": "a'b\"c {"},
        )
    )
    assert room.rows(room.load(csv_text(["户名", "a'b\"c {"], [["张三", "1"]])).version) == [
        ("张三", "1.0000")
    ]


def test_rounded_decimals_are_loaded_and_counted(room: Room) -> None:
    room.register(fields=PLAIN)
    version = room.load("name,v\na,1.00005\nb,1.0000\nc,0.30000000000000004\nd,\n").version
    assert [field.rounded for field in version.profile] == [0, 2]
    assert [row[1] for row in room.rows(version)] == ["1.0001", "1.0000", "0.3000", None]


def test_who_loads_into_what_is_asked_before_the_file_is_read(room: Room, tmp_path: Path) -> None:
    room.register()
    with pytest.raises(UnknownParty):
        room.loader.load("inflow", tmp_path / "gone.csv", by="nobody")
    with pytest.raises(DatasetNotFound):
        room.loader.load("nothing", tmp_path / "gone.csv", by="alice")


@pytest.mark.parametrize("step", ["reading", "checking", "writing", "profiling"])
def test_a_fault_at_any_step_leaves_no_version_and_no_object(room: Room, step: str) -> None:
    room.register()

    def fail(said: str) -> None:
        if said.startswith(step):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        room.loader.load("inflow", room.file(INFLOW), by="alice", progress=fail)
    assert room.datasets.versions("inflow") == ()
    assert list(room.store_folder.iterdir()) == []
    assert room.load(INFLOW).version.number == 1


def test_an_object_without_its_version_is_taken_up_by_the_next_load(room: Room) -> None:
    """A process killed between store and database leaves an object that no version speaks of."""
    room.register()
    version = room.load(INFLOW).version
    with room.database.write() as session:
        session.execute(sa.text("DELETE FROM version_sensings"))
        session.execute(sa.text("DELETE FROM dataset_versions"))
    assert room.datasets.versions("inflow") == ()
    again = room.load(INFLOW)
    assert again.is_new
    assert again.version.digest == version.digest
    assert len(room.objects()) == 1


def test_a_store_that_cannot_be_written_is_told_and_nothing_is_recorded(room: Room) -> None:
    room.register()
    (room.folder / "file").write_text("")
    store = FolderStore(room.folder / "file" / "store")
    loader = Loader(room.datasets, store, room.library, room.clock, room.drifts)
    with pytest.raises(StoreUnavailable):
        loader.load("inflow", room.file(INFLOW), by="alice")
    assert room.datasets.versions("inflow") == ()


def test_two_loads_of_the_same_file_at_once_make_one_version(room: Room) -> None:
    room.register()
    path = room.file(INFLOW)
    numbers: list[int] = []
    threads = [
        threading.Thread(target=lambda: numbers.append(room.load(path).version.number)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers == [1, 1, 1, 1]
    assert len(room.datasets.versions("inflow")) == 1


TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)
VALUES = st.tuples(
    TEXT,
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.decimals(-9_999_999, 9_999_999, places=5),
    st.none() | st.booleans(),
    st.none() | st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)),
    st.none() | st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(9999, 12, 31), timezones=st.just(dt.UTC)),
)


def _as_people_write(row: tuple[Any, ...]) -> list[str | None]:
    name, count, flow, flag, day, at = row
    said = [count, None if flow is None else f"{flow:f}", None if flag is None else str(flag).lower(), day]
    return [name, *(None if v is None else str(v) for v in said), None if at is None else at.isoformat()]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(VALUES, min_size=1, max_size=20))
def test_the_text_forms_of_a_version_load_as_the_same_version(
    room: Room, rows: list[tuple[Any, ...]]
) -> None:
    header = ["name", "count", "flow", "flag", "day", "at"]
    if "everything" not in {dataset.name for dataset in room.datasets.list()}:
        elements = {
            "name": "customer.name", "count": "customer.count", "flow": "reading.inflow_l_per_s",
            "flag": "reading.is_estimated", "day": "reading.read_on", "at": "reading.observed_at",
        }  # fmt: skip
        room.register(name="everything", fields=fields(**elements))
    version = room.load(csv_text(header, map(_as_people_write, rows)), "everything").version
    forms = room.rows(version)
    assert version.row_count == len(rows)
    assert all(form[0] in (None, row[0]) for form, row in zip(forms, rows, strict=True))
    for form, (_, count, flow, flag, day, at) in zip(forms, rows, strict=True):
        assert form[1] == (None if count is None else str(count))
        assert (form[2] and Decimal(form[2])) == flow
        assert form[3] == (None if flag is None else str(flag).lower())
        assert form[4] == (None if day is None else day.isoformat())
        assert (form[5] and dt.datetime.fromisoformat(form[5])) == at
    assert room.load(csv_text(header, forms), "everything").version.digest == version.digest

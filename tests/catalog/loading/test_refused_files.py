from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import pytest

from catalog.loading import readers
from catalog.loading.loader import MissingColumn, NoRows, UnknownTimeZone, WrongType
from catalog.loading.readers import UnreadableFile
from catalog.tables import DatasetRow
from standards.errors import ShuizeError
from tests.builders import Room, fields
from tests.catalog.loading.source_files import parquet, workbook

INFLOW = "area,at,flow\nDMA-01,2021-03-28 09:00,1.5\nDMA-01,2021-03-28 10:00,\n"
PLAIN = fields(name="customer.name", v="usage.index")


def refused(room: Room, content: str | bytes | Path, kind: type[ShuizeError], **options: Any) -> ShuizeError:
    """Load what can't be loaded, and make sure that nothing of it is to be seen."""
    with pytest.raises(kind) as caught:
        room.load(content, **options)
    assert caught.value.hint
    assert room.datasets.versions("inflow") == ()
    assert room.objects() == []
    assert list(room.store_folder.glob(".*")) == []
    return caught.value


def places(error: ShuizeError) -> list[str]:
    return [fault.pointer for fault in error.faults]


def test_an_identifier_that_excel_or_a_double_has_rounded_is_refused(room: Room) -> None:
    room.register(fields=fields(id="customer.resident_id"))
    error = refused(room, workbook(["id"], ["1"], [410102199001011234]), WrongType)
    assert places(error) == ["file row 3, column id"]
    assert "15 digits" in error.faults[0].detail
    error = refused(room, parquet(id=[410102199001011234.0]), WrongType)
    assert places(error) == ["column id"]


def test_nested_columns_are_refused_when_a_field_needs_them(room: Room) -> None:
    room.register(fields=PLAIN)
    error = refused(room, parquet(name=[{"first": "a"}], v=[[1.0]]), WrongType)
    assert places(error) == ["column name", "column v"]
    assert "STRUCT" in error.faults[0].detail


def test_missing_columns_are_all_named_with_what_is_there(room: Room) -> None:
    room.register()
    error = refused(room, "Area,flow\nA,1\n", MissingColumn)
    assert "area, at" in error.message
    assert "Area, flow" in str(error.hint)
    assert places(error) == ["/fields/area", "/fields/at"]


def test_wrong_values_are_counted_by_field_and_shown_with_rows_and_reason(room: Room) -> None:
    room.register()
    error = refused(
        room,
        "area,at,flow\nA,2021-03-28 09:00,1\nB,yesterday,x\nC,2021-03-28 25:00,1\nD,,12345678\n",
        WrongType,
    )
    assert "4 values" in error.message
    assert "at (2), flow (2)" in error.message
    assert places(error) == [
        "file row 3, column at", "file row 3, column flow",
        "file row 4, column at", "file row 5, column flow",
    ]  # fmt: skip
    assert error.faults[0].detail.startswith("'yesterday' is not a time such as")


def test_of_many_wrong_values_the_first_ten_rows_from_the_top_are_shown(room: Room) -> None:
    room.register(fields=PLAIN)
    error = refused(room, "name,v\n" + "a,1\nb,x\n" * 100_000, WrongType)
    assert "100,000 values" in error.message
    assert places(error) == [f"file row {n}, column v" for n in range(3, 23, 2)]
    room.register(name="pair", fields=fields(v="usage.index", n="customer.count"))
    with pytest.raises(WrongType) as caught:
        room.load("v,n\n" + "1,x\n" * 8 + "x,1\n" * 8, "pair")
    assert "v (8), n (8)" in caught.value.message
    assert places(caught.value) == [
        *(f"file row {n}, column n" for n in range(2, 10)),
        *(f"file row {n}, column v" for n in range(10, 12)),
    ]


def test_a_file_whose_name_says_parquet_or_excel_is_not_read_as_text(room: Room) -> None:
    room.register()
    for name, kind in {
        "a.parquet": "Parquet",
        "a.PQ": "Parquet",
        "a.xlsx": "Excel",
        "a.xls": "Excel",
    }.items():
        error = refused(room, room.file(INFLOW, name), UnreadableFile)
        assert f"{name} is not a" in error.message
        assert kind in error.message
        assert "rename it to end with .csv" in str(error.hint)
    whole = parquet(area=["A"] * 1000, at=["2021-03-28 09:00"] * 1000, flow=[1.0] * 1000)
    for content in (b"PAR0" + whole[4:], b"PARE" + whole[4:], whole[4:]):
        assert "not a Parquet" in refused(room, room.file(content, "b.parquet"), UnreadableFile).message
    for content in (whole[:-1], whole[: len(whole) // 2], whole[:4]):
        assert "damaged Parquet" in refused(room, room.file(content, "c.parquet"), UnreadableFile).message
    assert room.load(room.file(whole, "d.data")).version.row_count == 1000


def test_rows_are_numbered_as_people_see_them(room: Room) -> None:
    room.register(fields=fields(n="usage.index", value="customer.name", record="usage.index"))
    blank_and_broken = 'n,value,record\n1,"two\nlines",1\n\n\n2,b,x\ny,c,3\n'
    assert places(refused(room, blank_and_broken, WrongType)) == [
        "file row 5, column record",
        "file row 6, column n",
    ]
    sheet = workbook(["n", "value", "record"], [1, "a", 1], [None, None, None], [2, "b", "x"])
    assert places(refused(room, sheet, WrongType)) == ["file row 4, column record"]
    file = parquet(n=["1", "x"], value=["a", "b"], record=[1, 2])
    assert places(refused(room, file, WrongType)) == ["row 2, column n"]


def test_a_row_number_is_right_far_into_a_file(room: Room) -> None:
    room.register(fields=PLAIN)
    good = 'a,1\n"b\nc",2\n'
    error = refused(room, "name,v\n" + good * 150_000 + "d,x\n" + good * 150_000, WrongType)
    assert places(error) == ["file row 300002, column v"]


def test_a_header_without_rows_loads_nothing(room: Room) -> None:
    room.register(fields=PLAIN)
    refused(room, "name,v\n", NoRows)
    refused(room, "name,v", NoRows)
    refused(room, parquet(name=pa.array([], pa.string()), v=pa.array([], pa.float64())), NoRows)
    refused(room, workbook(["name", "v"], [None, None]), NoRows)


def test_a_file_damaged_inside_is_refused(room: Room) -> None:
    room.register(fields=fields(v="usage.index"))
    content = bytearray(parquet(v=[float(n) for n in range(100_000)]))
    content[1000:3000] = bytes(byte ^ 0x5A for byte in content[1000:3000])
    assert "damaged" in refused(room, bytes(content), UnreadableFile).message


def test_a_zone_that_only_older_documents_can_name_is_refused_at_load(room: Room) -> None:
    room.register()
    with room.database.write() as session:
        row = session.get_one(DatasetRow, "inflow")
        row.document = json.loads(json.dumps(row.document).replace("Asia/Shanghai", "Mars/Olympus"))
    assert "Mars/Olympus" in refused(room, INFLOW, UnknownTimeZone).message


def test_what_is_no_regular_file_is_refused_at_once(room: Room, tmp_path: Path) -> None:
    room.register()
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null"), tmp_path):
        error = refused(room, path, UnreadableFile)
        assert "not a regular file" in error.message


@pytest.mark.parametrize("change", ["appended", "replaced", "deleted"])
def test_a_file_that_changes_while_it_is_read_is_not_loaded(room: Room, change: str) -> None:
    room.register()
    path = room.file(INFLOW)

    def disturb(step: str) -> None:
        if step != "profiling":
            return
        if change == "appended":
            path.write_text(INFLOW + "DMA-02,2021-03-28 10:00,2\n")
        else:
            path.unlink()
        if change == "replaced":
            path.write_text(INFLOW)

    with pytest.raises(UnreadableFile, match="can't be read" if change == "deleted" else "changed while"):
        room.loader.load("inflow", path, by="alice", progress=disturb)
    assert room.datasets.versions("inflow") == ()
    assert room.objects() == []


def test_a_workbook_that_unpacks_to_too_much_is_refused(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.register()
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 2_000_000)
    monkeypatch.setattr(readers, "MAX_UNPACKED", 1_000_000)
    error = refused(room, room.file(stream.getvalue(), "bomb.xlsx"), UnreadableFile)
    assert "it unpacks to 2,000,000 bytes, and 1,000,000 are read at most" in error.message

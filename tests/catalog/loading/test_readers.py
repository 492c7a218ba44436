from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from catalog.engine import engine
from catalog.loading.readers import ReadOptions, Source, UnreadableFile, open_source
from tests.catalog.loading.source_files import parquet, workbook

Cells = list[list[Any]]


def read(tmp_path: Path, content: bytes, sheet: str | None = None, name: str = "s") -> tuple[Source, Cells]:
    """Return the source and its rows."""
    path = tmp_path / name
    path.write_bytes(content)
    with engine(tmp_path) as connection:
        source = open_source(connection, path, ReadOptions(sheet=sheet), tmp_path)
        return source, [list(row) for row in connection.execute(f"SELECT * FROM {source.sql}").fetchall()]


def rows(tmp_path: Path, content: bytes, sheet: str | None = None) -> Cells:
    return read(tmp_path, content, sheet)[1]


def refusal(tmp_path: Path, content: bytes, sheet: str | None = None) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path, content, sheet)
    assert caught.value.hint
    return caught.value


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with engine() as connection:
        with pytest.raises(UnreadableFile, match="No such file"):
            open_source(connection, tmp_path / "gone.csv", ReadOptions(), tmp_path)
        with pytest.raises(UnreadableFile, match="Is a directory"):
            open_source(connection, tmp_path, ReadOptions(), tmp_path)


def test_excel_numbers_dates_and_booleans_become_plain_text(tmp_path: Path) -> None:
    header = ("text", "whole", "decimal", "date", "time", "flag")
    content = workbook(
        header,
        ["00123", 12, 1.5, dt.date(2021, 3, 28), dt.datetime(2021, 3, 28, 13, 30), True],
        [" 张 ", 12345678901, 0.1, dt.datetime(2021, 3, 29), dt.datetime(2021, 3, 28, 23, 59, 59), False],
    )
    source, found = read(tmp_path, content)
    assert source.columns == header
    assert found == [
        ["00123", "12", "1.5", "2021-03-28", "2021-03-28T13:30:00", "true"],
        [" 张 ", "12345678901", "0.1", "2021-03-29", "2021-03-28T23:59:59", "false"],
    ]


def test_excel_times_are_not_blurred_by_their_binary_form(tmp_path: Path) -> None:
    times = [dt.datetime(2021, 1, 1) + dt.timedelta(minutes=7 * n) for n in range(2000)]
    found = rows(tmp_path, workbook(["at"], *[[at] for at in times]))
    assert [[dt.datetime.fromisoformat(text)] for (text,) in found] == [[at] for at in times]


def test_blank_rows_below_and_blank_columns_beside_excel_data_are_dropped(tmp_path: Path) -> None:
    content = workbook(
        ["a", "b", None, None], ["1", None, None, " "], [None] * 4, ["2", "x", None, None], [None] * 4, [" "]
    )
    source, found = read(tmp_path, content)
    assert source.columns == ("a", "b")
    assert found == [["1", None], [None, None], ["2", "x"]]


def test_an_excel_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    def second(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("二月")
        sheet.append(["a"])
        sheet.append(["feb"])

    content = workbook(["a"], ["jan"], change=second)
    assert rows(tmp_path, content) == [["jan"]]
    assert rows(tmp_path, content, "二月") == [["feb"]]
    assert "Sheet, 二月" in str(refusal(tmp_path, content, "三月").hint)


def test_an_excel_sheet_without_cells_is_refused(tmp_path: Path) -> None:
    assert "sheet" in refusal(tmp_path, workbook()).message
    assert "sheet" in refusal(tmp_path, workbook([None, None])).message


def test_an_excel_header_needs_to_be_in_the_first_row(tmp_path: Path) -> None:
    def moved(book: openpyxl.Workbook) -> None:
        book.active.insert_rows(1, 2)

    assert "without a name" in refusal(tmp_path, workbook(["a"], ["1"], change=moved)).message
    assert "twice: a" in refusal(tmp_path, workbook(["a", "a"], ["1", "2"])).message


@pytest.mark.parametrize("number", [410102199001011234, 1e15, -1234567890123456])
def test_excel_numbers_beyond_15_digits_are_marked_unusable(tmp_path: Path, number: float) -> None:
    source, _ = read(tmp_path, workbook(["id", "n"], [123456789012345, 1], [number, 2]))
    assert [(name, fault.pointer) for name, fault in source.unusable.items()] == [
        ("id", "file row 3, column id")
    ]


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "hello")
    return out.getvalue()


def _damaged_workbook() -> bytes:
    content = bytearray(workbook(["a"], ["1"]))
    middle = len(content) // 2
    content[middle - 200 : middle + 200] = b"\xff" * 400
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        _zip(),
        _damaged_workbook(),
        workbook(["a"])[:2000],
        b"PK\x03\x04" + b"a" * 50,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5000,
    ],
    ids=["zip", "damaged", "cut", "start of a zip", "start of an old workbook"],
)
def test_what_only_looks_like_excel_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "Excel workbook" in refusal(tmp_path, content).message


def test_parquet_values_become_the_text_that_csv_would_have(tmp_path: Path) -> None:
    content = parquet(
        text=["00123", ""],
        whole=[410102199001011234, None],
        double=pa.array([1250.0, 0.1]),
        decimal=pa.array([Decimal("1.50"), None], pa.decimal128(10, 2)),
        date=[dt.date(2021, 3, 28), None],
        local=pa.array([dt.datetime(2021, 3, 28, 13, 30), None], pa.timestamp("us")),
        instant=pa.array([dt.datetime(2021, 3, 28, 13, 30, 0, 5), None], pa.timestamp("us", "Asia/Shanghai")),
        flag=[True, None],
        coded=pa.array(["x", "y"]).dictionary_encode(),
    )
    assert rows(tmp_path, content)[0] == [
        "00123",
        "410102199001011234",
        "1250",
        "1.50",
        "2021-03-28",
        "2021-03-28 13:30:00",
        "2021-03-28 13:30:00.000005+00",
        "true",
        "x",
    ]
    assert rows(tmp_path, content)[1][2] == "0.1"


def test_parquet_columns_without_single_values_are_marked_unusable(tmp_path: Path) -> None:
    content = parquet(
        id=["x"],
        list=[[1]],
        struct=[{"a": 1}],
        bytes=[b"x"],
        map=pa.array([[("a", 1)]], pa.map_("string", "int8")),
    )
    source, _ = read(tmp_path, content)
    assert sorted(source.unusable) == ["bytes", "list", "map", "struct"]


def test_parquet_doubles_too_large_to_be_exact_are_marked_unusable(tmp_path: Path) -> None:
    content = parquet(id=[410102199001011234.0, None], nan=[float("nan"), float("inf")], small=[1.0, 2.5])
    assert sorted(read(tmp_path, content)[0].unusable) == ["id"]


def test_a_damaged_parquet_file_is_refused_without_our_sql(tmp_path: Path) -> None:
    content = parquet(a=list(range(1000)))
    for damaged in (content[:-100], content[:8], b"PAR1", content[:-8] + b"\xff\xff\xff\x7fPAR1"):
        error = refusal(tmp_path, damaged)
        assert "damaged Parquet" in error.message
        assert "SELECT" not in error.message


def test_names_of_folders_and_files_mean_nothing_to_parquet(tmp_path: Path) -> None:
    folder = tmp_path / "year=2021"
    folder.mkdir()
    source, found = read(folder, parquet(a=["1"]), name="da[t]*a?.parquet")
    assert (source.columns, found) == (("a",), [["1"]])

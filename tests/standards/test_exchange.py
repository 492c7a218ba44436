"""Standards go out and come back the same, as a folder and as a workbook; what is wrong is named."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings

from standards import exchange, workbooks
from standards.code_lists import CodeList
from standards.documents import Document
from standards.errors import InvalidInput
from standards.library import Library
from standards.tables import MalformedStandard
from tests.standards import strategies as drawn


def _by_citation(documents: Any) -> list[Document]:
    return sorted(documents, key=lambda each: each.citation)


@pytest.mark.parametrize("workbook", [False, True], ids=["folder", "workbook"])
@given(documents=drawn.standards)
@settings(max_examples=30)
def test_an_import_of_an_export_is_what_was_exported(documents: list[Document], workbook: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ours"
        if not documents and not workbook:
            return
        exchange.write(documents, path, workbook=workbook)
        again = _by_citation(exchange.read(path))
    assert again == documents
    assert [each.digest() for each in again] == [each.digest() for each in documents]


@pytest.mark.parametrize("workbook", [False, True], ids=["folder", "workbook"])
def test_the_whole_bundled_library_comes_back(tmp_path: Path, workbook: bool) -> None:
    bundled = Library.load().every_version()
    exchange.write(bundled, tmp_path / "all", workbook=workbook)
    again = {each.citation: each for each in exchange.read(tmp_path / "all")}
    assert again == {each.citation: each for each in bundled}


def test_an_export_overwrites_nothing_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(exchange.ExportExists):
        exchange.write([], tmp_path / "there")
    (tmp_path / "file").write_text("")
    with pytest.raises(exchange.StandardsNotWritable):
        exchange.write([], tmp_path / "file" / "below")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "there"]


def test_what_is_not_there_or_no_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(exchange.StandardsNotReadable, match=r"nothing\.xlsx is not there"):
        exchange.read(tmp_path / "nothing.xlsx")
    (tmp_path / "a.xlsx").write_text("no workbook")
    with pytest.raises(MalformedStandard, match=r"a\.xlsx can't be read as an Excel workbook"):
        exchange.read(tmp_path / "a.xlsx")


def test_a_workbook_that_unpacks_to_too_much_or_lies_about_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_workbook(tmp_path)
    honest = path.read_bytes()
    with ZipFile(path) as archive:
        sizes = [entry.file_size for entry in archive.infolist()]
    monkeypatch.setattr(workbooks, "MAX_UNPACKED", sum(sizes) - 1)
    with pytest.raises(MalformedStandard, match=f"it unpacks to {sum(sizes):,} bytes"):
        exchange.read(path)
    monkeypatch.setattr(workbooks, "MAX_UNPACKED", sum(sizes))
    assert exchange.read(path)
    path.write_bytes(honest.replace(struct.pack("<I", max(sizes)), struct.pack("<I", 10)))
    with pytest.raises(MalformedStandard, match="is damaged, or larger than it says"):
        exchange.read(path)


# workbooks made by people

HEAD = {"id": "mine", "version": "1", "title_zh": "表", "title_en": "List", "source": "us",
        "valid_from": "2026-01-01"}  # fmt: skip


def a_workbook(folder: Path, change: Callable[[Any], None] = lambda book: None) -> Path:
    """Return a workbook with one small code list, changed before it is saved."""
    book = openpyxl.Workbook()
    lists = book.active
    lists.title = "code_lists"
    lists.append(list(HEAD))
    lists.append(list(HEAD.values()))
    codes = book.create_sheet("codes")
    codes.append(["id", "version", "code", "level", "parent", "title_zh"])
    codes.append(["mine", "1", "01", 1, None, "甲"])
    codes.append(["mine", "1", "011", 2, "01", "乙"])
    change(book)
    path = folder / "ours.xlsx"
    book.save(path)
    return path


def test_a_workbook_by_hand_is_read(tmp_path: Path) -> None:
    def annotate(book: Any) -> None:
        book.create_sheet("说明").append(["anything"])
        book["codes"]["H9"] = None

    (document,) = exchange.read(a_workbook(tmp_path, annotate))
    assert isinstance(document, CodeList)
    assert [(code.code, code.level) for code in document.codes] == [("01", 1), ("011", 2)]


def _set(sheet: str, cell: str, value: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book[sheet][cell] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda book: book.remove(book["codes"]), "has the sheet code_lists, and no sheet codes"),
        (lambda book: book.remove(book["code_lists"]), "has the sheet codes, and no sheet code_lists"),
        (lambda book: book.create_sheet("code_list"), "the unknown sheet 'code_list'"),
        (lambda book: book["codes"].merge_cells("B2:B3"), "sheet codes has merged cells at B2"),
        (_set("codes", "C2", 1), "sheet codes line 2 column code: it is the number 1, which may have lost"),
        (_set("codes", "C2", True), "sheet codes line 2 column code: it is the truth value True"),
        (_set("code_lists", "B2", 1.5), "sheet code_lists line 2 column version: it is the number 1.5"),
        (_set("codes", "D3", "two"), r"line 3, /codes/1/level"),
        (_set("codes", "D3", 2.5), r"line 3, /codes/1/level"),
        (_set("codes", "F3", None), r"line 3, /codes/1/title_zh"),
        (_set("codes", "G1", "note"), "sheet codes has the unknown column 'note'"),
        (_set("codes", "F1", "code"), "sheet codes has the column 'code' twice"),
        (_set("codes", "A3", "other"), "sheet codes line 3: it belongs to other 1, which is not there"),
        (_set("codes", "A3", None), "line 3: it says nothing in the column id, so it belongs to no standard"),
        (_set("codes", "H3", "x"), "it has more cells than the table has columns"),
        (_set("codes", "C3", "01"), "code '01' has the parents None and '01'; a code has one"),
        (_set("code_lists", "F2", "soon"), r"/valid_from"),
        (lambda book: book["code_lists"].append(list(HEAD.values())), r"."),
    ],
)
def test_a_workbook_that_is_wrong_is_refused_at_its_place(
    tmp_path: Path, change: Callable[[Any], None], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        exchange.read(a_workbook(tmp_path, change))
    assert caught.value.hint


def test_every_sheet_and_column_is_written_even_when_empty(tmp_path: Path) -> None:
    exchange.write([], tmp_path / "empty.xlsx", workbook=True)
    book = openpyxl.load_workbook(tmp_path / "empty.xlsx")
    found = {sheet.title: tuple(cell.value for cell in sheet[1]) for sheet in book}
    assert found == workbooks.sheets()
    assert exchange.read(tmp_path / "empty.xlsx") == ()


# folders made by people

RULE = """version: "1"
valid_from: 2026-01-01
rules:
  - {id: r, name_zh: 名, name_en: n, definition_zh: 义, definition: d, indicator: "0301", severity: major,
     line_of_defence: before, scope: [a.b], check: present, null_means: fails, owner: o}
"""
YAML_HEAD = "id: mine\nversion: '1'\ntitle_zh: 表\ntitle_en: List\nsource: us\nvalid_from: 2026-01-01\n"
TABLE = "code,level,parent,title_zh\n01,1,,甲\n"


def a_folder(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / "ours" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder / "ours"


def test_a_table_does_for_a_kind_without_parts(tmp_path: Path) -> None:
    header = (
        "id,version,name_zh,name_en,definition,object_class,property,type,minimum,synonyms,security_level,"
        "identifier_kind,status\n"
    )
    row = 'a.b,1,名,n,d,thing,b,integer,0,"x\ny",general-1,none,candidate\n'
    (element,) = exchange.read(a_folder(tmp_path, {"data_elements/ours.csv": header + row}))
    assert element.model_dump()["synonyms"] == ("x", "y")
    assert element.document()["minimum"] == "0"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"notes.txt": "x"}, "holds notes.txt, which is no standard"),
        ({"rule/r.yaml": RULE}, "holds rule, which is no standard"),
        ({"rules/r.yml": RULE}, "holds rules/r.yml, which is no standard"),
        ({"code_lists/mine.csv": TABLE}, "holds code_lists/mine.csv, which is no standard"),
        ({"README.md": "x"}, "holds no standards"),
        ({"code_lists/mine@2.yaml": YAML_HEAD, "code_lists/mine@2.csv": TABLE}, "holds version '1'"),
        (
            {"code_lists/mine.yaml": YAML_HEAD, "code_lists/mine.csv": TABLE.encode("gbk")},
            r"mine\.csv is not UTF-8 text at line 2; it reads as GBK",
        ),
        (
            {"code_lists/mine.yaml": YAML_HEAD.replace("'1'", "1"), "code_lists/mine.csv": TABLE},
            r"/version: should be text",
        ),
        (
            {"code_lists/mine.yaml": YAML_HEAD + "sorce: us\n", "code_lists/mine.csv": TABLE},
            r"mine\.yaml is malformed at /sorce",
        ),
        (
            {"code_lists/mine.yaml": YAML_HEAD + "id: mine\n", "code_lists/mine.csv": TABLE},
            "line .*: 'id' stands twice",
        ),
        (
            {"code_lists/mine.yaml": YAML_HEAD, "code_lists/mine.csv": TABLE + '02,1,,"乙\n'},
            r"mine\.csv is not CSV at line 3",
        ),
        (
            {"rules/r.yaml": RULE.replace('"0301"', "0301")},
            r"r\.yaml .*0301 may be a number or a code: quote it",
        ),
        ({"rules/r.yaml": RULE.replace("d, ind", '"a\\tb", ind')}, "unprintable character"),
        ({"rules/r.yaml": "[" * 100_000}, r"r\.yaml .*nested deeper than 100 levels"),
        (
            {"rules/r.yaml": RULE, "rules/s.yaml": RULE},
            r"s\.yaml gives the rule r@1 a second time; the first stands in r\.yaml",
        ),
        ({"handbooks/h.csv": "id\nx\n"}, "h.csv is a table, and handbooks have parts"),
    ],
)
def test_a_folder_that_is_wrong_is_refused_at_its_place(
    tmp_path: Path, files: dict[str, str | bytes], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        exchange.read(a_folder(tmp_path, files))
    assert caught.value.hint

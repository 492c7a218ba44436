"""The library: what is bundled is right and complete, and what is wrong in a folder is named."""

from __future__ import annotations

import csv
import importlib.resources
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from standards import digests
from standards.data_elements import DataElement, DataType, IdentifierKind
from standards.errors import InvalidInput, ShuizeError
from standards.library import Library, MalformedStandard, StandardRef, UnknownCodeList, UnknownElement
from standards.security import SecurityLevel
from standards.shelves import Shelves

LIBRARY = Library.load()
GBT4754 = LIBRARY.code_list("gbt4754")

PROMISED_ELEMENTS = set(
    """
area.code reading.observed_at reading.inflow_l_per_s period.month usage.volume_m3
usage.daily_volume_m3 usage.index usage.month_on_month_pct usage.year_on_year_pct
quality.hours_expected quality.hours_observed quality.hours_filled
customer.number customer.name customer.credit_code customer.phone customer.address customer.industry_class
customer.industry_division customer.industry_section customer.district_code customer.tariff_class
customer.annual_volume_m3 customer.size_band customer.count customer.status customer.opened_on meter.number
meter.calibre_mm meter_book.number bill.number
""".split()  # noqa: SIM905 - a list of ids reads better as text
)


def test_importing_standards_loads_nothing_heavy() -> None:
    program = (
        "import sys, standards, standards.library; "
        "print(sorted({'pandas', 'pyarrow', 'duckdb', 'web3', 'sqlalchemy', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_call_of_load_returns_the_same_library() -> None:
    assert Library.load() is LIBRARY


# GB/T 4754-2017


def test_gbt4754_is_complete_level_by_level() -> None:
    assert [len(GBT4754.at_level(level)) for level in (1, 2, 3, 4)] == [20, 97, 473, 1381]
    assert len(GBT4754.codes) == 20 + 97 + 473 + 1381
    assert GBT4754.version == "2017"


def test_gbt4754_codes_spell_out_their_place() -> None:
    assert [code.code for code in GBT4754.at_level(1)] == list("ABCDEFGHIJKLMNOPQRST")
    assert [code.code for code in GBT4754.at_level(2)] == [f"{number:02d}" for number in range(1, 98)]
    for level in (3, 4):
        for code in GBT4754.at_level(level):
            assert re.fullmatch(rf"[0-9]{{{level}}}", code.code)
            assert code.parent == code.code[:-1]


def test_gbt4754_sections_hold_the_divisions_the_standard_gives_them() -> None:
    counts = {code.code: len(GBT4754.children(code.code)) for code in GBT4754.at_level(1)}
    expected = dict(
        zip(
            "ABCDEFGHIJKLMNOPQRST", (5, 7, 31, 3, 4, 2, 8, 2, 3, 4, 1, 2, 3, 4, 3, 1, 2, 5, 6, 1), strict=True
        )
    )
    assert counts == expected


def test_gbt4754_has_no_dead_end_above_the_classes() -> None:
    assert all(GBT4754.children(code.code) for level in (1, 2, 3) for code in GBT4754.at_level(level))


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("A", "农、林、牧、渔业"),
        ("46", "水的生产和供应业"),
        ("461", "自来水生产和供应"),
        ("8051", "洗浴服务"),
        ("3741", "飞机制造"),
    ],
)
def test_gbt4754_titles_are_the_official_ones(code: str, title: str) -> None:
    assert GBT4754.get(code).title_zh == title


def test_gbt4754_sections_and_divisions_have_english_titles_of_their_own() -> None:
    titles = [code.title_en for level in (1, 2) for code in GBT4754.at_level(level)]
    assert all(title and title.isascii() and title[0].isupper() for title in titles)
    assert len({code.title_en for code in GBT4754.at_level(2)}) == 97
    assert all(code.title_en is None for level in (3, 4) for code in GBT4754.at_level(level))


def test_gbt4754_agrees_with_the_reference() -> None:
    folder = os.environ.get("SHUIZE_REFERENCE_DATA")
    if not folder:
        pytest.skip("SHUIZE_REFERENCE_DATA is not set: the reference table is not part of the project")
    with (Path(folder) / "gbt4754" / "codes.csv").open(encoding="utf-8-sig", newline="") as stream:
        reference = {
            row["code"]: (int(row["level"]), row["parent"] or None, _plain(row["name"]))
            for row in csv.DictReader(stream)
        }
    assert {
        code.code: (code.level, code.parent, _plain(code.title_zh)) for code in GBT4754.codes
    } == reference


def _plain(title: str) -> str:
    return unicodedata.normalize("NFKC", title).strip()  # the copies differ in the width of parentheses


# the other code lists


def test_the_code_lists_of_this_library() -> None:
    assert {code_list.id for code_list in LIBRARY.code_lists()} >= {
        "customer-status",
        "gbt2260-21",
        "gbt2260-2101",
        "gbt36344",
        "gbt42460",
        "gbt43697",
        "gbt4754",
        "isic4",
        "meter-calibre",
        "meter-status",
        "reading-type",
        "size-band",
        "tariff-class",
        "update-frequency",
    }


def test_every_code_has_both_titles_outside_gbt4754() -> None:
    for code_list in LIBRARY.code_lists():
        if code_list.id != "gbt4754":
            assert all(code.title_en for code in code_list.codes), code_list.id


def test_shenyang_has_thirteen_districts_and_counties_under_city_and_province() -> None:
    districts = LIBRARY.code_list("gbt2260-2101")
    assert [code.title_zh for code in districts.at_level(1)] == ["辽宁省"]
    assert [code.title_zh for code in districts.at_level(2)] == ["沈阳市"]
    assert len(districts.at_level(3)) == 13
    assert all(re.fullmatch("2101[0-9]{2}", code.code) for code in districts.at_level(3))


def test_shenyang_agrees_with_the_reference() -> None:
    folder = os.environ.get("SHUIZE_REFERENCE_DATA")
    if not folder:
        pytest.skip("SHUIZE_REFERENCE_DATA is not set: the reference table is not part of the project")
    with (Path(folder) / "admin_divisions" / "area.csv").open(encoding="utf-8-sig", newline="") as stream:
        reference = {row[0]: row[1] for row in csv.reader(stream) if row[0].startswith("2101")}
    ours = {code.code: code.title_zh for code in LIBRARY.code_list("gbt2260-2101").at_level(3)}
    assert ours == reference


def test_calibres_run_from_15_to_500_mm() -> None:
    calibres = [int(code.code) for code in LIBRARY.code_list("meter-calibre").at_level(2)]
    assert calibres == sorted(calibres)
    assert (calibres[0], calibres[-1]) == (15, 500)
    assert LIBRARY.code_list("meter-calibre").ancestor("50", 1).code == "large"


# data elements


def test_the_elements_that_others_rely_on_are_there() -> None:
    assert {element.id for element in LIBRARY.elements()} >= PROMISED_ELEMENTS
    assert len(LIBRARY.elements()) >= 100


@pytest.mark.parametrize("element", LIBRARY.elements(), ids=lambda element: element.id)
def test_an_element_is_complete_and_its_values_fit_its_length(element: DataElement) -> None:
    assert re.search(r"[\u4e00-\u9fff]", element.name_zh)
    assert element.name_en.isascii()
    assert element.definition.endswith(".")
    assert element.definition_zh is not None
    assert element.definition_zh.endswith("。")
    if element.type is DataType.TEXT:
        assert element.max_length
    if element.code_list is not None:
        permitted = LIBRARY.code_list(element.code_list)
        codes = permitted.at_level(element.code_level) if element.code_level else permitted.codes
        assert codes
        assert element.max_length is None or max(len(code.code) for code in codes) <= element.max_length
    if element.unit is not None and "_" in element.id:
        suffix = {
            "m3": "_m3",
            "m3/d": "_m3",
            "L/s": "_l_per_s",
            "%": "_pct",
            "mm": "_mm",
            "CNY": "_yuan",
            "h": "hours_",
            "m3/h": "_m3_per_h",
            "CNY/m3": "_yuan_per_m3",
            "mo": "_months",
            "V": "_v",
        }
        assert suffix[element.unit] in element.id


def test_the_two_products_find_their_types() -> None:
    inflow = LIBRARY.element("reading.inflow_l_per_s")
    assert (inflow.type, inflow.precision, inflow.scale) == (DataType.DECIMAL, 12, 5)
    assert inflow.minimum == 0
    volume = LIBRARY.element("usage.volume_m3")
    assert (volume.precision, volume.scale, volume.unit) == (18, 3, "m3")
    assert LIBRARY.element("reading.observed_at").type is DataType.TIMESTAMP
    for element_id in ("usage.index", "usage.month_on_month_pct", "usage.year_on_year_pct"):
        assert (LIBRARY.element(element_id).precision, LIBRARY.element(element_id).scale) == (12, 4)


def test_what_names_somebody_is_a_direct_identifier_and_guarded() -> None:
    for name in ("number", "name", "credit_code", "resident_id", "phone", "address", "contact_name"):
        element = LIBRARY.element(f"customer.{name}")
        assert element.identifier_kind is IdentifierKind.DIRECT
        assert element.security_level >= SecurityLevel.GENERAL_2
    assert LIBRARY.element("customer.annual_volume_m3").identifier_kind is IdentifierKind.SENSITIVE


@pytest.mark.parametrize(
    ("element_id", "good", "bad"),
    [
        ("period.month", ["2021-01", "2023-12"], ["2021-13", "2021-1", "202101"]),
        ("customer.number", ["05000000017"], ["5000000017", "0500000001A"]),
        ("customer.credit_code", ["91110000600037341L"], ["91110000600037341I", "9111000060003734"]),
        (
            "customer.phone",
            ["024-23456789", "13900000000", "+86-13900000000", "02423456789-801"],
            ["none", "1"],
        ),
        (
            "area.code",
            ["DMA-01", "DMA A", "01-03", "B12", "A", "城东-03", "北区", "3#", "ZONE_7", "DMA 1.2"],
            ["dma-1", " DMA-01", "DMA-01 ", "DMA--1", "DMA-", "-1", "ALL", "NORTH", "", "#", "A\n"],
        ),
        ("bill.number", ["2021120500000001"], ["2021130500000001"]),
    ],
)
def test_patterns_take_the_good_and_refuse_the_bad(element_id: str, good: list[str], bad: list[str]) -> None:
    pattern = LIBRARY.element(element_id).pattern
    assert pattern is not None
    assert all(re.fullmatch(pattern, text) for text in good)
    assert not any(re.fullmatch(pattern, text) for text in bad)


# asking


def test_an_unknown_element_is_refused_with_the_nearest_ids() -> None:
    with pytest.raises(UnknownElement, match=r"'customer\.nmae'") as caught:
        LIBRARY.element("customer.nmae")
    assert caught.value.hint is not None
    assert "customer.name" in caught.value.hint


@pytest.mark.parametrize("list_id", ["gbt4745", "", "../data_elements/customer", "zzzzzzzz"])
def test_an_unknown_code_list_is_refused(list_id: str) -> None:
    with pytest.raises(UnknownCodeList) as caught:
        LIBRARY.code_list(list_id)
    assert caught.value.hint


def test_a_reference_pins_id_version_and_content() -> None:
    assert LIBRARY.reference("gbt4754") == StandardRef(id="gbt4754", version="2017", digest=GBT4754.digest())
    name = LIBRARY.element("customer.name")
    assert LIBRARY.reference("customer.name").digest == digests.of_document(
        name.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    )
    with pytest.raises(UnknownElement):
        LIBRARY.reference("customer.nothing")
    with pytest.raises(UnknownCodeList):
        LIBRARY.reference("nothing")


# a folder that is wrong

HEAD = "id: {id}\nversion: '1'\ntitle_zh: 表\ntitle_en: List\nsource: a test\nvalid_from: 2021-01-01\n"
TABLE = "code,level,parent,title_zh,title_en\nA,1,,甲,\n"
ELEMENT = """object_class: thing
version: "1"
status: candidate
elements:
  - {{id: {id}, property: p, name_zh: 名, name_en: n, definition: D., type: text, code_list: {code_list},
     security_level: general-1, identifier_kind: none}}
"""


def a_library(folder: Path, files: dict[str, str | bytes]) -> Library:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Library(Shelves(folder))


def test_an_empty_folder_is_an_empty_library(tmp_path: Path) -> None:
    library = Library(Shelves(tmp_path))
    assert library.elements() == ()
    assert library.code_lists() == ()


def test_a_list_of_ones_own_is_read(tmp_path: Path) -> None:
    library = a_library(
        tmp_path,
        {
            "code_lists/mine.yaml": HEAD.format(id="mine"),
            "code_lists/mine.csv": b"\xef\xbb\xbf" + TABLE.replace("\n", "\r\n").encode(),
            "data_elements/thing.yaml": ELEMENT.format(id="thing.p", code_list="mine"),
        },
    )
    assert library.code_list("mine").get("A").title_en is None
    assert library.element("thing.p").code_list == "mine"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (TABLE + "B,1,,乙\n", None),
        (TABLE + "B,one,,乙,\n", r"/codes/1/level"),
        (TABLE + "B,1,,,\n", r"/codes/1/title_zh"),
        (TABLE + "B,1,,乙,Two,surplus\n", r"mine\.csv line 3: it has more cells"),
        ("code,level,parent,title_zh,note\nA,1,,甲,x\n", r"the unknown column 'note'"),
        ("code,level,parent,title_zh\n", r"/codes"),
        (TABLE.encode("gbk"), "UTF-8"),
        (TABLE + "A,1,,甲,\n", "'A' is given 2 times"),
    ],
)
def test_a_table_that_is_wrong_is_refused_at_its_place(
    tmp_path: Path, table: str | bytes, message: str | None
) -> None:
    library = a_library(
        tmp_path, {"code_lists/mine.yaml": HEAD.format(id="mine"), "code_lists/mine.csv": table}
    )
    if message is None:
        assert len(library.code_list("mine").codes) == 2
        return
    with pytest.raises(InvalidInput, match=message):
        library.code_list("mine")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"code_lists/mine.yaml": HEAD.format(id="mine")}, "without its table mine.csv"),
        (
            {"code_lists/mine.yaml": HEAD.format(id="other"), "code_lists/mine.csv": TABLE},
            "holds the code list 'other'",
        ),
        ({"code_lists/mine.yaml": "id: [unclosed", "code_lists/mine.csv": TABLE}, "is not YAML"),
        ({"code_lists/mine.yaml": "- a\n", "code_lists/mine.csv": TABLE}, "is not a mapping"),
        ({"code_lists/mine.yaml": b"\xff\xfe", "code_lists/mine.csv": TABLE}, "is not YAML in UTF-8"),
        (
            {"code_lists/mine.yaml": "!!python/object:os.system {}", "code_lists/mine.csv": TABLE},
            "the tag tag:yaml.org,2002:python/object:os.system is not read",
        ),
    ],
)
def test_a_head_that_is_wrong_is_refused(tmp_path: Path, files: dict[str, str | bytes], message: str) -> None:
    with pytest.raises(MalformedStandard, match=message):
        a_library(tmp_path, files).code_lists()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"data_elements/a.yaml": "version: '1'\n"}, "no list `elements`"),
        ({"data_elements/a.yaml": "elements: [text]\n"}, "no list `elements`"),
        ({"data_elements/a.yaml": ELEMENT.format(id="thing", code_list="null")}, "malformed at /id"),
        ({"data_elements/a.yaml": ELEMENT.format(id="a.b", code_list="gone")}, "unknown code list 'gone'"),
        (
            {f"data_elements/{name}.yaml": ELEMENT.format(id="a.b", code_list="null") for name in "ab"},
            r"b\.yaml gives the data element a\.b a second time",
        ),
    ],
)
def test_elements_that_are_wrong_are_refused(
    tmp_path: Path, files: dict[str, str | bytes], message: str
) -> None:
    with pytest.raises(MalformedStandard, match=message) as caught:
        a_library(tmp_path, files).elements()
    assert isinstance(caught.value, ShuizeError)
    assert caught.value.hint


def test_a_library_as_it_is_now_asks_once_what_was_imported() -> None:
    asked, imported = [], list[DataElement]()

    def ask() -> tuple[DataElement, ...]:
        asked.append(1)
        return tuple(imported)

    library = LIBRARY.beside(ask)
    present = library.now()
    for element in ("area.code", "meter.number", "period.month"):
        assert present.element(element) == library.element(element)
    assert len(asked) == 1 + 3
    imported.append(LIBRARY.element("area.code").model_copy(update={"id": "area.other"}))
    assert library.now().element("area.other").id == library.element("area.other").id
    with pytest.raises(UnknownElement):
        present.element("area.other")


def test_the_stamp_changes_with_files_imports_and_the_day(tmp_path: Path) -> None:
    day = [date(2026, 1, 1)]
    folder = tmp_path / "standards"
    shutil.copytree(Path(str(importlib.resources.files("standards"))) / "bundled", folder)
    imported: list[tuple[DataElement, ...]] = [()]
    library = Library(Shelves(folder), lambda: imported[0], today=lambda: day[0])
    stamps = [library.stamp(), library.stamp()]
    assert stamps[0] == stamps[1]
    day[0] = date(2026, 1, 2)
    stamps.append(library.stamp())
    imported[0] = (LIBRARY.element("area.code").model_copy(update={"version": "9"}),)
    stamps.append(library.stamp())
    (folder / "data_elements" / "more.yaml").write_text("elements: []", "utf-8")
    stamps.append(library.stamp())
    assert len(set(stamps)) == 4

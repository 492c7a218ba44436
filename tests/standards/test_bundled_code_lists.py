"""The bundled code lists: GB/T 4754-2017 whole, and what the others hold."""

from __future__ import annotations

import csv
import re
import unicodedata
from pathlib import Path

import pytest

from standards.library import Library

LIBRARY = Library.load()
GBT4754 = LIBRARY.code_list("gbt4754")


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


def test_gbt4754_agrees_with_the_reference(reference_data: Path) -> None:
    with (reference_data / "gbt4754" / "codes.csv").open(encoding="utf-8-sig", newline="") as stream:
        reference = {
            row["code"]: (int(row["level"]), row["parent"] or None, _plain(row["name"]))
            for row in csv.DictReader(stream)
        }
    assert {
        code.code: (code.level, code.parent, _plain(code.title_zh)) for code in GBT4754.codes
    } == reference


def _plain(title: str) -> str:
    return unicodedata.normalize("NFKC", title).strip()  # the copies differ in the width of parentheses


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


def test_shenyang_agrees_with_the_reference(reference_data: Path) -> None:
    with (reference_data / "admin_divisions" / "area.csv").open(encoding="utf-8-sig", newline="") as stream:
        reference = {row[0]: row[1] for row in csv.reader(stream) if row[0].startswith("2101")}
    ours = {code.code: code.title_zh for code in LIBRARY.code_list("gbt2260-2101").at_level(3)}
    assert ours == reference


def test_calibres_run_from_15_to_500_mm() -> None:
    calibres = [int(code.code) for code in LIBRARY.code_list("meter-calibre").at_level(2)]
    assert calibres == sorted(calibres)
    assert (calibres[0], calibres[-1]) == (15, 500)
    assert LIBRARY.code_list("meter-calibre").ancestor("50", 1).code == "large"

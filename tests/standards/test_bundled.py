"""The bundled standards: complete, consistent with one another, and right where a reference is at hand."""

from __future__ import annotations

import csv
import itertools
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from standards.checks import KINDS
from standards.code_lists import CodeNotInForce, UnknownCode
from standards.crosswalks import Crosswalk, Relation
from standards.data_elements import representation, value_domain
from standards.documents import Kind
from standards.handbooks import Handbook
from standards.library import Library
from standards.rules import LineOfDefence, Rule, Severity
from standards.security import SecurityLevel

LIBRARY = Library.load()
DOCUMENTS = LIBRARY.every_version()
RULES = [each for each in DOCUMENTS if isinstance(each, Rule)]


def test_every_standard_speaks_only_of_what_is_there() -> None:
    LIBRARY.require_sound()


def test_an_id_belongs_to_one_kind() -> None:
    kinds: dict[str, Kind] = {}
    for document in DOCUMENTS:
        assert kinds.setdefault(document.id, document.kind) is document.kind


def test_every_standard_has_both_titles_and_a_digest() -> None:
    for document in DOCUMENTS:
        assert all(document.titles), document.citation
        assert document.reference().digest == document.digest()


def test_every_standard_is_a_member_of_a_handbook() -> None:
    books = [each for each in DOCUMENTS if isinstance(each, Handbook)]
    members = {member for book in books for member in book.members}
    newest = {each.citation for each in LIBRARY.documents() if each.kind is not Kind.HANDBOOK}
    assert newest - members == set()
    assert [book.id for book in books] == [
        "data-elements",
        "data-life-cycle",
        "indicators",
        "meter-book-coding",
        "product-packaging",
        "quality-rules",
        "security-levels",
        "water-user-industry",
    ]


def test_elements_cover_every_business_object_and_are_told_apart() -> None:
    elements = LIBRARY.elements()
    assert len(elements) >= 100
    objects = {each.id.split(".")[0] for each in elements}
    assert objects >= {
        "customer", "account_card", "meter", "meter_book", "organisation", "reading", "bill", "work_order",
        "product",
    }  # fmt: skip
    meanings = [(each.object_class, each.property) for each in elements]
    assert len(set(meanings)) == len(meanings)
    assert {value_domain(each) for each in elements} == {"enumerated", "described"}
    assert {representation(each) for each in elements} >= {"code", "identifier", "measure", "date", "mark"}


def test_the_levels_of_the_security_list_are_those_of_the_program() -> None:
    levels = {level.value for level in SecurityLevel}
    assert {entry.code for entry in LIBRARY.code_list("gbt43697").codes} == {*levels, "general"}


def test_rules_of_the_three_lines_stand_where_the_field_puts_them() -> None:
    for rule in RULES:
        number = int(rule.id.partition("-")[0].removeprefix("q"))
        during = number == 24 or 30 <= number <= 35
        expected = LineOfDefence.BEFORE if number <= 20 else LineOfDefence.DURING if during else "after"
        if number <= 46:  # the catalogue that the library began with
            assert rule.line_of_defence == expected, rule.id


def test_the_rules_cover_every_check_indicator_line_and_severity() -> None:
    assert len(RULES) >= 112
    assert {rule.check for rule in RULES} == set(KINDS)
    assert {rule.indicator for rule in RULES} == {
        each.code for each in LIBRARY.code_list("gbt36344").at_level(2)
    }
    assert {rule.line_of_defence for rule in RULES} == set(LineOfDefence)
    assert {rule.severity for rule in RULES} == set(Severity)
    objects = {rule.scope[0].partition(".")[0] for rule in RULES if rule.scope}
    assert objects >= {
        "customer",
        "account_card",
        "meter",
        "meter_book",
        "reading",
        "bill",
        "product",
        "asset",
    }


def test_no_two_rules_say_the_same() -> None:
    said = Counter(
        (rule.check, rule.scope, rule.where, tuple(sorted(rule.parameters.items()))) for rule in RULES
    )
    assert [each for each, times in said.items() if times > 1] == []
    numbers = sorted(int(rule.id.partition("-")[0].removeprefix("q")) for rule in RULES)
    assert numbers == list(range(1, len(RULES) + 1))


def test_what_a_rule_asks_of_other_objects_is_one_reference_away() -> None:
    """A row of the first element's object must lead to one row of each other object."""
    elements = LIBRARY.elements()
    for rule in (each for each in RULES if each.scope):
        mine = rule.scope[0].partition(".")[0]
        asked = {each for each in rule.elements if not each.startswith(f"{mine}.")} - elsewhere(rule)
        for other in {each.partition(".")[0] for each in asked}:
            ways = [
                each.id
                for each in elements
                if each.id.startswith(f"{mine}.") and (each.refers_to or "").startswith(f"{other}.")
            ]
            assert len(ways) == 1, (rule.id, other, ways)


def elsewhere(rule: Rule) -> set[str]:
    assigned = rule.check_kind.assigned(rule.scope)
    return {each for role in rule.check_kind.roles if role.elsewhere for each in assigned[role.name]}


# administrative divisions


def test_liaoning_agrees_with_the_reference(reference_data: Path) -> None:
    with (reference_data / "admin_divisions" / "area.csv").open(encoding="utf-8-sig", newline="") as stream:
        counties = {row[0]: row[1] for row in csv.reader(stream) if row[0].startswith("21")}
    with (reference_data / "admin_divisions" / "city.csv").open(encoding="utf-8-sig", newline="") as stream:
        cities = {row[0]: row[1] for row in csv.reader(stream) if row[0].startswith("21")}
    ours = LIBRARY.code_list("gbt2260-21", "2016")
    assert {entry.code: entry.title_zh for entry in ours.at_level(3)} == counties
    assert {entry.code: entry.title_zh for entry in ours.at_level(2)} == cities


def test_shenyang_is_a_part_of_liaoning() -> None:
    province = LIBRARY.code_list("gbt2260-21", "2016")
    for entry in LIBRARY.code_list("gbt2260-2101").codes:
        assert province.get(entry.code) == entry


def test_a_code_of_another_version_says_where_it_is_valid() -> None:
    assert LIBRARY.code_list("gbt2260-21").version == "2016"
    with pytest.raises(
        CodeNotInForce, match=r"not in version 2016; it is in 2014, valid from 2014"
    ) as caught:
        LIBRARY.code("gbt2260-21", "210122")
    assert "辽中县" in str(caught.value.hint)
    assert LIBRARY.code("gbt2260-21", "210122", version="2014").title_zh == "辽中县"
    assert LIBRARY.code("gbt2260-21", "210122", on=date(2015, 6, 1)).title_zh == "辽中县"
    with pytest.raises(CodeNotInForce, match="not in version 2014"):
        LIBRARY.code("gbt2260-21", "210115", on=date(2015, 6, 1))
    with pytest.raises(CodeNotInForce, match="not in force on 2010-01-01"):
        LIBRARY.code("gbt2260-21", "210102", on=date(2010, 1, 1))
    with pytest.raises(UnknownCode) as unknown:
        LIBRARY.code("gbt2260-21", "999999")
    assert not isinstance(unknown.value, CodeNotInForce)


# crosswalks


def a_crosswalk(standard_id: str) -> Crosswalk:
    found = LIBRARY.get(standard_id)
    assert isinstance(found, Crosswalk)
    return found


@pytest.mark.parametrize(
    ("crosswalk", "level"), [("gbt4754-isic4-sections", 1), ("gbt4754-isic4-divisions", 2)]
)
def test_every_gbt4754_code_has_its_counterparts_in_isic(crosswalk: str, level: int) -> None:
    mappings = a_crosswalk(crosswalk)
    sources = [entry.code for entry in LIBRARY.code_list("gbt4754").at_level(level)]
    assert list(dict.fromkeys(each.source for each in mappings.mappings)) == sources
    targets = {entry.code for entry in LIBRARY.code_list("isic4").at_level(level)}
    unmatched = targets - {each.target for each in mappings.mappings}
    assert unmatched == (set() if level == 1 else {"98"})  # what households make for themselves


def test_divisions_map_into_the_sections_that_their_section_maps_into() -> None:
    """The two crosswalks were written one by one; that they agree says that neither has slipped a row."""
    industry, isic = LIBRARY.code_list("gbt4754"), LIBRARY.code_list("isic4")
    sections = a_crosswalk("gbt4754-isic4-sections")
    by_division = {
        (industry.ancestor(each.source, 1).code, isic.ancestor(each.target, 1).code)
        for each in a_crosswalk("gbt4754-isic4-divisions").mappings
    }
    assert by_division == {(each.source, each.target) for each in sections.mappings}


def test_exact_pairs_are_one_to_one() -> None:
    for crosswalk in (each for each in DOCUMENTS if isinstance(each, Crosswalk)):
        exact = [each for each in crosswalk.mappings if each.relation is Relation.EXACT]
        for pairs in (sorted(each.source for each in exact), sorted(each.target for each in exact)):
            assert all(left != right for left, right in itertools.pairwise(pairs)), crosswalk.id


def test_isic_agrees_with_the_reference(reference_data: Path) -> None:
    """The reference has lost its codes; the order tells which title is whose."""
    with (reference_data / "isic4" / "isic_rev4.csv").open(encoding="utf-8-sig", newline="") as stream:
        reference = [
            (int(row["level"]), row["title"]) for row in csv.DictReader(stream) if row["level"] in "12"
        ]
    assert [(entry.level, entry.title_en) for entry in LIBRARY.code_list("isic4").codes] == reference


# speed


def test_the_whole_library_is_read_in_less_than_a_second() -> None:
    program = "from standards.library import Library; print(len(Library.load().every_version()))"
    best = 9.0
    for _ in range(3):  # the machine is shared: the best of three
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
        best = min(best, time.perf_counter() - started)
    assert best < 2  # most of it is the interpreter and pydantic; the reading itself takes 0.1 s

"""Quality rules by commands: found by what they are about, and read with everything they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from standards.library import Library
from standards.rules import Rule
from tests.api.shell import shuize

RULES = {each.id: each for each in Library.load().documents() if isinstance(each, Rule)}


@pytest.mark.parametrize(
    ("options", "has"),
    [
        ((), lambda rule: True),
        (("--object", "bill"), lambda rule: rule.scope[:1] and rule.scope[0].startswith("bill.")),
        (("--object", "dataset"), lambda rule: not rule.scope),
        (("--line", "during"), lambda rule: rule.line_of_defence == "during"),
        (("--severity", "minor", "--check", "range"), lambda r: (r.severity, r.check) == ("minor", "range")),
        (("--indicator", "0303"), lambda rule: rule.indicator == "0303"),
        (("--indicator", "06"), lambda rule: rule.indicator in ("0601", "0602")),
    ],
)
def test_rules_are_found_by_what_they_are_about(
    tmp_path: Path, options: tuple[str, ...], has: object
) -> None:
    assert callable(has)
    expected = {each for each, rule in RULES.items() if has(rule)}
    said = shuize(tmp_path, "rule", "list", *options, "--json")
    assert {each["id"] for each in said.json()} == expected
    assert expected
    table = shuize(tmp_path, "rule", "list", *options)
    assert len(table.out.splitlines()) == len(expected) + 1
    assert f"{len(expected)} rules" in table.err


def test_rules_stand_by_number(tmp_path: Path) -> None:
    listed = shuize(tmp_path, "rule", "list", "--json").json()
    assert [each["id"].partition("-")[0] for each in listed[:2]] == ["q01", "q02"]
    numbers = [int(each["id"].partition("-")[0].removeprefix("q")) for each in listed]
    assert numbers == sorted(numbers)


def test_a_rule_is_shown_with_its_check_roles_condition_and_parameters(tmp_path: Path) -> None:
    said = shuize(tmp_path, "rule", "show", "q35-equal-volumes").out
    for part in (
        "连续等量疑似估抄", "0305 脏数据出现率",
        "where reading.type in 11 12 13 14 and reading.volume_m3 > 0",
        "repeated-value  连续相同", "does not stand in so many rows of the series", "抄表日期",
    ):  # fmt: skip
        assert part in said
    lines = [line.split() for line in said.splitlines()]
    assert ["key", "reading.account_number", "抄表立户卡号"] in lines
    assert ["periods", "3"] in lines
    assert ["value", "–", "not", "set;", "a", "number"] in lines
    assert ["step", "month"] in [
        line.split() for line in shuize(tmp_path, "rule", "show", "q42").out.splitlines()
    ]


def test_a_number_stands_for_the_id(tmp_path: Path) -> None:
    whole = shuize(tmp_path, "rule", "show", "q44-schema-as-registered", "--version", "1.0", "--json").json()
    assert shuize(tmp_path, "rule", "show", "q44", "--json").json() == whole
    assert (whole["object"], whole["roles"], whole["check_family"]) == ("dataset", {}, "dataset")
    assert whole["digest"] == RULES["q44-schema-as-registered"].digest()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "--check", "uniqe"), "no rule can have the check 'uniqe'"),
        (("list", "--object", "zebra"), "hint: known: account_card, asset, bill"),
        (("list", "--indicator", "07"), "no rule can have the indicator '07'"),
        (("list", "--line", "dusk"), "hint: known: before, during, after"),
        (("show", "q999"), "no rule has the id 'q999'"),
        (("show", "q"), "no rule has the id 'q'"),
        (("show", "tariff-class"), "no rule has the id 'tariff-class'"),
        (("show", "q01-customer-number-from"), "hint: nearest: q01-customer-number-form"),
        (("show", "q01", "--version", "9"), "has no version '9'"),
    ],
)
def test_what_no_rule_has_is_told(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    found = shuize(tmp_path, "rule", *words)
    assert (found.code, said in found.err) == (4, True), found.err

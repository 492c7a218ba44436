"""Rules: what a rule may say, and what is answered to one that can't be carried out."""

from __future__ import annotations

from typing import Any

import pytest

from standards.checks import KINDS
from standards.checks.settings import pairs, pattern_fault
from standards.library import Library, MalformedStandard
from standards.rules import ContradictoryRule, Rule

LIBRARY = Library.load()
RULES = {each.id: each for each in LIBRARY.documents() if isinstance(each, Rule)}


def changed(rule_id: str, **changes: Any) -> Rule:
    """Return a bundled rule with something changed."""
    return Rule.model_validate(RULES[rule_id].model_dump() | changes)


def a_rule(check: str, scope: tuple[str, ...], where: str | None = None, **parameters: Any) -> Rule:
    """Return a rule of a check."""
    named = {name.replace("_", "-"): value for name, value in parameters.items()}
    asked = {"check": check, "scope": scope, "parameters": named, "where": where}
    return changed("q02-customer-number-unique", **asked)


@pytest.mark.parametrize(
    ("check", "scope", "parameters", "message"),
    [
        ("presnt", ("a.b",), {}, r"there is no check 'presnt'; nearest: present"),
        ("zzz", ("a.b",), {}, r"there is no check 'zzz'; the checks are absent, .*unique"),
        ("unique", (), {}, r"unique looks at \(key …\), and the scope names 0"),
        ("present", ("a.b", "a.c"), {}, r"present looks at \(value\), and the scope names 2"),
        ("unique", ("a.b", "a.c", "a.b"), {}, r"a\.b stands twice in the scope"),
        ("present", ("a.b",), {"least": 1}, r"present has no parameter 'least'; it has: placeholders"),
        ("absent", ("a.b",), {"least": 1}, r"absent has no parameter 'least'; it has: none"),
        ("shared-value", ("a.b", "a.c"), {}, r"shared-value needs most, a whole number"),
        ("shared-value", ("a.b", "a.c"), {"most": 0}, r"0 is less than 1"),
        ("shared-value", ("a.b", "a.c"), {"most": "two"}, r"'two' is no whole number"),
        ("range", ("a.b",), {}, r"range needs a minimum, a maximum, or both"),
        ("range", ("a.b",), {"minimum": 9, "maximum": "8.5"}, r"minimum 9 exceeds maximum 8\.5"),
        ("length", ("a.b",), {}, r"length needs a minimum, a maximum, or both"),
        ("not-before", ("a.b",), {"day": "2000-02-30"}, r"'2000-02-30' is no day; write it as"),
        ("not-before", ("a.b",), {"day": "20000101"}, r"'20000101' is no day"),
        ("address-parts", ("a.b",), {"parts": "road flat"}, r"an address has no part 'flat'; it has: road,"),
        ("complete-period", ("a.b",), {"step": "fortnight"}, r"'fortnight' is no step; it is one of: hour"),
        ("fits", ("a.b", "a.c"), {"excluded": "8051 11"}, r"'8051 11' has no name, colon and words"),
        ("fits", ("a.b", "a.c"), {"excluded": "8051: 11;"}, r"'' has no name, colon and words"),
        ("band-range", ("a.b", "a.c"), {"bands": "15: 0"}, r"band '15' has no two numbers"),
        ("band-range", ("a.b", "a.c"), {"bands": "15: 0 many"}, r"band '15' has no two numbers"),
        ("band-range", ("a.b", "a.c"), {"bands": "15: 3 1"}, r"band '15' goes from 3 to 1"),
        ("band-range", ("a.b", "a.c"), {"bands": "15: 0 NaN"}, r"band '15' goes from 0 to NaN"),
        ("band-range", ("a.b", "a.c"), {"bands": "15: 0 1; 15: 0 2"}, r"band '15' is given twice"),
        ("equation", ("a.b", "a.c", "a.d"), {"signs": "+"}, r"isn't one \+ or - for each of the 2 terms"),
        ("equation", ("a.b", "a.c"), {"signs": "*"}, r"isn't one \+ or - for each of the 1 terms"),
        ("not-pattern", ("a.b",), {"pattern": "("}, r"'\(' is no regular expression: missing \)"),
        ("pattern", ("a.b",), {"pattern": "a(?=b)"}, r"looks ahead or behind, which the engines \(RE2\)"),
        ("sql", ("a.b",), {"expression": "a.b > a.c"}, r"names a\.c, which is not in the scope"),
        ("sql", ("a.b", "a.c"), {"expression": "a.b > 'a.c'"}, r"does not speak of a\.c"),
    ],
)  # fmt: skip
def test_a_rule_whose_check_can_not_be_carried_out_is_refused(
    check: str, scope: tuple[str, ...], parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(ContradictoryRule, match=message) as caught:
        a_rule(check, scope, **parameters)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("(?<!a)b", "looks ahead or behind"),
        (r"(a)\1", "refers back"),
        ("(?P<n>a)(?P=n)", "refers back"),
        ("(a)?(?(1)b|c)", "asks whether a group matched"),
        ("a++", "keeps what it has matched"),
        ("(?>a)", "keeps what it has matched"),
        ("a{1001}", "repeats more than 1000 times"),
        ("a{2,5000}", "repeats more than 1000 times"),
    ],
)
def test_a_pattern_that_re2_does_not_know_is_told(pattern: str, what: str) -> None:
    assert what in str(pattern_fault(pattern))


@pytest.mark.parametrize(
    "pattern",
    [r"\\1", r"\+\+", "[+*]+", "[(?=]+", r"[\]+]+", "(?:a|b)+", "a{2,1000}", "(?P<n>a)", r"\(\?=", "名+$"],
)
def test_a_pattern_that_only_looks_like_it_is_taken(pattern: str) -> None:
    assert pattern_fault(pattern) is None


def test_pairs_are_names_and_words() -> None:
    assert pairs("8051: 11 12; 61 :1") == [("8051", ["11", "12"]), ("61", ["1"])]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("customer.type", r"'customer\.type' in 'customer\.type' is no condition; write, for example"),
        ("customer.type is 11", r"'is' in 'customer\.type is 11' is none of"),
        ("customer.type in", r"names no values"),
    ],
)
def test_a_malformed_condition_is_refused(where: str, message: str) -> None:
    with pytest.raises(ContradictoryRule, match=message):
        changed("q02-customer-number-unique", where=where)


def test_one_element_may_stand_on_both_sides_of_a_comparison_of_two_datasets() -> None:
    twice = ("customer.name", "customer.number", "customer.name", "customer.number")
    rule = a_rule("agrees-with", twice)
    LIBRARY.require_sound([rule])
    assert rule.elements == ("customer.name", "customer.number")
    with pytest.raises(ContradictoryRule, match=r"customer\.name stands twice"):
        a_rule("agrees-with", ("customer.name", "customer.name", "contract.customer_name", "contract.number"))


def test_a_rule_about_whole_datasets_needs_no_scope() -> None:
    rule = RULES["q44-schema-as-registered"]
    assert (rule.scope, rule.elements) == ((), ())
    assert "scope" not in rule.document()
    assert "where" not in rule.document()


def test_a_rule_looks_at_the_elements_of_its_condition_too() -> None:
    rule = RULES["q29-remote-has-terminal"]
    assert rule.elements == ("meter.terminal_number", "meter.is_remote")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (a_rule("present", ("no.such",)), r"no standard has the id 'no\.such'"),
        (a_rule("present", ("customer.name",), "customer.nane present"), r"id 'customer\.nane' \(nearest: "),
        (a_rule("range", ("customer.name",), minimum=1), r"value of range is integer or decimal, and"),
        (a_rule("reference", ("meter.number", "meter.calibre_mm")), r"compares meter\.number, which is text"),
        (a_rule("agrees", ("bill.volume_m3", "bill.paid_on")), r"bill\.paid_on, which is date"),
        (a_rule("absent", ("meter.number",), "meter.status true"), r"status is text and can't be true"),
        (a_rule("absent", ("meter.number",), "meter.status < 3"), r"status is text, and < compares num"),
        (a_rule("absent", ("meter.number",), "meter.status in 99"), r"meter-status 1\.0 holds no code '99'"),
        (a_rule("code-list", ("meter.status",), list="meter-stat"), r"code list has the id 'meter-stat'"),
        (a_rule("code-list", ("meter.status",), list="meter-status@9"), r"meter-status has no version '9'"),
        (a_rule("code-level", ("meter.status",), list="meter-status", level=5), r"has no level 5"),
        (a_rule("coding-rule", ("meter.number",), rule="meter-status"), r"is a code-list, not a coding rule"),
        (a_rule("coding-rule", ("meter.number",), rule="bill-number-rule"), r"is about bill\.number, not"),
        (a_rule("pattern", ("customer.name",)), r"customer\.name has no pattern, and the rule gives none"),
        (changed("q02-customer-number-unique", indicator="0999"), r"holds no code '0999'"),
    ],
)  # fmt: skip
def test_a_rule_that_speaks_of_what_is_not_there_is_refused(rule: Rule, message: str) -> None:
    with pytest.raises(MalformedStandard, match=message):
        LIBRARY.require_sound([rule])


def test_numbers_of_any_kind_can_be_compared() -> None:
    LIBRARY.require_sound([a_rule("agrees", ("meter.register_digits", "meter.permanent_flow_m3_per_h"))])


def test_every_check_says_what_it_takes_in_both_languages() -> None:
    for name, kind in KINDS.items():
        assert kind.name == name
        assert kind.title_zh
        assert kind.title_en
        assert kind.meaning.endswith((".", "`."))
        several = [place for place, role in enumerate(kind.roles) if role.several]
        assert several in ([], [len(kind.roles) - 1])

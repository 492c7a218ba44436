"""All rules of a dataset, whatever their source, and their documents."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from catalog.datasets.models import DatasetDraft
from catalog.quality.bound import BoundRule, read_rule
from catalog.quality.rulebook import Rulebook, read_rulebook, rulebook, shape_of
from standards.rules import Rule
from tests.builders import a_dataset, fields
from tests.catalog.quality.judging import LIBRARY, TODAY

CUSTOMERS = {
    "name": "customers",
    "fields": fields(
        number="customer.number",
        name={"element": "customer.name", "required": True},
        office="customer.office",
        tariff="customer.tariff_class",
        note={"element": "reading.remark", "required": True},
    ),
    "key": ["number"],
}
CARDS = {
    "name": "cards",
    "fields": fields(
        account="account_card.number", owner="account_card.customer_number", book="account_card.book_number"
    ),
    "key": ["account"],
}


def the_rules(*others: DatasetDraft, lost: tuple[str, ...] = (), **changes: Any) -> Rulebook:
    """Return the rules of the customers, with changes, beside others."""
    beside = [shape_of(each, LIBRARY) for each in others]
    return rulebook(a_dataset(**CUSTOMERS | changes), beside, LIBRARY, TODAY, lost=lost)


def ids(book: Rulebook) -> list[str]:
    return [rule.id for rule in book.rules]


def one(book: Rulebook, id_: str) -> BoundRule:
    (found,) = [rule for rule in book.rules if rule.id == id_]
    return found


def test_rules_come_from_the_library_the_elements_and_the_dataset() -> None:
    declared = {"rule": "pattern", "field": "note", "pattern": "[a-z]*", "tolerance": "0.1"}
    book = the_rules(rules=[declared])
    assert [rule.id for rule in book.rules if rule.standard is None] == [
        "missing(note)", "pattern(number)", "pattern(office)", "permitted(tariff)", "pattern(note)",
    ]  # fmt: skip
    assert {rule.owner for rule in book.rules if rule.standard} > {"data-management"}
    said = one(book, "pattern(note)")
    assert (said.check, said.settings, str(said.tolerance)) == ("pattern", {"pattern": "[a-z]*"}, "0.1")


def test_what_the_library_asks_of_the_same_field_is_not_asked_twice() -> None:
    asked = [(rule.check, rule.fields) for rule in the_rules().rules if rule.check in ("unique", "present")]
    for rule in asked:
        assert asked.count(rule) == 1


def test_a_declared_rule_stands_in_for_the_implied_one() -> None:
    book = the_rules(rules=[{"rule": "missing", "field": "note", "tolerance": "0.5"}])
    assert ids(book).count("missing(note)") == 1
    assert str(one(book, "missing(note)").tolerance) == "0.5"


def test_a_rule_over_another_dataset_is_left_out_until_it_is_there() -> None:
    cards, customers = a_dataset(**CARDS), shape_of(a_dataset(**CUSTOMERS), LIBRARY)
    alone, together = (rulebook(cards, beside, LIBRARY, TODAY) for beside in ([], [customers]))
    more = set(ids(together)) - set(ids(alone))
    assert more
    assert all("customers" in {column.dataset for column in one(together, id_).columns} for id_ in more)
    assert more <= {each.rule for each in alone.left_out}
    assert (set(alone.beside), set(together.beside)) == (set(), {"customers"})


def test_a_lost_field_is_told_and_takes_its_rules_with_it() -> None:
    book = the_rules(lost=("note", "number"))
    assert "missing(note)" not in ids(book)
    reasons = {each.rule: each.reason for each in book.left_out}
    assert reasons["missing(note)"] == "the data has lost the field note (reading.remark)"
    assert not any(column.name in ("note", "number") for rule in book.rules for column in rule.columns)
    assert book.key == ()


def test_a_rule_of_an_element_that_two_fields_have_asks_which_is_meant() -> None:
    twice = [*CUSTOMERS["fields"], *fields(second="customer.name")]
    book = the_rules(fields=twice)
    reasons = {each.rule: each.reason for each in book.left_out}
    about = [id_ for id_, reason in reasons.items() if reason.startswith("name and second")]
    assert about
    assert not set(about) & set(ids(book))
    assert "missing(name)" in ids(book)


def test_whose_a_row_is_comes_from_the_book_before_the_office() -> None:
    assert [column.name for column in the_rules().owned.organisation] == ["office"]
    cards = rulebook(a_dataset(**CARDS), [], LIBRARY, TODAY)
    assert [column.name for column in cards.owned.organisation] == ["book"]
    bills = a_dataset(
        name="bills", fields=fields(number="bill.number", account="bill.account_number"), key=["number"]
    )
    others = [shape_of(a_dataset(**CARDS), LIBRARY), shape_of(a_dataset(**CUSTOMERS), LIBRARY)]
    (unit,) = rulebook(bills, others, LIBRARY, TODAY).owned.organisation
    assert (unit.dataset, unit.name) == ("cards", "book")


def test_a_rule_is_read_back_from_its_document() -> None:
    book = the_rules(a_dataset(**CARDS), rules=[{"rule": "missing", "field": "note", "tolerance": "0.125"}])
    document = json.loads(json.dumps(book.document()))
    again = read_rulebook(document, LIBRARY)
    assert again.rules == book.rules
    assert [rule.digest for rule in again.rules] == [rule.digest for rule in book.rules]
    assert (again.beside, again.key, again.owned) == (book.beside, book.key, book.owned)
    assert again.document() == document


def test_every_rule_has_a_digest_of_its_own() -> None:
    seen: dict[str, str] = {}
    for rule in the_rules(a_dataset(**CARDS)).rules:
        assert read_rule(rule.document(), LIBRARY) == rule
        assert seen.setdefault(rule.digest, rule.id) == rule.id


def test_a_rule_cites_the_version_of_a_code_list() -> None:
    assert (
        one(the_rules(), "permitted(tariff)").settings["list"] == LIBRARY.code_list("tariff-class").citation
    )


def test_a_rule_that_is_no_longer_in_force_is_not_run() -> None:
    before = rulebook(a_dataset(**CUSTOMERS), [], LIBRARY, date(2000, 1, 1))
    assert not any(rule.standard for rule in before.rules)
    known = {each.id for each in LIBRARY.documents() if isinstance(each, Rule)}
    assert not known & {each.rule for each in before.left_out}

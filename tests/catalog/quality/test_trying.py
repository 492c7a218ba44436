"""Rules tried on a version or a file: what they say, and what is told where they can't be tried."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from catalog.quality.compiling.expression import MalformedExpression
from catalog.quality.trying import RuleDoesNotFit, Trial
from standards.rules import ContradictoryRule, Rule
from tests.builders import Room, fields
from tests.catalog.dumping import dump

METERS = fields(number="meter.number", book="meter.book_number", x="meter.longitude", y="meter.latitude")
SQUARE = "POLYGON((0 0, 0 10, 10 10, 10 0, 0 0))"
BOW = "POLYGON((0 0, 10 10, 10 0, 0 10, 0 0))"


def a_rule(**changes: Any) -> Rule:
    """Return a rule: meters are east of Greenwich."""
    said = {
        "id": "z1-tried", "version": "1.0", "name_zh": "试", "name_en": "Tried", "definition_zh": "试。",
        "definition": "Tried.", "indicator": "0301", "severity": "minor", "line_of_defence": "before",
        "scope": ["meter.longitude"], "check": "range", "parameters": {"minimum": 0}, "null_means": "skipped",
        "owner": "metering", "valid_from": date(2026, 1, 1),
    }  # fmt: skip
    return Rule.model_validate(said | changes)


def expression(text: str, *scope: str) -> Rule:
    return a_rule(check="sql", scope=list(scope or ["meter.longitude"]), parameters={"expression": text})


@pytest.fixture
def meters(sqlite_room: Room) -> Room:
    """Return a room with meters and their books; no other database is asked."""
    sqlite_room.register(
        name="books", fields=fields(number="meter_book.number", polygon="meter_book.polygon"), key=["number"]
    )
    sqlite_room.load(f'number,polygon\n00000001,"{SQUARE}"\n00000002,"{BOW}"\n', dataset="books")
    sqlite_room.register(name="meters", fields=METERS, key=["number"])
    rows = "a,00000001,5,5\nb,00000001,50,5\nc,00000002,5,5\nd,,-1,0\n"
    sqlite_room.load("number,book,x,y\n" + rows, dataset="meters")
    return sqlite_room


def tried(room: Room, rule: Rule, **where: Any) -> Trial:
    return room.quality.trials.on_version(rule, **{"name": "meters", **where})


def test_a_trial_shows_what_passes_and_the_first_failures(meters: Room) -> None:
    found = tried(meters, a_rule())
    assert (found.passing, found.judged, found.failing, found.passed, found.rows) == (3, 4, 1, False, 4)
    assert found.examples == ("row 4, x -1.000000",)
    assert found.fields == {"value": ("x",)}
    assert (found.rule, found.subject, found.notes) == ("z1-tried@1.0", "meters version 1", ())


def test_a_trial_keeps_nothing(meters: Room) -> None:
    before = (dump(meters), meters.objects())
    tried(meters, a_rule())
    assert (dump(meters), meters.objects()) == before


def test_a_polygon_that_crosses_itself_is_named(meters: Room) -> None:
    inside = a_rule(
        check="inside", parameters={}, scope=["meter.longitude", "meter.latitude", "meter_book.polygon"]
    )
    found = tried(meters, inside)
    assert (found.passing, found.judged) == (1, 2)
    assert found.examples == ("row 2, x 50.000000, y 5.000000",)
    unjudged, crossing = found.notes
    assert unjudged.startswith("2 of 4 rows are not judged")
    assert crossing == "the polygon of books 00000002 can't be used: Self-intersection[5 5]"


def test_a_division_by_zero_is_not_judged(meters: Room) -> None:
    rule = expression("meter.longitude / meter.latitude > 0", "meter.longitude", "meter.latitude")
    found = tried(meters, rule)
    assert (found.passing, found.judged) == (3, 3)
    assert found.notes[0].startswith("1 of 4 rows are not judged")
    assert "divided by zero" in found.notes[0]


@pytest.mark.parametrize(
    "text",
    [
        "meter.longitude + 1",
        "meter.longitude > (SELECT 1)",
        "meter.longitude > 0 AND EXISTS (SELECT * FROM books)",
        "read_text('/etc/passwd') = meter.longitude",
        "meter.longitude > 0; DROP TABLE x",
        "meter.longitude >",
    ],
)
def test_an_expression_that_is_no_condition_over_the_row_is_refused(meters: Room, text: str) -> None:
    with pytest.raises(MalformedExpression):
        tried(meters, expression(text))


def test_a_bad_pattern_makes_no_rule() -> None:
    with pytest.raises(ContradictoryRule) as caught:
        a_rule(check="pattern", scope=["meter.number"], parameters={"pattern": "(["})
    assert "no regular expression" in caught.value.faults[0].detail


def test_a_field_that_is_not_there_is_told(meters: Room) -> None:
    with pytest.raises(RuleDoesNotFit) as caught:
        tried(meters, a_rule(scope=["customer.longitude"]))
    assert "about customer.longitude" in caught.value.message
    assert "x (meter.longitude)" in str(caught.value.hint)
    with pytest.raises(RuleDoesNotFit, match=r"no dataset that a row of meters .* meter\.maker"):
        tried(meters, a_rule(check="any-present", parameters={}, scope=["meter.longitude", "meter.maker"]))


def test_a_file_is_read_as_one_of_the_dataset(meters: Room) -> None:
    path = meters.file("number,book,x,y\ne,00000001,-5,0\nf,00000001,7,0\n", "new.csv")
    found = meters.quality.trials.on_file(a_rule(), path, "meters")
    assert (found.passing, found.judged, found.rows, found.subject) == (1, 2, 2, "new.csv")
    assert found.examples == ("row 1, x -5.000000",)


def test_a_file_that_lost_a_column_is_told_which(meters: Room) -> None:
    path = meters.file("number,y\ne,1\n", "lost.csv")
    with pytest.raises(RuleDoesNotFit, match=r"about meter.longitude, and lost.csv has no such field"):
        meters.quality.trials.on_file(a_rule(), path, "meters")
    schema = a_rule(check="schema", scope=[], parameters={}, indicator="0102", null_means="fails")
    found = meters.quality.trials.on_file(schema, path, "meters")
    assert found.examples == ("the data has no field book; the data has no field x",)

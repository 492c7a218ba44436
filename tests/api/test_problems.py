"""Errors at the edge: one code a fact, one status and one exit code a kind, all of it documented."""

from __future__ import annotations

from collections import defaultdict

import pytest

from api import problems
from api.reference import DOCS, error_classes, kind, pages
from catalog.datasets.models import DatasetNotFound
from standards.errors import Fault, InvalidInput, ShuizeError

SHARED = {"already-revoked"}
"""The catalog and the contract say the same of a grant that was revoked."""

CLASSES = error_classes()


def test_there_are_errors_of_all_five_packages() -> None:
    assert {each.__module__.split(".")[0] for each in CLASSES} == {
        "standards", "catalog", "contracts", "products", "api",
    }  # fmt: skip


def test_a_code_stands_for_one_fact() -> None:
    by_code = defaultdict(list)
    for each in CLASSES:
        by_code[each.code].append(each)
    assert {code for code, classes in by_code.items() if len(classes) > 1} == SHARED
    for code in SHARED:
        assert len({problems.answer(each) for each in by_code[code]}) == 1


@pytest.mark.parametrize("error", CLASSES, ids=lambda each: each.code)
def test_an_error_has_a_code_for_machines_and_a_title_for_people(error: type[ShuizeError]) -> None:
    assert error.code == error.code.lower().strip()
    assert error.code.replace("-", "").isalpha()
    assert "__doc__" in vars(error)
    title = problems.title(error)
    assert 5 < len(title) < 110
    assert title[0].isupper() or title[0] == "`"
    assert not title.endswith(".")


@pytest.mark.parametrize("error", CLASSES, ids=lambda each: each.code)
def test_an_error_is_documented_with_its_kind_status_and_exit_code(error: type[ShuizeError]) -> None:
    status, code = problems.answer(error)
    row = f"| `{error.code}` | {kind(error)} | {status} | {code} | "
    assert row in (DOCS / "errors.md").read_text("utf-8"), "run: python -m api.reference"


def test_every_kind_has_an_answer_and_every_answer_a_meaning() -> None:
    for status, code in problems.ANSWERS.values():
        assert 400 <= status < 600
        assert code in problems.EXIT_CODES
        assert code not in {0, 1, 2}  # done, "no", and the command line's own


def test_the_pages_say_what_the_code_says() -> None:
    stale = [path.name for path, page in pages().items() if page != path.read_text("utf-8")]
    assert not stale, "renew them: python -m api.reference"


def test_a_problem_says_what_where_and_how_to_mend() -> None:
    error = InvalidInput("no good", hint="do this", faults=[Fault("/a", "wrong"), Fault("/b", "too")])
    assert problems.problem(error) == {
        "type": "urn:shuize:problem:invalid-input",
        "title": "What was handed in can't be used as it is",
        "status": 422,
        "detail": "no good",
        "hint": "do this",
        "errors": [{"pointer": "/a", "detail": "wrong"}, {"pointer": "/b", "detail": "too"}],
    }
    assert set(problems.problem(DatasetNotFound("x"))) == {"type", "title", "status", "detail"}


def test_a_subclass_answers_as_its_nearest_kind() -> None:
    class Odd(DatasetNotFound):
        """Odd."""

    assert problems.answer(Odd) == (404, 4)

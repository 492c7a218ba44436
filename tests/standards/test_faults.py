from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from standards.faults import of_validation
from standards.texts import escaped, is_line, unprintable


class _Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    parts: tuple[int, ...] = ()


@pytest.mark.parametrize(
    ("document", "pointer", "detail"),
    [
        ({}, "/name", "is missing"),
        ({"name": 1}, "/name", "should be text; what looks like a number or a date needs quotes"),
        ({"name": "a", "nmae": "b"}, "/nmae", "has no meaning here; look for a misspelling, or leave it out"),
        ({"name": "a", "parts": "x"}, "/parts", "should be a list"),
        ("text", "/", "should be names with values"),
    ],
)
def test_faults_speak_of_the_document_and_not_of_the_program(
    document: object, pointer: str, detail: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        _Thing.model_validate(document)
    assert [(each.pointer, each.detail) for each in of_validation(caught.value)] == [(pointer, detail)]


def test_control_characters_are_found_wherever_they_stand() -> None:
    document: dict[str, Any] = {
        "title": "a\x1b[31mred", "many": ["fine\n\ttext 水", "bell\x07"], "c1": "\x9b2J",
        "turned": "a\u202eb", "k\x7fey": 1,
    }  # fmt: skip
    found = {each.pointer: each.detail for each in unprintable(document)}
    assert set(found) == {"/title", "/many/1", "/c1", "/turned", "/k\\u007fey"}
    assert found["/title"] == "holds the control character \\u001b; take it out"


def test_a_document_that_holds_itself_is_looked_through_once() -> None:
    document: list[Any] = ["\x00"]
    document.append(document)
    deep: Any = "\x00"
    for _ in range(10_000):
        deep = [deep]
    assert len(list(unprintable(document))) == len(list(unprintable(deep))) == 1


def test_what_is_shown_steers_no_terminal() -> None:
    assert escaped("\x1b[2J\r水\t\n\x85") == "\\u001b[2J\\u000d水\t\n\\u0085"
    assert escaped("plain") == "plain"
    assert [is_line(text) for text in ("李娜 Li Na", "a\nb", "a\tb", "a\x1bb")] == [True, False, False, False]

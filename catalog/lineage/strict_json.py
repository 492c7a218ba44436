"""JSON read strictly: what two readers might understand differently is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from standards.errors import Fault, InvalidInput

MAX_DEPTH = 100

Document = dict[str, Any]


class MalformedEvent(InvalidInput):
    """What was sent is not an OpenLineage event; the faults name the places."""

    code = "malformed-event"


class EventTooLarge(InvalidInput):
    """An event, or a batch of them, larger than what is read."""

    code = "event-too-large"


def malformed(why: str, pointer: str = "/", hint: str | None = None) -> MalformedEvent:
    return MalformedEvent(
        why,
        hint=hint or "events have the form of the OpenLineage specification 2-0-2",
        faults=[Fault(pointer, why)],
    )


class _Repeated(ValueError):
    """An object with two members of one name: which of them holds, no two readers agree."""


def _unique(pairs: list[tuple[str, Any]]) -> Document:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Repeated(f"the name {twice!r} stands twice in one object")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse)
BLANK = " \t\r\n"
_NESTED = (dict, list)


def text_of(body: bytes | str) -> str:
    if isinstance(body, str):
        return body
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise malformed(f"the body is not UTF-8: byte {error.start} does not belong there") from error


class reading:  # noqa: N801 - a context manager
    """Errors of the reader as errors of the event."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, RecursionError):
            raise malformed(f"the body is nested deeper than {MAX_DEPTH} levels") from error
        if isinstance(error, json.JSONDecodeError):
            raise malformed(f"the body is not JSON: {error}") from error
        if isinstance(error, ValueError):
            raise malformed(f"the body is not JSON that is read here: {error}") from error


def elements(text: str) -> Iterator[tuple[Any, str]]:
    """Yield each element of a JSON array, with the text it was written as."""
    place = _skip(text, 0)
    if text[place : place + 1] != "[":
        raise malformed("a batch is a JSON array of events")
    place = _skip(text, place + 1)
    is_over = text[place : place + 1] == "]"
    while not is_over:
        try:
            document, end = DECODER.raw_decode(text, place)
        except _Repeated as error:
            document, end = malformed(str(error)), json.JSONDecoder().raw_decode(text, place)[1]
        yield document, text[place:end]
        place = _skip(text, end)
        is_over = text[place : place + 1] == "]"
        if not is_over:
            if text[place : place + 1] != ",":
                raise json.JSONDecodeError("Expecting ',' delimiter", text, place)
            place = _skip(text, place + 1)
    if text[place + 1 :].strip(BLANK):
        raise json.JSONDecodeError("Extra data", text, place + 1)


def _skip(text: str, place: int) -> int:
    while text[place : place + 1] and text[place] in BLANK:
        place += 1
    return place


def require_shallow(document: Document) -> None:
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for part in level:
            values = part.values() if isinstance(part, dict) else part
            below += [value for value in values if type(value) in _NESTED]
        if not below:
            return
        level = below
    raise malformed(f"the event is nested deeper than {MAX_DEPTH} levels")

"""Files of events: a JSON array, one event, or one event a line."""

from __future__ import annotations

import json
from collections.abc import Iterator

from catalog.lineage import strict_json
from catalog.lineage.events import Event, parse, tried
from catalog.lineage.strict_json import EventTooLarge, MalformedEvent

_FIRST_LINES = 20


def parse_file(body: bytes) -> Iterator[Event | MalformedEvent | EventTooLarge]:
    """Yield the events of a file, a bad one as its error: a JSON array, one event, or one event a line.

    Raises MalformedEvent for what is none of these. A file may be larger than what is sent over HTTP.
    """
    text = strict_json.text_of(body.removeprefix(b"\xef\xbb\xbf"))
    if text.lstrip(strict_json.BLANK).startswith("["):
        with strict_json.reading():
            for document, written in strict_json.elements(text):
                yield tried(document, written)
        return
    whole = _parsed(text)
    if isinstance(whole, Event) or not _is_lines(text, whole):
        yield whole
        return
    for line in text.split("\n"):
        if line.strip():
            yield _parsed(line)


def _parsed(text: str) -> Event | MalformedEvent | EventTooLarge:
    try:
        return parse(text)
    except (MalformedEvent, EventTooLarge) as error:
        return error


def _is_lines(text: str, error: MalformedEvent | EventTooLarge) -> bool:
    """Return whether what is no event as a whole has one a line; a large text tells by its first lines."""
    lines = [line for line in text.split("\n", _FIRST_LINES)[:_FIRST_LINES] if line.strip()]
    if isinstance(error, EventTooLarge):
        return len(lines) > 1 and any(_is_object(line) for line in lines)
    return len(lines) > 1 and isinstance(error.__cause__, json.JSONDecodeError)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False

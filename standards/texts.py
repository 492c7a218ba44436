"""Texts that people read: what in them would steer a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator

from standards.errors import Fault

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_ESCAPES = {
    code: f"\\u{code:04x}"
    for code in (*range(0x20), *range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A))
    if chr(code) not in "\t\n"
}


def unprintable(document: object) -> Iterator[Fault]:
    """Yield a fault for each text, and each name, that would steer a terminal or turn a line round.

    Tabs and ends of lines may stand in a text; a carriage return may not: YAML reads it as a line's end.
    """
    waiting, seen = [("", document)], set[int]()  # YAML's aliases let a part stand in itself
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, str):
            if (found := _UNPRINTABLE.search(value)) is not None:
                yield Fault(pointer, f"holds the control character {escaped(found[0])}; take it out")
        elif isinstance(value, dict | list | tuple) and id(value) not in seen:
            seen.add(id(value))
            parts = list(value.items() if isinstance(value, dict) else enumerate(value))
            named = [(f"{pointer}/{escaped(str(name))}", name, part) for name, part in parts]
            waiting += [(place, each) for place, *both in reversed(named) for each in reversed(both)]


def is_line(text: str) -> bool:
    """Tell whether a text is one printable line, as a name or a title is."""
    return "\n" not in text and "\t" not in text and _UNPRINTABLE.search(text) is None


def escaped(text: str) -> str:
    r"""Return the text with control characters as JSON writes them, `\u001b`; tabs and ends of lines stay."""
    return text if _UNPRINTABLE.search(text) is None else text.translate(_ESCAPES)

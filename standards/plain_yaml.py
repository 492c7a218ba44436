"""YAML that means the same to every reader, as JSON values, and back.

Read by the core schema of YAML 1.2, of which JSON is a part: dates, `yes` and `12:30` are text. What YAML 1.1
and 1.2 read differently, what JSON can't hold, and what would grow without bound is refused.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from standards.errors import Fault, InvalidInput

MAX_BYTES = 4 * 2**20
MAX_DEPTH = 100
MAX_VALUES = 500_000
"""How many values a document may hold, each alias counted as often as it is used."""

_EXACT = 2**53
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_BREAKS = frozenset("\x85\u2028\u2029")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TAG = "tag:yaml.org,2002:"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's where it is there


class NotPlainYaml(InvalidInput):
    """A text is no YAML or JSON document that every reader understands alike; the faults name the places."""

    code = "not-plain-yaml"


def read(text: str, *, where: str) -> Any:
    """Return the document as JSON values. Raises NotPlainYaml."""
    if len(text) > MAX_BYTES:
        raise NotPlainYaml(
            f"{where} has more than {MAX_BYTES:,} characters", hint="split it into smaller documents"
        )
    try:
        found = _json(text) if text.lstrip().startswith("{") else _yaml(text)
        _judge(found, "", 0)
    except _Refused as refused:
        raise NotPlainYaml(
            f"{where} is no document that every reader understands alike: {refused.fault.detail}",
            hint="mend the place named",
            faults=[refused.fault],
        ) from refused
    except RecursionError as error:  # from the reader of JSON
        raise _unreadable(where, f"nested deeper than {MAX_DEPTH} levels") from error
    except yaml.YAMLError as error:
        raise _unreadable(where, _place(error)) from error
    return found


def write(document: Any) -> str:
    """Return the document as YAML that readers of YAML 1.1 and 1.2 understand alike."""
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return text


class _Refused(Exception):
    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.fault = Fault(pointer or "/", detail)


def _judge(value: Any, pointer: str, depth: int) -> None:
    """Raise _Refused for what has no canonical JSON."""
    if depth > MAX_DEPTH:
        raise _Refused("/", f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        for key, each in value.items():
            _require_text(key, pointer)
            _judge(each, f"{pointer}/{escaped(key)}", depth + 1)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            _judge(each, f"{pointer}/{index}", depth + 1)
    elif isinstance(value, str):
        _require_text(value, pointer)
    elif isinstance(value, int) and not -_EXACT < value < _EXACT:
        raise _Refused(pointer, "a number too large to be exact everywhere: quote it")
    elif isinstance(value, float) and value - value != 0:
        raise _Refused(pointer, "infinity and NaN are no JSON: quote it, or leave it out")


class _Reader:
    """Turns YAML's events into values. Composing nodes instead would follow any depth, in C, to its end."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._anchored: dict[str, tuple[Any, int]] = {}
        self._values = 0

    def document(self) -> Any:
        """Return the one document of the stream, None if it is empty."""
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        found = self._value(next(self._events), "", 0)
        next(self._events)
        if not isinstance(after := next(self._events), yaml.StreamEndEvent):
            raise _Refused("/", f"{_line(after)}: a second document begins")
        return found

    def _value(self, event: yaml.Event, pointer: str, depth: int) -> Any:
        self._count(1, pointer)
        if depth > MAX_DEPTH:
            raise _Refused("/", f"{_line(event)}: nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, pointer)
        before = self._values
        found = self._fresh(event, pointer, depth)
        if (anchor := getattr(event, "anchor", None)) is not None:
            self._anchored[anchor] = found, self._values - before
        return found

    def _fresh(self, event: yaml.Event, pointer: str, depth: int) -> Any:
        if isinstance(event, yaml.MappingStartEvent) and event.tag in (None, "!", _TAG + "map"):
            return self._mapping(pointer, depth)
        if isinstance(event, yaml.SequenceStartEvent) and event.tag in (None, "!", _TAG + "seq"):
            found: list[Any] = []
            while not isinstance(each := next(self._events), yaml.SequenceEndEvent):
                found.append(self._value(each, f"{pointer}/{len(found)}", depth + 1))
            return found
        if isinstance(event, yaml.ScalarEvent) and event.tag in (None, "!", _TAG + "str"):
            return _scalar(event.value, pointer, _line(event)) if _is_plain(event) else event.value
        raise _Refused(pointer, f"{_line(event)}: the tag {getattr(event, 'tag', None)} is not read")

    def _mapping(self, pointer: str, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._value(event, pointer, depth + 1)
            if not isinstance(key, str):
                raise _Refused(pointer, f"{_line(event)}: a key is no text: quote it")
            if key == "<<" and _is_plain(event):
                raise _Refused(pointer, f"{_line(event)}: merge keys are no YAML 1.2: write it out")
            if key in found:
                raise _Refused(pointer, f"{_line(event)}: {key!r} stands twice")
            found[key] = self._value(next(self._events), f"{pointer}/{escaped(key)}", depth + 1)
        return found

    def _alias(self, event: yaml.AliasEvent, pointer: str) -> Any:
        if event.anchor not in self._anchored:
            raise _Refused(pointer, f"{_line(event)}: *{event.anchor} stands for nothing that came before")
        value, size = self._anchored[event.anchor]
        self._count(size, pointer)
        return copy.deepcopy(value)

    def _count(self, more: int, pointer: str) -> None:
        self._values += more
        if self._values > MAX_VALUES:
            raise _Refused(pointer, f"more than {MAX_VALUES:,} values, those behind aliases included")


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Quote what a reader of YAML 1.2 takes for a number, and what one of 1.1 takes for an end of line.

    What a reader of 1.1 takes for a number, a date or a word is quoted already.
    """
    is_read_otherwise = _FLOAT.fullmatch(text) or _INTEGER.fullmatch(text) or _BREAKS.intersection(text)
    style = '"' if is_read_otherwise else None
    return dumper.represent_scalar(_TAG + "str", text, style=style)


_Dumper.add_representer(str, _write_text)


def escaped(key: str) -> str:
    """Return a key as part of a JSON pointer. Source: RFC 6901."""
    return key.replace("~", "~0").replace("/", "~1")


def _yaml(text: str) -> Any:
    return _Reader(yaml.parse(text, Loader=_LOADER)).document()


def _json(text: str) -> Any:
    """Return the JSON document; text that is none may still be YAML in braces."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except json.JSONDecodeError:
        return _yaml(text)
    except ValueError as error:  # an integer of thousands of digits
        raise _Refused("/", "a number too large to be exact everywhere: quote it") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _Refused("/", f"{next(n for n in names if names.count(n) > 1)!r} stands twice in one object")
    return found


def _no_number(constant: str) -> Any:
    raise _Refused("/", f"{constant} is no JSON: quote it, or leave it out")


def _scalar(text: str, pointer: str, line: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _NO_NUMBER.fullmatch(text):
        raise _Refused(pointer, f"{line}: {text} is no JSON: quote it, or leave it out")
    if _LEADING_ZERO.fullmatch(text):
        raise _Refused(pointer, f"{line}: {text} may be a number or a code: quote it")
    if _INTEGER.fullmatch(text):
        if len(text) > 20:
            raise _Refused(pointer, f"{line}: a number too large to be exact everywhere: quote it")
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    return float(text) if _FLOAT.fullmatch(text) else text


def _require_text(text: str, pointer: str) -> None:
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise _Refused(pointer, "half of a surrogate pair is no text")


def _is_plain(event: yaml.Event) -> bool:
    return isinstance(event, yaml.ScalarEvent) and event.tag is None and event.style in (None, "")


def _line(event: yaml.Event) -> str:
    mark = event.start_mark
    return f"line {mark.line + 1}" if mark else "somewhere"


def _unreadable(where: str, why: str) -> NotPlainYaml:
    return NotPlainYaml(f"{where} is not YAML or JSON that can be read: {why}", hint="mend the place named")


def _place(error: yaml.YAMLError) -> str:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return str(error).splitlines()[0]
    mark = error.problem_mark
    return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem or error.context}"

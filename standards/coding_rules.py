"""Coding rules: how a code is put together, so that it can be generated and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from standards.check_characters import ALPHANUMERIC, DIGITS, CheckAlgorithm, check_character
from standards.documents import (
    Document,
    ElementId,
    Kind,
    Part,
    RegistrationStatus,
    Slug,
    Text,
    refuse,
    validity_faults,
)
from standards.errors import Fault, InvalidInput


class MalformedCodingRule(InvalidInput):
    """A coding rule contradicts itself; `faults` names every segment that is wrong."""

    code = "malformed-coding-rule"


class WrongSegment(InvalidInput):
    """The parts given for a code don't fit its coding rule; `faults` names each of them."""

    code = "wrong-segment"


@dataclass(frozen=True)
class CodeFault:
    """What is wrong with a code, at which of its characters (from 1), in which segment (none: the length)."""

    place: int
    segment: str | None
    what: str

    def __str__(self) -> str:
        return f"at character {self.place}: {self.what}" if self.segment else self.what


class SegmentKind(StrEnum):
    """What may stand in a segment.

    Fixed text; characters of an alphabet; a running number, zero-filled; a date by its form; one of the codes
    of a code list; or the check character over all that stands before it.
    """

    FIXED = "fixed"
    CHARACTERS = "characters"
    NUMBER = "number"
    DATE = "date"
    CODE = "code"
    CHECK = "check"


_DATE_FORMS = {"YYYY": "%Y", "YYYYMM": "%Y%m", "YYYYMMDD": "%Y%m%d"}
_OWN = {  # the parts that belong to one kind, and must be given there
    SegmentKind.FIXED: "text",
    SegmentKind.CHARACTERS: "alphabet",
    SegmentKind.DATE: "form",
    SegmentKind.CODE: "codes",
    SegmentKind.CHECK: "algorithm",
}


class Segment(Part):
    """One part of a code, of fixed length, from left to right."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title_zh: Text
    title_en: Text
    kind: SegmentKind
    length: Annotated[int, Field(ge=1, le=64)]
    text: Text | None = None
    alphabet: Text | None = None
    form: Text | None = None
    codes: tuple[Text, ...] = ()
    algorithm: CheckAlgorithm | None = None

    def fault(self, value: str) -> str | None:
        """Return what is wrong with `value` here, or None. Of a check segment only the form is looked at."""
        if len(value) != self.length:
            return f"{self.title_en} {value!r} has {len(value)} characters instead of {self.length}"
        if self.kind is SegmentKind.FIXED:
            return None if value == self.text else f"{self.title_en} is {value!r} instead of {self.text!r}"
        if self.kind is SegmentKind.CODE:
            return None if value in self.codes else f"{self.title_en} {value!r} is none of {list(self.codes)}"
        if strange := self.strange(value):
            return f"{self.title_en} {value!r} holds {value[strange[0]]!r}, which is not allowed there"
        if self.kind is SegmentKind.DATE and not _is_date(value, str(self.form)):
            return f"{self.title_en} {value!r} is no date of the form {self.form}"
        return None

    def strange(self, value: str) -> list[int]:
        """Return the places, from 0, of the characters that can't stand in the segment."""
        return [place for place, character in enumerate(value) if character not in self.characters]

    @property
    def characters(self) -> str:
        """Every character that can stand in the segment."""
        if self.kind is SegmentKind.FIXED:
            return str(self.text)
        if self.kind is SegmentKind.CODE:
            return "".join(self.codes)
        if self.kind is SegmentKind.CHECK and self.algorithm:
            return self.algorithm.alphabet
        return str(self.alphabet) if self.kind is SegmentKind.CHARACTERS else DIGITS


class CodingRule(Document):
    """How the values of one data element are put together: the segments from left to right, nothing else."""

    kind: ClassVar[Kind] = Kind.CODING_RULE

    id: Slug
    title_zh: Text
    title_en: Text
    definition_zh: Text
    definition: Text
    element: ElementId
    segments: Annotated[tuple[Segment, ...], Field(min_length=1)]
    examples: tuple[Text, ...] = ()
    valid_from: date
    valid_to: date | None = None
    status: RegistrationStatus = RegistrationStatus.STANDARD

    @model_validator(mode="after")
    def _can_be_followed(self) -> CodingRule:
        faults = [*validity_faults(self.valid_from, self.valid_to), *_segment_faults(self.segments)]
        if not faults:  # the examples are checked by the segments, which must be right first
            faults += [
                Fault(f"/examples/{place}", f"example {code!r}: {wrong}")
                for place, code in enumerate(self.examples)
                if (wrong := self.fault(code))
            ]
        refuse(
            MalformedCodingRule,
            f"coding rule {self.id} {self.version}",
            faults,
            hint="give each kind of segment its own part, and examples that follow the rule",
        )
        return self

    @property
    def length(self) -> int:
        """How many characters a code has."""
        return sum(segment.length for segment in self.segments)

    def generate(self, parts: Mapping[str, str | int | date]) -> str:
        """Return the code made of `parts`, by segment name; fixed and check segments are filled in.

        A whole number is zero-filled to the segment's length, a date written in its form.
        Raises WrongSegment.
        """
        asked = [s for s in self.segments if s.kind not in (SegmentKind.FIXED, SegmentKind.CHECK)]
        faults = [
            Fault(f"/{name}", f"there is no segment {name!r}") for name in parts if name not in _names(asked)
        ]
        faults += [Fault(f"/{s.name}", f"{s.title_en} is missing") for s in asked if s.name not in parts]
        code = ""
        for segment in self.segments if not faults else ():
            value = _written(segment, parts, code)
            if wrong := segment.fault(value):
                faults.append(Fault(f"/{segment.name}", wrong))
                break
            code += value
        if faults:
            raise WrongSegment(
                f"no {self.title_en} can be made: " + "; ".join(fault.detail for fault in faults[:3]),
                hint="the segments are: " + ", ".join(f"{s.name} ({s.length})" for s in asked),
                faults=faults,
            )
        return code

    def parts(self, texts: Mapping[str, str]) -> dict[str, str | int | date]:
        """Return parts as people type them: 7 for a running number means that number, zero-filled."""
        numbers = {s.name for s in self.segments if s.kind is SegmentKind.NUMBER}
        return {
            name: int(text) if name in numbers and text.isascii() and text.isdigit() else text
            for name, text in texts.items()
        }

    def series(self, parts: Mapping[str, str | int | date], count: int) -> Iterator[str]:
        """Yield so many codes: those of `parts`, the last running number counting on. Raises WrongSegment."""
        running = [s.name for s in self.segments if s.kind is SegmentKind.NUMBER][-1:]
        for step in range(count):
            yield self.generate(dict(parts) | {name: _further(parts[name], step) for name in running if step})

    def fault(self, code: str) -> CodeFault | None:
        """Return the first thing from the left that is wrong with `code`, or None."""
        if len(code) != self.length:
            what = f"it has {len(code)} characters instead of {self.length}"
            return CodeFault(min(len(code), self.length) + 1, None, what)
        place = 0
        for segment in self.segments:
            value = code[place : place + segment.length]
            if wrong := segment.fault(value):
                within = 0 if segment.codes or segment.text else (segment.strange(value) or [0])[0]
                return CodeFault(place + within + 1, segment.name, wrong)
            if segment.algorithm and check_character(code[:place], segment.algorithm) != value:
                right = check_character(code[:place], segment.algorithm)
                what = f"the check character is {value!r} instead of {right!r}"
                return CodeFault(place + 1, segment.name, what)
            place += segment.length
        return None

    def split(self, code: str) -> dict[str, str]:
        """Return the segments of `code` by name. Raises WrongSegment if it does not follow the rule."""
        if wrong := self.fault(code):
            raise WrongSegment(
                f"{code!r} does not follow {self.id}: {wrong}", hint=f"see shuize standard show {self.id}"
            )
        ends = [sum(s.length for s in self.segments[: place + 1]) for place in range(len(self.segments))]
        return {s.name: code[end - s.length : end] for s, end in zip(self.segments, ends, strict=True)}


def _segment_faults(segments: tuple[Segment, ...]) -> Iterator[Fault]:
    before = ""
    for place, segment in enumerate(segments):
        pointer = f"/segments/{place}"
        if segment.name in _names(segments[:place]):
            yield Fault(pointer, f"two segments are called {segment.name!r}")
        wrong = list(_part_faults(segment, pointer))
        yield from wrong
        if wrong:
            return
        if segment.algorithm is not None:
            strange = set(before) - set(segment.algorithm.alphabet)
            if strange or not before:
                what = f"{min(strange)!r} before it" if strange else "nothing"
                yield Fault(pointer, f"{segment.algorithm} can't check {what}")
        before += segment.characters


def _part_faults(segment: Segment, pointer: str) -> Iterator[Fault]:
    for kind, part in _OWN.items():
        given = getattr(segment, part) not in (None, ())
        if given != (segment.kind is kind):
            yield Fault(
                f"{pointer}/{part}",
                f"segment {segment.name!r} of kind {segment.kind} {'has' if given else 'lacks'} {part}",
            )
    if segment.form is not None and segment.form not in _DATE_FORMS:
        yield Fault(f"{pointer}/form", f"{segment.form!r} is none of {', '.join(_DATE_FORMS)}")
    if segment.alphabet is not None and not set(segment.alphabet) <= set(ALPHANUMERIC):
        yield Fault(f"{pointer}/alphabet", f"alphabet {segment.alphabet!r} has more than 0-9 and A-Z")
    lengths = {len(value) for value in (segment.text, segment.form, *segment.codes) if value is not None}
    if segment.kind is SegmentKind.CHECK:
        lengths = {1}
    if lengths - {segment.length}:
        yield Fault(
            f"{pointer}/length",
            f"segment {segment.name!r} has length {segment.length}, and parts of {sorted(lengths)}",
        )


def _written(segment: Segment, parts: Mapping[str, str | int | date], before: str) -> str:
    if segment.kind is SegmentKind.FIXED:
        return str(segment.text)
    if segment.algorithm is not None:
        return check_character(before, segment.algorithm)
    value = parts[segment.name]
    if isinstance(value, date):
        return value.strftime(_DATE_FORMS.get(str(segment.form), "%Y%m%d"))
    return str(value).zfill(segment.length) if isinstance(value, int) else value


def _further(value: str | int | date, step: int) -> int:
    """Return a running number so many steps on."""
    return int(str(value)) + step


def _is_date(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, _DATE_FORMS[form])  # noqa: DTZ007 - a civil date
    except ValueError:
        return False
    return True


def _names(segments: list[Segment] | tuple[Segment, ...]) -> set[str]:
    return {segment.name for segment in segments}

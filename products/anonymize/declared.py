"""Hierarchies as a person declares them in a policy: from fine to coarse, level 0 being the value itself.

Null is a value of its own. On every declared level it stays null, unless a label table lists it; only the
star takes it in, as it takes in everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from products.anonymize.errors import MalformedPolicy
from standards.code_lists import CodeListId
from standards.errors import Fault

STAR = "*"
"""The label of everything: the field tells nothing any more."""

CutPoint = Annotated[Decimal | date, Field(union_mode="left_to_right")]
"""A number or an ISO date."""

_Label = Annotated[str, StringConstraints(min_length=1)]


class _Declared(BaseModel):
    """`star` adds a last level on which every value, null included, is `*`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    star: bool = False


class Star(BaseModel):
    """One step: the value as it is, or `*`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["star"] = "star"


class CodeListLevels(_Declared):
    """The codes above a code. `levels` are those of the code list (1 is its top), so they decrease.

    A value recorded at or above a level stays as it is there: nothing finer is known about it.
    """

    kind: Literal["code-list"] = "code-list"
    code_list: CodeListId
    levels: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _goes_up(self) -> CodeListLevels:
        _strictly_falling("levels", self.levels, "a code list's level 1 is its top: write [3, 2, 1]")
        return self


class IntervalLevel(BaseModel):
    """One cut of the number line or the calendar into len(cuts) + 1 intervals [low, high), all labelled.

    The first label is for everything below the first cut point, the last for the last cut point and above.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cuts: Annotated[tuple[CutPoint, ...], Field(min_length=1)]
    labels: tuple[_Label, ...]

    @model_validator(mode="after")
    def _is_a_partition(self) -> IntervalLevel:
        faults = list(_cut_faults(self))
        if faults:
            raise MalformedPolicy(
                "an interval level contradicts itself: " + "; ".join(fault.detail for fault in faults),
                hint="give n rising cut points, all numbers or all dates, and n + 1 different labels",
                faults=faults,
            )
        return self


class Intervals(_Declared):
    """Intervals of numbers or dates; the cut points of a level are among those of the level before it."""

    kind: Literal["intervals"] = "intervals"
    levels: Annotated[tuple[IntervalLevel, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _nests(self) -> Intervals:
        for at, (fine, coarse) in enumerate(pairwise(self.levels), start=2):
            if strange := [cut for cut in coarse.cuts if cut not in fine.cuts]:
                raise MalformedPolicy(
                    f"cut point {strange[0]} of interval level {at} divides an interval of level {at - 1}, "
                    "whose values would have two parents",
                    hint=f"add {strange[0]} to level {at - 1}, or leave it out of level {at}",
                )
        return self


class Prefixes(_Declared):
    """The first characters (Unicode code points) of the value, then `*`: `350102` → `3501*` → `35*`.

    `keep` says how many, level by level. An ISO date is cut the same way: 7 is the month, 4 the year.
    """

    kind: Literal["prefix"] = "prefix"
    keep: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _goes_up(self) -> Prefixes:
        _strictly_falling("keep", self.keep, "every level keeps fewer characters: write [4, 2]")
        return self


class LabelTable(_Declared):
    """Every value with its labels: rows of (value, label at level 1, label at level 2, …), as text.

    The listed values are the field's domain. A row whose value is null speaks of the missing value.
    """

    kind: Literal["table"] = "table"
    rows: Annotated[tuple[tuple[str | None, ...], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_rectangular(self) -> LabelTable:
        width = len(self.rows[0])
        for at, row in enumerate(self.rows, start=1):
            if len(row) != width or width < 2 or (row[0] is not None and None in row):
                raise MalformedPolicy(
                    f"row {at} of the label table has {len(row)} columns {list(row)!r}; "
                    f"row 1 has {width}, and a value needs a label at every level",
                    hint="give every value one label for each level, finest first",
                )
        return self


DeclaredHierarchy = Annotated[
    Star | CodeListLevels | Intervals | Prefixes | LabelTable, Field(discriminator="kind")
]


def _strictly_falling(name: str, numbers: tuple[int, ...], hint: str) -> None:
    if any(first <= second for first, second in pairwise(numbers)):
        raise MalformedPolicy(f"{name} {list(numbers)} must fall strictly, from fine to coarse", hint=hint)


def _cut_faults(level: IntervalLevel) -> Iterator[Fault]:
    if len(level.labels) != len(level.cuts) + 1:
        yield Fault("/labels", f"{len(level.cuts)} cut points need {len(level.cuts) + 1} labels")
    if len(set(level.labels)) != len(level.labels):
        yield Fault("/labels", "one label stands for two intervals")
    if len({isinstance(cut, date) for cut in level.cuts}) > 1:
        yield Fault("/cuts", "numbers and dates are mixed")
    elif any(isinstance(cut, Decimal) and not cut.is_finite() for cut in level.cuts):
        yield Fault("/cuts", "a cut point is no number")
    elif any(first >= second for first, second in pairwise(level.cuts)):  # type: ignore[operator]
        yield Fault("/cuts", "the cut points do not rise")

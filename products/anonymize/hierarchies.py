"""From a declared hierarchy and the values of a field to the label of every value at every level."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from products.anonymize.declared import (
    STAR,
    CodeListLevels,
    DeclaredHierarchy,
    Intervals,
    LabelTable,
    Prefixes,
    Star,
)
from products.anonymize.errors import TwoParents, ValueNotCovered
from standards.code_lists import CodeList

CodeLists = Callable[[str], CodeList]
"""The code list of an id, `Library.code_list` for one. NotFound passes to the caller."""

Label = str | None
"""The text that stands in the output; None is null."""

_Labels = tuple[Label, ...]  # of one value: at level 1, 2, …
_NAMED = 3  # how many offending values an error names


@dataclass(frozen=True)
class Level:
    """One level over a field's data values.

    `labels` are distinct. `of_value` has shape (data values,) and holds indices into `labels`; `leaves` has
    shape (labels,): how many values of the domain carry the label.
    """

    meaning: str
    labels: tuple[Label, ...]
    of_value: NDArray[np.int64]
    leaves: NDArray[np.int64]


@dataclass(frozen=True)
class Hierarchy:
    """A field's levels, 0 (as recorded) first. `domain` counts the values known: in the data or declared."""

    field: str
    levels: tuple[Level, ...]
    domain: int


def build(
    field: str, values: Sequence[object], declared: DeclaredHierarchy | None, code_lists: CodeLists
) -> Hierarchy:
    """Return the hierarchy over a field's distinct data values, null among them as None.

    Without a declaration there is level 0 alone. Raises ValueNotCovered, TwoParents, and what `code_lists`
    raises.
    """
    meanings, labels = _declare(field, values, declared, code_lists)
    _refuse_two_parents(field, labels)
    data = [None if value is None else text(value) for value in values]
    domain = {key: (key, *above) for key, above in labels.items()}
    levels = (_level(meaning, at, data, domain) for at, meaning in enumerate(meanings))
    return Hierarchy(field, tuple(levels), len(domain))


def text(value: object) -> str:
    """Return the one text of a value: decimals with their scale, ISO dates, `true` and `false`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def _declare(
    field: str, values: Sequence[object], declared: DeclaredHierarchy | None, code_lists: CodeLists
) -> tuple[list[str], dict[Label, _Labels]]:
    """Return what each level means (level 0 included) and the labels of every value of the domain."""
    meanings, labels = ["as recorded"], dict[Label, _Labels]()
    match declared:
        case None | Star():
            labels = {text(value): () for value in values if value is not None}
        case CodeListLevels():
            code_list = code_lists(declared.code_list)
            name = f"{code_list.id} {code_list.version}"
            meanings += [f"code of {name} at level {level}" for level in declared.levels]
            labels = _code_labels(field, values, declared, code_list)
        case Intervals():
            meanings += [f"one of {len(each.labels)} intervals" for each in declared.levels]
            labels = _interval_labels(field, values, declared)
        case Prefixes():
            meanings += [f"first {keep} characters" for keep in declared.keep]
            labels = {
                (whole := text(value)): tuple(whole[:keep] + STAR for keep in declared.keep)
                for value in values
                if value is not None
            }
        case LabelTable():
            meanings += [f"label {at} of the table" for at in range(1, len(declared.rows[0]))]
            labels = _table_labels(field, values, declared)
    if None in values:
        labels.setdefault(None, (None,) * (len(meanings) - 1))
    if isinstance(declared, Star) or (declared is not None and declared.star):
        meanings.append("suppressed")
        labels = {value: (*above, STAR) for value, above in labels.items()}
    return meanings, labels


def _code_labels(
    field: str, values: Sequence[object], declared: CodeListLevels, code_list: CodeList
) -> dict[Label, _Labels]:
    """The domain is every code that has nothing below it, and whatever else the data holds."""
    recorded = {text(value): None for value in values if value is not None}
    _refuse_uncovered(
        field,
        [code for code in recorded if code not in code_list],
        hint=f"correct them, or take a code list other than {code_list.id} {code_list.version}",
    )
    inner = {entry.parent for entry in code_list.codes}
    leaves = {entry.code: None for entry in code_list.codes if entry.code not in inner}
    return {
        code: tuple(
            code_list.ancestor(code, min(level, code_list.get(code).level)).code for level in declared.levels
        )
        for code in leaves | recorded
    }


def _interval_labels(field: str, values: Sequence[object], declared: Intervals) -> dict[Label, _Labels]:
    known = [(value, _on_the_axis(value, declared)) for value in values if value is not None]
    _refuse_uncovered(
        field,
        [text(value) for value, position in known if position is None],
        hint="intervals of numbers take number fields, intervals of dates take date fields",
    )
    return {
        text(value): tuple(level.labels[bisect_right(level.cuts, position)] for level in declared.levels)
        for value, position in known
        if position is not None
    }


def _on_the_axis(value: object, declared: Intervals) -> Decimal | float | date | None:
    """Return the value as something the cut points compare with, or None when they do not."""
    if isinstance(declared.levels[0].cuts[0], date):
        return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or value != value:
        return None
    return value


def _table_labels(field: str, values: Sequence[object], declared: LabelTable) -> dict[Label, _Labels]:
    labels: dict[Label, _Labels] = {}
    for value, *above in declared.rows:
        if labels.setdefault(value, tuple(above)) != tuple(above):
            first = next(pair for pair in zip(labels[value], above, strict=True) if pair[0] != pair[1])
            raise _two_parents(field, value, *first)
    recorded = (text(value) for value in values if value is not None)
    _refuse_uncovered(
        field, [value for value in recorded if value not in labels], hint="add them to the label table"
    )
    return labels


def _level(meaning: str, at: int, data: Sequence[Label], domain: Mapping[Label, _Labels]) -> Level:
    index: dict[Label, int] = {}
    of_domain = [index.setdefault(labels[at], len(index)) for labels in domain.values()]
    return Level(
        meaning,
        tuple(index),
        np.fromiter((index[domain[value][at]] for value in data), np.int64, len(data)),
        np.bincount(np.asarray(of_domain, np.int64), minlength=len(index)),
    )


def _refuse_two_parents(field: str, labels: Mapping[Label, _Labels]) -> None:
    """Raises TwoParents unless every label of a level has one label above it."""
    parents: dict[tuple[int, Label], Label] = {}
    for above in labels.values():
        for at, (child, parent) in enumerate(pairwise(above)):
            known = parents.setdefault((at, child), parent)
            if known != parent:
                raise _two_parents(field, child, known, parent)


def _two_parents(field: str, value: Label, first: Label, second: Label) -> TwoParents:
    return TwoParents(
        f"field {field!r}: {_shown(value)} has two parents, {_shown(first)} and {_shown(second)}",
        hint="give every value and every label one parent; rename a label that stands for two things",
    )


def _refuse_uncovered(field: str, missing: Iterable[str], *, hint: str) -> None:
    if found := sorted(missing):
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        raise ValueNotCovered(
            f"field {field!r}: the hierarchy does not cover {', '.join(map(_shown, found[:_NAMED]))}{more}",
            hint=hint,
        )


def _shown(label: Label) -> str:
    """Return the label as an error shows it; a value may be 10,000 characters long."""
    if label is None:
        return "null"
    return repr(label if len(label) <= 60 else label[:59] + "…")

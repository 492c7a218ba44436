"""All rules of a dataset: those of the library, those its elements and key imply, and those it declares.

A declared rule stands in for the implied one of the same id, and a rule of the library for an implied one
that asks the same of the same fields. What can't be run is left out with the reason, so that coverage can be
told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from catalog.datasets.models import DatasetDraft
from catalog.quality import declared
from catalog.quality.binding import Shape, bind
from catalog.quality.bound import BoundRule, Column, read_column, read_rule
from catalog.quality.compiling.sheet import Beside
from catalog.quality.rules import implied, merged
from catalog.quality.units import Owned, owned_by
from standards.documents import UNPUBLISHED, Kind
from standards.errors import NotFound
from standards.library import Library
from standards.rules import Rule


@dataclass(frozen=True)
class LeftOut:
    """A rule that speaks of the dataset and can't be run on it, and why, in words."""

    rule: str
    reason: str


@dataclass(frozen=True)
class Rulebook:
    """The rules that are run on a dataset, in their order; `beside` are the other datasets they look at.

    What fails is called by the fields of `key`, and is whose `owned` says.
    """

    rules: tuple[BoundRule, ...]
    left_out: tuple[LeftOut, ...] = ()
    beside: Mapping[str, Beside] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    owned: Owned = field(default_factory=Owned)

    def only(self, rule: BoundRule) -> Rulebook:
        """Return this with one of its rules, and of the datasets beside what that one needs."""
        columns = (*rule.columns, *self.owned.columns)
        return replace(self, rules=(rule,), left_out=(), beside=_used(columns, self.beside))

    def document(self) -> dict[str, Any]:
        """Return the rules as plain JSON values, so that any of them can be run again as it was."""
        beside = {
            name: [[theirs, ours.document()] for theirs, ours in each.on]
            for name, each in self.beside.items()
        }
        return {
            "rules": [rule.document() for rule in self.rules],
            "beside": beside,
            "key": list(self.key),
            "organisation": [column.document() for column in self.owned.organisation],
            "answerable": [column.document() for column in self.owned.answerable],
        }


def read_rulebook(document: Mapping[str, Any], library: Library) -> Rulebook:
    """Return the rules that wrote the document. Raises UnknownStandard."""
    beside = {
        name: Beside(view_name(name), tuple((theirs, read_column(ours, library)) for theirs, ours in on))
        for name, on in document["beside"].items()
    }
    organisation, answerable = (
        tuple(read_column(each, library) for each in document[name])
        for name in ("organisation", "answerable")
    )
    return Rulebook(
        tuple(read_rule(each, library) for each in document["rules"]),
        (),
        beside,
        tuple(document["key"]),
        Owned(organisation, answerable),
    )


def rulebook(
    draft: DatasetDraft, others: Sequence[Shape], library: Library, today: date,
    *, lost: Collection[str] = (),
) -> Rulebook:  # fmt: skip
    """Return all rules of a dataset that are in force on a day.

    `others` are the datasets beside it, `lost` are fields that its data lacks.
    """
    columns = columns_of(draft, library)
    shape = shape_of(draft, library)
    binding = bind(shape, others, in_force(library, today), library)
    left_out = [LeftOut(each.rule.id, each.reason) for each in binding.left_out]
    own = [
        declared.bound(each, columns, library)
        for each in draft.rules
        if columns.keys() >= set(each.mentions())
    ]
    twice = _bound_twice(columns)
    library_rules, dropped = _told_apart(binding.rules, lost, twice)
    taken = {rule.id for rule in own}
    by_standard = [
        rule
        for rule in _implied(draft, columns, library)
        if rule.id not in taken and not any(_covers(other, rule) for other in library_rules)
    ]
    kept, more = _told_apart([*by_standard, *own], lost, {})
    kept += library_rules
    left_out += dropped + more
    owned, led = owned_by(shape, others, library)
    owned = owned.where(lambda column: column.dataset is not None or column.name not in lost)
    return Rulebook(
        tuple(kept),
        tuple(left_out),
        _used(
            [*(each for rule in kept for each in rule.columns), *owned.columns], _joined(led, binding.beside)
        ),
        () if set(draft.key) & set(lost) else draft.key,
        owned,
    )


def in_force(library: Library, today: date) -> tuple[Rule, ...]:
    """Return the library's rules that hold on a day."""
    return tuple(
        rule
        for rule in library.documents(Kind.RULE)
        if isinstance(rule, Rule)
        and rule.registration not in UNPUBLISHED
        and rule.valid_from <= today <= (rule.valid_to or today)
    )


def columns_of(draft: DatasetDraft, library: Library) -> dict[str, Column]:
    """Return the dataset's fields by name; one whose element the library does not know is none."""
    found = {}
    for each in draft.fields:
        try:
            found[each.name] = Column(each.name, library.element(each.element))
        except NotFound:
            continue
    return found


def shape_of(draft: DatasetDraft, library: Library) -> Shape:
    """Return what binding asks of a dataset. Of fields with one element the first is meant."""
    fields: dict[str, str] = {}
    for column in columns_of(draft, library).values():
        fields.setdefault(column.element.id, column.name)
    key = draft.key if set(draft.key) <= set(fields.values()) else ()
    return Shape(draft.name, fields, key, view_name(draft.name))


def view_name(dataset: str) -> str:
    """Return how SQL calls the view of a dataset that rules look at beside the judged one."""
    return '"' + f"beside {dataset}".replace('"', '""') + '"'


def _implied(draft: DatasetDraft, columns: Mapping[str, Column], library: Library) -> list[BoundRule]:
    documents = implied(
        {column.name: column.element.id for column in columns.values()},
        required={each.name for each in draft.fields if each.required and each.name in columns},
        key=draft.key if columns.keys() >= set(draft.key) else (),
        library=library,
    )
    return [declared.bound(each, columns, library) for each in merged(documents, ())]


def _covers(rule: BoundRule, other: BoundRule) -> bool:
    """Say whether a rule of the library finds all that an implied one finds."""
    if rule.check != other.check or rule.where or rule.fields != other.fields:
        return False
    return rule.check in ("present", "unique") or rule.settings == other.settings


def _bound_twice(columns: Mapping[str, Column]) -> dict[str, list[str]]:
    counts = Counter(column.element.id for column in columns.values())
    return {
        element: [column.name for column in columns.values() if column.element.id == element]
        for element, count in counts.items()
        if count > 1
    }


def _told_apart(
    rules: Iterable[BoundRule], lost: Collection[str], twice: Mapping[str, list[str]]
) -> tuple[list[BoundRule], list[LeftOut]]:
    kept, left_out = [], []
    for rule in rules:
        reason = _reason(rule, lost, twice)
        if reason is None:
            kept.append(rule)
        else:
            left_out.append(LeftOut(rule.id, reason))
    return kept, left_out


def _reason(rule: BoundRule, lost: Collection[str], twice: Mapping[str, list[str]]) -> str | None:
    for column in rule.columns:
        if column.dataset is None and column.name in lost:
            return f"the data has lost the field {column.name} ({column.element.id})"
        if column.dataset is None and column.element.id in twice:
            return f"{' and '.join(twice[column.element.id])} are all {column.element.id}; which is meant?"
    return None


def _joined(some: Mapping[str, Beside], others: Mapping[str, Beside]) -> dict[str, Beside]:
    """Return both; of one that both have, the one that knows how its rows are found."""
    return {**some, **{name: each for name, each in others.items() if each.on or name not in some}}


def _used(columns: Iterable[Column], beside: Mapping[str, Beside]) -> dict[str, Beside]:
    """Return the datasets that the columns are of, and those over which they are reached."""
    wanted = {column.dataset for column in columns} - {None}
    while more := {ours.dataset for name in wanted if name for _, ours in beside[name].on} - wanted - {None}:
        wanted |= more
    return {name: each for name, each in beside.items() if name in wanted}

"""Which rows of other datasets rules look at for a row: in which dataset, found by which of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from catalog.quality.bound import BoundRule, Column
from catalog.quality.compiling.sheet import Beside


@dataclass
class Step:
    """Rows of one dataset, found by values of the judged row or of rows found before (`ours`)."""

    dataset: str
    key: tuple[str, ...]
    ours: tuple[Column, ...]
    columns: set[str] = field(default_factory=set)


_COMPARED = {
    "reference": ("value", "referred", None),
    "referred-to": ("value", "referring", None),
    "agrees-with": ("key", "other_key", "other_value"),
}
"""The roles of a check against another dataset: our value, where it is looked up, what is read there."""


def steps(rules: Iterable[BoundRule], beside: Mapping[str, Beside]) -> tuple[Step, ...]:
    """Return what has to be looked up for the rules, each step after those whose rows it needs."""
    found: dict[tuple[str, tuple[str, ...], tuple[Column, ...]], Step] = {}

    def add(dataset: str, key: tuple[str, ...], ours: tuple[Column, ...]) -> Step:
        for column in ours:
            reach(column)
        return found.setdefault((dataset, key, ours), Step(dataset, key, ours))

    def reach(column: Column) -> None:
        if column.dataset is not None:
            on = beside[column.dataset].on
            step = add(column.dataset, tuple(theirs for theirs, _ in on), tuple(ours for _, ours in on))
            step.columns.add(column.name)

    for rule in rules:
        for column in _own(rule):
            reach(column)
        if rule.check in _COMPARED:
            ours, theirs, read = _COMPARED[rule.check]
            other = rule.one(theirs)
            assert other.dataset is not None  # `decidable` has put the dataset's own name in its place
            step = add(other.dataset, (other.name,), (rule.one(ours),))
            step.columns |= {rule.one(read).name} if read else set()
    return tuple(found.values())


def _own(rule: BoundRule) -> Iterator[Column]:
    """Yield the columns that are read in the row's own place: not those it is compared with elsewhere."""
    elsewhere = {role.name for role in rule.kind.roles if role.elsewhere}
    for role, columns in rule.fields.items():
        if role not in elsewhere:
            yield from columns
    for _, column in rule.where:
        yield column

"""What can be asked of one record, and what it takes: the plan that is compiled and kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from catalog.datasets.models import DatasetDraft
from catalog.quality.bound import BoundRule
from catalog.quality.compiling.kinds import COMPILERS
from catalog.quality.compiling.sheet import Beside
from catalog.quality.neighbours import Neighbour
from catalog.quality.records.compiled import Field, Plan
from catalog.quality.records.lookups import Lookups
from catalog.quality.records.reach import steps
from catalog.quality.rulebook import Rulebook, view_name
from standards.checks import CheckFamily
from standards.data_elements import DataElement
from standards.library import Library

_OTHER_ROWS = {
    CheckFamily.GROUP: "it compares with the dataset's other rows: a full run decides it",
    CheckFamily.SERIES: "it looks at the rows before and after: a full run decides it",
    CheckFamily.COVERAGE: "it asks what is missing in the whole dataset: a full run decides it",
    CheckFamily.DATASET: "it is about the dataset as a whole: a full run decides it",
}
_LOOKED_UP = {"reference", "referred-to", "agrees-with"}


@dataclass(frozen=True)
class Around:
    """What a record is judged with: the standards, the day, and datasets in their newest version.

    Beside its neighbours the dataset itself may be among them.
    """

    library: Library
    today: date
    beside: Mapping[str, Neighbour]
    lookups: Lookups


def plan(draft: DatasetDraft, book: Rulebook, around: Around) -> Plan:
    """Return how records of a dataset are judged by those of its rules that can be decided of one."""
    rules = tuple(_by_name(each, draft.name) for each in book.rules if undecidable(each, around) is None)
    beside = dict(book.beside) | {draft.name: Beside(view_name(draft.name), ())}
    found = steps(rules, beside)
    read: dict[tuple[str, tuple[str, ...]], set[str]] = defaultdict(set)
    names: dict[str, set[str]] = defaultdict(set)
    for step in found:
        read[step.dataset, step.key] |= step.columns
        names[step.dataset] |= {*step.columns, *step.key}
    lookups = {
        (dataset, key): around.lookups.of(around.beside[dataset].digest, key, tuple(sorted(columns)))
        for (dataset, key), columns in read.items()
    }
    return Plan(
        tuple(Field(each, around.library.element(each.element)) for each in draft.fields),
        rules,
        {name: beside[name] for name in names},
        tuple((step, lookups[step.dataset, step.key]) for step in found),
        {name: _elements(around, name, columns) for name, columns in names.items()},
        around.library,
        around.today,
    )


def _elements(around: Around, dataset: str, columns: set[str]) -> dict[str, DataElement]:
    of_field = {field: element for element, field in around.beside[dataset].shape.fields.items()}
    return {name: around.library.element(of_field[name]) for name in sorted(columns)}


def undecidable(rule: BoundRule, around: Around) -> str | None:
    """Return why a rule can't be decided of one record, or None if it can."""
    if rule.kind.family in _OTHER_ROWS and rule.check not in _LOOKED_UP:
        return _OTHER_ROWS[rule.kind.family]
    if rule.check not in COMPILERS:
        return "it is not carried out row by row: a full run decides it"
    for column in rule.columns:
        if column.dataset is not None and column.dataset not in around.beside:
            return f"{column.dataset}, which it looks at, has no version"
    return None


def _by_name(rule: BoundRule, dataset: str) -> BoundRule:
    elsewhere = {role.name for role in rule.kind.roles if role.elsewhere}
    fields = {
        role: tuple(
            replace(column, dataset=column.dataset or dataset) if role in elsewhere else column
            for column in columns
        )
        for role, columns in rule.fields.items()
    }
    return replace(rule, fields=fields)
